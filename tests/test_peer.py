"""Packets between gate and trading: what one side says, the other reads; nothing else is taken."""

import json

import pytest

from venue.peer import (
    End,
    Peer,
    data_packet,
    end_packet,
    peer_packet,
    read_data,
    read_end,
    read_peer,
)


def test_peer_is_read_as_it_was_said() -> None:
    peer = Peer("2001:db8::1", 40000, "ab" * 32, True)
    packet = peer_packet(peer)
    assert packet[:1] == b"P"
    assert json.loads(packet[1:]) == {
        "address": "2001:db8::1",
        "port": 40000,
        "certificate": "ab" * 32,
        "secure": True,
    }
    assert read_peer(packet) == peer
    assert str(peer) == "[2001:db8::1]:40000"
    assert str(Peer("10.0.0.1", 5)) == "10.0.0.1:5"


def test_end_is_read_as_it_was_said() -> None:
    packet = end_packet(End(1 << 40, "the client closed"))
    assert json.loads(packet[1:]) == {"confirmed": 1 << 40, "why": "the client closed"}
    assert read_end(packet) == End(1 << 40, "the client closed")


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"D8=FIX.4.4",
        b"P",
        b"P{}",
        b"P[]",
        b'P{"address":1,"port":2,"certificate":null,"secure":false}',
        b'P{"address":"a","port":"2","certificate":null,"secure":false}',
        b'P{"address":"a","port":2,"certificate":null,"secure":1}',
        b'P{"address":"a","port":2,"certificate":null,"secure":true,"more":1}',
        b"P\xff\xfe",
    ],
)
def test_packet_of_no_peer_is_a_value_error(packet: bytes) -> None:
    with pytest.raises(ValueError):
        read_peer(packet)


def test_data_is_read_as_it_was_said() -> None:
    for confirmed, data in ((0, b""), (1 << 40, b"8=FIX"), ((1 << 64) - 1, bytes(1000))):
        assert read_data(data_packet(confirmed, data)) == (confirmed, data)


@pytest.mark.parametrize("packet", [b"", b"D", b"D1234567", b"P12345678", b"E"])
def test_packet_of_no_data_is_a_value_error(packet: bytes) -> None:
    with pytest.raises(ValueError):
        read_data(packet)


@pytest.mark.parametrize(
    "packet", [b"E", b'E{"confirmed":-1,"why":""}', b'E{"confirmed":1.5,"why":""}', b'P{"why":""}']
)
def test_packet_of_no_end_is_a_value_error(packet: bytes) -> None:
    with pytest.raises(ValueError):
        read_end(packet)
