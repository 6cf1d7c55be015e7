"""What cannot be done is one clear line and status 1, also as a dry run; nothing is changed."""

from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import BUY, Desk, enter, logged_on
from tests.running import RunningTrading

HUGE = "1" + "0" * 40
NO_AMOUNT = "is no amount above 0 and up to 100000000000000000000 with at most 8 decimals"

NO_SESSION = (
    "session NOPE is unknown; known are ALPHA, ALPHA-API, ALPHA-DC, ALPHA-MD, BRAVO, BRAVO-API, "
    "BRAVO-DC, BRAVO-MD, CHARLIE, CHARLIE-API, CHARLIE-DC, CHARLIE-MD, ..."
)
IMPOSSIBLE = {
    "kill member NOPE": "member NOPE is unknown",
    "kill session NOPE": "session NOPE is unknown",
    "kill member DELTA": "member DELTA is killed already",
    "revive member ALPHA": "member ALPHA is not killed",
    "revive session ALPHA": "session ALPHA is not killed",
    "revive all": "all is not killed",
    "revive member NOPE": "member NOPE is unknown",
    "halt NOPE": "NOPE is not traded here",
    "resume NOPE": "NOPE is not traded here",
    "resume ACME": "ACME is not halted",
    "instrument disable NOPE": "NOPE is not traded here",
    "instrument add ACME": "ACME is traded already, just so",
    "instrument add NEW --tick 0 --lot 1 --reference-price 5": (
        "NEW: tick_size and lot_size must be greater than 0"
    ),
    "instrument add NEW --tick 0.01 --lot -1 --reference-price 5": (
        "NEW: lot_size = '-1' is not a number of 0 or more with at most 8 decimals"
    ),
    "instrument add new --tick 0.01 --lot 1 --reference-price 5": (
        "symbol 'new' is not made of A-Z, 0-9 and -"
    ),
    "member add ALPHA": "there is a member ALPHA already; venue risk set ALPHA changes its limits",
    "member add A/B": "member 'A/B' is not made of letters, digits, _, -",
    "member add NEW --credit-limit -1": "limits of NEW must be numbers of 0 or more",
    "member add NEW --max-open-orders -1": "limits of NEW must be numbers of 0 or more",
    "member suspend NOPE": "member NOPE is unknown",
    "member resume ALPHA": "member ALPHA is not suspended",
    "member kyc NOPE approved": "member NOPE is unknown",
    "session logout NOPE": NO_SESSION,
    "session logout CHARLIE": "session CHARLIE is not logged on",
    "session disable NOPE": NO_SESSION,
    "session enable ALPHA": "session ALPHA is not disabled",
    "session reset ALPHA": "session ALPHA is logged on; log it out first",
    "session reset NOPE": NO_SESSION,
    "session logout ALPHA-DCC": "session ALPHA-DCC is unknown; did you mean ALPHA-DC?",
    "risk set NOPE credit_limit=5": "member NOPE is unknown",
    "risk set ALPHA credit_limit=-5": (
        "credit_limit = -5 is no number of 0 or more with at most 8 decimals"
    ),
    "risk set ALPHA max_open_orders=1.5": "max_open_orders = 1.5 is no whole number of 0 or more",
    f"risk set ALPHA credit_limit={HUGE}": (
        f"credit_limit = {HUGE} is no number of 0 or more with at most 8 decimals"
    ),
    "risk set ALPHA credit_limit=989.99": (
        "credit_limit = 989.99 is below what is used now, 990"
    ),
    "risk set ALPHA max_open_orders=0": "max_open_orders = 0 is below what is used now, 1",
    "risk set ALPHA max_position=9": "max_position = 9 is below what is used now, 10",
    "risk set ALPHA max_open_orders=5 max_position=9": (
        "max_position = 9 is below what is used now, 10"
    ),
    "trade bust M4711": "trade M4711 is unknown, or too old to be changed",
    "trade correct M4711 --price 99": "trade M4711 is unknown, or too old to be changed",
    "order cancel 4711": "order 4711 is unknown",
    "deposit ALPHA USD 0 --reference 1": f"0 {NO_AMOUNT}",
    "deposit ALPHA USD -5 --reference 1": f"-5 {NO_AMOUNT}",
    f"deposit ALPHA USD {HUGE} --reference 1": f"{HUGE} {NO_AMOUNT}",
    "deposit NOPE USD 5 --reference 1": "member NOPE is unknown",
    "deposit ALPHA NOPE 5 --reference 1": "asset NOPE is unknown",
    "withdraw ALPHA USD 0.000000001 --reference 1": f"0.000000001 {NO_AMOUNT}",
    "withdraw DELTA USD 1000000000001 --reference 1": (
        "DELTA has 1000000000000 USD, 1000000000000 of it free, less than 1000000000001"
    ),
    "approve H1": "no command H1 waits for approval",
    "decline H1": "no command H1 waits for approval",
    "day start": None,
}  # fmt: skip
"""What is typed, and the line it is answered with (None: one that has a date in it)."""

WRONG_USE = (
    "kill",
    "kill member",
    "kill everybody",
    "member kyc ALPHA maybe",
    "member add NEW --funding sometimes",
    "risk set ALPHA credit_limit",
    "risk set ALPHA/ credit_limit=5",
    "risk set ALPHA",
    "deposit ALPHA USD --reference 1",
    "deposit ALPHA USD 5",
    "withdraw ALPHA USD 5",
    "risk replay --from 1",
    "risk replay --set credit_limit=5",
    "risk replay --set credit_limit --from 1",
    "risk replay --set credit_limit=5 --from 5 --to 4",
    "risk dry-run ACME hold 5",
    "risk dry-run ACME buy 5 --type limit",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A venue where ALPHA has one order, 10 at 99, and DELTA is killed."""
    with RunningTrading(tmp_path_factory.mktemp("bad")) as running:
        desk = Desk(running.data_dir)
        for (alpha,) in logged_on(running, "ALPHA"):
            assert enter(alpha, BUY, "10", "99")[150] == "0"
            desk.done("kill", "member", "DELTA")
            yield desk


@pytest.fixture(scope="module")
def before(desk: Desk) -> dict[str, object]:
    return desk.everything()


@pytest.mark.parametrize("typed", IMPOSSIBLE)
def test_impossible_is_one_line_also_as_a_dry_run(
    desk: Desk, before: dict[str, object], typed: str
) -> None:
    line = desk.refused(*typed.split())
    assert line == (IMPOSSIBLE[typed] or line)
    assert desk.refused(*typed.split(), "--dry-run") == line


def test_nothing_of_it_changed_anything(desk: Desk, before: dict[str, object]) -> None:
    for typed in IMPOSSIBLE:
        desk.refused(*typed.split())
    assert desk.everything() == before


@pytest.mark.parametrize("typed", WRONG_USE)
def test_wrong_use_is_status_2(desk: Desk, before: dict[str, object], typed: str) -> None:
    result = desk.run(*typed.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("risk show NOPE", "member NOPE is unknown; there are ALPHA, BRAVO, CHARLIE, DELTA"),
        ("explain nothing-of-the-kind", "no order is known as nothing-of-the-kind"),
        ("risk replay --set NOPE:credit_limit=5 --from 1",
         "member NOPE is unknown; there are ALPHA, BRAVO, CHARLIE, DELTA"),
        ("risk replay --set NOPE:max_value=5 --from 1",
         "symbol NOPE is unknown; there are ACME, BTC-USD, GLOBEX, INITECH, UMBRELLA"),
        ("risk replay --set credit_limit=-5 --from 1",
         "credit_limit = -5 is no number of 0 or more with at most 8 decimals"),
        ("risk replay --set messages_per_second=0 --from 1",
         "messages_per_second = 0 is no whole number from 1 on"),
    ],
)  # fmt: skip
def test_question_about_nothing_is_one_line(desk: Desk, typed: str, line: str) -> None:
    assert desk.refused(*typed.split()) == line


def test_replay_from_a_record_that_is_not_there_says_which_is_the_last(desk: Desk) -> None:
    line = desk.refused("risk", "replay", "--set", "credit_limit=5", "--from", "100000")
    assert line.startswith("there is no record 100000 yet: the last one is ")
