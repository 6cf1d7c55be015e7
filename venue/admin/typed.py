"""Between the socket's JSON and the types of requests and answers, for the venue's end."""

from collections.abc import Callable
from typing import Any

import msgspec

from venue.admin.answers import Answer, Refusal
from venue.admin.caller import BEHALF, TOKEN, Caller
from venue.admin.listener import Answer as AnswerJson
from venue.admin.listener import Reply as ReplyJson
from venue.admin.requests import AnyRequest, NotUnderstood, read_request

Reply = Callable[[Answer | Refusal], None]


def typed(answer: Callable[[AnyRequest, Reply, Caller], None]) -> AnswerJson:
    """An `answer` of requests by their types, as the listener wants it."""

    def answer_json(request: dict[str, Any], reply_json: ReplyJson, uid: int) -> None:
        def reply(told: Answer | Refusal) -> None:
            reply_json(msgspec.to_builtins(told))

        token = _text(request.pop(TOKEN, None))
        behalf = _text(request.pop(BEHALF, None))
        try:
            read = read_request(request)
        except NotUnderstood as error:
            reply(Refusal(error=str(error)))
            return
        answer(read, reply, Caller(uid, token, behalf))

    return answer_json


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
