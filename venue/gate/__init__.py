"""The gate: connections from outside the machine, a process of its own (`venue run gate`).

A client's way through these files:

    gate.py            accepts, counts, stops; reads changed certificates again
    admission.py       finds whose the connection is (PROXY header), and whether it may come
    link.py            TLS or none: bytes of the connection to bytes of FIX and back
    client.py          waits for the first message; then passes bytes both ways
    uplink.py          the Unix socket to trading, one for each client with a first message
    confirmed.py       how much of the venue's output the client's machine has confirmed

Only trading judges what a message says. The gate knows sockets, TLS and venue/peer.py.
"""
