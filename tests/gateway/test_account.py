"""What a member has, over HTTP beside what the command line says; and operators' acts on users."""

import time

import httpx
import pytest

from tests.fix_message import new_order
from tests.gateway.users import PASSWORD, headers_of, log_in, told_password
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for


@pytest.fixture(scope="module")
def bob(api: httpx.Client) -> dict[str, str]:
    return headers_of(api, "bob")


@pytest.fixture(scope="module")
def traded(shared: RunningVenue, api: httpx.Client, bob: dict[str, str]) -> str:
    """BRAVO has bought 2 GLOBEX from CHARLIE's FIX session; the match."""
    order = {"symbol": "GLOBEX", "side": "buy", "quantity": "2", "price": "101.00"}
    made = api.post("/v1/orders", json=order, headers=bob)
    assert made.status_code == 201, made.text
    charlie = shared.client("CHARLIE")
    charlie.logon()
    charlie.send("D", new_order("g1", "2", "2", "101.00", symbol="GLOBEX"))
    report = charlie.expect_report("g1", "F")
    charlie.logout()

    def is_booked() -> bool:
        rows = api.get("/v1/trades", headers=bob).json().get("trades", [])
        return any(row["match_id"] == report.get(527) for row in rows)

    wait_for(is_booked, 30)
    return report.get(527)


def test_an_order_names_its_user_as_the_trader(
    shared: RunningVenue, api: httpx.Client, bob: dict[str, str]
) -> None:
    order = {"symbol": "INITECH", "side": "buy", "quantity": "1", "price": "95.00"}
    made = api.post("/v1/orders", json=order, headers=bob).json()
    shown = shared.json("order", "show", made["order_id"])["order"]
    assert [(trader, role) for trader, _, role in shown["parties"]] == [("bob", "12")]
    assert api.delete(f"/v1/orders/{made['order_id']}", headers=bob).json()["state"] == "canceled"


def test_a_date_that_is_none_is_refused_at_once(api: httpx.Client, bob: dict[str, str]) -> None:
    order = {
        "symbol": "ACME", "side": "buy", "quantity": "1", "price": "95.00", "time_in_force": "gtd",
        "expire_date": "2026-99-99", "client_order_id": "no-date",
    }  # fmt: skip
    found = api.post("/v1/orders", json=order, headers=bob)
    assert found.status_code in (400, 422), found.text
    assert api.get("/v1/orders/by-client-id/no-date", headers=bob).status_code == 404


def test_fills_come_in_pages(api: httpx.Client, bob: dict[str, str], traded: str) -> None:
    whole = api.get("/v1/fills", headers=bob).json()["fills"]
    assert traded in [fill["match_id"] for fill in whole]
    first = api.get("/v1/fills", params={"limit": 1}, headers=bob).json()["fills"]
    asked = {"limit": 1, "behind": first[0]["exec_id"]}
    assert first + api.get("/v1/fills", params=asked, headers=bob).json()["fills"] == whole[:2]


def test_the_portfolio_is_the_command_line_s(
    shared: RunningVenue, api: httpx.Client, bob: dict[str, str], traded: str
) -> None:
    told = api.get("/v1/portfolio", headers=bob).json()
    shown = shared.json("portfolio", "BRAVO")
    assert told["positions"] == shown["positions"]
    balances = {(row["account"], row["asset"]): row for row in told["balances"]}
    for row in shown["balances"]:
        assert balances[row["account"], row["asset"]]["settled"] == row["settled"]
    (position,) = [
        row
        for row in api.get("/v1/positions", headers=bob).json()["positions"]
        if row["symbol"] == "GLOBEX"
    ]
    assert position["mark_match_id"] == traded


def test_the_wallet_is_read_both_ways_in_pages_without_a_gap(
    api: httpx.Client, bob: dict[str, str], traded: str
) -> None:
    newest = api.get("/v1/wallet", params={"limit": 500}, headers=bob).json()
    numbers = [event["wallet_number"] for event in newest["events"]]
    assert numbers == list(range(numbers[0], 0, -1)) and newest["next"] is None
    page = api.get("/v1/wallet", params={"limit": 3, "before": 4}, headers=bob).json()
    assert [event["wallet_number"] for event in page["events"]] == [3, 2, 1]
    assert page["next"] is None
    forward, behind = [], 0
    while behind is not None:
        asked = {"limit": 2, "behind": behind}
        page = api.get("/v1/wallet", params=asked, headers=bob).json()
        forward += [event["wallet_number"] for event in page["events"]]
        behind = page["next"]
    assert forward == sorted(numbers)
    assert {event["member"] for event in newest["events"]} == {"BRAVO"}


def test_pages_of_movements_leave_none_out(
    api: httpx.Client, bob: dict[str, str], traded: str
) -> None:
    whole = api.get("/v1/movements", params={"limit": 500}, headers=bob).json()["movements"]
    paged: list[object] = []
    behind = ""
    while True:
        path = f"/v1/movements?limit=1&behind={behind}"
        page = api.get(path, headers=bob).json()["movements"]
        if not page:
            break
        paged += page
        behind = page[-1]["cursor"]
        if len(paged) >= 8:
            break
    assert paged == whole[: len(paged)] and len(paged) >= 6


def test_a_statement_comes_in_three_forms(
    shared: RunningVenue, api: httpx.Client, bob: dict[str, str], traded: str
) -> None:
    today = time.strftime("%Y-%m-%d", time.gmtime())
    path = f"/v1/statements/{today}"
    told = api.get(path, headers=bob).json()
    assert told["member"] == "BRAVO" and traded in [row["match_id"] for row in told["trades"]]
    table = api.get(path, params={"format": "csv"}, headers=bob)
    assert table.headers["content-type"] == "text/csv; charset=utf-8" and traded in table.text
    assert "BRAVO" in table.headers["content-disposition"]
    paper = api.get(path, params={"format": "pdf"}, headers=bob)
    assert paper.headers["content-type"] == "application/pdf" and paper.content[:5] == b"%PDF-"
    assert api.get("/v1/statements/last", headers=bob).json()["is_final"] is True
    assert api.get("/v1/statements/2026-13-45", headers=bob).status_code == 400


def test_limits_say_what_is_left(
    shared: RunningVenue, api: httpx.Client, bob: dict[str, str]
) -> None:
    order = {"symbol": "UMBRELLA", "side": "buy", "quantity": "7", "price": "95.00"}
    made = api.post("/v1/orders", json=order, headers=bob).json()
    told = api.get("/v1/limits", headers=bob).json()
    assert {row["member"] for row in told["scopes"]} == {"BRAVO"}
    (limit,) = [row for row in told["scopes"][0]["limits"] if row["limit"] == "max_open_orders"]
    assert int(limit["value"]) - int(limit["used"]) == int(limit["left"])
    assert int(limit["used"]) >= 1
    api.delete(f"/v1/orders/{made['order_id']}", headers=bob)


def test_public_trades_and_bars_are_the_command_line_s(
    shared: RunningVenue, api: httpx.Client, traded: str
) -> None:
    def said() -> list[str]:
        rows = api.get("/v1/instruments/GLOBEX/trades").json()["trades"]
        return [row["match_id"] for row in rows]

    wait_for(lambda: traded in said(), 20)
    bars = api.get("/v1/instruments/GLOBEX/bars", params={"interval": "1h"}).json()["bars"]
    shown = shared.json("md", "bars", "GLOBEX", "--interval", "1h")["bars"]
    assert [{key: bar[key] for key in shown[0]} for bar in bars] == shown
    assert api.get("/v1/instruments/NONE/bars").status_code == 404
    assert api.get("/v1/instruments/GLOBEX/bars", params={"interval": "7m"}).status_code == 400


def test_the_day_and_the_member_s_session_are_told(
    shared: RunningVenue, api: httpx.Client, bob: dict[str, str]
) -> None:
    day = api.get("/v1/calendar").json()
    status = shared.json("status")
    assert (day["phase"], day["trading_day"]) == (status["phase"], status["trading_day"])
    session = api.get("/v1/session", headers=bob).json()
    assert session == {
        "member": "BRAVO", "is_on": True, "trouble": "", "orders_are_known": True,
    }  # fmt: skip
    guards = api.get("/v1/status").json()["guards"]
    assert {guards[name]["breaker"] for name in ("ledger", "nats", "trading")} == {"closed"}
    assert guards["venue"]["BRAVO"]["breaker"] == "closed"


def test_a_withdrawal_is_paid_by_an_operator_once(
    shared: RunningVenue, api: httpx.Client, bob: dict[str, str]
) -> None:
    wanted = {"asset": "USD", "amount": "1000", "client_reference": "rent"}
    made = api.post("/v1/withdrawals", json=wanted, headers=bob).json()
    waiting = {each["id"]: each for each in shared.json("user", "withdrawals")["withdrawals"]}
    assert waiting[made["id"]]["state"] == "requested"
    paid = shared.json("user", "pay", str(made["id"]))["withdrawal"]
    assert paid["state"] == "paid"
    assert shared.command("user", "pay", str(made["id"]), "--json").returncode == 1

    def is_told() -> bool:
        events = api.get("/v1/wallet", headers=bob).json()["events"]
        return any(event["type"] == "FundsWithdrawn" for event in events)

    wait_for(is_told, 60)
    much = {"asset": "USD", "amount": "900000000000000", "client_reference": "all"}
    second = api.post("/v1/withdrawals", json=much, headers=bob).json()
    refused = shared.command("user", "pay", str(second["id"]), "--json")
    assert refused.returncode == 1, refused.stdout
    done = shared.json("user", "refuse", str(second["id"]), "--reason", "you have less")
    assert done["withdrawal"]["detail"] == "you have less"
    rows = api.get("/v1/withdrawals", headers=bob).json()["withdrawals"]
    told = [(row["id"], row["state"]) for row in rows if row["id"] in (made["id"], second["id"])]
    assert told == [(second["id"], "refused"), (made["id"], "paid")]


def test_a_founder_s_kyc_is_his_member_s(shared: RunningVenue, api: httpx.Client) -> None:
    def kyc() -> str:
        rows = {row["member"]: row for row in shared.json("member", "list")["members"]}
        return str(rows["ECHO"]["kyc"])

    wanted = {"user": "erin", "member": "ECHO", "password": PASSWORD, "legal_name": "Erin E"}
    assert api.post("/v1/registrations", json=wanted).status_code == 202
    shared.json("user", "verify", "erin", "--document", "passport")
    assert kyc() == "pending"
    assert shared.json("user", "approve", "erin", "--document", "register")["state"] == "active"
    assert kyc() == "approved"
    headers = headers_of(api, "erin")
    assert api.get("/v1/me", headers=headers).json()["member"] == "ECHO"
    assert api.get("/v1/orders", headers=headers).status_code == 403, "ECHO has no session yet"
    shared.json("user", "suspend", "erin")
    assert kyc() == "suspended"
    assert api.get("/v1/me", headers=headers).status_code == 401
    shared.json("user", "close", "erin")
    assert kyc() == "rejected"
    assert shared.command("user", "approve", "erin", "--json").returncode == 1


def test_an_operator_belongs_to_no_member(shared: RunningVenue, api: httpx.Client) -> None:
    told_password(shared, "user", "add", "olga", "--operator")
    headers = headers_of(api, "olga")
    me = api.get("/v1/me", headers=headers).json()
    assert (me["member"], me["scopes"]) == ("_", ["operate", "read"])
    order = {"symbol": "ACME", "side": "buy", "quantity": "1", "price": "90"}
    assert api.post("/v1/orders", json=order, headers=headers).status_code == 403
    assert api.get("/v1/balances", headers=headers).json() == {"balances": []}
    wrong = shared.command("user", "add", "x9", "--operator", "--member", "ALPHA", "--json")
    assert wrong.returncode == 2


def test_what_is_done_at_the_command_line_counts_at_once(
    shared: RunningVenue, api: httpx.Client
) -> None:
    first = headers_of(api, "dora")
    before = api.get("/.well-known/jwks.json").json()["keys"]
    kid = shared.json("user", "rotate-keys")["kid"]
    after = api.get("/.well-known/jwks.json").json()["keys"]
    assert {key["kid"] for key in after} == {key["kid"] for key in before} | {kid}
    assert not any("d" in key for key in after), "no private key is told"
    assert api.get("/v1/me", headers=first).status_code == 200, "signed by the old key"
    second = headers_of(api, "dora")
    shared.json("user", "logout", "dora")
    assert {api.get("/v1/me", headers=each).status_code for each in (first, second)} == {401}
    third = headers_of(api, "dora")
    shared.json("user", "block", "dora")
    assert api.get("/v1/me", headers=third).status_code == 401
    shared.json("user", "unblock", "dora")
    assert api.get("/v1/me", headers=third).status_code == 401, "his logins have ended"
    assert log_in(api, "dora")["token_type"] == "Bearer"
    kinds = [row["kind"] for row in shared.json("user", "events")["events"]]
    assert {"signing_key_rotated", "logged_out", "user_blocked", "login"} <= {*kinds}
