"""What an entry of the ledger is called on a document, and its description without the operator.

Pure. Who acted for the venue, and why, is the venue's own: members do not read it.
"""

_TITLES = {
    "TradeExecuted": "Trade",
    "TradeBusted": "Trade busted",
    "TradeCorrected": "Trade corrected",
    "FundsDeposited": "Deposit",
    "FundsWithdrawn": "Withdrawal",
    "FundsTransferred": "Transfer",
    "FundsReversed": "Reversal",
    "ObligationSettled": "Settlement",
    "ObligationFailed": "Penalty of a fail",
    "ObligationBoughtIn": "Buy-in",
    "ObligationMoved": "Obligation moved",
    "ObligationAdjusted": "Obligation adjusted",
    "HoldingAdjusted": "Corporate action",
}
_NOTHING_PUBLIC = frozenset(
    ("FundsDeposited", "FundsWithdrawn", "FundsTransferred", "ObligationMoved")
)
"""Their descriptions are the operator and his reason, or name another member."""
_BEHIND_THE_REASON = frozenset(("FundsReversed", "TradeBusted", "TradeCorrected"))
"""Their descriptions begin with `operator: reason; `."""


def title(kind: str) -> str:
    """Name of an entry of that kind."""
    return _TITLES.get(kind, kind)


def public_text(kind: str, description: str) -> str:
    """The part of an entry's description that its member may read; it may be empty."""
    if kind in _NOTHING_PUBLIC:
        return ""
    return description.rpartition("; ")[2] if kind in _BEHIND_THE_REASON else description
