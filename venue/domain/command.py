"""What all commands have in common, whose they are, and who may give them. Knows msgspec only."""

from typing import Any, ClassVar

import msgspec

from venue.domain.role import Role


class Command(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=True, gc=False
):
    """Base of all commands."""


class OperatorCommand(Command, frozen=True, tag=True, kw_only=True):
    """Base of what operators and the configuration ask; numbers are text.

    All have operator and reason, who wanted it and why: both are kept in the journal. uid: the
    Unix account it was asked from. Whoever defines a command says the least role that may give it.
    """

    least_role: ClassVar[Role]
    uid: int | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        assert cls.__module__ == __name__ or "least_role" in vars(cls), (
            f"{cls.__name__} has to say its least_role"
        )


class ActionCommand(OperatorCommand, frozen=True, tag=True):
    """Base of commands that may be held for a second operator's approval.

    always_held: they wait for him whatever control.four_eyes says.
    """

    always_held: ClassVar[bool] = False


class ConfigurationCommand(ActionCommand, frozen=True, tag=True):
    """Base of commands that define something (a deposit does not)."""

    def key(self) -> tuple[str, str]:
        """What is defined: two commands with equal keys define the same thing."""
        raise NotImplementedError
