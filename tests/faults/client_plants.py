"""Faults planted into what clients saw and the journal has: one for each check of them at least.

A plant says which check, at least, has to find it when all others are taken away.
"""

import random
from dataclasses import replace
from itertools import pairwise

from tests.faults.findings import Evidence
from tests.faults.plant import Plant
from tests.faults.spoiling import (
    added_everywhere,
    added_for_client,
    amid,
    any_report,
    changed_everywhere,
    delivered_at,
    is_fill,
    is_new,
    is_restated,
    lost_by_client,
    taken_everywhere,
    with_client,
    with_delivered,
    with_journal,
)
from tests.faults.stories import Fields

_NOBODYS = "10"
"""ExecID of event 1, which sets the venue up and is told to nobody."""


def _report_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    """One that adds nothing up, answers nothing and is not the last on its order."""
    return lost_by_client(evidence, any_report(evidence, draw, amid(evidence, is_restated)))


def _fill_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    return lost_by_client(evidence, any_report(evidence, draw, is_fill))


def _report_invented(evidence: Evidence, draw: random.Random) -> Evidence:
    """A refusal of what nobody has asked for."""
    session = draw.choice(sorted(evidence.clients))
    fields = {"35": "8", "17": _NOBODYS, "11": "unasked", "37": "NONE", "39": "8", "150": "8"}
    return added_for_client(evidence, session, fields)


def _report_changed(evidence: Evidence, draw: random.Random) -> Evidence:
    session, at = any_report(evidence, draw, is_fill)
    delivered = list(evidence.clients[session].delivered)
    average = delivered[at].fields["6"]
    delivered[at] = delivered[at]._replace(fields={**delivered[at].fields, "6": "1" + average})
    return with_delivered(evidence, session, delivered)


def _reports_swapped(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    delivered = list(evidence.clients[session].delivered)
    pairs = [
        at
        for at, (one, next_one) in enumerate(pairwise(delivered))
        if (one.era, one.resent) == (next_one.era, next_one.resent)
    ]
    at = draw.choice(pairs)
    delivered[at : at + 2] = reversed(delivered[at : at + 2])
    return with_delivered(evidence, session, delivered)


def _report_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    last = evidence.clients[session].delivered[-1]
    return added_for_client(evidence, session, last.fields)


def _resent_without_reset(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    first, *others = evidence.clients[session].delivered
    return with_delivered(evidence, session, [first._replace(resent=True), *others])


def _order_fills_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    place = any_report(evidence, draw, is_fill)
    again = {**delivered_at(evidence, place).fields, "17": "9999999999990"}
    return added_everywhere(evidence, place[0], again)


def _request_unanswered(evidence: Evidence, draw: random.Random) -> Evidence:
    return taken_everywhere(evidence, any_report(evidence, draw, amid(evidence, is_new)))


def _request_answered_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    place = any_report(evidence, draw, is_new)
    fields = delivered_at(evidence, place).fields
    return added_everywhere(evidence, place[0], {**fields, "17": fields["17"][:-1] + "5"})


def _session_gap(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    return with_client(evidence, session, faults=["MsgSeqNum 7 is too low, expected 9"])


def _client_stays_away(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.clients))
    return replace(with_client(evidence, session, logons_ns=[1]), crashes_ns=[2])


def _order_of_a_stayer_canceled(evidence: Evidence, draw: random.Random) -> Evidence:
    keeps = {cl_ord_id for name in evidence.clients_keep for cl_ord_id in _asked(evidence, name)}
    place = any_report(evidence, draw, lambda fields: fields["11"] in keeps)
    return changed_everywhere(evidence, place, t58="CANCEL_ON_DISCONNECT the session ended")


def _asked(evidence: Evidence, session: str) -> set[str]:
    return set(evidence.clients[session].requests)


def _command_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    commands = dict(evidence.journal.commands)
    del commands[draw.choice(sorted(commands))]
    return with_journal(evidence, commands=commands)


def _command_twice(evidence: Evidence, draw: random.Random) -> Evidence:
    commands = dict(evidence.journal.commands)
    key = draw.choice(sorted(commands))
    commands[key] = commands[key] * 2
    return with_journal(evidence, commands=commands)


def _command_invented(evidence: Evidence, draw: random.Random) -> Evidence:
    commands = evidence.journal.commands
    session, cl_ord_id = draw.choice(sorted(commands))
    copied = {(session, "unasked"): commands[session, cl_ord_id]}
    return with_journal(evidence, commands={**commands, **copied})


def _command_changed(evidence: Evidence, draw: random.Random) -> Evidence:
    commands = dict(evidence.journal.commands)
    key = draw.choice([key for key, (first, *_) in commands.items() if "order_qty" in first])
    commands[key] = [{**commands[key][0], "order_qty": "7777"}]
    return with_journal(evidence, commands=commands)


def _hole_in_journal(evidence: Evidence, draw: random.Random) -> Evidence:
    return with_journal(evidence, faults=["event 8 stands as 7"])


def _exec_id_used_again(evidence: Evidence, draw: random.Random) -> Evidence:
    """Of another session, and older: no sum of the order that has it now is changed by it."""
    session, _ = place = any_report(evidence, draw, is_new)
    own = int(delivered_at(evidence, place).fields["17"])

    def is_older(fields: Fields) -> bool:
        return fields["11"] not in _asked(evidence, session) and int(fields.get("17", own)) < own

    older = delivered_at(evidence, any_report(evidence, draw, is_older))
    return changed_everywhere(evidence, place, t17=older.fields["17"])


def _sum_of_fills_wrong(evidence: Evidence, draw: random.Random) -> Evidence:
    return changed_everywhere(evidence, any_report(evidence, draw, is_fill), t14="0")


def _order_overfilled(evidence: Evidence, draw: random.Random) -> Evidence:
    place = any_report(evidence, draw, amid(evidence, is_fill))
    return changed_everywhere(evidence, place, t151="99999999")


def _sides_at_two_prices(evidence: Evidence, draw: random.Random) -> Evidence:
    return changed_everywhere(evidence, any_report(evidence, draw, is_fill), t31="1")


def _level_lost(evidence: Evidence, draw: random.Random) -> Evidence:
    book = dict(evidence.book)
    del book[draw.choice(sorted(book))]
    return replace(evidence, book=book)


def _open_order_forgotten(evidence: Evidence, draw: random.Random) -> Evidence:
    session = draw.choice(sorted(evidence.open_orders))
    fewer = evidence.open_orders[session] - 1
    return replace(evidence, open_orders={**evidence.open_orders, session: fewer})


def _replay_differs(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, digests=[*evidence.digests[:-1], "0" * 64])


def _replay_left_out(evidence: Evidence, draw: random.Random) -> Evidence:
    return replace(evidence, digests=evidence.digests[:-1])


CLIENT_PLANTS = (
    Plant("client: a report is lost", "no_report_is_lost", _report_lost),
    Plant("client: a fill is lost", "no_report_is_lost", _fill_lost),
    Plant("client: a report of nothing", "no_report_is_invented", _report_invented),
    Plant("client: another AvgPx", "reports_say_what_has_happened", _report_changed),
    Plant("client: two reports swapped", "reports_come_in_order", _reports_swapped),
    Plant("client: a report comes twice", "no_report_comes_twice", _report_twice),
    Plant("client: 97=Y", "only_a_reset_makes_reports_come_anew", _resent_without_reset),
    Plant("client: a gap in the numbers", "sessions_keep_their_numbers", _session_gap),
    Plant("client: no logon after a crash", "clients_come_back", _client_stays_away),
    Plant("venue: a request unanswered", "requests_are_answered", _request_unanswered),
    Plant("venue: answered twice", "requests_are_answered_once", _request_answered_twice),
    Plant(
        "venue: an order canceled that was to stay",
        "only_who_asked_for_it_is_canceled_on_disconnect",
        _order_of_a_stayer_canceled,
    ),
    Plant("venue: an order fills twice", "fills_add_up", _order_fills_twice),
    Plant("venue: an ExecID used again", "exec_ids_name_one_report", _exec_id_used_again),
    Plant("venue: CumQty is not the sum", "fills_add_up", _sum_of_fills_wrong),
    Plant("venue: more than was ordered", "no_order_is_overfilled", _order_overfilled),
    Plant("venue: sides at two prices", "trades_have_two_sides", _sides_at_two_prices),
    Plant("book: a level is lost", "book_is_what_reports_leave", _level_lost),
    Plant("book: an order forgotten", "open_orders_are_what_reports_leave", _open_order_forgotten),
    Plant("replay: another state", "state_and_replays_agree", _replay_differs),
    Plant("replay: one left out", "journal_was_replayed_twice", _replay_left_out),
    Plant("journal: a request is lost", "no_request_is_lost", _command_lost),
    Plant("journal: a request stands twice", "no_request_is_taken_twice", _command_twice),
    Plant("journal: a request of nobody", "no_request_is_invented", _command_invented),
    Plant("journal: a request changed", "requests_stand_as_they_were_sent", _command_changed),
    Plant("journal: a gap in event_seq", "journal_has_no_holes", _hole_in_journal),
)
