"""Add the function that reads an object of a document whatever its writers made of it."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"

# Some writers stored a document's text instead of the document, once or twice over, and some of
# that text is broken. The cast is as immutable as what it is given.
_FUNCTION = """
CREATE FUNCTION gateway.object_of(document jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    FOR layer IN 1..2 LOOP
        EXIT WHEN jsonb_typeof(document) IS DISTINCT FROM 'string'
            OR NOT pg_input_is_valid(document #>> '{}', 'jsonb');
        document := CAST(document #>> '{}' AS jsonb);
    END LOOP;
    RETURN CASE WHEN jsonb_typeof(document) = 'object' THEN document ELSE '{}' END;
END $$
"""


def upgrade() -> None:
    """Create it, for everybody: it reads nothing but what it is given."""
    op.get_bind().exec_driver_sql(_FUNCTION)
