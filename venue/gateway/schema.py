"""The tables of the gateway's store, and how an older file gets what is new in them."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, member TEXT NOT NULL, scopes TEXT NOT NULL, password_hash TEXT NOT NULL,
    state TEXT NOT NULL, created_ns INTEGER NOT NULL, is_demo INTEGER NOT NULL DEFAULT 0,
    legal_name TEXT NOT NULL DEFAULT '', is_founder INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS api_keys (
    key TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, secret TEXT NOT NULL,
    scopes TEXT NOT NULL, label TEXT NOT NULL, created_ns INTEGER NOT NULL, revoked_ns INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS families (
    family TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, client TEXT NOT NULL,
    scopes TEXT NOT NULL, created_ns INTEGER NOT NULL, revoked_ns INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS families_of_users ON families (user);
CREATE INDEX IF NOT EXISTS ended_families ON families (revoked_ns);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    digest TEXT PRIMARY KEY, family TEXT NOT NULL REFERENCES families, expires_ns INTEGER NOT NULL,
    used_ns INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS tokens_of_families ON refresh_tokens (family);
CREATE TABLE IF NOT EXISTS signing_keys (
    kid TEXT PRIMARY KEY, private TEXT NOT NULL, created_ns INTEGER NOT NULL, retired_ns INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    user TEXT NOT NULL, idempotency_key TEXT NOT NULL, request TEXT NOT NULL,
    status INTEGER, body BLOB, created_ns INTEGER NOT NULL, PRIMARY KEY (user, idempotency_key)
) STRICT;
CREATE TABLE IF NOT EXISTS security_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, timestamp_ns INTEGER NOT NULL, kind TEXT NOT NULL,
    user TEXT NOT NULL, address TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS failures (
    name TEXT NOT NULL, address TEXT NOT NULL, timestamp_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS failures_of_names ON failures (name, address, timestamp_ns);
CREATE INDEX IF NOT EXISTS failures_by_time ON failures (timestamp_ns);
CREATE TABLE IF NOT EXISTS withdrawals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL REFERENCES users,
    member TEXT NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL, amount TEXT NOT NULL,
    client_reference TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL,
    created_ns INTEGER NOT NULL, decided_ns INTEGER, UNIQUE (member, client_reference)
) STRICT;
"""
_LATER = {
    "is_demo": "INTEGER NOT NULL DEFAULT 0",
    "legal_name": "TEXT NOT NULL DEFAULT ''",
    "is_founder": "INTEGER NOT NULL DEFAULT 0",
}
"""Columns of users that the first files did not have."""


def missing_columns(connection: sqlite3.Connection) -> list[str]:
    """Columns of users that an older file does not have yet. Raises sqlite3.Error."""
    there = {row[1] for row in connection.execute("PRAGMA table_info(users)")}
    return [column for column in _LATER if column not in there]


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where they are not there, and what is new in them. Raises sqlite3.Error."""
    connection.executescript(SCHEMA)
    connection.execute("BEGIN IMMEDIATE")
    for column in missing_columns(connection):
        connection.execute(f"ALTER TABLE users ADD COLUMN {column} {_LATER[column]}")
    connection.execute("COMMIT")
