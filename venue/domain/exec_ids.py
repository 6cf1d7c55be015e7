"""ExecID(17): unique for ever over all sessions and both sides of a trade, growing with time."""

from venue.domain.types import Side

NOT_AN_EXECUTION = "0"
"""ExecID of status reports (ExecType I)."""

_BUY = Side.BUY  # a member looked up in its class costs 0.1 us


def exec_id(event_seq: int, side: Side | None = None) -> str:
    """ExecID of the report about an event; of a trade's two, that of the party on `side`."""
    if side is None:
        return f"{event_seq}0"
    return f"{event_seq}1" if side is _BUY else f"{event_seq}2"
