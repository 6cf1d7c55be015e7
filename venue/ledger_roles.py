"""Who may do what in the ledger's database: three roles, as SQL that may be run again and again.

Pure text; knows names of tables and columns. The owner makes and migrates the schema, the writer
books, the reader reads, a member's login sees its own. Must never give the writer what would change
a line that is booked.
"""

import re
from collections.abc import Iterator

SCHEMA = "clearing"
OWNER, WRITER, READER = "venue_owner", "venue_writer", "venue_reader"
ROLES = (OWNER, WRITER, READER)
MIGRATION_LOCK = 0x76656E7565
"""Key of the advisory lock of whoever changes the schema or its roles: the bytes of "venue"."""
MEMBERS = "venue_member"
"""Group of the members' logins, which are called after it and the member: venue_member_ALPHA. The
views take the member's name from there, so nobody can be given another one's rows."""
OWN_VIEWS = (
    "own_accounts", "own_balances", "own_postings", "own_obligations", "own_fails", "own_trades",
)  # fmt: skip
"""What a member's login sees."""
MEMBER_CONNECTIONS = 4
_MEMBER = re.compile(r"[A-Za-z0-9_-]+")
_ROLE_BYTES_MAX = 63
READER_CONNECTIONS = 32
"""Half of what the embedded PostgreSQL has, so that clearing finds one."""
READER_TEMPORARY_FILES = "1GB"
"""Of each connection: a query does not fill the disk, on which the journal may be, too."""

_ALL: tuple[str, ...] = ()
_CHANGES = (
    "status", "changed_seq", "current_quantity", "current_price", "current_amount",
    "current_buyer_fee", "current_seller_fee",
)  # fmt: skip
_AS_EXECUTED = (
    "event_seq", "match_id", "timestamp_ns", "trading_day", "symbol", "quantity", "price", "asset",
    "amount", "currency", "buyer", "buyer_account", "buyer_order_id", "buyer_fee", "seller",
    "seller_account", "seller_order_id", "seller_fee", "current_quantity", "current_price",
    "current_amount", "current_buyer_fee", "current_seller_fee", "settlement_date",
)  # fmt: skip
_OBLIGATION = ("quantity", "amount", "cycles", "changed_seq")
_ENDED = ("settled", "partly", "failed", "ended_ns")
WRITER_MAY: dict[str, dict[str, tuple[str, ...]]] = {
    "entries": {"SELECT": _ALL, "INSERT": _ALL},
    "postings": {"SELECT": _ALL, "INSERT": _ALL},
    "accounts": {"SELECT": _ALL, "INSERT": ("kind", "owner", "sub_account", "asset")},
    "balances": {"SELECT": _ALL},
    "wallets": {"SELECT": _ALL},
    "trades": {"SELECT": _ALL, "INSERT": _AS_EXECUTED, "UPDATE": _CHANGES},
    "position_changes": {"INSERT": _ALL},
    "obligations": {"SELECT": _ALL, "INSERT": _ALL, "UPDATE": _OBLIGATION},
    "cycles": {"SELECT": _ALL, "INSERT": _ALL, "UPDATE": _ENDED},
    "fails": {"INSERT": _ALL},
    "payments": {"INSERT": _ALL},
    "relays": {"SELECT": _ALL, "INSERT": _ALL, "UPDATE": ("event_seq", "line")},
    "position": {"SELECT": _ALL, "UPDATE": ("event_seq", "journal", "digest")},
    "schema_version": {"SELECT": _ALL},
}
"""Of each table, what clearing does: the privilege and its columns, none named for all of them.
What its triggers look at (entries, accounts, position) it has to see, and the lines that it tells
members of. Balances and wallets are kept by a trigger that runs as the owner: the writer cannot
change them."""


def _grants() -> Iterator[str]:
    """Rows of table, privilege, column; the column is NULL where it is the whole table."""
    for table, privileges in WRITER_MAY.items():
        for privilege, columns in privileges.items():
            if not columns:
                yield f"('{table}', '{privilege}', NULL)"
            yield from (f"('{table}', '{privilege}', '{column}')" for column in columns)


GRANTS = f"""\
REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {WRITER}, {READER};
GRANT USAGE ON SCHEMA {SCHEMA} TO {WRITER}, {READER};
REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC, {WRITER}, {READER};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {SCHEMA} FROM PUBLIC, {WRITER}, {READER};
GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {READER};
GRANT SELECT ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {READER};
DO $$
DECLARE may record;
BEGIN
  -- What an older schema does not have yet is granted when it has been migrated.
  FOR may IN
    SELECT wanted.name, wanted.privilege, wanted.part
    FROM (VALUES
      {("," + chr(10) + "      ").join(_grants())}
    ) AS wanted (name, privilege, part)
    JOIN pg_class c ON c.relname = wanted.name AND c.relnamespace = to_regnamespace('{SCHEMA}')
    LEFT JOIN pg_attribute a
      ON a.attrelid = c.oid AND a.attname = wanted.part AND NOT a.attisdropped
    WHERE wanted.part IS NULL OR a.attname IS NOT NULL
  LOOP
    EXECUTE format('GRANT %s%s ON {SCHEMA}.%I TO {WRITER}', may.privilege,
      CASE WHEN may.part IS NULL THEN '' ELSE format(' (%I)', may.part) END, may.name);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{MEMBERS}') THEN
    REVOKE ALL ON SCHEMA {SCHEMA} FROM {MEMBERS};
    GRANT USAGE ON SCHEMA {SCHEMA} TO {MEMBERS};
    REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {MEMBERS};
    FOR may IN
      SELECT relname AS name FROM pg_class
      WHERE relnamespace = to_regnamespace('{SCHEMA}') AND relkind = 'v'
        AND relname IN ({", ".join(f"'{view}'" for view in OWN_VIEWS)})
    LOOP
      EXECUTE format('GRANT SELECT ON {SCHEMA}.%I TO {MEMBERS}', may.name);
    END LOOP;
  END IF;
END $$;
"""
"""What writer, reader and members may in the schema, and nothing else; run as its owner, or above
him."""

ROLES_AND_GRANTS = f"""\
SELECT pg_advisory_xact_lock({MIGRATION_LOCK});
DO $$
DECLARE
  role text;
  part record;
BEGIN
  FOREACH role IN ARRAY ARRAY['{OWNER}', '{WRITER}', '{READER}'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', role);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), role);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
  END LOOP;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO {OWNER}', current_database());
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{MEMBERS}') THEN
    CREATE ROLE {MEMBERS} NOLOGIN NOINHERIT;
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM {MEMBERS}', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {MEMBERS}', current_database());
  -- A ledger that another login has made is handed over to the owner.
  FOR part IN SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = to_regnamespace('{SCHEMA}') AND relkind IN ('r', 'p', 'v', 'm')
      AND relowner <> '{OWNER}'::regrole
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO {OWNER}', part.name);
  END LOOP;
  FOR part IN SELECT oid::regprocedure AS name FROM pg_proc
    WHERE pronamespace = to_regnamespace('{SCHEMA}') AND proowner <> '{OWNER}'::regrole
  LOOP
    EXECUTE format('ALTER ROUTINE %s OWNER TO {OWNER}', part.name);
  END LOOP;
END $$;
ALTER ROLE {READER} CONNECTION LIMIT {READER_CONNECTIONS};
ALTER ROLE {READER} SET temp_file_limit = '{READER_TEMPORARY_FILES}';
GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO {OWNER}, {WRITER};
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
ALTER SCHEMA {SCHEMA} OWNER TO {OWNER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT ON TABLES TO {READER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT ON SEQUENCES TO {READER};
{GRANTS}"""
"""Makes the roles where they are missing, without passwords, and gives a ledger that is there to
its owner. Run as a superuser, in one transaction."""

SCRIPT = f"""\
-- Owner, writer and reader of the venue's ledger. Run it as a superuser in the ledger's database.
-- Then give each a password: \\password {OWNER}, and so on. It may be run again at any time.
BEGIN;
{ROLES_AND_GRANTS}COMMIT;
"""
"""What is printed for who runs a PostgreSQL of his own."""


def member_script(member: str) -> str:
    """SQL that makes a member's login, without a password. Raises ValueError for no name of one."""
    role = f"{MEMBERS}_{member}"
    if not _MEMBER.fullmatch(member) or len(role.encode()) > _ROLE_BYTES_MAX:
        raise ValueError(f"{member!r} is no member's name, or too long for a login")
    return f"""\
-- The login of member {member}, who sees by it what is his own. Run it as a superuser in the
-- ledger's database; in a PostgreSQL of your own behind what `venue ledger roles` prints.
-- Then give it a password: \\password "{role}". It may be run again at any time.
BEGIN;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE "{role}" LOGIN;
  END IF;
END $$;
ALTER ROLE "{role}" INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  CONNECTION LIMIT {MEMBER_CONNECTIONS};
ALTER ROLE "{role}" SET temp_file_limit = '{READER_TEMPORARY_FILES}';
ALTER ROLE "{role}" SET default_transaction_read_only = on;
GRANT {MEMBERS} TO "{role}";
COMMIT;
"""
