"""Drop copies over FIX: what members' sessions are told, told again to those who watch them.

A process beside trading. It reads the journal itself, so its copies depend on nobody else, and
trading never waits for it. Positions it reads from the ledger, in a thread:

    feed.py         the journal's events as copies, in order, from any place on
    listener.py     one session that listens: where it is, what it has surely read, what is next
    places.py       its place on disk; sent_log.py: which MsgSeqNum carried which copy
    requests.py     what a listener may ask for; answers.py: what it is answered
    positions.py    what is held: held.py reads it, position_reports.py words it
    core.py         all listeners behind the FIX edge; process.py wires them
"""
