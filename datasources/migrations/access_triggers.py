"""The triggers that tell when what decides about access has changed, whoever changes it.

They run when the transaction commits: a version is locked for the length of a commit, after every
other lock, so that nobody waits for anybody's unfinished work and nobody deadlocks.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

__all__ = ["create_functions", "unwatch", "watch", "watch_catalogue"]

_CHANGES = "access_changes"
_GAINS = "access_gains"
_LOSES = "access_loses"
_FUNCTIONS = (
    """
CREATE FUNCTION gateway.change_access() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before text := CASE WHEN TG_OP <> 'INSERT' THEN OLD.account_id END;
    after text := CASE WHEN TG_OP <> 'DELETE' THEN NEW.account_id END;
BEGIN
    INSERT INTO gateway.access_versions AS known (account_id)
    SELECT accounts.account_id FROM public."Alchemi_AccountTable" AS accounts
    WHERE accounts.account_id IN (before, after) ORDER BY accounts.account_id
    ON CONFLICT (account_id) DO UPDATE SET version = excluded.version
        WHERE known.version <> excluded.version;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION gateway.change_catalogue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO gateway.catalogue_version AS known DEFAULT VALUES
    ON CONFLICT (is_only) DO UPDATE SET version = excluded.version
        WHERE known.version <> excluded.version;
    RETURN NULL;
END $$
""",
)
"""With their owner's rights: whoever writes what decides need not know of versions."""


def create_functions(connection: Connection) -> None:
    """Create what the triggers run."""
    for function in _FUNCTIONS:
        connection.exec_driver_sql(function)


def watch(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    *,
    counts_with: Sequence[str] = (),
    counts_above_zero: Sequence[str] = (),
) -> None:
    """Give an account another version when a row of a table comes, goes or changes a column.

    With `counts_with`, a row that comes or goes counts when one of these columns is not NULL, or
    one of the others is above zero.
    """
    old, new = (f"ROW({', '.join(f'{row}.{name}' for name in columns)})" for row in ("OLD", "NEW"))
    _create(
        connection,
        _CHANGES,
        f"UPDATE OF {', '.join(columns)}",
        table,
        f"{old} IS DISTINCT FROM {new}",
    )
    for name, event, row in ((_GAINS, "INSERT", "NEW"), (_LOSES, "DELETE", "OLD")):
        given = [f"{row}.{column} IS NOT NULL" for column in counts_with]
        given += [f"{row}.{column} > 0" for column in counts_above_zero]
        _create(connection, name, event, table, " OR ".join(given))


def unwatch(connection: Connection, table: str) -> None:
    """Take back what `watch` did."""
    for name in (_CHANGES, _GAINS, _LOSES):
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")


def watch_catalogue(connection: Connection, table: str) -> None:
    """Give every account another version when a row of a table that is everybody's changes."""
    events = "INSERT OR UPDATE OR DELETE"
    _create(connection, "catalogue_changes", events, table, function="change_catalogue")


def _create(
    connection: Connection,
    name: str,
    events: str,
    table: str,
    condition: str = "",
    *,
    function: str = "change_access",
) -> None:
    when = f"WHEN ({condition})" if condition else ""
    connection.exec_driver_sql(
        f"CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON {table}"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when}"
        f" EXECUTE FUNCTION gateway.{function}()"
    )
