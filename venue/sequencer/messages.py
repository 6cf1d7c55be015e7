"""What a batch sends, by the session that it goes to. Pure."""

from venue.domain.outgoing import Outgoing


def by_session(
    touched: set[str], outgoing: list[Outgoing], answers: set[int]
) -> tuple[dict[str, list[Outgoing]], dict[str, list[int]]]:
    """Reports to each session, and which of the messages to it (0-based) are answers.

    answers: which of all messages are. Sessions that were touched have their place without any.
    """
    reports: dict[str, list[Outgoing]] = {session: [] for session in touched}
    answered: dict[str, list[int]] = {}
    for index, message in enumerate(outgoing):
        session = message.session
        kept = reports.get(session)
        if kept is None:
            kept = reports[session] = []
        if index in answers:
            places = answered.setdefault(session, [])
            places.append(len(kept) + len(places))
        else:
            kept.append(message)
    return reports, answered
