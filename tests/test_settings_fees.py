"""[[fees]] of venue.toml: the commands that it gives, what it must not say, what is applied."""

from pathlib import Path

import pytest

from tests.engine.builders import Venue
from venue.domain.commands import AddInstrument, AddMember, AssignFees, SetFeeSchedule
from venue.domain.configuration import changes_of
from venue.domain.fee_versions import FeeTier
from venue.engine.views.configuration import differences
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings, load_settings

from .settings_example import VENUE_TOML, write_configuration

FEES = """
[[fees]]
name = "gold"
maker_bps = "-0.2"
taker_bps = 2
tiers = [["1000000", "-0.3", "1.2"], ["5000000", "-0.5", "1"]]
minimum = "0.01"

[[fees]]
name = "gold"
valid_from = "2027-01-04"
maker_bps = "0"
taker_bps = "1"
"""
OF_INSTRUMENT = VENUE_TOML.replace('symbol = "ACME"', 'symbol = "ACME"\nfee_schedule = "gold"', 1)
OF_BOTH = OF_INSTRUMENT.replace(
    'name = "ALPHA"', 'name = "ALPHA"\nfees = { ACME = "gold", "*" = "gold" }', 1
)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


def settings_of(directory: Path, text: str) -> Settings:
    (directory / "venue.toml").write_text(text)
    return load_settings(directory / "venue.toml")


def test_schedules_come_before_what_names_them(directory: Path) -> None:
    commands = settings_of(directory, OF_BOTH + FEES).seed_commands()
    kinds = [type(command) for command in commands]
    assert kinds[:3] == [SetFeeSchedule, SetFeeSchedule, AddInstrument]
    first, later, acme = commands[:3]
    tiers = (FeeTier("1000000", "-0.3", "1.2"), FeeTier("5000000", "-0.5", "1"))
    assert first == SetFeeSchedule("gold", "-0.2", "2", "", tiers, "0.01")
    assert later == SetFeeSchedule("gold", "0", "1", "2027-01-04")
    assert isinstance(acme, AddInstrument) and acme.definition.fee_schedule == "gold"
    assigned = [command for command in commands if isinstance(command, AssignFees)]
    assert assigned == [AssignFees("ALPHA", "gold", "ACME"), AssignFees("ALPHA", "gold")]
    assert kinds.index(AssignFees) > max(
        place for place, kind in enumerate(kinds) if kind is AddMember
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (OF_INSTRUMENT, "[[instruments]] ACME fee_schedule: "),
        (OF_BOTH.replace('ACME = "gold"', 'NOPE = "gold"') + FEES,
         "[[members]] ALPHA fees.NOPE: "),
        (OF_BOTH.replace('"*" = "gold"', '"*" = "iron"') + FEES, "[[members]] ALPHA fees.*: "),
        (FEES.replace('"2027-01-04"', '"soon"'),
         "[[fees]] gold valid_from: 'soon' is no date YYYY-MM-DD"),
        (FEES.replace('"2027-01-04"', '""'),
         "[[fees]] gold valid_from: gold has a version of that day in an earlier [[fees]] too"),
        (FEES.replace('"gold"', '"none"'), "[[fees]] none name: fee schedule 'none' is not made"),
        (FEES.replace('"0.01"', '"-1"'), "[[fees]] gold minimum"),
        (FEES.replace('maker_bps = "0"', 'maker_bps = "-10001"'),
         "[[fees]] gold maker_bps: '-10001' is no number from -10000 to 10000"),
        (FEES.replace('["5000000",', '["5",'), "[[fees]] gold tiers: from_volume '5'"),
        (FEES.replace("taker_bps = 2", "taker_bps = 2.5"), "[[fees]] gold taker_bps"),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_cannot_be_names_the_key(directory: Path, text: str, wrong: str) -> None:
    whole = text if "[[instruments]]" in text else VENUE_TOML + text
    with pytest.raises(ConfigurationError) as raised:
        settings_of(directory, whole)
    assert wrong in str(raised.value), str(raised.value)


def test_apply_brings_new_versions_and_assignments_and_nothing_else(directory: Path) -> None:
    venue = Venue()
    venue.do_all(*settings_of(directory, VENUE_TOML).seed_commands())
    wanted = settings_of(directory, OF_BOTH + FEES).defined()
    found = differences(venue.engine.state, wanted)
    lines = [f"{each.thing} {each.field} {each.old} {each.new}"
             for difference in found for each in changes_of(difference)]  # fmt: skip
    assert lines == [
        "fees gold maker_bps None -0.2",
        "fees gold taker_bps None 2",
        "fees gold tiers None from 1000000 maker -0.3 taker 1.2, from 5000000 maker -0.5 taker 1",
        "fees gold minimum None 0.01",
        "fees gold from 2027-01-04 maker_bps None 0",
        "fees gold from 2027-01-04 taker_bps None 1",
        "fees gold from 2027-01-04 valid_from None 2027-01-04",
        "fees gold from 2027-01-04 minimum None 0",
        "instrument ACME fee_schedule none gold",
        "fees of ALPHA in ACME schedule None gold",
        "fees of ALPHA in ACME instrument None ACME",
        "fees of ALPHA in all schedule None gold",
    ]
    venue.do_all(*(difference.wanted for difference in found))
    assert differences(venue.engine.state, wanted) == []
