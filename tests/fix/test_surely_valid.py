"""What QuickFIX is not asked about: nothing that it would have rejected, and nearly all orders."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import quickfix

from tests.fix_message import cancel, frame, new_order
from venue.fix.frame import Frame
from venue.fix.surely_valid import SurelyValid
from venue.settings.files import shipped

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
TIME = NOW.strftime("%Y%m%d-%H:%M:%S.000")
HEADER = [("34", "7"), ("49", "ALPHA"), ("52", TIME), ("56", "VENUE")]
ORDER = [
    ("11", "a"), ("21", "1"), ("38", "10"), ("40", "2"), ("44", "99.5"), ("54", "1"),
    ("55", "ACME"), ("59", "0"), ("60", TIME),
]  # fmt: skip
CANCEL = [("11", "b"), ("41", "a"), ("54", "1"), ("55", "ACME"), ("60", TIME)]
STATUS = [("11", "a"), ("54", "1"), ("55", "ACME")]
MASS_CANCEL = [("11", "m"), ("530", "7"), ("60", TIME)]
MASS_STATUS = [("584", "s"), ("585", "7")]
BODIES = {
    "D": ORDER,
    "F": CANCEL,
    "G": [("41", "a"), *ORDER],
    "H": STATUS,
    "q": MASS_CANCEL,
    "AF": MASS_STATUS,
}
DICTIONARY = shipped("spec/FIX44.xml")
TAGS = [str(tag) for tag in (*range(1, 960), 7928, 8000, 9001, 5001)]
VALUES = [
    "", "0", "1", "7", "Y", "N", "A", "Z", "10", "99.5", "-1", "+1", "1.", ".5", "1e3", "00", "a b",
    TIME, "20261128-10:00:00", "20261128-25:00:00", "20261331-10:00:00", "20261128", "20260230",
    "10:00:00", "202611", "USD", "XNYS", "1 6", "6 Q", "12345678901", "9" * 20, "=", "a=b", " ",
]  # fmt: skip


@pytest.fixture(scope="module")
def surely_valid() -> SurelyValid:
    return SurelyValid(DICTIONARY, "VENUE")


@pytest.fixture(scope="module")
def dictionary() -> quickfix.DataDictionary:
    return quickfix.DataDictionary(str(DICTIONARY))


def read(msg_type: str, *body: tuple[str, str], header: list[tuple[str, str]] = HEADER) -> Frame:
    return Frame(frame([(int(tag), value) for tag, value in (("35", msg_type), *header, *body)]))


def passes(surely_valid: SurelyValid, message: Frame, seconds: int | None = 120) -> bool:
    now, number = int(NOW.timestamp()), message.number
    return number > 0 and surely_valid.count([message], number, "ALPHA", seconds, now) == 1


@pytest.mark.parametrize("msg_type", BODIES)
def test_ordinary_requests_are_surely_valid(surely_valid: SurelyValid, msg_type: str) -> None:
    assert passes(surely_valid, read(msg_type, *BODIES[msg_type]))


def test_requests_of_the_tests_client_are_too(surely_valid: SurelyValid) -> None:
    for msg_type, body in (("D", new_order("a", "1", "5", "100")), ("F", cancel("b", "a", "1"))):
        then = ((str(tag), TIME if tag == 60 else value) for tag, value in body)
        assert passes(surely_valid, read(msg_type, *then))


@pytest.mark.parametrize("year", [2024, 2026, 2100, 2400])
def test_requests_of_every_day_are_too(
    surely_valid: SurelyValid, dictionary: quickfix.DataDictionary, year: int
) -> None:
    day = datetime(year, 1, 1, 23, 59, 59, tzinfo=UTC)
    while day.year == year:
        time = day.strftime("%Y%m%d-%H:%M:%S.000")
        dated = [(tag, time if value == TIME else value) for tag, value in HEADER]
        body = [(tag, time if value == TIME else value) for tag, value in ORDER]
        until = [("126", time), ("432", time[:8])]
        message = read("D", *body, *until, header=dated)
        assert surely_valid.count([message], 7, "ALPHA", 120, int(day.timestamp())) == 1, time
        dictionary.validate(quickfix.Message(message.shown.decode(), dictionary, True))
        day += timedelta(days=1)


@pytest.mark.parametrize(
    "date", ["20260229", "20260230", "20260431", "20261131", "21000229", "20260100"]
)
def test_days_that_are_none_are_quickfix_s_to_judge(surely_valid: SurelyValid, date: str) -> None:
    for tag in ("60", "126"):
        body = [each for each in ORDER if each[0] != tag]
        assert not passes(surely_valid, read("D", *body, (tag, f"{date}-10:00:00")))
    assert not passes(surely_valid, read("D", *ORDER, ("432", date)))
    header = [(tag, f"{date}-10:00:00" if tag == "52" else value) for tag, value in HEADER]
    assert not passes(surely_valid, read("D", *ORDER, header=header), None)


@pytest.mark.parametrize("seed", range(10))
def test_quickfix_finds_no_fault_in_what_is_surely_valid(
    surely_valid: SurelyValid, dictionary: quickfix.DataDictionary, seed: int
) -> None:
    """Requests with fields added, left out, changed and moved: 10 x 2,000 of them."""
    draw = random.Random(seed)
    taken = 0
    for _ in range(2_000):
        msg_type = draw.choice(list(BODIES))
        header, body = list(HEADER), list(BODIES[msg_type])
        for _ in range(draw.randrange(4)):
            place = draw.choice((header, body, body, body))
            at = draw.randrange(len(place) + 1)
            match draw.randrange(4):
                case 0:
                    place.insert(at, (draw.choice(TAGS), draw.choice(VALUES)))
                case 1 if at < len(place):
                    del place[at]
                case 2 if at < len(place):
                    place[at] = (place[at][0], draw.choice(VALUES))
                case _:
                    draw.shuffle(place)
        message = read(msg_type, *body, header=header)
        if passes(surely_valid, message):
            taken += 1
            parsed = quickfix.Message(message.shown.decode(), dictionary, True)
            dictionary.validate(parsed)
    assert taken > 200


@pytest.mark.parametrize(
    ("off", "limit", "passed"),
    [(0, 120, True), (117, 120, True), (-117, 120, True), (119, 120, False), (9999, None, True)],
)
def test_time_near_the_limit_is_quickfix_s_to_judge(
    surely_valid: SurelyValid, off: int, limit: int | None, passed: bool
) -> None:
    time = datetime.fromtimestamp(NOW.timestamp() + off, UTC).strftime("%Y%m%d-%H:%M:%S")
    header = [("34", "7"), ("49", "ALPHA"), ("52", time), ("56", "VENUE")]
    assert passes(surely_valid, read("D", *ORDER, header=header), limit) is passed


@pytest.mark.parametrize(
    "header",
    [
        [("34", "8"), *HEADER[1:]],
        [("34", "7"), ("49", "BRAVO"), *HEADER[2:]],
        [*HEADER[:3], ("56", "OTHER")],
        [*HEADER, ("43", "Y"), ("122", TIME)],
        [*HEADER, ("115", "HUB")],
    ],
)
def test_other_number_company_flag_or_route_is_quickfix_s_to_judge(
    surely_valid: SurelyValid, header: list[tuple[str, str]]
) -> None:
    now = int(NOW.timestamp())
    message = read("D", *ORDER, header=header)
    assert surely_valid.count([message], 7, "ALPHA", 120, now) == 0


def test_row_ends_at_the_first_that_is_not(surely_valid: SurelyValid) -> None:
    rows = [read("D", *ORDER, header=[("34", str(n)), *HEADER[1:]]) for n in (7, 8, 9, 11)]
    rows.insert(2, read("0", header=[("34", "9"), *HEADER[1:]]))
    now = int(NOW.timestamp())
    assert surely_valid.count(rows, 7, "ALPHA", 120, now) == 2
    assert surely_valid.count(rows[3:], 9, "ALPHA", 120, now) == 1
