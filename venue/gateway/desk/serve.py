"""Puts the desk on the gateway's application. To be called last: behind all other paths.

Knows NiceGUI's way of running on another application. Only the desk's own paths lead to it, so that
an unknown path of the API is answered as the API does.
"""

from pathlib import Path

import nicegui
from fastapi import FastAPI
from nicegui import ui
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Match, Mount
from starlette.types import Scope

from venue.gateway.context import Gateway
from venue.gateway.desk import account_page, login_page, market_page, trader_page, wallet_page
from venue.gateway.desk.doors import doors
from venue.gateway.desk.frame import Frame
from venue.gateway.desk.guards import Guarded
from venue.gateway.desk.kept import Kept
from venue.gateway.desk.logins import Logins
from venue.gateway.desk.operator import pages as operators_pages

_STATIC = Path(__file__).parent / "static"
_PATHS = ("/login", "/market", "/desk", "/_nicegui", "/_nicegui_ws", "/favicon.ico")
_GZIP_BYTES = 1_000


def add_desk(app: FastAPI, gateway: Gateway, key_file: Path) -> None:
    """Add the desk's pages to an application whose other paths are all there.

    key_file: market data's key of public ids, by which a trader's order is found in the book.
    """
    logins = Logins(gateway.tokens, gateway.hub)
    app.include_router(doors(app, logins))
    frame = Frame(app, gateway, logins)
    kept = Kept(gateway.hub)
    market_page.pages(frame, kept)
    trader_page.pages(frame, kept, key_file)
    wallet_page.pages(frame)
    account_page.pages(frame)
    login_page.pages(frame)
    if gateway.operating is not None:
        operators_pages(frame)
    nicegui.app.add_static_files("/desk/static", _STATIC)
    nicegui.app.config.socket_io_js_transports = ["websocket"]
    ui.run_with(
        app,
        title="venue",
        dark=None,
        language="en-US",
        favicon=_STATIC / "favicon.svg",
        binding_refresh_interval=None,
        gzip_middleware_factory=None,
        tailwind=False,
        show_welcome_message=False,
    )
    _let_in_only_its_paths(app)


def _let_in_only_its_paths(app: FastAPI) -> None:
    """Put in the place of NiceGUI's mount, which takes every path, one that takes the desk's."""
    mount = app.router.routes.pop()
    assert isinstance(mount, Mount), "NiceGUI has mounted itself last"
    guarded = GZipMiddleware(Guarded(mount.app), minimum_size=_GZIP_BYTES)
    app.router.routes.append(_Desk("", guarded))


class _Desk(Mount):
    """Takes the paths of the desk, and no other."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for it."""
        path = scope.get("path", "")
        is_desks = path == "/" or any(
            path == each or path.startswith(f"{each}/") for each in _PATHS
        )
        return super().matches(scope) if is_desks else (Match.NONE, {})
