"""What a shell offers for a member, a symbol, a session or an order: asked of the running venue.

Says nothing where none runs, and waits no longer than a person would. Loads nothing before it is
asked, for every command is given these.
"""

import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.models import ParameterInfo

ASK_SECONDS = 0.5
MOST_ORDERS = 200
Offer = Callable[[typer.Context, str], list[str]]


def members(context: typer.Context, incomplete: str) -> list[str]:
    """Names of members that begin so."""
    from venue.admin.requests import MembersQuery

    answer = _answer(context, MembersQuery())
    rows = [] if answer is None else answer.members
    return _beginning(incomplete, (row.member for row in rows))


def sessions(context: typer.Context, incomplete: str) -> list[str]:
    """CompIDs that begin so."""
    from venue.admin.requests import SessionsQuery

    answer = _answer(context, SessionsQuery())
    rows = [] if answer is None else answer.sessions
    return _beginning(incomplete, (row.session for row in rows))


def symbols(context: typer.Context, incomplete: str) -> list[str]:
    """Symbols that begin so."""
    from venue.admin.requests import InstrumentsQuery

    answer = _answer(context, InstrumentsQuery())
    rows = [] if answer is None else answer.instruments
    return _beginning(incomplete, (row.symbol for row in rows))


def order_ids(context: typer.Context, incomplete: str) -> list[str]:
    """OrderIDs of open orders that begin so, the first MOST_ORDERS of them."""
    from venue.admin.requests import OrdersQuery

    answer = _answer(context, OrdersQuery())
    rows = [] if answer is None else answer.orders
    return _beginning(incomplete, (row.order_id for row in rows))[:MOST_ORDERS]


OFFERS: dict[str, Offer] = {
    **dict.fromkeys(("member", "to_member", "whose", "MEMBER"), members),
    **dict.fromkeys(("session", "SESSION"), sessions),
    **dict.fromkeys(("symbol", "instrument"), symbols),
    **dict.fromkeys(("order_id", "ORDERID|CLORDID"), order_ids),
}
"""By the name of a parameter; of one that is called `name`, by what the help calls it."""


def offer_for(name: str, metavar: str | None) -> Offer | None:
    """What is offered for a parameter; None: nothing."""
    return OFFERS.get(metavar or "" if name == "name" else name)


def add_offers(found: typer.Typer | Callable[..., Any]) -> None:
    """Let a command, or all of a group, offer what is known of their parameters."""
    for function in _functions(found):
        for name, kind in function.__annotations__.items():
            for info in _infos(kind):
                if info.autocompletion is None:
                    info.autocompletion = offer_for(name, info.metavar)


def _functions(found: typer.Typer | Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    if not isinstance(found, typer.Typer):
        yield found
        return
    for command in found.registered_commands:
        if command.callback is not None:
            yield command.callback
    for group in found.registered_groups:
        if group.typer_instance is not None:
            yield from _functions(group.typer_instance)


def _infos(kind: Any) -> list[ParameterInfo]:
    if typing.get_origin(kind) is not Annotated:
        return []
    return [each for each in kind.__metadata__ if isinstance(each, ParameterInfo)]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _answer(context: typer.Context, request: Any) -> Any:
    """What the venue answers; None where none does: nobody has asked for a message."""
    from venue.admin.answers import Refusal
    from venue.admin.client import VenueUnreachable, ask
    from venue.settings.configuration_error import ConfigurationError
    from venue.settings.data_dir import find_data_dir

    given: Path | None = context.params.get("data_dir") or context.find_root().params.get(
        "data_dir"
    )
    try:
        answer = ask(find_data_dir(given), request, ASK_SECONDS)
    except (ConfigurationError, VenueUnreachable):
        return None
    return None if isinstance(answer, Refusal) else answer
