"""The answers under way to one listener: some of each in turn, so that none holds up another.

Knows parts of answers, not what they are about.
"""

from collections.abc import Callable

from venue.fixdc.answers import IDLE, Answer, Part

MOST = 8
"""Answers that may be under way at once, subscriptions among them."""
_PARTS_AT_ONCE = 64


class Answering:
    """send: sends a part. It may raise OSError; the part is tried again then."""

    def __init__(self, send: Callable[[Part], None]) -> None:
        self._send = send
        self._answers: dict[str, Answer] = {}
        self._unsent: dict[str, Part] = {}

    def begin(self, name: str, answer: Answer) -> bool:
        """Begin an answer. False: too many are under way."""
        if len(self._answers) >= MOST:
            return False
        self._answers[name] = answer
        return True

    def has(self, name: str) -> bool:
        """Whether an answer of this name is under way."""
        return name in self._answers

    def end(self, name: str) -> bool:
        """End an answer. False: there is none of that name."""
        self._unsent.pop(name, None)
        answer = self._answers.pop(name, None)
        if answer is None:
            return False
        answer.close()
        return True

    def end_all(self) -> None:
        """The session has ended."""
        for name in list(self._answers):
            self.end(name)

    def go_on(self) -> bool:
        """Send some of each. Returns whether any has more to do."""
        has_more = False
        for name in list(self._answers):
            has_more = self._go_on_with(name) or has_more
        return has_more

    def _go_on_with(self, name: str) -> bool:
        answer = self._answers[name]
        for _ in range(_PARTS_AT_ONCE):
            part = self._unsent.get(name)
            if part is None:
                try:
                    part = next(answer)
                except StopIteration:
                    self.end(name)
                    return True
            if part is None:
                return True
            if part is IDLE:
                return False
            self._unsent[name] = part
            self._send(part)
            self._unsent.pop(name, None)
        return True


__all__ = ["MOST", "Answering"]
