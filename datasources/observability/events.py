"""Events of the cockpit's log and of the guardrails' change log, in one form.

What the logs themselves cannot hold, such as the request behind an event and its place in the
chain of its account, stands in `gateway.audit_links`; events of before have no link. Tenants see of
what happened to the platform only that it happened, and only where it touched them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Subquery,
    Table,
    Text,
    Uuid,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB

from datasources import guardrail_changes as log
from datasources.bulk import BulkOperationRef
from datasources.expressions import no_text, nothing, word
from datasources.reads import One
from datasources.tables import accounts, audit_log, bulk_operations

__all__ = [
    "CATALOGUES",
    "EventRow",
    "audit_links",
    "change_log",
    "events_by_id",
    "events_in_account",
    "everything",
    "in_accounts",
    "linked",
    "operations_by_id",
]

_SEVERITIES = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_MODULES = (
    ("copilot_account", "ACCOUNTS"),
    ("copilot_directory", "DIRECTORY"),
    ("copilot_budget", "BUDGETS"),
    ("copilot_agent", "AGENTS"),
    ("copilot_marketplace", "MARKETPLACE"),
    ("copilot_connection", "CONNECTORS"),
    ("copilot_connector", "CONNECTORS"),
    ("copilot_integration", "CONNECTORS"),
    ("copilot_model", "MODELS"),
    ("copilot_resource_price", "MODELS"),
    ("copilot_guardrail", "GUARDRAILS"),
    ("copilot_entitlement", "ENTITLEMENTS"),
    ("copilot_feature", "ENTITLEMENTS"),
    ("copilot_quota", "ENTITLEMENTS"),
    ("copilot_access", "ENTITLEMENTS"),
    ("copilot_notification", "NOTIFICATIONS"),
    ("copilot_support", "SUPPORT"),
    ("copilot_identity", "IDENTITY"),
    ("copilot_audit", "OBSERVABILITY"),
)
"""Parts of the cockpit by how their event types begin; of all others nothing is said but that the
platform was operated."""
CATALOGUES = ("copilot_model_catalog", "copilot_feature_catalog", "copilot_integration_catalog",
               "copilot_guardrail")  # fmt: skip
"""Types of the platform's own events that touch every account."""


class EventRow(NamedTuple):
    """Something that happened."""

    id: str
    account_id: str | None
    source: str
    module: str
    type: str
    action: str
    severity: str
    resource_type: str | None
    resource_id: str | None
    resource_name: str | None
    message: str
    old_values: Any
    new_values: Any
    changed_fields: list[str] | None
    said: Any
    """Further values, in the cockpit's log."""
    changed_by: str | None
    operation_id: str | None
    request_id: str | None
    occurred_at: datetime
    ip_address: str | None
    user_agent: str | None
    hash: str | None


audit_links = Table(
    "audit_links",
    MetaData(),
    Column("event_id", Uuid(as_uuid=False)),
    Column("source", Text),
    Column("account_id", Text),
    Column("position", BigInteger),
    Column("hash", LargeBinary),
    Column("request_id", Text),
    Column("operation_id", Uuid(as_uuid=False)),
    Column("ip_address", INET),
    Column("user_agent", Text),
    schema="gateway",
)


def _constant(text: str) -> ColumnElement[str]:
    return sql_cast(word(text), Text)


def _rank_of(severity: ColumnElement[str]) -> ColumnElement[int]:
    ranks = [(severity == word(name), rank) for rank, name in enumerate(_SEVERITIES)]
    return sql_cast(case(*ranks), Integer)


def _host(address: ColumnElement[Any]) -> ColumnElement[str | None]:
    return func.host(address, type_=Text())


_row = log.guardrail_changes.c
_CHANGES: Mapping[str, ColumnElement[Any]] = {
    "id": _row.id,
    "account_id": _row.account_id,
    "source": _constant("GUARDRAILS"),
    "module": _constant("GUARDRAILS"),
    "type": _constant("copilot_guardrail"),
    "action": sql_cast(_row.action, Text),
    "severity": log.severity,
    "resource_type": log.resource_type,
    "resource_id": log.resource_id,
    "resource_name": log.resource_name,
    "message": log.message,
    "old_values": _row.old_config,
    "new_values": _row.new_config,
    "changed_fields": _row.changed_fields,
    "said": nothing(JSONB()),
    "changed_by": _row.changed_by,
    "occurred_at": _row.changed_at,
    "caller_address": _row.ip_address,
    "caller_program": _row.user_agent,
    "rank": _rank_of(log.severity),
}

_event = audit_log.c
_type = sql_cast(_event.event_type, Text)
_severity: ColumnElement[str] = func.upper(_event.severity, type_=Text())


def _detail(name: str) -> ColumnElement[Any]:
    return _event.details.op("->", return_type=JSONB())(word(name))


_EVENTS: Mapping[str, ColumnElement[Any]] = {
    "id": _event.id,
    "account_id": _event.account_id,
    "source": _constant("COCKPIT"),
    "module": sql_cast(
        case(
            *[(func.starts_with(_type, word(start)), word(name)) for start, name in _MODULES],
            else_=word("OPERATIONS"),
        ),
        Text,
    ),
    "type": _type,
    "action": sql_cast(func.coalesce(_event.action, _event.event_type), Text),
    "severity": _severity,
    "resource_type": sql_cast(_event.resource_type, Text),
    "resource_id": _event.resource_id,
    "resource_name": no_text(),
    "message": func.coalesce(_event.message, _event.event_type, type_=Text()),
    "old_values": _detail("before"),
    "new_values": _detail("after"),
    "changed_fields": nothing(ARRAY(Text())),
    "said": _event.details,
    "changed_by": func.coalesce(_event.actor_id, _event.actor_email, type_=Text()),
    "occurred_at": _event.created_at,
    "caller_address": nothing(INET()),
    "caller_program": no_text(),
    "rank": _rank_of(_severity),
}
_UNSHOWN = {
    name: nothing(_EVENTS[name].type) for name in ("old_values", "new_values", "said", "changed_by")
}
"""What operators set, and who and where they are, is not for tenants."""
_links = audit_links.c


def _labelled(columns: Mapping[str, ColumnElement[Any]], **more: ColumnElement[Any]) -> Select[Any]:
    return select(*[column.label(name) for name, column in {**columns, **more}.items()])


def _is_of_platform(*, yes: bool) -> ColumnElement[bool]:
    return literal_column("true" if yes else "false", Boolean())


def _touching(ids: ColumnElement[bool]) -> ColumnElement[bool]:
    """What of the platform's events touched accounts; `ids` says that it is about one of them."""
    return and_(
        _event.account_id.is_(None),
        or_(
            _type.in_([word(name) for name in CATALOGUES]),
            and_(_event.resource_type == word("account"), ids),
        ),
    )


def linked(events: Subquery, *more: ColumnElement[Any]) -> Select[Any]:
    """Events with what their links say.

    The join comes after the union: so PostgreSQL reads both logs in the order of a page, through
    their indexes, and leaves the join out where nothing of it is asked for.
    """
    columns = events.c
    own = [columns[name] for name in EventRow._fields if name in columns]
    caused = [
        _links.operation_id,
        _links.request_id,
        func.coalesce(_host(columns.caller_address), _host(_links.ip_address), type_=Text()).label(
            "ip_address"
        ),
        func.coalesce(columns.caller_program, _links.user_agent, type_=Text()).label("user_agent"),
        func.encode(_links.hash, word("hex"), type_=Text()).label("hash"),
    ]
    belongs = _links.event_id == columns.id
    if "is_of_platform" in columns:
        belongs = and_(belongs, ~columns.is_of_platform)
    joined = events.outerjoin(audit_links, belongs)
    return select(*own, *caused, columns.rank, *more).select_from(joined)


change_log = _labelled(_CHANGES, guard=func.upper(_row.guard_type, type_=Text())).subquery("events")
"""The guardrails' change log alone."""
everything = union_all(_labelled(_EVENTS), _labelled(_CHANGES)).subquery("events")
"""Both logs, for whoever may see an event."""
in_accounts = union_all(
    _labelled(_EVENTS, tenant_id=_event.account_id, is_of_platform=_is_of_platform(yes=False)),
    _labelled(_CHANGES, tenant_id=_row.account_id, is_of_platform=_is_of_platform(yes=False)),
    _labelled(
        {**_EVENTS, **_UNSHOWN},
        tenant_id=accounts.c.account_id,
        is_of_platform=_is_of_platform(yes=True),
    ).where(_touching(_event.resource_id == accounts.c.account_id)),
).subquery("events")
"""Both logs by the account that sees an event, `tenant_id`, and what the platform did to it."""

events_by_id = One(EventRow, linked(everything))
"""The event of each id."""
events_in_account = One(EventRow, linked(everything), key=("account_id", "id"))
"""Events by `(account, id)`."""
operations_by_id = One(BulkOperationRef, select(bulk_operations.c.id, bulk_operations.c.account_id))
"""The bulk operations among these ids that the caller may see."""
