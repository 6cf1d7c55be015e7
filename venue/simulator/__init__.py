"""A counterparty that misbehaves on demand, for who tests a FIX engine (docs/SIMULATOR.md).

It stands between a client and a venue. What nobody asked it to change passes byte for byte, so
that its ordinary behaviour is the venue's. In a test:

    with Simulator(("127.0.0.1", 9878)) as simulator:
        connect_my_engine_to(simulator.address)
        simulator.do(Reject(reason=3, text="no", on=On(cl_ord_id="A*", count=2)))

    behaviours.py      what it can do, and on which messages
    script.py          the same in a file and on a command line
    plan.py            which behaviours are due for a message
    course.py          what becomes of each message of a session
    numbers.py         MsgSeqNums of the two sides, where a reset has parted them
    messages.py        messages changed and made
    cutter.py          messages in a stream, garbled ones too
    line.py            one connection: its sockets, what waits to be sent
    counter.py         orders against the client's, to fill it in parts
    proxy.py           the port, and all that is under way
    control.py         the socket by which a running one is told what to do
    simulator.py       the whole in a thread, for tests

A process of its own: no process of the venue imports it.
"""

from venue.simulator.behaviours import (
    AnyBehaviour,
    BadCheckSum,
    Delay,
    Drop,
    Duplicate,
    Fill,
    Gap,
    Lose,
    NoAnswer,
    On,
    Reject,
    Reset,
    SlowRead,
)
from venue.simulator.control import Control, NoSimulator
from venue.simulator.counter import Login
from venue.simulator.script import ScriptError, read_script
from venue.simulator.simulator import Simulator

__all__ = [
    "AnyBehaviour",
    "BadCheckSum",
    "Control",
    "Delay",
    "Drop",
    "Duplicate",
    "Fill",
    "Gap",
    "Login",
    "Lose",
    "NoAnswer",
    "NoSimulator",
    "On",
    "Reject",
    "Reset",
    "ScriptError",
    "Simulator",
    "SlowRead",
    "read_script",
]
