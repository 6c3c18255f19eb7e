"""Let the members of a team be read in the order of an index, from both tables at once.

Whether a further membership repeats the first one, which the console may change at any time, is
kept beside it by triggers: looked up for every row, it would cost more than all else of a list.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.statements import statements_in

revision = "0022"
down_revision = "0021"

# With their owner's rights: the console writes its table and need not know of ours.
_FUNCTIONS = (
    """
CREATE FUNCTION gateway.compare_with_first() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first_team uuid;
BEGIN
    -- Locked, so that whoever moves the person waits, and then sees this row.
    SELECT team_id INTO first_team FROM copilot.account_memberships
    WHERE account_id = NEW.account_id AND user_id = NEW.user_id FOR SHARE;
    NEW.repeats_first := first_team IS NOT DISTINCT FROM NEW.team_id;
    RETURN NEW;
END $$
""",
    """
CREATE FUNCTION gateway.compare_with_further() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE gateway.team_memberships AS further SET repeats_first = NOT repeats_first
    WHERE user_id IN (OLD.user_id, NEW.user_id) AND repeats_first <> EXISTS (
        SELECT FROM copilot.account_memberships AS first
        WHERE first.account_id = further.account_id AND first.user_id = further.user_id
            AND first.team_id = further.team_id);
    RETURN NULL;
END $$
""",
)


def upgrade() -> None:
    """Create column, functions, triggers and indexes; writers wait until they are made.

    Where the console's table is large, make its index CONCURRENTLY before migrating.
    """
    connection = op.get_bind()
    for function in _FUNCTIONS:
        connection.exec_driver_sql(function)
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
