"""What commands print with --json, by type: docs/schemas/cli.json is made of this table.

A field more than a type says may come at any time; FIELD_name beside a FIX code is one of them.
"""

import msgspec

from venue.admin.answers import ApprovalsAnswer as Approvals
from venue.admin.answers import (
    BookAnswer,
    Done,
    OrderAnswer,
    RiskAnswer,
    SessionAnswer,
    SessionResetAnswer,
)
from venue.admin.answers import InstrumentsAnswer as Instruments
from venue.admin.answers import MembersAnswer as Members
from venue.admin.answers import SessionsAnswer as Sessions
from venue.admin.funds_answers import FeesAnswer, MemberFeesAnswer
from venue.admin.settlement_requests import FailsAnswer as Fails
from venue.cli.records.ledger_views import MemberBalances
from venue.cli.records.reconcile import RoundTold
from venue.cli.told import (
    Alerts,
    Bars,
    Breaks,
    BreakTold,
    Checked,
    Day,
    Examined,
    Listeners,
    MarketDataSessions,
    NotificationAdded,
    Notifications,
    Orders,
    Play,
    PublicTrades,
    ReaderKeyTold,
    Readers,
    Reports,
    Simulator,
    Status,
    Top,
    Trades,
)
from venue.cli.told import Failed as Failed
from venue.cli.told_of_clearing import (
    EndOfDayTold,
    InvoiceTold,
    Margin,
    Portfolio,
    Settlement,
    SettlementCalendar,
    SettlementRun,
    StatementTold,
)

CONTRACT: dict[str, type[msgspec.Struct]] = {
    "status": Status,
    "alerts": Alerts,
    "top": Top,
    "doctor": Examined,
    "upgrade": Checked,
    "book": BookAnswer,
    "md trades": PublicTrades,
    "md bars": Bars,
    "md sessions": MarketDataSessions,
    "order list": Orders,
    "order show": OrderAnswer,
    "order new": Reports,
    "order replace": Reports,
    "trade list": Trades,
    "session list": Sessions,
    "session show": SessionAnswer,
    "session reset": SessionResetAnswer,
    "member list": Members,
    "instrument list": Instruments,
    "risk show": RiskAnswer,
    "fees list": FeesAnswer,
    "fees show": MemberFeesAnswer,
    "day status": Day,
    "settle run": SettlementRun,
    "settle status": Settlement,
    "settle fails": Fails,
    "settle calendar": SettlementCalendar,
    "approvals": Approvals,
    "margin status": Margin,
    "ledger balances": MemberBalances,
    "portfolio": Portfolio,
    "dropcopy listeners": Listeners,
    "reader list": Readers,
    "reader add": ReaderKeyTold,
    "reader rotate": ReaderKeyTold,
    "reconcile": RoundTold,
    "breaks list": Breaks,
    "breaks show": BreakTold,
    "breaks assign": BreakTold,
    "breaks close": BreakTold,
    "statement": StatementTold,
    "invoice": InvoiceTold,
    "endofday": EndOfDayTold,
    "sim do": Simulator,
    "sim clear": Simulator,
    "sim status": Simulator,
    "play": Play,
    "notify list": Notifications,
    "notify add": NotificationAdded,
}
"""Commands whose answer is of a type of their own."""
DONE = Done
"""Of a command of the operator that was executed or held; `held` has the ids of what is held."""
