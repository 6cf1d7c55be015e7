"""Readers that come back after every break: a book over FIX, and drop copies over FIX."""

from contextlib import suppress
from random import Random

from tests.fix_client import Disconnected, FixClient, LogonRefused, Timeout
from tests.fixdc.running import exec_ids
from tests.fixmd.running import SYMBOLS
from tests.fixmd.simplefix_reader import SimplefixReader
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.processes import FIX_DROPCOPY, FIX_MARKETDATA

LEVELS = "levels"
_BACK_SECONDS = 60.0


class BookReader:
    """BRAVO-MD: all symbols by levels, with checksums, taken up again after each break."""

    def __init__(self, venue: RunningVenue) -> None:
        self._venue = venue
        self.reader = SimplefixReader(venue.address_of(FIX_MARKETDATA.name), "BRAVO-MD")
        self._log_on(reset=True)
        self.breaks = 0

    def keep_up(self) -> None:
        """Read what has come; connect anew where the connection has ended."""
        self.reader.read_until_quiet(0.1)
        if not self.reader.is_connected:
            self.breaks += 1
            self._log_on(reset=False)

    def close(self) -> None:
        """Leave without a word."""
        self.reader.close()

    def _log_on(self, *, reset: bool) -> None:
        def is_on() -> bool:
            try:
                self.reader.log_on(reset=reset)
            except (OSError, AssertionError):  # nobody listens yet, or it closed the connection
                self.reader.close()
                return False
            return True

        wait_for(is_on, _BACK_SECONDS)
        self.reader.subscribe(LEVELS, SYMBOLS)


class CopyReader:
    """ALPHA-DC: every copy; after a break it goes on, now and then with 141=Y."""

    def __init__(self, venue: RunningVenue, random: Random) -> None:
        self._random = random
        self.client = FixClient(venue.address_of(FIX_DROPCOPY.name), "ALPHA-DC")
        self.breaks = 0
        self._log_on(reset=True)

    @property
    def exec_ids(self) -> list[str]:
        """ExecIDs of all copies that came, each once, as they first came."""
        return exec_ids(self.client.log)

    def keep_up(self) -> None:
        """Read what has come; connect anew where the connection has ended."""
        self.client.receive_all(quiet=0.1)
        if not self.client.is_connected:
            self.breaks += 1
            self._log_on(reset=self._random.random() < 0.5)

    def close(self) -> None:
        """Leave without a word."""
        self.client.close()

    def break_off(self) -> None:
        """Close the connection in the middle of whatever comes."""
        self.client.kill()

    def _log_on(self, *, reset: bool) -> None:
        def is_on() -> bool:
            with suppress(OSError, Disconnected, LogonRefused, Timeout):
                self.client.logon(reset=reset)
                return True
            self.client.close()
            return False

        wait_for(is_on, _BACK_SECONDS)


__all__ = ["LEVELS", "BookReader", "CopyReader"]
