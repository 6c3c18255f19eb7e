"""The function that puts events into the chains of their accounts.

It is called as the last statement of a transaction, once, for all its events. It locks the end of
each chain, in the order of the chains' names: whoever holds one waits for nobody but holders of
later ones and of what is locked by committing, so that nobody deadlocks, and chains are locked for
the length of a commit. Events that were taken back with a savepoint are in no log and get no link.
"""

from __future__ import annotations

from sqlalchemy import Connection

from datasources.migrations.row_level_security import ROLE

__all__ = ["create_function"]

_TYPES = "text[], uuid[], text[], uuid[], inet[], text[]"
_FUNCTION = """
CREATE FUNCTION gateway.chain_audit_events(
    sources text[], event_ids uuid[], request_ids text[], operation_ids uuid[],
    ip_addresses inet[], user_agents text[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event record;
    head gateway.audit_chains;
BEGIN
    FOR event IN
        SELECT given.*, found.account_id, coalesce(found.account_id, '') AS chain,
            (found.content || jsonb_build_array(given.request_id, given.operation_id,
                host(given.ip_address), given.user_agent))::text AS content
        FROM unnest(sources, event_ids, request_ids, operation_ids, ip_addresses, user_agents)
            WITH ORDINALITY AS given(
                source, event_id, request_id, operation_id, ip_address, user_agent, number)
        CROSS JOIN LATERAL (
            SELECT log.account_id, jsonb_build_array(
                'COCKPIT', log.id, log.account_id,
                to_char(log.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                log.event_type, log.action, log.severity, log.resource_type, log.resource_id,
                log.actor_id, log.actor_email, log.message, log.details) AS content
            FROM copilot.audit_log AS log
            WHERE given.source = 'COCKPIT' AND log.id = given.event_id
            UNION ALL
            SELECT log.account_id, jsonb_build_array(
                'GUARDRAILS', log.id, log.account_id,
                to_char(log.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                log.guard_type, log.action, log.changed_by, log.changed_fields,
                log.old_config, log.new_config, host(log.ip_address), log.user_agent)
            FROM copilot.guardrails_audit_log AS log
            WHERE given.source = 'GUARDRAILS' AND log.id = given.event_id
        ) AS found
        ORDER BY coalesce(found.account_id, '') COLLATE "C", given.number
    LOOP
        IF head.chain IS DISTINCT FROM event.chain THEN
            UPDATE gateway.audit_chains AS ends SET position = head.position, hash = head.hash
            WHERE ends.chain = head.chain;
            SELECT * INTO head FROM gateway.audit_chains AS ends
            WHERE ends.chain = event.chain FOR UPDATE;
            IF NOT FOUND THEN
                INSERT INTO gateway.audit_chains (chain) VALUES (event.chain)
                ON CONFLICT DO NOTHING;
                SELECT * INTO STRICT head FROM gateway.audit_chains AS ends
                WHERE ends.chain = event.chain FOR UPDATE;
            END IF;
        END IF;
        head.position := head.position + 1;
        head.hash := sha256(head.hash || convert_to(event.content, 'UTF8'));
        INSERT INTO gateway.audit_links (event_id, source, account_id, position, hash,
            request_id, operation_id, ip_address, user_agent)
        VALUES (event.event_id, event.source, event.account_id, head.position, head.hash,
            event.request_id, event.operation_id, event.ip_address, event.user_agent);
    END LOOP;
    UPDATE gateway.audit_chains AS ends SET position = head.position, hash = head.hash
    WHERE ends.chain = head.chain;
END $$
"""
"""With its owner's rights: nobody else writes links, or moves the end of a chain."""


def create_function(connection: Connection) -> None:
    """Create the function, for the gateway's role."""
    connection.exec_driver_sql(_FUNCTION)
    name = f"gateway.chain_audit_events({_TYPES})"
    connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {name} TO {ROLE}")
