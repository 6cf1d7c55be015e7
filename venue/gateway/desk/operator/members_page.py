"""The page /desk/operator/members: members, their state and KYC; limits read and set."""

from venue.domain.verbs.onboarding import KYC_STATES
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.operator.act_form import ActForm, Input, Values
from venue.gateway.desk.operator.board import Board, Told, filled, words
from venue.gateway.desk.parts.table import Button, Column, Row, Table

_COLUMNS = (
    Column("member", "Member"),
    Column("legal_name", "Legal name"),
    Column("kyc", "KYC"),
    Column("state", "State"),
    Column("funding", "Funding"),
    Column("accounts", "Accounts"),
    Column("sessions", "Sessions"),
    Column("margin_call", "Margin call"),
    Column("open_orders", "Open orders", True),
)
_BUTTONS = (
    Button("kill", "Kill"),
    Button("revive", "Revive"),
    Button("suspend", "Suspend"),
    Button("resume", "Resume"),
    Button("limits", "Limits"),
)
_ACTS = {
    "kill": ("kill member", "name", "Kill {0}? No order of it enters, open ones are canceled."),
    "revive": ("revive member", "name", "Let orders of {0} enter again?"),
    "suspend": ("member suspend", "member", "Suspend {0}? Its open orders are canceled."),
    "resume": ("member resume", "member", "Lift the suspension of {0}?"),
}
"""Of a button: the command, its field, and what is asked before."""
_STATES = ("killed", "suspended", "in_default")
_LIMIT = (
    Column("member", "Member"),
    Column("account", "Account"),
    Column("limit", "Limit"),
    Column("value", "Value", True),
    Column("used", "Used", True),
    Column("left", "Left", True),
    Column("of", "Of"),
)
_KYC = (
    Input("member", "Member", is_needed=True),
    Input("state", "State", KYC_STATES[0], choices=tuple(KYC_STATES)),
    Input("legal_name", "Legal name"),
    Input("documents", "Document that was seen"),
)
_SET = (
    Input("member", "Member", is_needed=True),
    Input("account", "Account"),
    Input("limit", "Limit", "credit_limit", is_needed=True),
    Input("value", "Value (empty: none)"),
)


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/operator/members", "Members", Who.OPERATOR)
    def members(visit: Visit) -> None:
        """The members, and what they may."""
        _Members(visit)


class _Members:
    """One page's."""

    def __init__(self, visit: Visit) -> None:
        self._board = Board(visit)
        with visit.panel("Members", "members"):
            self._table = Table(
                "members-table", "Members", _COLUMNS, buttons=_BUTTONS, pressed=self._press
            )
        with visit.panel("Limits", "limits"):
            self._limits = Table("limits-table", "Limits and what is used of them", _LIMIT)
            self._set = ActForm("set-limit", "Set a limit", _SET, "Set limit", self._set_limit)
        with visit.panel("KYC", "kyc", open_=False):
            ActForm("kyc-form", "KYC state of a member", _KYC, "Set state", self._set_kyc)
        self._board.look(self._read)
        self._board.look(self._read_limits)

    async def _read(self) -> None:
        told = await self._board.get("members")
        if told is not None:
            self._table.show([_row(each) for each in told["members"]])

    async def _read_limits(self) -> None:
        """Of the member in the form, every limit; of all, those that are set."""
        values = self._set.values
        whose = filled(values, "member", "account") if values["member"] else {}
        told = await self._board.get("limits", **whose)
        if told is not None:
            self._limits.show([*_limits(told["risk"], every=bool(whose))])

    async def _press(self, name: str, member: str) -> None:
        if name == "limits":
            self._set.fill(member=member, account="")
            await self._read_limits()
            return
        path, field, question = _ACTS[name]
        await self._board.command(path, {field: member}, question.format(member))
        await self._read()

    async def _set_limit(self, values: Values) -> None:
        value = values["value"] or None
        body = {"member": values["member"], "account": values["account"],
                "limits": {values["limit"]: value}}  # fmt: skip
        question = f"Set {values['limit']} of {values['member']} to {value or 'none'}?"
        await self._board.command("risk set", body, question)
        await self._read_limits()

    async def _set_kyc(self, values: Values) -> None:
        body: Told = filled(values, "member", "state", "legal_name")
        if values["documents"]:
            body["documents"] = [values["documents"]]
        question = f"Set KYC of {values['member']} to {values['state']}?"
        await self._board.command("member kyc", body, question)
        await self._read()


def _row(member: Told) -> Row:
    states = [name.replace("_", " ") for name in _STATES if member[name]]
    return {
        **{column.key: words(member.get(column.key)) for column in _COLUMNS},
        "id": member["member"],
        "state": ", ".join(states) or "active",
        "no_kill": member["killed"],
        "no_revive": not member["killed"],
        "no_suspend": member["suspended"],
        "no_resume": not member["suspended"],
    }


def _limits(scopes: list[Told], *, every: bool) -> list[Row]:
    return [
        {
            **{name: words(limit[name]) for name in ("limit", "value", "used", "left", "of")},
            "id": f"{scope['member']}/{scope['account']}/{limit['limit']}",
            "member": scope["member"],
            "account": scope["account"],
        }
        for scope in scopes
        for limit in scope["limits"]
        if every or limit["value"] is not None
    ]
