"""Logs that were set aside: found in order, whatever the clock does."""

from pathlib import Path

from venue.rotation import all_set_aside, set_aside, set_aside_path

NOW_NS = 1_767_225_600_123_456_789


def test_names_say_when_and_are_in_order_though_the_clock_goes_back(tmp_path: Path) -> None:
    log = tmp_path / "ALPHA.log"
    made = []
    for number, now_ns in enumerate([NOW_NS, NOW_NS, NOW_NS - 10**12, NOW_NS + 10**9]):
        log.write_text(str(number))
        path = set_aside_path(log, now_ns)
        log.rename(path)
        made.append(path)
    assert made[0].name == "ALPHA.log.20260101T000000.123456Z"
    assert set_aside(log) == made
    assert [path.read_text() for path in made] == ["0", "1", "2", "3"]


def test_those_of_earlier_versions_come_first_and_compressed_ones_count_once(
    tmp_path: Path,
) -> None:
    names = [
        "A.log.2.zst",
        "A.log.1",
        "A.log.20260101T000000.000000Z",
        "A.log.20260102T000000.000000Z.zst",
        "A.log.B.log.20260101T000000.000000Z",
    ]
    others = ["A.log.20260101T000000.000000Z.zst", "A.log", "A.log.new", "A.log.1.zst.draft"]
    for name in [*names, *others]:
        (tmp_path / name).touch()
    assert [path.name for path in set_aside(tmp_path / "A.log")] == names[:-1]
    assert {path.name for path in all_set_aside(tmp_path)} == set(names)


def test_no_directory_has_no_logs(tmp_path: Path) -> None:
    assert all_set_aside(tmp_path / "none") == []
