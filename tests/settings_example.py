"""A small sound configuration in a directory of its own, and the errors that changes to it give."""

import os
from pathlib import Path

import pytest

from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import load_settings

VENUE_TOML = """\
# line 1
log_level = "info"

[fix]
port = 9878

[risk]
max_quantity = "1000"
max_open_orders = 5

[[instruments]]
symbol = "ACME"
currency = "USD"
tick_size = "0.01"
lot_size = "1"
reference_price = "100.00"

[[instruments]]
symbol = "BTC-USD"
base_asset = "BTC"
currency = "USD"
tick_size = "0.01"
lot_size = "0.00000001"
reference_price = 50000
max_quantity = "100"

[[members]]
name = "ALPHA"
accounts = [
  "A1",
]
[members.funds]
USD = 1000
BTC = "0.5"

[[members]]
name = "BRAVO"
accounts = ["B1"]
credit_limit = "7"

[[sessions]]
comp_id = "ALPHA"
member = "ALPHA"
password = "demo"

[[sessions]]
comp_id = "ALPHA-2"
member = "ALPHA"
public_key = "4Ql6VQl0nYJxWmXkzY2Zl8kG9QyqzIJm3v2Yt0dPq1E="
enabled = false
"""
SESSIONS_CFG = """\
[DEFAULT]
SenderCompID=VENUE
CheckLatency=N
[SESSION]
TargetCompID=ALPHA
[SESSION]
TargetCompID=ALPHA-2
"""


def write_configuration(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `directory` the working directory, with the files above and no VENUE_ variables."""
    for name in list(os.environ):
        if name.upper().startswith("VENUE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(directory)
    (directory / "venue.toml").write_text(VENUE_TOML)
    (directory / "sessions.cfg").write_text(SESSIONS_CFG)
    (directory / "spec").mkdir()
    (directory / "spec" / "FIX44.xml").write_text("<fix/>")


def errors_of(*overrides: str, config: Path | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config, overrides)
    return str(caught.value).split("\n")
