"""The state machine of the venue: commands in, events out, byte for byte the same every time.

Pure: no clock, I/O, randomness, threads, floats, logging, and no iteration over sets.

    engine.py   which function has the effect of a command
    views/      what is asked of the state     image/   the state as one value, and back
    control/    what operators and days do
    trading/    what orders do
    state/      what is remembered
"""
