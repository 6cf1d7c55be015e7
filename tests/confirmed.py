"""Commands as a program types them, with --yes where a terminal would be asked; their stderr."""

from collections.abc import Sequence

_ASK = (
    "config apply", "corporate dividend", "corporate split", "day end", "day reopen",
    "dropcopy refill", "dropcopy rewind", "member default", "operator remove", "reverse",
    "session open", "settle run", "trade bust", "trade correct", "transfer",
    "withdraw",
)  # fmt: skip


def confirmed(arguments: Sequence[str]) -> list[str]:
    """The same command, with --yes if it asks before it does what it is told."""
    typed = " ".join(arguments)
    is_asked = any(f"{typed} ".startswith(f"{path} ") for path in _ASK)
    return [*arguments, "--yes"] if is_asked and "--yes" not in arguments else [*arguments]


def without_notices(stderr: str) -> str:
    """What a command says on stderr, but for how slow a busy machine is."""
    lines = stderr.splitlines(keepends=True)
    return "".join(line for line in lines if "has not answered for" not in line)
