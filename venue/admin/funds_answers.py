"""What the running venue answers about funds and fees. Knows the domain only."""

from venue.admin.answers import Answer
from venue.domain.fee_rows import FeeScheduleRow, FeeVolumeRow, MemberFeesRow
from venue.domain.overview import FundsRow


class FundsAnswer(Answer, frozen=True, kw_only=True):
    """All purses of all members at one moment: after record `seq` and event `event_seq`."""

    seq: int
    event_seq: int
    funds: list[FundsRow]


class FeesAnswer(Answer, frozen=True, kw_only=True):
    """Each version of each fee schedule."""

    schedules: list[FeeScheduleRow]


class MemberFeesAnswer(Answer, frozen=True, kw_only=True):
    """What a member has traded, by currency, and what its new orders pay in each instrument."""

    member: str
    volumes: list[FeeVolumeRow]
    fees: list[MemberFeesRow]
