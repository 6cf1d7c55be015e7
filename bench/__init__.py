"""Benchmarks: `python -m bench` prints one table, target against measured, and writes it down.

Never run by the test suite. Starts real venues on 127.0.0.1 in scratch directories and stops them.
"""
