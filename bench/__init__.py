"""Benchmarks: never run by the test suite; each prints what it measured and how."""
