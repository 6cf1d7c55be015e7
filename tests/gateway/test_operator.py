"""Operators over HTTP on a running venue: who may, four eyes, every path, what is journaled."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fix_message import new_order
from tests.gateway.users import OF_THE_SOCKET, add_operator, add_venue_user, headers_of
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.admin.client import call

AT = "/v1/operator"
Headers = dict[str, str]


@pytest.fixture(scope="module")
def desk(venue: RunningVenue) -> None:
    """The operators olga and otto (admins), vera (viewer); nora is none, and dana a member's."""
    for name, role in (("olga", "admin"), ("otto", "admin"), ("vera", "viewer")):
        add_operator(venue, name, role)
    add_venue_user(venue, "nora")
    dana = {"add_operator": "dana", "role": "admin", "password": OF_THE_SOCKET}
    assert call(venue.data_dir, dana)["ok"]


@pytest.fixture(scope="module")
def olga(http: httpx.Client, desk: None) -> Headers:
    return headers_of(http, "olga")


@pytest.fixture(scope="module")
def otto(http: httpx.Client, desk: None) -> Headers:
    return headers_of(http, "otto")


@pytest.fixture(scope="module")
def match_id(venue: RunningVenue, http: httpx.Client, olga: Headers) -> Iterator[str]:
    """A trade between BRAVO and CHARLIE, booked."""
    bravo, charlie = venue.client("BRAVO"), venue.client("CHARLIE")
    for client in (bravo, charlie):
        client.logon()
    bravo.send("D", new_order("ob", "1", "5", "100.00", "GLOBEX"))
    bravo.expect_report("ob", "0")
    charlie.send("D", new_order("os", "2", "5", "100.00", "GLOBEX"))
    report = charlie.expect_report("os", "F")
    found: str = report.get(527)
    wait_for(lambda: bool(get(http, olga, "trades", match_id=found)["trades"]), 30)
    yield found
    venue.disconnect_clients()


def act(http: httpx.Client, who: Headers, path: str, **body: object) -> httpx.Response:
    return http.post(f"{AT}/commands/{path}", json=body, headers=who)


def get(http: httpx.Client, who: Headers, path: str, **query: str) -> dict[str, Any]:
    found = http.get(f"{AT}/{path}", params=query, headers=who, timeout=60)
    assert found.status_code == 200, (path, found.text)
    told: dict[str, Any] = found.json()
    return told


# Who may


def test_only_operators_of_the_venue_come_in(
    http: httpx.Client, desk: None, dana: Headers, olga: Headers
) -> None:
    """dana's scope is operate, and an operator has her name; but she is ALPHA's user."""
    assert http.get(f"{AT}/me").status_code == 401
    narrowed = headers_of(http, "olga", scope="read")
    for who in (dana, narrowed, headers_of(http, "nora")):
        for path in ("me", "status", "members", "trades", "breaks", "journal"):
            found = http.get(f"{AT}/{path}", headers=who)
            assert (found.status_code, found.json()["code"]) == (403, "FORBIDDEN"), path
        assert act(http, who, "halt", symbol="ACME").status_code == 403
    assert get(http, olga, "me") == {"ok": True, "operator": "olga", "role": "admin"}


def test_a_viewer_looks_and_changes_nothing(
    venue: RunningVenue, http: httpx.Client, desk: None
) -> None:
    vera = headers_of(http, "vera")
    assert get(http, vera, "members")["members"]
    refused = act(http, vera, "halt", symbol="ACME")
    assert refused.status_code == 403 and "vera is viewer" in refused.json()["message"]
    closing = http.post(f"{AT}/breaks/B1/close", json={"reason": "no"}, headers=vera)
    assert closing.status_code == 403
    assert venue.json("status")["blocks"]["halted_instruments"] == []


def test_a_removed_operator_is_nobody_at_once(
    venue: RunningVenue, http: httpx.Client, desk: None
) -> None:
    vera = headers_of(http, "vera")
    assert get(http, vera, "me")["role"] == "viewer"
    assert call(venue.data_dir, {"remove_operator": "vera"})["ok"]
    try:
        assert http.get(f"{AT}/me", headers=vera).status_code == 403
        assert http.get(f"{AT}/members", headers=vera).status_code == 403
    finally:
        again = {"add_operator": "vera", "role": "viewer", "password": OF_THE_SOCKET}
        assert call(venue.data_dir, again)["ok"]


# Acts


def test_a_halt_is_journaled_in_her_name_and_noted_at_the_door(
    venue: RunningVenue, http: httpx.Client, olga: Headers
) -> None:
    done = act(http, olga, "halt", symbol="ACME", reason="news")
    assert done.status_code == 200, done.text
    event = done.json()["events"][0]
    assert (event["type"], event["operator"], event["reason"]) == (
        "InstrumentHalted", "olga", "news",
    )  # fmt: skip
    assert venue.json("status")["blocks"]["halted_instruments"] == ["ACME"]
    assert act(http, olga, "resume", symbol="ACME").json()["events"][0]["operator"] == "olga"
    assert venue.json("status")["blocks"]["halted_instruments"] == []
    record = venue.json("journal", "show", "--event-seq", str(event["event_seq"]))["records"][0]
    assert record["command"]["operator"] == "olga" and "uid" not in record["command"]
    noted = [each["detail"] for each in venue.json("user", "events")["events"]
             if each["kind"] == "operator_act" and each["user"] == "olga"]  # fmt: skip
    assert any("halt" in each and "ACME" in each for each in noted), noted


def test_what_trading_refuses_has_its_words(http: httpx.Client, olga: Headers) -> None:
    refused = act(http, olga, "halt", symbol="NONE")
    assert (refused.status_code, refused.json()["code"]) == (422, "REFUSED")
    assert "NONE" in refused.json()["message"]
    forged = act(http, olga, "halt", symbol="ACME", operator="somebody")
    assert (forged.status_code, forged.json()["field"]) == (400, "operator")


def test_an_act_is_done_once_for_its_key(http: httpx.Client, olga: Headers) -> None:
    headers = {**olga, "Idempotency-Key": "kill-once"}
    first = act(http, headers, "kill/session", name="DELTA")
    assert first.status_code == 200, first.text
    second = act(http, headers, "kill/session", name="DELTA")
    assert second.content == first.content and second.headers["idempotent-replay"] == "true"
    assert act(http, olga, "revive/session", name="DELTA").status_code == 200


def test_a_bust_waits_for_another_operator(
    venue: RunningVenue, http: httpx.Client, olga: Headers, otto: Headers, match_id: str
) -> None:
    assert match_id in str(get(http, otto, "latest-trades")["trades"])
    four_eyes = {"type": "SetFourEyes", "commands": ["BustTrade"]}
    assert call(venue.data_dir, {"command": four_eyes})["ok"]
    try:
        asked = act(http, olga, "trade/bust", match_id=match_id, reason="erroneous")
        assert asked.status_code == 202, asked.text
        (held,) = asked.json()["held"]
        (waiting,) = get(http, otto, "approvals")["approvals"]
        assert (waiting["action_id"], waiting["operator"]) == (held, "olga")
        own = act(http, olga, "approve", action_id=held)
        assert (own.status_code, own.json()["code"]) == (422, "REFUSED")
        approved = act(http, otto, "approve", action_id=held, reason="seen")
        assert approved.status_code == 200, approved.text
        by = {each["type"]: each["operator"] for each in approved.json()["events"]
              if "operator" in each}  # fmt: skip
        assert (by["ActionApproved"], by["TradeBusted"]) == ("otto", "olga")
    finally:
        assert call(venue.data_dir, {"command": {**four_eyes, "commands": []}})["ok"]

    def is_booked() -> bool:
        (trade,) = get(http, otto, "trades", match_id=match_id)["trades"]
        return bool(trade["state"] == "busted")

    wait_for(is_booked, 30)


def test_limits_are_set_and_read(http: httpx.Client, olga: Headers) -> None:
    def value() -> str | None:
        (scope,) = get(http, olga, "limits", member="DELTA")["risk"]
        rows: dict[str, str | None] = {row["limit"]: row["value"] for row in scope["limits"]}
        return rows["max_open_orders"]

    before = value()
    done = act(http, olga, "risk/set", member="DELTA", limits={"max_open_orders": "77"})
    assert done.status_code == 200, done.text
    assert value() == "77"
    assert act(
        http, olga, "risk/set", member="DELTA", limits={"max_open_orders": before}
    ).is_success


def test_a_session_is_disabled_reset_and_given_a_password(
    venue: RunningVenue, http: httpx.Client, olga: Headers
) -> None:
    assert act(http, olga, "session/disable", session="DELTA").is_success
    assert not get(http, olga, "sessions/DELTA")["session"]["enabled"]
    assert act(http, olga, "session/enable", session="DELTA").is_success
    reset = http.post(f"{AT}/sessions/DELTA/reset", json={"reason": "agreed"}, headers=olga)
    assert reset.json() == {"ok": True, "session": "DELTA", "next_in": 1, "next_out": 1}
    new = "another-long-horse"
    body = {"password": new, "at_once": True}
    assert http.post(f"{AT}/sessions/DELTA/password", json=body, headers=olga).is_success
    assert new not in str(venue.json("user", "events"))
    assert new not in str(venue.json("journal", "show", "--limit", "500"))
    demo = {"password": "demo", "at_once": True}
    weak = http.post(f"{AT}/sessions/DELTA/password", json=demo, headers=olga)
    assert (weak.status_code, weak.json()["code"]) == (422, "REFUSED")


def test_a_session_that_is_on_has_its_address_and_numbers(
    venue: RunningVenue, http: httpx.Client, olga: Headers
) -> None:
    client = venue.client("ALPHA")
    client.logon()
    sessions = {each["session"]: each for each in get(http, olga, "sessions")["sessions"]}
    assert sessions["ALPHA"]["connection"]["address"].startswith("127.0.0.1")
    assert sessions["ALPHA"]["next_in"] == 2 and not sessions["DELTA"]["logged_on"]
    assert act(http, olga, "session/logout", session="ALPHA", reason="by phone").is_success
    client.expect_disconnect(15)
    told = get(http, olga, "sessions/ALPHA")
    assert told["session"]["connection"] is None and told["ended"]["why"]


# Reading


def test_every_path_is_read_once(http: httpx.Client, olga: Headers, match_id: str) -> None:
    status = get(http, olga, "status")
    assert {each["process"] for each in status["processes"]} >= {"trading", "clearing"}
    assert status["guards"]["trading"]["breaker"] == "closed" and status["sessions"]
    assert {each["symbol"] for each in get(http, olga, "instruments")["instruments"]} >= {"ACME"}
    assert get(http, olga, "limits")["risk"]
    assert {each["name"] for each in get(http, olga, "operators")["operators"]} >= {"olga", "otto"}
    assert get(http, olga, "calendar", days="3")["settlement_days"][2]["day"]
    assert "due" in get(http, olga, "settlement")
    assert get(http, olga, "settlement/fails")["fails"] == []
    assert isinstance(get(http, olga, "settlement/cycles")["cycles"], list)
    assert http.get(f"{AT}/settlement/cycles/4711", headers=olga).status_code == 404
    assert {"standing", "last"} <= get(http, olga, "alerts").keys()
    assert get(http, olga, "breaks", all="true")["ok"]
    unknown = http.post(f"{AT}/breaks/B0/assign", json={"owner": "otto"}, headers=olga)
    assert unknown.status_code == 404
    commands = {each["path"] for each in get(http, olga, "commands")["commands"]}
    assert commands >= {"halt", "trade bust", "risk set", "approve", "settle run", "day end"}


def test_orders_are_searched_and_told(
    venue: RunningVenue, http: httpx.Client, olga: Headers, match_id: str
) -> None:
    found = get(http, olga, "orders", client_order_id="ob", session="BRAVO", all="true")
    (order,) = found["orders"]
    assert order["ord_status_name"] in ("FILLED", "CANCELED") and order["side_name"] == "BUY"
    assert get(http, olga, "orders", all="true", behind=f"CHARLIE/{order['order_id']}")["ok"]
    detail = get(http, olga, f"orders/{order['order_id']}")["order"]
    assert detail["cl_ord_id"] == "ob"
    story = get(http, olga, f"orders/{order['order_id']}/story")
    assert "ob" in str(story)
    assert http.get(f"{AT}/orders/999999", headers=olga).status_code == 404


def test_trades_of_all_members_are_searched(
    http: httpx.Client, olga: Headers, match_id: str
) -> None:
    for query in ({"match_id": match_id}, {"member": "CHARLIE", "symbol": "GLOBEX"}):
        rows = get(http, olga, "trades", **query)["trades"]
        assert match_id in [row["match_id"] for row in rows]
    (trade,) = get(http, olga, "trades", match_id=match_id)["trades"]
    assert (trade["buyer"], trade["seller"], trade["quantity"]) == ("BRAVO", "CHARLIE", "5")
    behind = str(trade["event_seq"])
    older = get(http, olga, "trades", behind=behind)["trades"]
    assert match_id not in [row["match_id"] for row in older]
    assert get(http, olga, "trades", member="DELTA", symbol="GLOBEX")["trades"] == []


def test_messages_are_decoded_and_filtered(
    http: httpx.Client, olga: Headers, match_id: str
) -> None:
    path = "sessions/CHARLIE/messages"
    found = get(http, olga, path, msg_type="D", text="11=os")["messages"]
    assert [each["name"] for each in found] == ["NewOrderSingle"]
    out = get(http, olga, path, way="out", msg_type="8")["messages"]
    assert out and all(each["before"].endswith("out") for each in out)
    assert "demo" not in str(get(http, olga, path, msg_type="A"))
    assert http.get(f"{AT}/sessions/NONE/messages", headers=olga).status_code == 404
    above = "sessions/..%2F..%2Fvenue/messages"
    assert http.get(f"{AT}/{above}", headers=olga).status_code in (400, 404)


def test_a_book_is_shown_as_it_was(http: httpx.Client, olga: Headers, match_id: str) -> None:
    records = get(http, olga, "journal", **{"from": "1", "limit": "500"})["records"]
    entered = next(record["seq"] for record in records if "'ob'" in str(record))
    then = get(http, olga, "book/GLOBEX", to=str(entered))
    assert then["source"] == "journal" and then["seq"] == entered
    assert ["100", "5"] in [level[:2] for level in then["bids"]]
    now = get(http, olga, "book/GLOBEX")
    assert ["100", "5"] not in [level[:2] for level in now["bids"]]
    assert http.get(f"{AT}/book/NONE", params={"to": "1"}, headers=olga).status_code == 404
    wrong = http.get(f"{AT}/book/GLOBEX", params={"at": "25:99"}, headers=olga)
    assert wrong.status_code == 400
    assert http.get(f"{AT}/book/--help", headers=olga).status_code == 400
