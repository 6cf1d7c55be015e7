"""Keeps one symbol's price levels over FIX, compares each checksum there is, and prints the best.

Usage: python examples/order_book_fix.py HOST PORT SESSION PASSWORD SYMBOL
(a session of the kind marketdata; needs simplefix; by docs/MARKET_DATA_FIX.md. Checksums come with
dialect = "venue" in its [[sessions]])
"""

import socket
import sys
import zlib
from datetime import UTC, datetime

import simplefix

BID, OFFER = "0", "1"


def message(session: str, msg_type: str, number: int, *fields: tuple[int, str]) -> bytes:
    """A whole message of that session."""
    made = simplefix.FixMessage()
    made.append_pair(8, "FIX.4.4", header=True)
    made.append_pair(35, msg_type, header=True)
    made.append_pair(49, session, header=True)
    made.append_pair(56, "VENUE", header=True)
    made.append_pair(34, number, header=True)
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
    made.append_pair(52, now, header=True)
    for tag, value in fields:
        made.append_pair(tag, value)
    encoded: bytes = made.encode()
    return encoded


def best(side: dict[str, str], kind: str) -> list[tuple[str, str]]:
    """Ten levels, the best first."""
    return sorted(side.items(), key=lambda level: float(level[0]), reverse=kind == BID)[:10]


def change(book: dict[str, dict[str, str]], entries: list[dict[str, str]]) -> None:
    """Take in the entries of a W (no 279) or an X."""
    for entry in entries:
        if entry.get("279") == "2":
            del book[entry["269"]][entry["270"]]
        else:
            book[entry["269"]][entry["270"]] = entry["271"]


def checksum(book: dict[str, dict[str, str]]) -> int:
    """CRC-32 of price and quantity of the ten best offers, then the ten best bids."""
    text = "".join(
        number.replace(".", "").lstrip("0")
        for kind in (OFFER, BID)
        for level in best(book[kind], kind)
        for number in level
    )
    return zlib.crc32(text.encode())


def main(host: str, port: str, session: str, password: str, symbol: str) -> None:
    """Log on, subscribe, and follow until the connection ends."""
    connection = socket.create_connection((host, int(port)))
    logon = [(98, "0"), (108, "30"), (141, "Y"), (553, session), (554, password)]
    connection.sendall(message(session, "A", 1, *logon))
    wanted = [(262, "book"), (263, "1"), (264, "0"), (265, "1"), (266, "Y"), (267, "2")]
    wanted += [(269, BID), (269, OFFER), (146, "1"), (55, symbol)]
    connection.sendall(message(session, "V", 2, *wanted))
    number, book, parser = 3, {BID: {}, OFFER: {}}, simplefix.FixParser()
    while data := connection.recv(65536):
        parser.append_buffer(data)
        while (came := parser.get_message()) is not None:
            fields = [(tag.decode(), value.decode()) for tag, value in came.pairs]
            named = dict(fields)
            if named["35"] == "1":  # TestRequest: say that we live
                connection.sendall(message(session, "0", number, (112, named["112"])))
                number += 1
            if named["35"] not in ("W", "X"):
                continue
            first = "269" if named["35"] == "W" else "279"
            begins = [at for at, (tag, _) in enumerate(fields) if tag == first]
            entries = [dict(fields[a:b]) for a, b in zip(begins, [*begins[1:], None], strict=True)]
            if named["35"] == "W":
                book = {BID: {}, OFFER: {}}
            change(book, entries)
            if "5041" in named and int(named["5041"]) != checksum(book):
                raise SystemExit("the book is broken: subscribe anew")
            print(*(best(book[kind], kind)[:1] for kind in (BID, OFFER)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
