"""The gate: connections from outside the machine, a process of its own (`venue run gate`).

A client's way through these files:

    gate.py            accepts, counts, stops; certificates are read again when they change
    admission.py       whose it is (PROXY header), and whether it may come
    link.py            TLS or none: bytes of the connection to bytes of FIX and back
    client.py          the first message, whole and not too long; then bytes, both ways
    uplink.py          the Unix socket to trading, one for each client whose first message is there
    confirmed.py       how much of the venue's output the client's machine is known to have

What a message says is decided by trading alone. The gate knows sockets, TLS and venue/peer.py.
"""
