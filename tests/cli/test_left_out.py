"""What is removed from the configuration file stays in force, and is named."""

from pathlib import Path

from tests.cli.operator_desk import Desk
from tests.running import RunningTrading
from venue.settings.settings import shipped

MORE = """
[[instruments]]
symbol = "OLDCO"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100.00"

[[members]]
name = "LEAVER"
"""
IN_FORCE = "the configuration file says what is in force"


def test_instrument_and_member_removed_from_the_file_are_named_until_they_are_out_of_trading(
    tmp_path: Path,
) -> None:
    toml = tmp_path / "venue.toml"
    text = shipped("venue.toml").read_text()
    toml.write_text(text + MORE)
    (tmp_path / "sessions.cfg").write_text(shipped("sessions.cfg").read_text())
    apply = ("config", "apply", "--config", str(toml))
    with RunningTrading(tmp_path / "data", config=toml) as running:
        desk = Desk(running.data_dir)
        assert desk.done(*apply) == IN_FORCE
        toml.write_text(text)
        named = "not in the file, stays in force: instrument OLDCO\n" + (
            "not in the file, stays in force: member LEAVER"
        )
        assert desk.done(*apply) == desk.done(*apply, "--dry-run") == named
        assert desk.json(*apply)["undefined"] == ["instrument OLDCO", "member LEAVER"]
        assert running.stop() == 0
        running.start()
        (said,) = [line for line in running.log().splitlines() if "does not define it" in line]
        assert "instrument OLDCO, member LEAVER" in said
        desk.done("instrument", "disable", "OLDCO", "--yes")
        desk.done("member", "suspend", "LEAVER", "--yes")
        assert desk.done(*apply) == IN_FORCE
