"""`venue risk dry-run`: a new order tried on a copy of the venue's state."""

from pathlib import Path

import msgspec

from venue.cli.desk.rehearsal import copy_of, print_events
from venue.cli.options import refuse
from venue.cli.order_terms import rejected_at
from venue.clock import Clock, utc_timestamp
from venue.domain.commands import EnterOrder
from venue.domain.events import OrderRejected
from venue.domain.reject_reasons import ORD_REJ_REASON
from venue.fix.decode import DecodeError, decode
from venue.fix.fields import field_map
from venue.replay.rerun import rehearse
from venue.sim.intents import Enter, encode

_CL_ORD_ID = "dry-run"
_OTHER = "99"


def print_order_rehearsal(
    data_dir: Path, intent: Enter, session: str, account: str, as_json: bool
) -> None:
    """Print what would come of the order; status 1 with code and numbers when it is refused."""
    copy = copy_of(data_dir)
    now_ns = Clock(copy.timestamp_ns).now_ns()
    text = encode(intent, _CL_ORD_ID, utc_timestamp(now_ns), account)
    try:
        order = decode(session, text, field_map(text))
    except DecodeError as error:
        refuse(rejected_at(error))
    assert isinstance(order, EnterOrder)
    events = rehearse(copy.engine, order, now_ns)
    rejected = next((each for each in events if isinstance(each, OrderRejected)), None)
    told = {"ok": rejected is None, "dry_run": True, "order": msgspec.to_builtins(order)}
    if rejected is not None:
        code = ORD_REJ_REASON.get(rejected.reason, _OTHER)
        told["refused"] = {"code": rejected.reason, "103": code, "detail": rejected.detail}
    if as_json or rejected is None:
        print_events(copy, events, told, as_json)
    if rejected is not None:
        refuse(f"would be rejected, 103={code}: {rejected.reason} {rejected.detail}")
