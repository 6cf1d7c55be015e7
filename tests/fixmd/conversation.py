"""A conversation in which everything occurs that the core may send."""

from tests.fix_message import Field
from tests.fixmd.desk import BOUNDS, EVERYTHING, Desk, market_data_request
from tests.fixmd.market import definition, status
from venue.marketdata.followed_book import Update

REQUESTS: list[tuple[str, list[Field]]] = [
    ("x", [(320, "l1"), (559, "4"), (263, "1")]),
    ("x", [(320, "l2"), (559, "1")]),
    ("c", [(320, "d1"), (321, "0"), (55, "ACME"), (263, "1")]),
    ("c", [(320, "d2"), (321, "0")]),
    ("e", [(324, "e1"), (55, "ACME"), (263, "1")]),
    ("e", [(324, "e2"), (55, "NOPE"), (263, "0")]),
    ("g", [(335, "g1"), (263, "1")]),
    ("g", [(335, "g2"), (336, "NIGHT"), (263, "0")]),
    ("V", [(262, "r9"), (263, "2")]),
    ("V", market_data_request("levels", "ACME", types=EVERYTHING)),
    ("V", market_data_request("orders", "ACME", types=EVERYTHING, aggregated="N")),
    ("V", market_data_request("whole", "ACME", types=EVERYTHING, update_type="0")),
    ("V", market_data_request("unknown", "NOPE")),
]


def all_that_there_is(desk: Desk, session: str) -> list[str]:
    """What the session is sent: answers, changes, trades and what becomes of them, conflation."""
    for msg_type, body in REQUESTS:
        desk.request(session, msg_type, body)
    market = desk.markets.markets["ACME"]
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
    return desk.texts(session)
