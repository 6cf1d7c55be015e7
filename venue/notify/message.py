"""An alert as people read it: a subject, and a text with its facts. Pure."""

from venue.bus.alerts import Alert
from venue.clock import iso
from venue.notify.kinds import Kind
from venue.printable import shown

_CONFIRMATIONS = {
    Kind.FILL.value: "Trade confirmation",
    Kind.ORDER_DONE.value: "Order confirmation",
    Kind.BUST.value: "Trade busted",
    Kind.CORRECT.value: "Trade corrected",
}


def subject_of(alert: Alert) -> str:
    """A line: what it is, and of whom."""
    what = _CONFIRMATIONS.get(alert.type) or alert.type.replace("_", " ").capitalize()
    return shown(f"{what}, {alert.member or 'venue'}{alert.symbol and f', {alert.symbol}'}")


def text_of(alert: Alert) -> str:
    """Its sentence, then a line for each fact."""
    facts = {"time": iso(alert.timestamp_ns)}
    facts |= {name: value for name in ("session", "symbol") if (value := getattr(alert, name))}
    facts |= alert.facts | {"id": alert.id}
    width = max(len(name) for name in facts) + 2
    lines = [alert.error, "", *(f"{name:<{width}}{value}" for name, value in facts.items())]
    return "\n".join(shown(line) for line in lines) + "\n"
