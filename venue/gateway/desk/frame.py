"""The frame of every page of the desk: who sees it, its head, and how a page hears of news.

`Frame.page` declares a page; its builder is given a `Visit`, which is all that a page needs: the
user, the API, the hub, panels and messages. There is no Tailwind: classes are those of desk.css.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI, Request
from limits import RateLimitItemPerMinute
from nicegui import Client, ui
from nicegui.element import Element
from starlette.responses import RedirectResponse, Response

from venue.gateway.context import Gateway, address_of, refusal
from venue.gateway.desk.api import Api
from venue.gateway.desk.head import Head
from venue.gateway.desk.listed import Listed as Listed
from venue.gateway.desk.listed import Who as Who
from venue.gateway.desk.logins import COOKIE, Login, Logins
from venue.gateway.desk.parts.freshness import Freshness
from venue.gateway.desk.parts.html import tag
from venue.gateway.hub import Listener, Topic
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope

OF_PAGES = RateLimitItemPerMinute(120)
"""Pages that an address may open: each costs memory until it is closed."""
MOST_PAGES = 500
"""Pages that are open at a time: orders go through the same process, and go before."""


class Visit:
    """One page that somebody has open. What it has begun ends with it."""

    def __init__(self, frame: "Frame", request: Request, login: Login | None) -> None:
        self.gateway = frame.gateway
        self.request = request
        self.login = login
        self.client: Client = ui.context.client
        self.api = Api(frame.app, address_of(request), frame.logins, login)
        self.freshness: Freshness
        """Its head's: what is stale, and messages to the user."""
        self._hears: list[Callable[[], None]] = []
        self.client.on_delete(self.api.close)
        self.client.on_delete(self._hear_no_more)
        if login is not None:
            self.client.on_delete(login.on_end(self._leave))

    @property
    def member(self) -> str:
        """The user's member; empty: nobody is logged in."""
        return "" if self.login is None else self.login.member

    def may(self, scope: Scope) -> bool:
        """Whether the user's token has this scope."""
        return self.login is not None and scope in self.login.scopes

    @property
    def keeps_up(self) -> bool:
        """Whether the browser takes what it is sent. Where not, nothing more ought to be sent."""
        return self.freshness.keeps_up

    def hear(self, topic: Topic, of: str, listener: Listener) -> None:
        """Hear news of the hub, in the page's context, until the page is closed."""

        def heard(about: str, news: Any) -> None:
            with self.client:
                listener(about, news)

        self._hears.append(self.gateway.hub.listen(topic, of, heard))

    def _hear_no_more(self) -> None:
        for end in self._hears:
            end()

    def _leave(self) -> None:
        """The login has ended: nothing more is told here, whatever the browser does."""
        self._hear_no_more()
        self.client.open("/login?problem=ended")

    def every(self, seconds: float, callback: Callable[[], Any]) -> None:
        """Call this again and again while the page is open, first when it is shown."""
        ui.timer(seconds, callback)

    def soon(self, callback: Callable[[], Any]) -> None:
        """Call this once, when the page is shown: what takes time must not hold the page up."""
        ui.timer(0, callback, once=True)

    def say(self, text: str) -> None:
        """Tell the user that something was done."""
        self.freshness.say(text, "done")

    def complain(self, problem: Problem) -> None:
        """Tell the user what was not done, and why."""
        code = problem.venue_code or problem.code.value
        self.freshness.say(f"{code}: {problem.message}", "refused")

    async def act(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call the API; None where it refuses, and the user is told why."""
        try:
            return await self.api.call(method, path, body, **query)
        except Problem as problem:
            self.complain(problem)
            return None

    @contextmanager
    def panel(self, title: str, name: str, *, open_: bool = True) -> Iterator[Element]:
        """A part of the page with a heading. name: its id in the browser, unique on the page."""
        with (
            tag("section", classes="desk-panel", aria_labelledby=f"{name}-title", data_panel=name),
            tag("details", open=open_),
        ):
            with tag("summary"):
                tag("h2", title, id=f"{name}-title")
            with tag("div", classes="desk-panel-body", id=name) as body:
                yield body


Builder = Callable[[Visit], Awaitable[Response | None] | Response | None]


class Frame:
    """The desk's pages, of one gateway."""

    def __init__(self, app: FastAPI, gateway: Gateway, logins: Logins) -> None:
        self.app = app
        self.gateway = gateway
        self.logins = logins
        self.listed: list[Listed] = []

    def page(
        self, path: str, title: str, who: Who = Who.ANYBODY, *, listed: bool = True
    ) -> Callable[[Builder], Builder]:
        """Declare a page at a path below / or /desk. listed: the navigation has it. Its builder
        has 3 s; what takes longer is for `Visit.soon`.

        Who may not see it is sent to /login. Parts of a path in braces are in
        `visit.request.path_params`.
        """
        if listed:
            self.listed.append(Listed(path, title, who))

        def declare(build: Builder) -> Builder:
            @ui.page(path, title=f"{title} - venue", language="en-US")
            async def shown(request: Request) -> Response | None:
                return await self._show(request, title, who, build)

            return build

        return declare

    async def _show(
        self, request: Request, title: str, who: Who, build: Builder
    ) -> Response | None:
        login = self.logins.get(request.cookies.get(COOKIE, ""))
        try:
            self.gateway.callers.count(OF_PAGES, "pages", address_of(request))
            if len(Client.instances) > MOST_PAGES:
                raise Problem(Code.TOO_MANY, "too many pages are open", retry_after=60)
        except Problem as problem:
            return refusal(problem)
        if not who.may(login):
            target = "/login" if login is None else "/"
            return RedirectResponse(f"{target}?next={request.url.path}", 303)
        visit = Visit(self, request, login)
        visit.freshness = Head(self.listed, login, request).freshness
        with tag("div", classes="desk", id="content", tabindex="-1"):
            tag("h1", title, "desk-title")
            built = build(visit)
            response = await built if inspect.isawaitable(built) else built
        self._watch(visit)
        return response

    def _watch(self, visit: Visit) -> None:
        """Have the page's head say how fresh all is, four times a second."""

        def beat() -> None:
            line = self.gateway.sessions.troubles().get(visit.member, "")
            visit.freshness.beat(self.gateway.markets.is_current, line)

        visit.every(Freshness.BEAT_SECONDS, beat)
