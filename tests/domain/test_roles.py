"""Every command and request says the least role that may give it; roles build on each other."""

from typing import get_args

import pytest

from tests.domain.samples import bare
from venue.admin.requests import LEAST_ROLES, AnyQuery, AnyRequest, Submit
from venue.domain.command import ActionCommand, Command, OperatorCommand
from venue.domain.commands import (
    Approve,
    Decline,
    Kill,
    NoteDenial,
    NoteOperator,
    NoteSecret,
    SetFourEyes,
)
from venue.domain.role import Role
from venue.domain.verbs import COMMANDS
from venue.domain.verbs.approvals import role_to_decide

WRITTEN_BY_THE_VENUE = {NoteDenial, NoteOperator, NoteSecret}
ASKED = [kind for kind in COMMANDS if kind not in WRITTEN_BY_THE_VENUE]


def test_each_role_covers_those_before_it_and_itself() -> None:
    order = list(Role)
    assert order == [Role.VIEWER, Role.OPERATOR, Role.RISK, Role.ADMIN]
    for place, role in enumerate(order):
        assert [other for other in order if role.covers(other)] == order[: place + 1]


@pytest.mark.parametrize("kind", ASKED)
def test_command_needs_more_than_a_viewer(kind: type[Command]) -> None:
    assert isinstance(kind, type)
    assert getattr(kind, "least_role") in (Role.OPERATOR, Role.RISK, Role.ADMIN)  # noqa: B009


def test_command_that_names_no_role_cannot_be_defined() -> None:
    with pytest.raises(AssertionError, match="Forgotten has to say its least_role"):

        class Forgotten(ActionCommand, frozen=True, tag=True):
            operator: str = ""
            reason: str = ""


def test_role_of_a_base_is_not_inherited() -> None:
    with pytest.raises(AssertionError, match="Narrower has to say its least_role"):

        class Narrower(Kill, frozen=True, tag=True):
            pass


def test_every_request_is_in_the_table_and_questions_are_for_viewers() -> None:
    assert set(LEAST_ROLES) == {kind.__name__ for kind in get_args(AnyRequest)}
    assert {LEAST_ROLES[kind.__name__] for kind in get_args(AnyQuery)} == {Role.VIEWER}


def test_submitting_needs_what_the_command_needs() -> None:
    for kind in ASKED:
        if issubclass(kind, OperatorCommand):
            assert Submit(bare(kind)).needs() is kind.least_role


def test_deciding_needs_what_the_held_command_needs() -> None:
    for decision in (Approve("H1"), Decline("H1")):
        assert role_to_decide(decision, None) is Role.OPERATOR
        assert role_to_decide(decision, Kill("all")) is Role.OPERATOR
        assert role_to_decide(decision, SetFourEyes(())) is Role.ADMIN
