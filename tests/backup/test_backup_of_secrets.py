"""Secrets that cannot be made again come along with a backup."""

import shutil
from pathlib import Path

from venue.bus.seals import Sealer
from venue.data_directory import DataDirectory
from venue.notify.channels import Channel, read_channels, write_channels
from venue.notify.kinds import Kind
from venue.readers_file import new_reader, read_readers, write_readers

from .test_backup_files import backed_up, restored


def test_who_operates_reads_and_is_told_and_the_publishers_key_come_along(
    stopped: Path, tmp_path: Path
) -> None:
    data_dir = shutil.copytree(stopped, tmp_path / "data", symlinks=True)
    place = DataDirectory(data_dir)
    write_readers(place.readers, {"BACK": new_reader("ALPHA", 1).reader})
    key = Sealer(place.publisher_key).public_key
    told = {
        "ALPHA": {"desk": Channel(url="https://x/y", kinds=(Kind.FILL,), since_ns=1, secret="s")}
    }
    write_channels(place.notifications, told)
    backed_up(data_dir, tmp_path / "backup")
    restored(tmp_path / "backup", tmp_path / "new")
    again = DataDirectory(tmp_path / "new")
    assert read_readers(again.readers) == read_readers(place.readers)
    assert Sealer(again.publisher_key).public_key == key
    assert read_channels(again.notifications) == told
