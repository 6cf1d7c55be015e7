"""The vocabulary of the venue: types, instruments, commands, events, reject reasons, codec.

Pure: no clock, no I/O, no randomness, no floats. Every other package may import it.
"""
