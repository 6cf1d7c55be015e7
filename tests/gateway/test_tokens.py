"""Tokens attacked: expired, of another key, without algorithm, replayed, of who was blocked."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from tests.servers.conditions import wait_for
from venue.gateway.scopes import Scope, narrowed
from venue.gateway.store import Store
from venue.gateway.tokens import ACCESS_SECONDS, ALGORITHM, ISSUER, TYPE, TokenRefused, Tokens
from venue.gateway.users import State, User, UserRefused, Users

NOW = 1_800_000_000_000_000_000
SECOND = 1_000_000_000
PASSWORD = "a long enough password"
BOTH = frozenset({Scope.READ, Scope.TRADE})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "gateway" / "gateway.db")
    yield store
    store.close()


@pytest.fixture
def users(store: Store) -> Users:
    return Users(store)


@pytest.fixture
def dana(users: Users) -> User:
    return users.add("dana", "ALPHA", BOTH, PASSWORD, NOW)


@pytest.fixture
def tokens(store: Store, users: Users, dana: User) -> Tokens:
    tokens = Tokens(store, users)
    tokens.open(NOW)
    return tokens


def access(tokens: Tokens, dana: User) -> str:
    return tokens.begin(dana, dana.scopes, "", NOW, refreshes=True).access


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_a_token_says_who_and_what_for(tokens: Tokens, dana: User) -> None:
    found = tokens.checked(access(tokens, dana), NOW)
    assert (found.user, found.scopes) == (dana, BOTH)


def test_a_token_ends_by_itself(tokens: Tokens, dana: User) -> None:
    token = access(tokens, dana)
    tokens.checked(token, NOW + (ACCESS_SECONDS - 1) * SECOND)
    with pytest.raises(TokenRefused, match=r"[Ee]xpired"):
        tokens.checked(token, NOW + (ACCESS_SECONDS + 60) * SECOND)


def test_a_token_of_another_key_is_refused(tokens: Tokens, dana: User) -> None:
    claims = claims_of(access(tokens, dana))
    key = OKPKey.generate_key("Ed25519", {"kid": "other"})
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": "other"}
    forged = jwt.encode(header, claims, key, algorithms=[ALGORITHM])
    with pytest.raises(TokenRefused):
        tokens.checked(forged, NOW)


def test_a_token_without_signature_is_refused(tokens: Tokens, dana: User) -> None:
    token = access(tokens, dana)
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": TYPE}).encode()).rstrip(b"=")
    for forged in (f"{head.decode()}.{token.split('.')[1]}.", f"{token.rpartition('.')[0]}."):
        with pytest.raises(TokenRefused):
            tokens.checked(forged, NOW)


def test_the_public_key_as_a_shared_secret_is_refused(tokens: Tokens, dana: User) -> None:
    claims = claims_of(access(tokens, dana))
    public = json.dumps(tokens.public_keys()["keys"][0]).encode()  # type: ignore[index]
    forged = jwt.encode({"alg": "HS256", "typ": TYPE}, claims, OctKey.import_key(public))
    with pytest.raises(TokenRefused):
        tokens.checked(forged, NOW)


def test_a_token_with_changed_claims_is_refused(tokens: Tokens, dana: User) -> None:
    head, _, signature = access(tokens, dana).split(".")
    claims = {**claims_of(access(tokens, dana)), "member": "BRAVO", "scope": "withdraw"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    with pytest.raises(TokenRefused):
        tokens.checked(f"{head}.{body}.{signature}", NOW)


@pytest.mark.parametrize("missing", ["iss", "exp", "iat", "sub", "family", "scope", "client_id"])
def test_a_token_that_lacks_a_claim_is_refused(tokens: Tokens, dana: User, missing: str) -> None:
    claims = claims_of(access(tokens, dana))
    del claims[missing]
    assert claims.get("iss", ISSUER) == ISSUER
    kid = tokens.public_keys()["keys"][0]["kid"]  # type: ignore[index]
    key = tokens._keys.get_by_kid(kid)
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": kid}
    with pytest.raises(TokenRefused):
        tokens.checked(jwt.encode(header, claims, key, algorithms=[ALGORITHM]), NOW)


def test_a_key_that_was_rotated_still_checks_what_it_has_signed(tokens: Tokens, dana: User) -> None:
    before = access(tokens, dana)
    tokens.rotate(NOW)
    after = access(tokens, dana)
    assert tokens.checked(before, NOW).user == tokens.checked(after, NOW).user == dana
    tokens.open(NOW + ACCESS_SECONDS * SECOND)
    assert len(tokens.public_keys()["keys"]) == 1  # type: ignore[arg-type]


def test_a_refresh_token_that_comes_twice_ends_its_whole_family(tokens: Tokens, dana: User) -> None:
    first = tokens.begin(dana, BOTH, "", NOW, refreshes=True)
    second = tokens.refresh(first.refresh, NOW)
    with pytest.raises(TokenRefused, match="twice"):
        tokens.refresh(first.refresh, NOW)
    for token in (first.access, second.access):
        with pytest.raises(TokenRefused, match="ended"):
            tokens.checked(token, NOW)
    with pytest.raises(TokenRefused, match="ended"):
        tokens.refresh(second.refresh, NOW)


def test_an_ended_login_stays_ended_over_a_restart(
    store: Store, users: Users, tokens: Tokens, dana: User
) -> None:
    issued = tokens.begin(dana, BOTH, "", NOW, refreshes=True)
    family = tokens.family_of(issued.refresh)
    assert family is not None
    tokens.end(family, NOW)
    again = Tokens(store, users)
    again.open(NOW)
    with pytest.raises(TokenRefused, match="ended"):
        again.checked(issued.access, NOW)


def test_a_blocked_user_has_no_good_token(tokens: Tokens, users: Users, dana: User) -> None:
    issued = tokens.begin(dana, BOTH, "", NOW, refreshes=True)
    users.set_state("dana", State.BLOCKED)
    with pytest.raises(TokenRefused, match="may not log in"):
        tokens.checked(issued.access, NOW)
    with pytest.raises(TokenRefused, match="may not log in"):
        tokens.refresh(issued.refresh, NOW)
    assert users.checked("dana", PASSWORD) is None


def test_user_who_was_blocked_elsewhere_is_seen(
    store: Store, tokens: Tokens, users: Users, dana: User, tmp_path: Path
) -> None:
    token = access(tokens, dana)

    def is_good() -> bool:
        try:
            return tokens.checked(token, NOW).user == dana
        except TokenRefused:
            return False

    assert is_good() and users.get("dana") == dana
    Users(store).set_state("dana", State.BLOCKED)  # by another part of this process
    assert not is_good()
    elsewhere = Store(tmp_path / "gateway" / "gateway.db")  # another process's
    Users(elsewhere).set_state("dana", State.ACTIVE)
    wait_for(is_good, 1)
    Users(elsewhere).set_state("dana", State.BLOCKED)
    wait_for(lambda: not is_good(), 1)
    elsewhere.close()


def test_scopes_are_narrowed_and_never_widened(dana: User) -> None:
    assert narrowed("", BOTH) == BOTH
    assert narrowed("read", BOTH) == {Scope.READ}
    with pytest.raises(ValueError, match="not allowed: withdraw"):
        narrowed("read withdraw", BOTH)
    with pytest.raises(ValueError, match="admin"):
        narrowed("admin", BOTH)


@pytest.mark.parametrize("name", ["", "a", "Dana", "../x", "da na", "x" * 65])
def test_a_name_that_is_none_is_refused(users: Users, name: str) -> None:
    with pytest.raises(UserRefused):
        users.add(name, "ALPHA", BOTH, PASSWORD, NOW)


def test_passwords_are_hashed_and_short_ones_refused(users: Users, store: Store) -> None:
    with pytest.raises(UserRefused, match="12 to 256"):
        users.add("dana", "ALPHA", BOTH, "short", NOW)
    users.add("dana", "ALPHA", BOTH, PASSWORD, NOW)
    row = store.row("SELECT password_hash FROM users")
    assert row is not None and row[0].startswith("$argon2id$") and PASSWORD not in row[0]
    assert users.checked("dana", PASSWORD) is not None
    assert users.checked("dana", f"{PASSWORD}x") is None
    assert users.checked("nobody", PASSWORD) is None


def test_a_key_has_at_most_its_user_s_scopes(users: Users, dana: User) -> None:
    with pytest.raises(UserRefused):
        users.add_key(dana, frozenset({Scope.WITHDRAW}), "", NOW)
    made = users.add_key(dana, frozenset({Scope.TRADE}), "robot", NOW)
    found = users.key(made.key)
    assert found is not None and found.scopes == {Scope.TRADE}
    assert users.revoke_key(dana, made.key, NOW) and not users.revoke_key(dana, made.key, NOW)
    assert users.key(made.key) is None


def test_a_key_of_another_user_cannot_be_ended(users: Users, dana: User) -> None:
    other = users.add("erin", "BRAVO", BOTH, PASSWORD, NOW)
    made = users.add_key(dana, BOTH, "", NOW)
    assert not users.revoke_key(other, made.key, NOW)
    assert users.key(made.key) is not None
