"""Spans of orders for OpenTelemetry: who is traced, their ids, and how a process gives its own.

Every process derives the same ids by itself, from the journal's identity and the order's number
(decision 0062). Where tracing is off nothing of OpenTelemetry is imported.
"""
