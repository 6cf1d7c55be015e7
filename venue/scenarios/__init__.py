"""Sessions kept as scenarios, and played again at another venue (docs/SIMULATOR.md).

    scenario.py        the file: who said what, in words
    placeholders.py    which values differ from one run to the next, and how they are written
    recording.py       a scenario from the messages that a venue has logged
    playing.py         says the clients' half again, compares the venue's
    comparing.py       an expected message against the one that came
    junit.py           the result as JUnit XML

A scenario has no sequence numbers, no times and no passwords.
"""
