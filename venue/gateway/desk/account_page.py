"""The page /desk/account: who is logged in, his password, keys and logins, each by the API."""

from typing import Any

from venue.clock import iso
from venue.gateway.desk.frame import Frame, Visit
from venue.gateway.desk.listed import Who
from venue.gateway.desk.parts.form import Field, Form
from venue.gateway.desk.parts.html import set_text, tag
from venue.gateway.desk.parts.table import Button, Column, Row, Table
from venue.gateway.problems import Problem
from venue.gateway.scopes import Scope

_NOT_READ = "Not read: "
_SCOPES = (Scope.READ, Scope.TRADE)
"""What a key made here may be for. Others are made by the API."""


def pages(frame: Frame) -> None:
    """Declare it."""

    @frame.page("/desk/account", "Account", Who.TRADER)
    def account(visit: Visit) -> None:
        """His own things."""
        assert visit.login is not None, "who may see it is logged in"
        scopes = ", ".join(sorted(visit.login.scopes))
        with tag("div", classes="desk-lists"):
            with visit.panel("You", "you"):
                words = f"{visit.login.user}, of {visit.member}. You may: {scopes}."
                tag("p", words, id="me")
            with visit.panel("Password", "password-panel"):
                PasswordPanel(visit)
            with visit.panel("Keys of your robots", "keys-panel"):
                keys = KeysPanel(visit)
            with visit.panel("Where you are logged in", "logins-panel"):
                logins = LoginsPanel(visit)
        visit.soon(keys.read)
        visit.soon(logins.read)


class PasswordPanel:
    """Changes the password."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        fields = (
            Field("current", "Password now", "password", "current-password"),
            Field("new", "New password", "password", "new-password"),
        )
        self._form = Form("new-password", fields, "Change the password", self._change)

    async def _change(self, values: dict[str, Any]) -> None:
        body = {"current": values.get("current", ""), "new": values.get("new", "")}
        done = await self._visit.act("POST", "/v1/me/password", body)
        if done is not None:
            self._form.fill()
            self._visit.say("The password is changed. Your other logins have ended.")


class KeysPanel:
    """API keys: made, shown, ended. A secret is shown once."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._made: dict[str, Row] = {}
        self._words = tag("p", "", "desk-note", role="status", id="keys-state")
        self._secret = tag("p", "", id="key-secret", role="status")
        self._table = Table(
            "keys-table",
            "API keys",
            (Column("key", "Key"), Column("scopes", "For"), Column("label", "Name")),
            buttons=(Button("end", "End"),),
            empty="No keys.",
            pressed=self._end,
        )
        fields = (
            Field("label", "Name"),
            *(Field(scope.value, f"May {scope.value}", "checkbox") for scope in _SCOPES),
        )
        self._form = Form("new-key", fields, "Make a key", self._make)

    async def read(self) -> None:
        """Read which keys there are."""
        try:
            told = (await self._visit.api.get("/v1/keys"))["keys"]
        except Problem as problem:
            set_text(self._words, f"{_NOT_READ}{problem.message}")
            self._table.show([*self._made.values()])
            return
        set_text(self._words, "")
        self._table.show(
            [
                {
                    "id": each["key"],
                    "key": each["key"],
                    "scopes": " ".join(each["scopes"]),
                    "label": each["label"],
                }
                for each in told
            ]
        )

    async def _make(self, values: dict[str, Any]) -> None:
        scopes = [scope.value for scope in _SCOPES if values.get(scope.value) is True]
        body = {"scopes": scopes, "label": str(values.get("label", ""))}
        made = await self._visit.act("POST", "/v1/keys", body)
        if made is None:
            return
        key = made["key"]
        self._made[key] = {
            "id": key, "key": key, "scopes": " ".join(made["scopes"]), "label": body["label"],
        }  # fmt: skip
        set_text(self._secret, f"Secret of {key}, shown only now: {made['secret']}")
        self._form.fill()
        await self.read()

    async def _end(self, _: str, key: str) -> None:
        if await self._visit.act("DELETE", f"/v1/keys/{key}") is not None:
            self._made.pop(key, None)
            set_text(self._secret, "")
            self._visit.say(f"The key {key} has ended.")
            await self.read()


class LoginsPanel:
    """Logins of the user that have not ended."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._words = tag("p", "", "desk-note", role="status", id="logins-state")
        columns = (
            Column("since", "Since"),
            Column("client", "By"),
            Column("scopes", "For"),
            Column("this", "This one"),
        )
        buttons = (Button("end", "End"),)
        self._table = Table("logins-table", "Logins", columns, buttons=buttons, pressed=self._end)

    async def read(self) -> None:
        """Read which there are."""
        try:
            told = (await self._visit.api.get("/v1/me/logins"))["logins"]
        except Problem as problem:
            set_text(self._words, f"{_NOT_READ}{problem.message}")
            return
        self._table.show(
            [
                {
                    "id": each["id"],
                    "since": iso(int(each["since_ns"])),
                    "client": each["client"] or "password",
                    "scopes": each["scopes"],
                    "this": "yes" if each["is_this"] else "",
                    "no_end": each["is_this"],
                }
                for each in told
            ]
        )

    async def _end(self, _: str, login: str) -> None:
        if await self._visit.act("DELETE", f"/v1/me/logins/{login}") is not None:
            self._visit.say("That login has ended.")
            await self.read()
