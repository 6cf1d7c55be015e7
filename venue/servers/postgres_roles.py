"""Makes the roles of the embedded PostgreSQL at each start: what each may, and its password.

May know the superuser's URL and the SQL of the roles. A password leaves as its SCRAM verifier only,
so that no statement and no log of the server has it.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from venue.ledger_roles import OWNER, READER, ROLES_AND_GRANTS, WRITER
from venue.servers import ServerError

_SECONDS = 30
_NOTHING_ELSE = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
# Nobody else uses this server. Who only reads has no temporary tables, no large objects, and no
# lock for which a migration would wait.
_OURS_ALONE = f"""
DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
DO $$
DECLARE function regprocedure;
BEGIN
  FOR function IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND (proname IN ('lo_creat', 'lo_create', 'lo_from_bytea') OR proname LIKE 'pg%advisory%lock%')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
  END LOOP;
END $$;
ALTER ROLE {OWNER} {_NOTHING_ELSE};
ALTER ROLE {WRITER} {_NOTHING_ELSE};
ALTER ROLE {READER} {_NOTHING_ELSE};
"""


def make_roles(superuser_url: str, passwords: Mapping[str, str]) -> None:
    """Make the roles, or what is missing of them, in one transaction. passwords: by role.

    A ledger that the superuser has made is handed over. Raises ServerError.
    """
    options = f"-c statement_timeout={_SECONDS}s"
    try:
        with psycopg.connect(
            superuser_url, connect_timeout=_SECONDS, options=options
        ) as connection:
            connection.execute(ROLES_AND_GRANTS.encode())
            connection.execute(_OURS_ALONE.encode())
            for role, password in passwords.items():
                connection.execute(_set_password(connection, role, password))
    except psycopg.Error as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ServerError(f"the roles of the ledger cannot be made: {reason[0]}") from error


def _set_password(
    connection: "psycopg.Connection[object]", role: str, password: str
) -> sql.Composed:
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    )
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(role), sql.Literal(verifier.decode())
    )
