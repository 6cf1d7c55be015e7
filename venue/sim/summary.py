"""What a scenario ends with, and why one could not run.

Plain data; the part of `scenario` that can be used without QuickFIX.
"""

from dataclasses import dataclass


class ScenarioError(Exception):
    """The counterparties cannot trade; the text is the one line that says why."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What all counterparties together sent and were told. traded_value: decimal text by currency.

    trades counts matches, each once. unanswered counts orders, cancels and replaces.
    """

    orders: int
    requests: int
    reports: int
    refused: int
    trades: int
    traded_value: dict[str, str]
    unanswered: int
    session_rejects: int
