"""The pages / and /login."""

from starlette.responses import RedirectResponse, Response

from venue.gateway.desk.doors import TROUBLES
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.parts.html import tag


def pages(frame: Frame) -> None:
    """Declare them."""

    @frame.page("/", "Venue", listed=False)
    def first(visit: Visit) -> Response:
        """Where who comes belongs."""
        if visit.login is None:
            return RedirectResponse("/market", 303)
        if visit.login.is_operator:
            operators = [page.path for page in frame.listed if page.who is Who.OPERATOR]
            return RedirectResponse(operators[0] if operators else "/market", 303)
        return RedirectResponse("/desk" if visit.login.is_trader else "/market", 303)

    @frame.page("/login", "Log in", listed=False)
    def log_in(visit: Visit) -> None:
        """The form, and what was wrong with the last try."""
        trouble = TROUBLES.get(visit.request.query_params.get("problem", ""), "")
        wanted = visit.request.query_params.get("next", "/")
        with tag("form", method="post", action="/login", classes="desk-form", id="login"):
            if trouble:
                tag("p", trouble, "desk-trouble", role="alert", id="problem")
            with tag("label"):
                tag("span", "User")
                tag(
                    "input",
                    name="username",
                    autocomplete="username",
                    required=True,
                    autofocus=True,
                    id="username",
                )
            with tag("label"):
                tag("span", "Password")
                tag(
                    "input",
                    name="password",
                    type="password",
                    autocomplete="current-password",
                    required=True,
                    id="password",
                )
            tag("input", type="hidden", name="next_", value=wanted)
            tag("button", "Log in", "desk-button desk-first", type="submit", id="submit")
        tag("p", "Prices are public: you need no login to see the market.", "desk-note")
