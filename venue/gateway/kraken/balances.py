"""The private channel `balances`: what a member holds, as the ledger has booked it, numbered.

It begins with all of it. Each update is a line of the ledger.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from venue.clearing.wallet.event import WalletEvent
from venue.clock import iso
from venue.gateway.hub import Topic
from venue.gateway.kraken.booked import kind_of
from venue.gateway.kraken.channels import begin
from venue.gateway.kraken.executions import reader
from venue.gateway.kraken.requests import Request, answer
from venue.gateway.kraken.socket import Socket
from venue.gateway.readings import BalanceTold
from venue.marketdata.day_totals import EXACT, decimal_text

SETTLED = "settled"
_encode = msgspec.json.Encoder().encode
Row = dict[str, Any]


async def subscribe(socket: Socket, request: Request) -> None:
    """Begin the channel."""
    caller = reader(socket, request)
    gateway = socket.kraken.gateway
    balances = Balances(socket.say)
    # lines that are booked while the ledger is read wait behind what was read
    end = gateway.hub.listen(Topic.WALLET, caller.member, balances.hear)
    begin(socket, ("balances",), end)
    try:
        rows = await gateway.readings.balances(caller.member)
    except BaseException:
        socket.subscriptions.pop(("balances",), None)
        end()
        raise
    with_snapshot = request.switch("snapshot", True)
    socket.say(answer(request, {"channel": "balances", "snapshot": with_snapshot}))
    balances.begin(rows, is_told=with_snapshot)


class Balances:
    """What one listener has been told. say: takes a message."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._numbers = count(1)
        self._held: dict[str, dict[str, Decimal]] = {}
        """By asset and account."""
        self._waiting: list[WalletEvent] | None = []
        """What has come before the snapshot; None: that was told."""

    def begin(self, rows: list[BalanceTold], *, is_told: bool) -> None:
        """Begin with what was read, and go on with what has come meanwhile."""
        for row in rows:
            self._held.setdefault(row.asset, {})[row.account] = Decimal(row.amount)
        if is_told:
            self._tell("snapshot", [self._row(asset) for asset in sorted(self._held)])
        waiting, self._waiting = self._waiting or [], None
        for event in waiting:
            self._take(event)

    def hear(self, member: str, event: WalletEvent) -> None:
        """Tell a line of the ledger: of what is settled, for that is what the member has."""
        if event.purpose != SETTLED:
            return
        if self._waiting is not None:
            self._waiting.append(event)
        else:
            self._take(event)

    def _take(self, event: WalletEvent) -> None:
        accounts = self._held.setdefault(event.asset, {})
        accounts[event.account] = Decimal(event.balance)
        row = {
            **self._row(event.asset),
            "amount": msgspec.Raw(event.amount.encode()),
            "fee": 0,
            "ledger_id": f"{event.event_seq}-{event.line}",
            "ref_id": str(event.event_seq),
            "type": kind_of(event.type),
            "subtype": "",
            "category": kind_of(event.type),
            "wallet_type": "spot",
            "wallet_id": event.account,
            "timestamp": iso(event.timestamp_ns),
        }
        self._tell("update", [row])

    def _row(self, asset: str) -> Row:
        """What is held of an asset, over all accounts."""
        held = self._held[asset]
        total = Decimal(0)
        for amount in held.values():
            total = EXACT.add(total, amount)
        wallets = [
            {"type": "spot", "id": account, "balance": _number(amount)}
            for account, amount in sorted(held.items())
        ]
        told = {"asset": asset, "asset_class": "currency", "balance": _number(total)}
        return {**told, "wallets": wallets}

    def _tell(self, kind: str, rows: list[Row]) -> None:
        told = {"channel": "balances", "type": kind, "data": rows}
        self._say(_encode({**told, "sequence": next(self._numbers)}))


def _number(amount: Decimal) -> msgspec.Raw:
    return msgspec.Raw(decimal_text(amount).encode())
