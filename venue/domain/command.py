"""What all commands have in common, and whose they are. Knows msgspec only."""

import msgspec


class Command(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=True, gc=False
):
    """Base of all commands."""


class OperatorCommand(Command, frozen=True, tag=True):
    """Base of what operators and the configuration ask; numbers are text.

    All have operator and reason, who wanted it and why: both are kept in the journal.
    """


class ActionCommand(OperatorCommand, frozen=True, tag=True):
    """Base of commands that may be held for a second operator's approval."""


class ConfigurationCommand(ActionCommand, frozen=True, tag=True):
    """Base of commands that define something (a deposit does not)."""

    def key(self) -> tuple[str, str]:
        """What is defined: two commands with equal keys define the same thing."""
        raise NotImplementedError
