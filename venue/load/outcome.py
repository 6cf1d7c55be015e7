"""What a run of load has measured, and how it is told. Plain data."""

from typing import Any, NamedTuple

from venue.load.quantiles import Quantiles

FRACTIONS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999}
NS_PER_MICROSECOND = 1000


class Outcome(NamedTuple):
    """One run. offered: messages/s asked for, or None in closed loop; in_flight: of each session.

    sent, acknowledged and fills count the measured seconds. latency counts every message that was
    due in them, from that moment to its answer, or as long as one was waited for; late how long
    after it the client gave it to its socket. client_us: the client's own CPU a message. rejects,
    answered, unanswered and resend_requests are of the whole run, from its first message to its
    last answer. client: which one measured. is_ended_early: by a signal.
    """

    offered: int | None
    in_flight: int | None
    sessions: int
    seconds: float
    sent: int
    acknowledged: int
    fills: int
    latency: Quantiles
    late: Quantiles
    rejects: dict[str, int]
    answered: int
    unanswered: int
    client_us: float
    client: str
    resend_requests: int
    is_ended_early: bool

    @property
    def acknowledged_per_second(self) -> int:
        """Requests answered in a second, as the client saw it."""
        return round(self.acknowledged / self.seconds) if self.seconds else 0

    def as_object(self) -> dict[str, Any]:
        """For JSON; durations in microseconds."""
        return {
            "offered_per_second": self.offered,
            "in_flight": self.in_flight,
            "sessions": self.sessions,
            "seconds": round(self.seconds, 3),
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "acknowledged_per_second": self.acknowledged_per_second,
            "fills": self.fills,
            "latency_us": quantiles_us(self.latency),
            "sent_late_us": quantiles_us(self.late),
            "rejects": self.rejects,
            "answered_in_all": self.answered,
            "unanswered": self.unanswered,
            "resend_requests": self.resend_requests,
            "client": self.client,
            "client_cpu_us_per_message": round(self.client_us, 2),
            "ended_early": self.is_ended_early,
        }


def quantiles_us(quantiles: Quantiles) -> dict[str, float]:
    """The usual quantiles and the largest value, in microseconds."""
    values = {name: quantiles.quantile(fraction) for name, fraction in FRACTIONS.items()}
    values["max"] = quantiles.max
    return {name: round(value / NS_PER_MICROSECOND, 1) for name, value in values.items()}
