"""Addresses in one spelling, within networks, and whose they count as."""

from ipaddress import ip_network

import pytest

from venue.addresses import address_key, is_within, plain


@pytest.mark.parametrize(
    ("address", "spelled"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_address_has_one_spelling(address: str, spelled: str) -> None:
    assert plain(address) == spelled


def test_address_is_within_its_networks_only() -> None:
    networks = (ip_network("10.1.0.0/16"), ip_network("2001:db8::/32"))
    for address in ("10.1.255.255", "::ffff:10.1.0.0", "2001:db8:ffff::1"):
        assert is_within(address, networks)
    for address in ("10.2.0.0", "2001:db9::", "::1", "", "10.1.0.0/16", "10.1.0.0.1"):
        assert not is_within(address, networks)
    assert not is_within("10.1.0.1", ())


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
    ],
)
def test_one_customer_s_network_is_one_address(address: str, key: str) -> None:
    assert address_key(address) == key
