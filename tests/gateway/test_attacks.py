"""The gateway attacked over HTTP: forged tokens, other members' data, bodies and paths that lie."""

import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from tests.gateway.in_process import InProcess, in_process
from tests.gateway.users import PASSWORD
from venue.gateway.scopes import Scope
from venue.gateway.tokens import ALGORITHM, TYPE

ORDER = {"symbol": "ACME", "side": "buy", "quantity": "1", "price": "90"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    with in_process(tmp_path_factory.mktemp("attacked")) as running:
        running.add("dana")
        running.add("erin", "BRAVO")
        running.add("rita", scopes=frozenset({Scope.READ}))
        yield running


@pytest.fixture(scope="module")
def dana(gateway: InProcess) -> dict[str, str]:
    return gateway.headers("dana")


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, body, signature = token.split(".")
    return _said(head), _said(body), signature


def _said(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def forged(gateway: InProcess, how: str, token: str) -> str:
    """A token that says the same, or more, and is not the gateway's."""
    head, claims, signature = parts(token)
    public = gateway.http.get("/.well-known/jwks.json").json()["keys"][0]
    if how == "no algorithm":
        return f"{_part({**head, 'alg': 'none'})}.{_part(claims)}."
    if how == "no signature":
        return f"{_part(head)}.{_part(claims)}."
    if how == "changed claims":
        return f"{_part(head)}.{_part({**claims, 'sub': 'erin'})}.{signature}"
    if how == "public key as secret":
        key = OctKey.import_key(json.dumps(public).encode())
        return jwt.encode({"alg": "HS256", "typ": TYPE, "kid": head["kid"]}, claims, key)
    if how == "another key":
        other = OKPKey.generate_key("Ed25519", {"kid": head["kid"]})
        return jwt.encode(head, claims, other, algorithms=[ALGORITHM])
    if how == "key of its own in the head":
        other = OKPKey.generate_key("Ed25519", {"kid": head["kid"]})
        mine = {**head, "jwk": other.as_dict(private=False)}
        return jwt.encode(mine, claims, other, algorithms=[ALGORITHM])
    own = gateway.gateway.tokens._keys.get_by_kid(head["kid"])
    changes: dict[str, dict[str, Any]] = {
        "expired": {"exp": int(time.time()) - 60},
        "of another issuer": {"iss": "elsewhere"},
        "without a family": {"family": ""},
        "of nobody": {"sub": "nobody"},
    }
    return jwt.encode(head, {**claims, **changes[how]}, own, algorithms=[ALGORITHM])


@pytest.mark.parametrize(
    "how",
    [
        "no algorithm", "no signature", "changed claims", "public key as secret", "another key",
        "key of its own in the head", "expired", "of another issuer", "without a family",
        "of nobody",
    ],
)  # fmt: skip
def test_a_forged_token_is_refused(gateway: InProcess, dana: dict[str, str], how: str) -> None:
    token = dana["Authorization"].removeprefix("Bearer ")
    assert gateway.http.get("/v1/me", headers=dana).status_code == 200
    headers = {"Authorization": f"Bearer {forged(gateway, how, token)}"}
    found = gateway.http.get("/v1/me", headers=headers)
    assert (found.status_code, found.json()["code"]) == (401, "UNAUTHENTICATED")
    assert found.json()["message"] == "the token, key or signature is not good"


def test_a_replayed_refresh_token_ends_the_login_and_who_listens_is_told(
    gateway: InProcess,
) -> None:
    first = gateway.token("dana")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = gateway.http.post("/oauth/token", data=form).json()
    assert gateway.http.post("/oauth/token", data=form).status_code == 401
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert gateway.http.get("/v1/me", headers=headers).status_code == 401
    family = parts(second["access_token"])[1]["family"]
    assert ("dana", family) in gateway.logins_told
    events = gateway.gateway.store.rows("SELECT kind FROM security_events")
    assert "refresh_refused" in {row["kind"] for row in events}


def test_a_token_that_a_key_has_got_makes_no_keys_and_ends_with_the_key(
    gateway: InProcess, dana: dict[str, str]
) -> None:
    http = gateway.http
    made = http.post("/v1/keys", json={"scopes": ["read", "operate"]}, headers=dana).json()
    form = {"grant_type": "client_credentials", "client_id": made["key"]}
    token = http.post("/oauth/token", data={**form, "client_secret": made["secret"]}).json()
    by_key = {"Authorization": f"Bearer {token['access_token']}"}
    assert http.get("/v1/me", headers=by_key).status_code == 200
    assert http.post("/v1/keys", json={"scopes": ["read"]}, headers=by_key).status_code == 403
    assert http.get("/v1/me/logins", headers=by_key).status_code == 403
    assert http.delete(f"/v1/keys/{made['key']}", headers=dana).status_code == 200
    assert http.get("/v1/me", headers=by_key).status_code == 401


@pytest.mark.parametrize("secret", ["wrong", "", "s\u00fc\u00df", "\U0001f600" * 40])
def test_a_wrong_secret_is_401_whatever_its_letters(gateway: InProcess, secret: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "none", "client_secret": secret}
    with gateway.gateway.store.changing() as connection:
        connection.execute("DELETE FROM failures")
    assert gateway.http.post("/oauth/token", data=form).status_code == 401


def test_what_is_another_member_s_is_not_there(gateway: InProcess, dana: dict[str, str]) -> None:
    http, erin = gateway.http, gateway.headers("erin")
    wanted = {"asset": "USD", "amount": "5", "client_reference": "mine"}
    made = http.post("/v1/withdrawals", json=wanted, headers=erin).json()
    assert http.delete(f"/v1/withdrawals/{made['id']}", headers=dana).status_code == 404
    listed = http.get("/v1/withdrawals", headers=dana).json()["withdrawals"]
    assert made["id"] not in [each["id"] for each in listed]
    key = http.post("/v1/keys", json={"scopes": ["read"]}, headers=erin).json()["key"]
    assert http.delete(f"/v1/keys/{key}", headers=dana).status_code == 404
    (login, *_) = http.get("/v1/me/logins", headers=erin).json()["logins"]
    assert http.delete(f"/v1/me/logins/{login['id']}", headers=dana).status_code == 404
    assert http.get("/v1/me", headers=erin).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/orders", {**ORDER, "member": "BRAVO"}),
        ("/v1/orders", {**ORDER, "order_id": "1"}),
        ("/v1/withdrawals", {"asset": "USD", "amount": "1", "member": "BRAVO"}),
        ("/v1/withdrawals", {"asset": "USD", "amount": "1", "state": "paid"}),
        ("/v1/keys", {"scopes": ["read"], "user": "erin"}),
        ("/v1/me/password", {"current": PASSWORD, "new": "another long word", "user": "erin"}),
        (
            "/v1/registrations",
            {"user": "mallory", "member": "ALPHA", "password": PASSWORD, "legal_name": "M",
             "scopes": ["operate"]},
        ),
    ],
)  # fmt: skip
def test_a_field_that_nobody_asked_for_is_refused(
    gateway: InProcess, dana: dict[str, str], path: str, body: dict[str, object]
) -> None:
    found = gateway.http.post(path, json=body, headers=dana)
    assert found.status_code == 400, found.text
    assert found.json()["field"] in body


@pytest.mark.parametrize(
    "body",
    [
        '{"symbol": "ACME", "side": "buy", "quantity": "1", "quantity": "999", "price": "90"}',
        '{"symbol": "ACME", "side": "buy", "quantity": NaN, "price": "90"}',
        '{"symbol": "ACME", "side": "buy", "quantity": "1", "price": "90"',
        "[" * 60_000,
        "\xff\xfe",
        "null",
        "[]",
    ],
)
def test_a_body_that_does_not_mean_one_thing_is_refused(
    gateway: InProcess, dana: dict[str, str], body: str
) -> None:
    headers = {**dana, "Content-Type": "application/json"}
    found = gateway.http.post("/v1/orders", content=body.encode("latin-1"), headers=headers)
    assert found.status_code == 400, found.text


def test_a_body_that_is_too_large_is_not_read(gateway: InProcess, dana: dict[str, str]) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 10_000

    headers = {**dana, "Content-Type": "application/json"}
    large = b" " * 100_000
    assert gateway.http.post("/v1/orders", content=large, headers=headers).status_code == 400
    assert gateway.http.post("/v1/orders", content=chunks(), headers=headers).status_code == 400
    lying = {**headers, "Content-Length": "-1"}
    assert gateway.http.post("/v1/orders", content=b"{}", headers=lying).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders/by-client-id/a%0135=D", "/v1/orders/by-client-id/%00", "/v1/orders?symbol=A%01",
        "/v1/orders/by-client-id/" + "x" * 65,
    ],
)  # fmt: skip
def test_no_separator_of_fix_comes_in_by_a_path(
    gateway: InProcess, dana: dict[str, str], path: str
) -> None:
    assert gateway.http.get(path, headers=dana).status_code == 400
    assert gateway.http.delete("/v1/orders?symbol=A%01530=7", headers=dana).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/v1/../v1/me", "/v1/%2e%2e/me", "//v1/me", "/v1//me", "/V1/me", "/v1/me/", "/v1/me%00",
        "/v1/orders/..%2f..%2fetc%2fpasswd", "/v1/statements/..%2f..%2fx", "/v1/me;a=b",
    ],
)  # fmt: skip
def test_tricks_with_paths_come_to_nothing(gateway: InProcess, path: str) -> None:
    found = gateway.http.get(path, follow_redirects=False)
    assert found.status_code in (307, 400, 401, 404), found.text
    if found.status_code == 307:
        assert found.headers["location"].startswith("http://gateway/v1/")
    assert "root:" not in found.text


def test_a_header_cannot_be_made_by_what_is_asked(gateway: InProcess, dana: dict[str, str]) -> None:
    tries = ("last%0d%0aSet-Cookie:x=1", "2026-01-01%0d%0aX:y")
    for date in tries:
        found = gateway.http.get(f"/v1/statements/{date}?format=csv", headers=dana)
        assert found.status_code == 400
        assert "set-cookie" not in found.headers and "x" not in found.headers
    key = gateway.http.post(
        "/v1/orders", json=ORDER, headers={**dana, "Idempotency-Key": "k" * 200}
    )
    assert (key.status_code, key.json()["field"]) == (400, "Idempotency-Key")


def test_no_other_site_is_let_in(gateway: InProcess, dana: dict[str, str]) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    before = gateway.http.request("OPTIONS", "/v1/orders", headers=asked)
    assert before.status_code == 405
    for found in (before, gateway.http.get("/v1/me", headers={**dana, **asked})):
        assert not [name for name in found.headers if name.startswith("access-control")]
        assert found.headers["content-security-policy"]
    form = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    posted = gateway.http.post("/v1/orders", content=json.dumps(ORDER), headers={**dana, **form})
    assert posted.status_code == 400, "a form of another site is no JSON"
