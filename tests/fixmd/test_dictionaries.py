"""All that is sent is read by the client's dictionary: the stock one, or the venue's own."""

import sys
from pathlib import Path

import pytest
import quickfix

from tests.fix_message import Field
from tests.fixmd.desk import ALPHA, BOUNDS, BRAVO, EVERYTHING, Desk, market_data_request
from tests.fixmd.market import definition, status
from venue.fix.fields import field_list
from venue.fix.sender import framed
from venue.marketdata.followed_book import Update
from venue.settings.files import shipped

STOCK = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"


def test_all_that_is_sent_is_valid_by_the_dictionary_of_its_dialect(desk: Desk) -> None:
    """By the stock FIX 4.4 dictionary for the stock dialect, by the venue's own for the other."""
    dictionaries = {
        ALPHA: quickfix.DataDictionary(str(STOCK)),
        BRAVO: quickfix.DataDictionary(str(shipped("spec/FIX44.xml"))),
    }
    requests: list[tuple[str, list[Field]]] = [
        ("x", [(320, "l1"), (559, "4"), (263, "1")]),
        ("x", [(320, "l2"), (559, "1")]),
        ("c", [(320, "d1"), (321, "0"), (55, "ACME"), (263, "1")]),
        ("c", [(320, "d2"), (321, "0")]),
        ("e", [(324, "e1"), (55, "ACME"), (263, "1")]),
        ("e", [(324, "e2"), (55, "NOPE"), (263, "0")]),
        ("g", [(335, "g1"), (263, "1")]),
        ("g", [(335, "g2"), (336, "NIGHT"), (263, "0")]),
        ("V", [(262, "r9"), (263, "2")]),
    ]
    market = desk.markets.markets["ACME"]
    seen: set[str] = set()
    for session, dictionary in dictionaries.items():
        for number, aggregated in enumerate("YN"):
            how = {"aggregated": aggregated, "types": EVERYTHING}
            requests.append(("V", market_data_request(f"s{number}", "ACME", **how)))
        requests.append(("V", market_data_request("n1", "NOPE")))
        requests.append(("V", market_data_request("w", "ACME", update_type="0", types=EVERYTHING)))
        for msg_type, body in requests:
            desk.request(session, msg_type, body)
        for _ in range(30):
            desk.change("ACME")
        desk.change("ACME", market.update(trades=(market.trade("100.00"),)))
        last = len(market.prices)
        bust, correction = market.bust(f"M{last}", "100.00"), market.correction("M1", "1", "2")
        desk.change("ACME", market.update(trades=(bust, correction)))
        desk.unread[session] = BOUNDS.conflate_bytes + 1
        desk.change("ACME", market.update(trades=(market.trade("100.00"),)))
        desk.unread[session] = 0
        desk.core.tick()
        desk.change("ACME", market.book.everything())
        desk.change("ACME", Update(1, 1, 1, status=status("ACME"), definition=definition("ACME")))
        seen |= valid(desk, session, dictionary)
    assert seen == set("WXYydfh")


def valid(desk: Desk, session: str, dictionary: quickfix.DataDictionary) -> set[str]:
    """Read all that was sent to the session by its dictionary; the MsgTypes seen."""
    seen = set()
    for text in desk.texts(session):
        kind, _, body = text.partition("\x01")
        header = f"{kind}\x0134=2\x0149=VENUE\x0152=20261129-10:00:00\x0156={session}\x01"
        raw = framed(header + body)
        try:
            dictionary.validate(quickfix.Message(raw.decode(), dictionary, True))
        except quickfix.FIXException as error:
            pytest.fail(f"{type(error).__name__} {error}: {raw!r}")
        seen.add(kind.removeprefix("35="))
        if session == ALPHA:
            assert not {"83", "5041"} & {tag for tag, _ in field_list(text)}
    return seen
