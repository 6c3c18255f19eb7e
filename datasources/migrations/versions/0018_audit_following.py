"""Let whoever spans accounts ask what was added to the chains of the audit trail."""

from __future__ import annotations

from alembic import op

from datasources.migrations.row_level_security import ROLE

revision = "0018"
down_revision = "0017"

# With their owner's rights, because under row-level security PostgreSQL does not use the index that
# finds a chain: it takes `coalesce` for something that could tell of rows one may not see. The
# limit, which the next look makes up for, keeps it from reading all links where many are followed.
# The pool becomes the gateway's role and says how far it reaches; where it becomes none, nothing is
# fenced.
_FUNCTIONS = {
    "gateway.audit_chain_ends(text[])": """
CREATE FUNCTION gateway.audit_chain_ends(chains text[])
RETURNS TABLE (chain text, "position" bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ends.chain, ends.position FROM gateway.audit_chains AS ends
    WHERE (chains IS NULL OR ends.chain = ANY(chains))
        AND (current_setting('role') = 'none'
            OR current_setting('cockpit.spans_accounts', true) = 'on')
$$
""",
    "gateway.audit_events_after(text[], bigint[], boolean)": """
CREATE FUNCTION gateway.audit_events_after(chains text[], positions bigint[], others boolean)
RETURNS TABLE (chain text, "position" bigint, event_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ends.chain, link.position, link.event_id
    FROM gateway.audit_chains AS ends
    LEFT JOIN unnest(chains, positions) AS known(chain, reached) USING (chain)
    CROSS JOIN LATERAL (
        SELECT links.position, links.event_id FROM gateway.audit_links AS links
        WHERE coalesce(links.account_id, '') = ends.chain
            AND links.position > coalesce(known.reached, 0)
        ORDER BY links.position LIMIT 1000
    ) AS link
    WHERE ends.position > coalesce(known.reached, 0) AND (others OR known.reached IS NOT NULL)
        AND (current_setting('role') = 'none'
            OR current_setting('cockpit.spans_accounts', true) = 'on')
    ORDER BY ends.chain, link.position
$$
""",
}


def upgrade() -> None:
    """Create the functions, for the gateway's role."""
    connection = op.get_bind()
    for name, function in _FUNCTIONS.items():
        connection.exec_driver_sql(function)
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {name} TO {ROLE}")
