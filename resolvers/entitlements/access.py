"""What a scope may use: whom the caller may ask about, and the answer's parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from auth.caller import ActorKind, Caller
from auth.errors import Forbidden
from auth.roles import role_of
from datasources.access import AccessRow, access_of, may_ask_about
from datasources.access_facts import AccessFacts
from datasources.entitlements.reads import FeaturePolicyRow
from datasources.feature_catalogue import FeatureRow, feature_catalogue, features_by_code
from datasources.features import flag_of
from datasources.references import AccountRef, UserRef
from datasources.scopes import ScopeRow
from resolvers.base import RequestContext
from resolvers.features import FeatureState, decide_facts, decide_features
from resolvers.parts import Part, no_scope

__all__ = [
    "FlagRow",
    "access_of_user",
    "access_of_viewer",
    "chain",
    "computed_at",
    "effective_access",
    "feature",
    "feature_of_code",
    "features",
    "flags",
    "roles",
]


class FlagRow(NamedTuple):
    """One switch of a policy."""

    feature: FeatureRow
    is_enabled: bool


async def effective_access(
    context: RequestContext, row: AccountRef, scope: Mapping[str, str] | None = None
) -> AccessRow | None:
    """What a scope may use; None where there is no such scope in the account.

    Raises `Forbidden` when a member asks about anybody else.
    """
    asked = (
        _callers_own(context.caller, row.id)
        if scope is None
        else ScopeRow(scope["type"], scope["id"], row.id)
    )
    if not may_ask_about(context.caller, asked):
        raise Forbidden("You may ask only what you yourself may use.")
    return await _existing(context, asked)


async def access_of_user(context: RequestContext, row: UserRef) -> AccessRow | None:
    """What a person may use; None when the caller may not ask."""
    if row.account_id is None:
        return None
    asked = ScopeRow("USER", row.id, row.account_id)
    return await _existing(context, asked) if may_ask_about(context.caller, asked) else None


async def access_of_viewer(context: RequestContext, caller: Caller) -> AccessRow | None:
    """What the caller may use; None without an account, and for a member nobody has a row of."""
    if caller.account_id is None:
        return None
    own = _callers_own(caller, caller.account_id)
    return await _existing(context, own) if may_ask_about(caller, own) else None


def _callers_own(caller: Caller, account_id: str) -> ScopeRow:
    """The caller as a person of the account; the account for those who are none of its people."""
    is_person = caller.kind is ActorKind.USER and caller.account_id == account_id
    own = (caller.user_id or caller.identity_id) if is_person else None
    return ScopeRow("ACCOUNT", account_id, account_id) if own is None else _user(own, account_id)


def _user(id: str, account_id: str) -> ScopeRow:
    return ScopeRow("USER", id, account_id)


async def _existing(context: RequestContext, asked: ScopeRow) -> AccessRow | None:
    facts = await context.decide(decide_facts, asked)
    return None if facts is None else access_of(facts.scope)


# --- parts of the answer ------------------------------------------------------------------------


def _roles(facts: AccessFacts) -> list[str]:
    return sorted({role.value for role in map(role_of, facts.stored_roles) if role is not None})


def _features(states: Mapping[str, FeatureState]) -> list[FeatureState]:
    return list(states.values())


def _feature(states: Mapping[str, FeatureState], code: str) -> FeatureState | None:
    return states.get(code)


chain = Part(decide_facts, attrgetter("chain"))
"""The scopes considered, most specific first."""
roles = Part(decide_facts, _roles)
"""The roles of a person; none for other scopes."""
features = Part(decide_features, _features)
"""Every feature of the catalogue."""
feature = Part(decide_features, _feature)
"""One feature; None when the catalogue does not have it."""


async def computed_at(context: RequestContext, row: AccessRow) -> datetime:
    """When the policies stood as the answer says."""
    stand = await context.deciding.stand(row.account_id)
    if stand is None:
        raise no_scope()
    return stand.read_at


# --- features and policies ----------------------------------------------------------------------


async def feature_of_code(context: RequestContext, _row: object, code: str) -> FeatureRow | None:
    """One entry of the catalogue; None when there is none."""
    return await context.load(features_by_code, code)


async def flags(context: RequestContext, row: FeaturePolicyRow) -> list[FlagRow]:
    """The features a policy decides."""
    said: list[FlagRow] = []
    for known, *_ in (await context.load(feature_catalogue, ())).features:
        stored = [flag_of(row.values.get(name)) for name in known.stored_names]
        if stored != [None] * len(stored):
            said.append(FlagRow(known, False not in stored))
    return said
