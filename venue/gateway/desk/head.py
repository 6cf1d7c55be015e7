"""The head of every page: name, navigation, how fresh all is, theme, who is logged in."""

from collections.abc import Sequence

from fastapi import Request
from nicegui import ui

from venue.gateway.desk.listed import Listed
from venue.gateway.desk.logins import Login
from venue.gateway.desk.parts.freshness import Freshness
from venue.gateway.desk.parts.html import tag

THEME = "venue_theme"
"""A cookie: light or dark; none: as the system is."""
_DARK = {"dark": True, "light": False}
_YEAR_SECONDS = 365 * 24 * 3600


class Head:
    """The head of one page. freshness: what it is told of by the page."""

    def __init__(self, listed: Sequence[Listed], login: Login | None, request: Request) -> None:
        self._dark = ui.dark_mode(_DARK.get(request.cookies.get(THEME, "")))
        ui.add_head_html('<link rel="stylesheet" href="/desk/static/desk.css">')
        with ui.header(elevated=False).classes("desk-head"):
            tag("a", "Skip to the page", "desk-skip", href="#content")
            tag("a", "venue", "desk-name", href="/")
            with tag("nav", aria_label="Pages", classes="desk-nav"):
                for page in listed:
                    if page.who.may(login):
                        here = {"aria_current": "page"} if page.path == request.url.path else {}
                        tag("a", page.title, href=page.path, **here)
            self.freshness = Freshness()
            theme = tag("button", "Theme", "desk-button", type="button", id="theme")
            theme.on("click", self._change_theme)
            if login is None:
                tag("a", "Log in", "desk-button", href="/login", id="log-in")
            else:
                with tag("form", method="post", action="/logout", classes="desk-inline"):
                    tag("span", f"{login.user} ({login.member})", "desk-user", id="user")
                    tag("button", "Log out", "desk-button", type="submit", id="log-out")

    def _change_theme(self) -> None:
        self._dark.value = self._dark.value is not True
        name = "dark" if self._dark.value else "light"
        cookie = f"{THEME}={name};path=/;max-age={_YEAR_SECONDS};samesite=lax"
        ui.run_javascript(f"document.cookie = '{cookie}'")
