"""Reconciliation: whether all that the venue keeps says the same, to the unit.

The journal is the record. Everything else is compared with it: stream, drop copies, ledger, audit
trail, the engine's funds and reservations, the FIX sessions' numbers. It reads, and mends nothing.
"""
