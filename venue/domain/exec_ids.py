"""ExecID(17): unique for ever over all sessions and both sides of a trade, growing with time."""

from venue.domain.types import Side

NOT_AN_EXECUTION = "0"
"""ExecID of status reports (ExecType I)."""


def exec_id(event_seq: int, side: Side | None = None) -> str:
    """ExecID of the report that `event_seq` causes; of a trade, the one for the party on `side`."""
    return f"{event_seq}{0 if side is None else 1 if side is Side.BUY else 2}"
