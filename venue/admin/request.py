"""What all requests on the admin socket have in common. Knows the domain only."""

from typing import ClassVar, Generic, TypeVar, cast, get_args

import msgspec

from venue.admin.answers import Answer
from venue.domain.role import Role

A = TypeVar("A", bound=Answer)


class Request(msgspec.Struct, Generic[A], frozen=True, omit_defaults=True):
    """Base of all requests; A: what answers one that is not refused.

    Whoever defines a request says the least role that may ask it. operator, where there is one, is
    written by the venue.
    """

    least_role: ClassVar[Role]

    def needs(self) -> Role:
        """The least role that may ask this."""
        return self.least_role


class Query(Request[A], Generic[A], frozen=True, tag_field="query"):
    """Base of the questions, which change nothing."""

    least_role = Role.VIEWER


def answer_type(kind: type[Request[A]]) -> type[A]:
    """What answers a kind of request."""
    (base,) = kind.__orig_bases__  # type: ignore[attr-defined]  # as it stands at its class
    (answer,) = get_args(base)
    return cast("type[A]", answer)
