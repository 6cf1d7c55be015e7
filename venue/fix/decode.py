"""FIX text to commands: one function per message type, chosen from a table.

Knows the domain and tags only; values are as the reader has checked them (bounds.py). What the
protocol forbids raises DecodeError; what the business forbids is the engine's to refuse.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import structs

from venue.domain.answers import OrderMassStatusQuery, OrderStatusQuery
from venue.domain.commands import CancelOrder, EnterOrder, MassCancel, Party, ReplaceOrder
from venue.fix.fields import field_list
from venue.fix.groups import GROUPED, DecodeError, Field, check_groups
from venue.fix.order_fields import ORDER_TAGS, Fields, fields_of_order, number, time_ns
from venue.fix.routing import ROUTING, route_of
from venue.fix.tags import INSTRUCTIONS_NOT_OFFERED, SessionRejectReason

Decoded = (
    EnterOrder | CancelOrder | ReplaceOrder | MassCancel | OrderStatusQuery | OrderMassStatusQuery
)

_RARE = GROUPED | ROUTING
_RARE_OF_CANCEL = _RARE.union(("97", "586"))
_RARE_OF_ORDER = _RARE.union(("97", *ORDER_TAGS, *INSTRUCTIONS_NOT_OFFERED))
_RARE_OF_REPLACE = _RARE_OF_ORDER.union(("586",))
"""Rare fields. A message without any of them takes the short way (`_Decoder.plain`)."""


def decode(session: str, text: str, fields: Fields) -> Decoded | None:
    """The command or query that a message states; None where the venue does not take its type.

    fields: the fields of `text` by tag; the first where a tag repeats. Raises DecodeError.
    """
    msg_type = fields["35"]
    decoder = _DECODERS.get(msg_type)
    if decoder is None:
        return None
    try:
        if decoder.rare.isdisjoint(fields):
            return decoder.plain(session, fields)
        listed: Sequence[Field] = ()
        if not GROUPED.isdisjoint(fields):
            listed = field_list(text)
            check_groups(msg_type, listed)
        return decoder.whole(session, fields, route_of(fields), listed)
    except KeyError as missing:  # decoders read what is required by its tag
        tag = int(missing.args[0])
        raise DecodeError(SessionRejectReason.REQUIRED_TAG_MISSING, tag) from None


def _plain_order(session: str, fields: Fields) -> EnterOrder:
    get = fields.get
    return EnterOrder(
        session,
        fields["11"],
        fields["55"],
        fields["54"],
        fields["40"],
        get("59", "0"),
        number(fields, "38"),
        number(fields, "44"),
        get("1"),
        get("528"),
    )


def _enter_order(session: str, fields: Fields, route: str, listed: Sequence[Field]) -> EnterOrder:
    return structs.replace(
        _plain_order(session, fields),
        parties=_parties(listed),
        unsupported=_not_offered(fields),
        poss_resend=fields.get("97") == "Y",
        route=route,
        **fields_of_order(fields),
    )


def _plain_cancel(session: str, fields: Fields) -> CancelOrder:
    return CancelOrder(
        session, fields["11"], fields["41"], fields["55"], fields["54"], fields.get("37")
    )


def _cancel_order(session: str, fields: Fields, route: str, listed: Sequence[Field]) -> CancelOrder:
    return structs.replace(
        _plain_cancel(session, fields),
        orig_ord_mod_ms=_time_ms(fields, "586"),
        poss_resend=fields.get("97") == "Y",
        route=route,
    )


def _plain_replace(session: str, fields: Fields) -> ReplaceOrder:
    get = fields.get
    return ReplaceOrder(
        session,
        fields["11"],
        fields["41"],
        fields["55"],
        fields["54"],
        fields["40"],
        number(fields, "38"),
        number(fields, "44"),
        get("59"),
        get("37"),
        account=get("1"),
        order_capacity=get("528"),
    )


def _replace_order(
    session: str, fields: Fields, route: str, listed: Sequence[Field]
) -> ReplaceOrder:
    return structs.replace(
        _plain_replace(session, fields),
        parties=_parties(listed),
        unsupported=_not_offered(fields),
        orig_ord_mod_ms=_time_ms(fields, "586"),
        poss_resend=fields.get("97") == "Y",
        route=route,
        **fields_of_order(fields),
    )


def _order_status(
    session: str, fields: Fields, route: str = "", listed: Sequence[Field] = ()
) -> OrderStatusQuery:
    get = fields.get
    return OrderStatusQuery(
        session, fields["11"], fields["55"], fields["54"], get("790"), get("37"), route
    )


def _mass_cancel(
    session: str, fields: Fields, route: str = "", listed: Sequence[Field] = ()
) -> MassCancel:
    get = fields.get
    resent = get("97") == "Y"
    return MassCancel(session, fields["11"], fields["530"], get("55"), get("54"), resent, route)


def _mass_status(
    session: str, fields: Fields, route: str = "", listed: Sequence[Field] = ()
) -> OrderMassStatusQuery:
    get = fields.get
    return OrderMassStatusQuery(session, fields["584"], fields["585"], get("55"), get("54"), route)


class _Decoder(NamedTuple):
    """How a MsgType is read: plain, where it has none of the rare fields, or whole, with its route
    and, if it may have groups, all fields in order."""

    rare: frozenset[str]
    plain: Callable[[str, Fields], Decoded]
    whole: Callable[[str, Fields, str, Sequence[Field]], Decoded]


_DECODERS: dict[str, _Decoder] = {
    "D": _Decoder(_RARE_OF_ORDER, _plain_order, _enter_order),
    "F": _Decoder(_RARE_OF_CANCEL, _plain_cancel, _cancel_order),
    "G": _Decoder(_RARE_OF_REPLACE, _plain_replace, _replace_order),
    "H": _Decoder(_RARE, _order_status, _order_status),
    "q": _Decoder(_RARE, _mass_cancel, _mass_cancel),
    "AF": _Decoder(_RARE, _mass_status, _mass_status),
}


def _time_ms(fields: Fields, tag: str) -> int | None:
    moment_ns = time_ns(fields, tag)
    return None if moment_ns is None else moment_ns // 1_000_000


def _not_offered(fields: Fields) -> str | None:
    for tag in INSTRUCTIONS_NOT_OFFERED:
        if tag in fields:
            return f"{tag}={fields[tag]}"
    return None


def _parties(listed: Sequence[Field]) -> tuple[Party, ...]:
    """The Parties group. It was checked before, so each entry begins with PartyID(448)."""
    entries: list[dict[str, str]] = []
    for tag, value in listed:
        if tag == "448":
            entries.append({})
        if tag in ("448", "447", "452"):
            entries[-1][tag] = value
    return tuple(
        Party(entry["448"], entry.get("447", "D"), entry.get("452", "")) for entry in entries
    )


__all__ = ["DecodeError", "Decoded", "decode", "route_of"]
