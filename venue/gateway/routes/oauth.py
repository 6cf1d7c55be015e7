"""Tokens: RFC 6749 (grants password, client_credentials, refresh_token), RFC 7009, RFC 7517."""

import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from venue.gateway.answers import Me, Nothing, PublicKeys, TokenTold
from venue.gateway.callers import OF_AN_ADDRESS, Caller
from venue.gateway.context import Gateway, address_of, answer, caller_of, gateway_of, limit
from venue.gateway.described import OF_CALLERS, PUBLIC, told
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope, narrowed, text_of
from venue.gateway.tokens import ACCESS_SECONDS, Issued, TokenRefused

router = APIRouter(tags=["tokens"])
Text = Annotated[str, Form()]
_NO_STORE = {"Cache-Control": "no-store"}


@router.post(
    "/oauth/token",
    summary="Get an access token",
    responses=told(TokenTold, (*PUBLIC, Code.UNAUTHENTICATED)),
)
async def token(
    request: Request,
    grant_type: Text,
    username: Text = "",
    password: Text = "",
    client_id: Text = "",
    client_secret: Text = "",
    refresh_token: Text = "",
    scope: Text = "",
) -> Response:
    """By password, by an API key as client, or by a refresh token, which is used up by that."""
    gateway, address, now_ns = gateway_of(request), address_of(request), time.time_ns()
    limit(request, OF_AN_ADDRESS, "address", address)
    if grant_type == "password":
        user = await gateway.callers.log_in(username, password, address)
        scopes = _narrowed(scope, user.scopes)
        issued = gateway.tokens.begin(user, scopes, "", now_ns, refreshes=True)
    elif grant_type == "client_credentials":
        caller = gateway.callers.client(client_id, client_secret, address)
        scopes = _narrowed(scope, caller.scopes)
        issued = gateway.tokens.begin(caller.user, scopes, caller.key, now_ns, refreshes=False)
    elif grant_type == "refresh_token":
        issued = _refreshed(gateway, refresh_token, address, now_ns)
    else:
        raise Problem(Code.BAD_REQUEST, "unsupported_grant_type", field="grant_type")
    found = answer(_told(issued))
    found.headers.update(_NO_STORE)
    return found


@router.post("/oauth/revoke", summary="End a login", responses=told(Nothing))
async def revoke(request: Request, token: Text) -> Response:
    """End the login that a refresh or access token is of, with all its tokens (RFC 7009)."""
    gateway, now_ns = gateway_of(request), time.time_ns()
    limit(request, OF_AN_ADDRESS, "address", address_of(request))
    family = gateway.tokens.family_of(token)
    if family is None:
        try:
            family = gateway.tokens.checked(token, now_ns).family
        except TokenRefused:
            return answer(Nothing())  # as for one that has ended: nobody learns which it was
    gateway.tokens.end(family, now_ns)
    gateway.store.note("revoked", "", address_of(request), f"family {family}", now_ns)
    return answer(Nothing())


@router.get(
    "/.well-known/jwks.json",
    summary="Keys that check access tokens",
    responses=told(PublicKeys),
)
async def keys(request: Request) -> Response:
    """The public keys (JWKS)."""
    limit(request, OF_AN_ADDRESS, "address", address_of(request))
    tokens = gateway_of(request).tokens
    tokens.follow(time.time_ns())
    return answer(tokens.public_keys())


@router.get("/v1/me", summary="Who am I", responses=told(Me, OF_CALLERS))
async def me(request: Request) -> Response:
    """The user, the member and the scopes of who calls."""
    caller: Caller = await caller_of(request)
    return answer(Me(caller.user.name, caller.member, sorted(caller.scopes)))


def _refreshed(gateway: Gateway, token: str, address: str, now_ns: int) -> Issued:
    try:
        return gateway.tokens.refresh(token, now_ns)
    except TokenRefused as error:
        gateway.store.note("refresh_refused", "", address, str(error), now_ns)
        raise Problem(Code.UNAUTHENTICATED, "invalid_grant", field="refresh_token") from error


def _narrowed(wanted: str, allowed: frozenset[Scope]) -> frozenset[Scope]:
    try:
        return narrowed(wanted, allowed)
    except ValueError as error:
        raise Problem(Code.BAD_REQUEST, f"invalid_scope: {error}", field="scope") from error


def _told(issued: Issued) -> TokenTold:
    scope = text_of(issued.scopes)
    return TokenTold(issued.access, "Bearer", ACCESS_SECONDS, scope, issued.refresh)
