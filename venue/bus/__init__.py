"""Fan-out: every event of the journal once and in order to NATS, and from there to its consumers.

May know journal and domain. Must never invent, change or skip an event: the journal is the truth.
"""
