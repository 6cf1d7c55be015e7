"""Ports: free or taken, and by whom."""

import os
import socket
from pathlib import Path

import pytest

from venue.servers import ServerError
from venue.servers.ports import PortTaken, ensure_free, free_port, free_ports, listener_pid


def test_taken_port_names_the_process_that_has_it() -> None:
    program = Path("/proc/self/comm").read_text().strip()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            ensure_free("127.0.0.1", port)
    assert refused.value.pid == os.getpid()
    assert str(refused.value) == (
        f"port {port} on 127.0.0.1 is taken by pid {os.getpid()} ({program})"
    )


def test_free_ports_follow_each_other_and_leave_taken_ones_out() -> None:
    first = free_ports("127.0.0.1", 5)
    for port in range(first, first + 5):
        ensure_free("127.0.0.1", port)


def test_free_port_can_be_listened_on_and_is_not_one_that_clients_get() -> None:
    port = free_port()
    ensure_free("127.0.0.1", port)
    first_client_port = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert port < first_client_port
    assert listener_pid(port) is None
    with socket.create_server(("127.0.0.1", port)):
        assert listener_pid(port) == os.getpid()


def test_port_zero_is_always_free() -> None:
    ensure_free("127.0.0.1", 0)


def test_port_is_free_again_at_once_after_its_connections_were_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as client:
            accepted, _ = server.accept()
            accepted.close()  # the server's side goes to TIME_WAIT
            assert client.recv(1) == b""
    ensure_free(*address)


def test_address_that_is_not_ours_is_said_so() -> None:
    with pytest.raises(ServerError, match=r"cannot listen on 192\.0\.2\.1:9878: "):
        ensure_free("192.0.2.1", 9878)
