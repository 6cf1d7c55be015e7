"""The operator's way in: a Unix socket in the data directory, JSON lines, served by trading itself.

Works when NATS and PostgreSQL are down. May import domain only.
"""
