"""sessions.cfg: what QuickFIX would ignore is an error; both files name the same sessions."""

from pathlib import Path

import pytest

from tests.settings_example import SESSIONS_CFG, errors_of, write_configuration


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "CheckLatency",
            "CheckLatncy",
            "sessions.cfg:3 [DEFAULT] CheckLatncy: unknown; did you mean CheckLatency?",
        ),
        (
            "CheckLatency=N",
            "CheckLatency=No",
            'sessions.cfg:3 [DEFAULT] CheckLatency: "No" is not Y or N',
        ),
        (
            "CheckLatency=N",
            "resetonlogon=Y",
            'sessions.cfg:3 [DEFAULT] ResetOnLogon: "Y" is not possible here, only N',
        ),
        (
            "CheckLatency=N",
            "AllowedRemoteAddresses=10.1.2.3,10.1.2.999",
            'sessions.cfg:3 [DEFAULT] AllowedRemoteAddresses: "10.1.2.3,10.1.2.999" is not a list '
            "of addresses and networks such as 10.1.2.3,10.1.4.0/24",
        ),
        (
            "CheckLatency=N",
            "SocketAcceptPort=1",
            "sessions.cfg:3 [DEFAULT] SocketAcceptPort: the venue fills it in from venue.toml",
        ),
        (
            "CheckLatency=N",
            "SenderCompID=V2",
            "sessions.cfg:3 [DEFAULT] SenderCompID: stands in this section twice",
        ),
        (
            "CheckLatency=N",
            "TargetCompID=X",
            "sessions.cfg:3 [DEFAULT] TargetCompID: belongs in [SESSION]",
        ),
        (
            "CheckLatency=N",
            "nonsense",
            "sessions.cfg:3 [DEFAULT] 'nonsense' is neither [DEFAULT], [SESSION] nor Key=value",
        ),
        (
            "CheckLatency=N",
            "#" * 1001,
            "sessions.cfg:3 [DEFAULT] QuickFIX reads lines of at most 1000 bytes",
        ),
        (
            "SenderCompID=VENUE\n",
            "",
            "sessions.cfg [DEFAULT] SenderCompID: missing; it is the venue's own CompID",
        ),
        ("[SESSION]", "[SESSION]\n[SESSION]", "sessions.cfg:4 [SESSION] TargetCompID: missing"),
        (
            "[SESSION]\nTargetCompID=ALPHA\n",
            "[SESSION]\nTargetCompID=ALPHA\n" * 2,
            "sessions.cfg:7 [SESSION] TargetCompID: ALPHA stands twice",
        ),
        (
            "[SESSION]\nTargetCompID=ALPHA\n",
            "",
            "venue.toml:41 [[sessions]] ALPHA comp_id: ALPHA has no [SESSION] in sessions.cfg "
            "(unknown; did you mean ALPHA-2?)",
        ),
        (
            "[SESSION]",
            "[SESSION]\nTargetCompID=BRAVO\n[SESSION]",
            "sessions.cfg:5 [SESSION] TargetCompID: BRAVO has no [[sessions]] in venue.toml "
            "(unknown; known are ALPHA, ALPHA-2)",
        ),
    ],
)
def test_mistake_in_sessions_file_is_one_line(old: str, new: str, expected: str) -> None:
    Path("sessions.cfg").write_text(SESSIONS_CFG.replace(old, new, 1))
    assert errors_of() == [expected]
