"""`venue user apply|verify|approve|suspend|close`: a user from his application to his end.

Parses, changes the gateway's store, prints. The KYC of a member that a user's application has
founded goes with his: by the venue's own command, which four eyes may hold.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue.admin.requests import MembersQuery, Submit
from venue.cli.desk.operator import ask, defaults, held_as
from venue.cli.desk.user_store import BY_HAND, NameArgument, known, opened, row_of, say
from venue.cli.json_output import print_json
from venue.cli.options import (
    HELD,
    DataDirOption,
    JsonOption,
    ReasonOption,
    YesOption,
    data_dir_of,
    refuse,
    typed_password,
)
from venue.clock import Clock
from venue.domain.commands import AddMember, SetKyc
from venue.domain.verbs.onboarding import PENDING
from venue.gateway.standing import KYC_OF, Act, NotInThisState, State, after
from venue.gateway.tokens import Tokens
from venue.gateway.users import APPLICANTS, VENUE, User, Users
from venue.printable import shown

_DOCUMENTS = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="D", help="What was seen; may be repeated."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (
        ("apply", apply), ("verify", verify), ("approve", approve), ("suspend", suspend),
        ("close", close),
    ):  # fmt: skip
        app.command(name)(command)


def apply(
    context: typer.Context,
    name: NameArgument,
    member: Annotated[str, typer.Option("--member", metavar="M", help="Of whom; may be new.")],
    legal_name: Annotated[str, typer.Option("--legal-name", metavar="NAME", help="Of the user.")],
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Note who wants to become a user. He cannot log in before he is verified and approved. The
    password is asked for.

    Example: venue user apply erin --member ECHO --legal-name "Erin Example"
    """
    if member == VENUE:
        refuse("operators are added: venue user add NAME --operator")
    password = typed_password(f"Password of {name}", twice=True)
    now_ns = Clock().now_ns()
    with opened(context, data_dir) as (store, users):
        made = users.add(
            name,
            member,
            APPLICANTS,
            password,
            now_ns,
            state=State.APPLIED,
            legal_name=legal_name,
        )
        store.note("applied", name, BY_HAND, member, now_ns)
    say(made, f"user {name} has applied for {member}", json=json)


def verify(
    context: typer.Context,
    name: NameArgument,
    document: _DOCUMENTS = None,
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Note that who a user is was seen. A member that is not there yet is added, its KYC pending:
    the user has founded it, and its KYC goes with his from then on.

    Example: venue user verify erin --document "passport X1, 2026-11-28"
    """
    place = data_dir_of(context, data_dir)
    with opened(context, data_dir) as (store, users):
        user = _ready_for(users, name, Act.VERIFY)
        if user.member not in {row.member for row in ask(place, MembersQuery()).members}:
            wanted = msgspec.structs.replace(
                defaults(place, dry_run=False).member,
                member=user.member,
                legal_name=user.legal_name,
                kyc=PENDING,
            )
            users.found_member(name)  # first: where it is held, the member is there next time
            _submit(place, wanted, user, json=json)
        found = users.act(name, Act.VERIFY)
        store.note("user_verified", name, BY_HAND, ", ".join(document or ()), Clock().now_ns())
    founded = f"; member {found.member} is added, its KYC is {PENDING}" if found.is_founder else ""
    say(found, f"user {name} is verified{founded}", json=json)


def approve(
    context: typer.Context,
    name: NameArgument,
    document: _DOCUMENTS = None,
    reason: ReasonOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Let a user in who is verified, or was suspended. A member that he has founded is approved.

    Where that waits for a second operator, the user does, too: say it again once that is approved.

    Example: venue user approve erin --document "register 2026-01-07"
    """
    documents = tuple(document or ())
    _act(context, name, Act.APPROVE, documents, reason, json=json, data_dir=data_dir)


def suspend(
    context: typer.Context,
    name: NameArgument,
    reason: ReasonOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Let a user in no more, until he is approved again; all his logins end. A member that he has
    founded is suspended, and its open orders canceled.

    Example: venue user suspend erin --reason "passport expired"
    """
    _act(context, name, Act.SUSPEND, (), reason, json=json, data_dir=data_dir)


def close(
    context: typer.Context,
    name: NameArgument,
    reason: ReasonOption = "",
    yes: YesOption = False,
    json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """End a user for good. A member that he has founded is rejected, and its open orders canceled.

    Example: venue user close erin --reason "left"
    """
    _act(context, name, Act.CLOSE, (), reason, json=json, data_dir=data_dir)


def _act(
    context: typer.Context,
    name: str,
    act: Act,
    documents: tuple[str, ...],
    reason: str,
    *,
    json: bool,
    data_dir: DataDirOption,
) -> None:
    """The venue's own command first: where it is held or refused, the user stays as he was."""
    with opened(context, data_dir) as (store, users):
        user = _ready_for(users, name, act)
        _drive_member(context, user, act, documents, reason, json=json, data_dir=data_dir)
        found = users.act(name, act)
        if found.state is not State.ACTIVE:
            Tokens(store, users).end_all_of(name, Clock().now_ns())
        detail = ", ".join((*documents, *((reason,) if reason else ())))
        store.note(f"user_{found.state}", name, BY_HAND, detail, Clock().now_ns())
    say(found, f"user {name} is {found.state}", json=json)


def _drive_member(
    context: typer.Context,
    user: User,
    act: Act,
    documents: tuple[str, ...],
    reason: str,
    *,
    json: bool,
    data_dir: DataDirOption,
) -> None:
    """Bring the member that this user has founded where he goes; ends the command if it is held."""
    if not user.is_founder or user.member == VENUE:
        return
    place, state = data_dir_of(context, data_dir), KYC_OF[act]
    rows = {row.member: row for row in ask(place, MembersQuery()).members}
    row = rows.get(user.member)
    if row is None:
        refuse(f"the venue has no member {user.member}")
    if row.kyc == state:
        return
    wanted = SetKyc(
        member=user.member,
        state=state,
        legal_name=user.legal_name,
        documents=documents,
        reason=reason or f"user {user.name}",
    )
    _submit(place, wanted, user, json=json)


def _ready_for(users: Users, name: str, act: Act) -> User:
    """The user, if the act goes with his state; ends the command if not."""
    user = known(users, name)
    try:
        after(user.state, act)
    except NotInThisState as error:
        refuse(str(error))
    return user


def _submit(place: Path, wanted: AddMember | SetKyc, user: User, *, json: bool) -> None:
    """Have the venue do it; ends the command with status HELD where that waits for approval."""
    held = held_as(ask(place, Submit(wanted)))
    if held is None:
        return
    if json:
        print_json({"ok": True, **msgspec.structs.asdict(row_of(user)), "held": [held]})
    else:
        what = f"member {user.member} is held as {held}"
        print(shown(f"{what}: venue approve {held} by another operator, then this again"))
    raise typer.Exit(HELD)
