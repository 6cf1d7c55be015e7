"""The state machine of the venue: commands in, events out, byte for byte the same every time.

Pure: no clock, I/O, randomness, threads, floats, logging, and no iteration over sets.
"""
