"""How many connections one address may have. Pure."""

from collections import Counter

from venue.addresses import address_key


class Caps:
    """Counts connections by address; what was taken is given back once."""

    def __init__(self, of_an_address: int) -> None:
        self._of_an_address = of_an_address
        self._counts: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Count a connection; False when its address has as many as it may have."""
        key = address_key(address)
        if self._counts[key] >= self._of_an_address:
            return False
        self._counts[key] += 1
        return True

    def give_back(self, address: str) -> None:
        """The connection has ended."""
        key = address_key(address)
        self._counts[key] -= 1
        if not self._counts[key]:
            del self._counts[key]
