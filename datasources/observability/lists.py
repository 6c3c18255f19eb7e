"""Lists of events: of an account, of all, and of the guardrails' change log alone."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    literal_column,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.conditions import (
    Condition,
    any_of,
    at_least,
    before,
    contains,
    equals,
    matching,
)
from datasources.expressions import word
from datasources.observability.events import (
    CATALOGUES,
    EventRow,
    audit_links,
    change_log,
    everything,
    in_accounts,
    linked,
)
from datasources.pages import Pages
from datasources.paging import Filters, Sorting

__all__ = ["account_events", "account_guardrail_changes", "all_events"]


def _is_chained_to(position: ColumnElement[int]) -> ColumnElement[bool]:
    """What is no later in its account's chain; of events in no chain, any."""
    link = audit_links.c.position
    return or_(link.is_(None), link <= position)


def _conditions(events: Subquery) -> dict[str, Condition]:
    of = events.c
    return {
        "ids": any_of(of.id),
        "search": contains(of.message, of.resource_name),
        "sources": any_of(of.source),
        "modules": any_of(of.module),
        "types": any_of(of.type),
        "actions": any_of(of.action),
        "severities": any_of(of.severity),
        "actor_id": equals(of.changed_by),
        "resource_type": equals(of.resource_type),
        "resource_id": equals(of.resource_id),
        "operation_id": equals(audit_links.c.operation_id),
        "chained_to": matching(BigInteger(), _is_chained_to),
        "occurred_at_from": at_least(of.occurred_at),
        "occurred_at_to": before(of.occurred_at),
    }


_IS_ALL_THERE_IS = matching(Boolean(), lambda _asked: literal_column("true", Boolean()))
"""For a list to which there is nothing of the platform's to add: asking for it changes nothing."""
_ORDERS = {"OCCURRED_AT": ("occurred_at",), "SEVERITY": ("rank", "occurred_at")}
_NEWEST = Sorting("OCCURRED_AT", descending=True)


account_guardrail_changes = Pages(
    EventRow,
    linked(change_log),
    orders=_ORDERS,
    default=_NEWEST,
    conditions={
        **_conditions(change_log),
        "guards": any_of(change_log.c.guard),
        "account_ids": any_of(change_log.c.account_id),
        "include_platform": _IS_ALL_THERE_IS,
    },
)
"""Changes of an account's guardrails, patterns and policies."""


class _OfAccount(Pages[EventRow]):
    """A list without what is the platform's, unless that is asked for."""

    def _where(self, query: Select[Any], filters: Filters) -> Subquery:
        if "include_platform" not in filters:
            query = query.where(~in_accounts.c.is_of_platform)
        return super()._where(query, filters)


account_events = _OfAccount(
    EventRow,
    linked(in_accounts, in_accounts.c.tenant_id),
    parent="tenant_id",
    tenant="tenant_id",
    orders=_ORDERS,
    default=_NEWEST,
    conditions={
        **_conditions(in_accounts),
        "account_ids": any_of(in_accounts.c.tenant_id),
        "include_platform": matching(
            Boolean(), lambda asked: or_(~in_accounts.c.is_of_platform, asked)
        ),
    },
)
"""Everything that happened in an account."""


class _OfAll(Pages[EventRow]):
    """A list over accounts, to which the platform's events can be added where some are named."""

    def _asked(self, filters: tuple[tuple[str, Hashable], ...]) -> tuple[tuple[str, Hashable], ...]:
        """Accounts and what touched them are one condition: either is enough."""
        asked = dict(filters)
        if asked.pop("include_platform", False) is True and "account_ids" in asked:
            asked["touching"] = asked.pop("account_ids")
        return tuple(asked.items())


def _touched(ids: Any) -> ColumnElement[bool]:
    of = everything.c
    is_catalogue = of.type.in_([word(name) for name in CATALOGUES])
    is_about = and_(of.resource_type == word("account"), of.resource_id == any_(ids))
    of_platform = and_(of.account_id.is_(None), or_(is_catalogue, is_about))
    return or_(of.account_id == any_(ids), of_platform)


all_events = _OfAll(
    EventRow,
    linked(everything),
    parent=None,
    orders=_ORDERS,
    default=_NEWEST,
    conditions={
        **_conditions(everything),
        "account_ids": any_of(everything.c.account_id),
        "touching": matching(ARRAY(Text()), _touched, list),
        "include_platform": _IS_ALL_THERE_IS,
    },
)
"""Events of all accounts and of the platform."""
