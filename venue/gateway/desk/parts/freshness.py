"""How fresh a page is: LIVE, or STALE and why; and messages to the user.

The server beats; where no beat comes the browser says STALE by its own clock. The browser answers
each beat, so that the server knows whether it keeps up.
"""

import time

from nicegui.element import Element
from nicegui.events import GenericEventArguments


class Freshness(Element, component="desk_freshness.js"):
    """One in the head of each page."""

    BEAT_SECONDS = 0.25
    SLOW_SECONDS = 3.0
    """A browser that has answered no beat for so long is sent no more."""

    def __init__(self) -> None:
        super().__init__()
        self._answered_at = time.monotonic()
        self.on("answer", self._answer)

    @property
    def keeps_up(self) -> bool:
        """Whether the browser answers."""
        return time.monotonic() - self._answered_at < self.SLOW_SECONDS

    def beat(self, is_current: bool, line: str) -> None:
        """is_current: market data follows the venue. line: why orders do not go; empty: they do."""
        self.run_method("beat", is_current, line)

    def say(self, text: str, kind: str) -> None:
        """Show a message for some seconds. kind: done or refused."""
        self.run_method("say", text, kind)

    def _answer(self, _: GenericEventArguments) -> None:
        self._answered_at = time.monotonic()
