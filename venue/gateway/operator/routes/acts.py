"""What operators have done: a path for each command of the command line, by its words.

Each goes to trading as one command, in the operator's name; trading decides, journals and holds
what a second operator has to approve.
"""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from venue.admin.answers import Done
from venue.admin.requests import Submit
from venue.domain.commands import AdminCommand
from venue.domain.events import ActionHeld
from venue.gateway.context import once
from venue.gateway.operator import answers
from venue.gateway.operator.access import note, operating_of, operator_of, told
from venue.gateway.operator.catalog import ACTS, Act

router = APIRouter()
ACCEPTED = 202
"""It is held: another operator has to approve it."""


@router.get("/commands", summary="What can be done", responses=answers.read(answers.CommandList))
async def commands(request: Request) -> Response:
    """The commands with their fields; each is at its own path below this one."""
    await operator_of(request)
    rows = [
        {"path": act.path, "help": act.help, "fields": [each._asdict() for each in act.fields]}
        for act in ACTS.values()
    ]
    return told({"commands": rows})


def _endpoint(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        caller = await operator_of(request)
        wanted = act.made_of(await request.body())

        async def do() -> Response:
            note(request, caller, f"{act.path} {act.noted(wanted)}")
            done = await operating_of(request).line.ask(caller.user.name, Submit(wanted))
            return _outcome(act, wanted, done)

        return await once(request, caller, do)

    return run


def _outcome(act: Act, wanted: AdminCommand, done: Done) -> Response:
    held = [each.action_id for each in done.events if isinstance(each, ActionHeld)]
    text = f"held as {held[0]}: another operator has to approve it" if held else act.done(wanted)
    found = {"text": text, "held": held, "events": done.events, "still_open": done.still_open}
    return told(found, ACCEPTED if held else 200)


for _act in ACTS.values():
    router.add_api_route(
        f"/commands/{_act.path.replace(' ', '/')}",
        _endpoint(_act),
        methods=["POST"],
        name=_act.path.replace(" ", "_").replace("-", "_"),
        summary=f"venue {_act.path}",
        description=_act.help,
        responses=answers.done(answers.Outcome, ACCEPTED),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _act.schema()}},
            }
        },
    )
