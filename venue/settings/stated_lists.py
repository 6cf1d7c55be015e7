"""What the configuration states of the venue as a whole, as the core's commands.

Knows the sections and the domain; of files the sanctions list alone.
"""

from collections.abc import Iterator

from venue.domain.commands import ConfigurationCommand, SetFourEyes, SetSanctions, SetTimetable
from venue.settings.sections import ControlSettings
from venue.settings.settlement import SettlementSettings


def stated_lists(
    calendar: SetTimetable, control: ControlSettings, settlement: SettlementSettings | None
) -> Iterator[ConfigurationCommand]:
    """What the configuration states of the venue as a whole: of each of these there is one.

    A list of [control] that it does not have, and rules that it does not have, are not said.
    """
    yield calendar
    said = control.model_fields_set
    if "sanctions_file" in said:
        yield SetSanctions(control.sanctioned_names())
    if "four_eyes" in said:
        yield SetFourEyes(tuple(sorted(set(control.four_eyes))))
    if settlement is not None:
        yield settlement.rules()
