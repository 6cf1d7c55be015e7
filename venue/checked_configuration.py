"""The checked copy of the configuration that the processes of `venue run` read.

Nothing but a checked copy comes into force, and it changes as a whole. Certificates and keys of the
gate are not copied: the gate reads them again by itself, and keeps the old ones if they are bad.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import structlog

from venue.data_directory import DataDirectory
from venue.durable_file import replace_durably
from venue.private_file import Versioned, read_versioned, write_versioned
from venue.settings.configuration_error import ConfigurationError
from venue.settings.named_files import ConfigurationCopy, FileCopy, named_files
from venue.settings.settings import Settings, load_settings

_INDEX = "index.json"
CONFIGURATION_COPY_VERSION = 1
_OF_THE_GATE = "gate."
_log = structlog.get_logger("configuration")


class _Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    original: str
    copy: str
    """Name beside the index; absolute: it is read where it is."""


class _Index(Versioned, frozen=True):
    file: _Copy
    named: dict[str, _Copy]

    def copies(self) -> set[str]:
        return {self.file.copy, *(each.copy for each in self.named.values())}


class Taken:
    """A copy that was checked: `settings` are what it says. Not in force yet."""

    def __init__(self, directory: Path, index: _Index, settings: Settings) -> None:
        self.settings = settings
        self._directory = directory
        self._index = index

    def put_in_force(self) -> None:
        """Let processes that start from now on read it. Raises OSError; the old one stays then."""
        keep = self._index.copies() | {_INDEX}
        try:
            before = _read_index(self._directory)
        except ConfigurationError as error:  # another version's, or spoilt: it is replaced
            _log.warning("the copy of the configuration is replaced", because=str(error))
            before = None
        if before is not None:  # a process that starts at this moment may still read it
            keep |= before.copies()
        write_versioned(self._directory / _INDEX, self._index)
        for file in self._directory.iterdir():
            if file.name not in keep:
                file.unlink()


class CheckedConfiguration:
    """Takes, checks and reads the copy of a data directory. overrides: of the command line."""

    def __init__(self, data_dir: Path, overrides: Sequence[str] = ()) -> None:
        self._data_dir = data_dir
        self._overrides = overrides
        self._directory = DataDirectory(data_dir).checked_configuration
        self.index = self._directory / _INDEX
        """In place of a configuration file it means the copy in force."""

    def load(self, config: Path | None) -> Settings:
        """What the files say now; of `index`, the copy. Raises ConfigurationError."""
        if config == self.index:
            settings = self._settings_of(self._index())
        else:
            settings = load_settings(config, self._overrides, self._data_dir)
        settings.come_from(partial(self.load, config))
        return settings

    def take(self, config: Path | None) -> Taken:
        """Copy the files of a configuration, then check the copies.

        Raises ConfigurationError, which names the files themselves, and OSError.
        """
        found = self.load(config)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        index = _Index(
            CONFIGURATION_COPY_VERSION,
            self._copied(found.configuration_files()[0]),
            {
                key: _Copy(str(file), str(file))
                if key.startswith(_OF_THE_GATE)
                else self._copied(file)
                for key, file in named_files(found).items()
            },
        )
        settings = self._settings_of(index)
        if named_files(settings).keys() != index.named.keys():
            raise ConfigurationError(f"{index.file.original} was changed while it was read")
        return Taken(self._directory, index, settings)

    def files(self) -> dict[Path, Path]:
        """The copies in force by the files that they are of, the configuration file first."""
        index = self._index()
        every = [index.file, *index.named.values()]
        return {
            Path(each.original): self._directory / each.copy
            for each in every
            if each.copy != each.original
        }

    def _index(self) -> _Index:
        index = _read_index(self._directory)
        if index is None:
            raise ConfigurationError(f"there is no {self.index}: start the venue anew")
        return index

    def _settings_of(self, index: _Index) -> Settings:
        def copy(of: _Copy) -> FileCopy:
            return FileCopy(Path(of.original), self._directory / of.copy)

        named = {key: copy(each) for key, each in index.named.items()}
        copied = ConfigurationCopy(copy(index.file), named)
        return load_settings(None, self._overrides, self._data_dir, copied)

    def _copied(self, file: Path) -> _Copy:
        """Copy a file under a name made of its content, for its owner only. Raises OSError."""
        content = file.read_bytes()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        name = f"{file.stem}-{digest}{file.suffix}"
        if not (self._directory / name).exists():
            replace_durably(self._directory / name, content)
        return _Copy(str(file), name)


def _read_index(directory: Path) -> _Index | None:
    return read_versioned(directory / _INDEX, _Index, CONFIGURATION_COPY_VERSION)
