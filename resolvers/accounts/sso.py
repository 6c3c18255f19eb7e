"""Single sign-on: what was not sent stays, and only a complete configuration is enabled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, NamedTuple, TypedDict, Unpack
from urllib.parse import urlsplit

from datasources.accounts import sso
from datasources.accounts.rows import RoleMappingRow, SsoRow
from datasources.accounts.sso import SETTING_KEYS, client_secret, sso_of_accounts
from datasources.secrets import remove
from resolvers.accounts.auditing import account_event, changes
from resolvers.accounts.checks import checked_line
from resolvers.accounts.holding import hold_account
from resolvers.errors import Refused, UserError, refuse
from resolvers.secrets import keep_secret
from resolvers.writing import WriteContext

__all__ = ["ChangedSso", "RemovedSso", "SsoChanges", "delete_sso_config", "set_sso_config"]

_PROVIDER_BOUND = ("client_id", "tenant", "authorization_url", "token_url", "user_info_url")
"""Settings that mean nothing at another provider."""
_URLS = ("authorization_url", "token_url", "user_info_url")
_LINES = ("client_id", "tenant", "teams_claim", "groups_claim")
_LONGEST_LINE = 1000
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_AUDITED = (
    "provider",
    "is_enabled",
    *_PROVIDER_BOUND,
    "teams_claim",
    "groups_claim",
    "default_role",
    "has_client_secret",
)


class MappingGiven(TypedDict):
    """Groups that become a role, as a client gives them."""

    role: str
    groups: Sequence[str]


class SsoChanges(TypedDict, total=False):
    """What to change; what is left out stays."""

    provider: str | None
    is_enabled: bool | None
    client_id: str | None
    client_secret: str | None
    tenant: str | None
    authorization_url: str | None
    token_url: str | None
    user_info_url: str | None
    teams_claim: str | None
    groups_claim: str | None
    role_mappings: Sequence[MappingGiven] | None
    default_role: str | None


class ChangedSso(NamedTuple):
    """The configuration after a change."""

    sso_config: SsoRow


class RemovedSso(NamedTuple):
    """Which configuration was removed."""

    deleted_id: str | None


async def set_sso_config(context: WriteContext, **given: Unpack[SsoChanges]) -> ChangedSso:
    """Create or change an account's single sign-on."""
    await hold_account(context)
    before = await _read(context)
    start = _start(context.account_id, before, given)
    config = _changed(start, given)
    _refuse_incomplete(config)
    plain = await sso.plain_client_secret(context.database, context.caller, config.provider)
    config_id = await sso.save_sso(context.database, context.caller, config)
    await _keep_secret(context, config_id, config, given, plain)
    after = await _read(context)
    if after is None:
        raise LookupError("What was just written is there.")
    await context.audit(
        account_event(
            "update_sso" if before else "create_sso",
            "Single sign-on was changed." if before else "Single sign-on was set up.",
            context.account_id,
            {
                **changes({} if before is None else _seen(before), _seen(after)),
                "client_secret_given": "client_secret" in given,
            },
            resource=("sso_config", after.id),
        )
    )
    return ChangedSso(after)


async def delete_sso_config(context: WriteContext) -> RemovedSso:
    """Remove an account's single sign-on."""
    await hold_account(context)
    before = await _read(context)
    if before is None:
        raise refuse("NOT_FOUND", "No single sign-on is stored.", "account_id")
    await sso.delete_sso(context.database, context.caller)
    await remove(context.database, context.caller, client_secret(before.id))
    await context.audit(
        account_event(
            "delete_sso",
            "Single sign-on was removed.",
            context.account_id,
            {"before": _seen(before)},
            resource=("sso_config", before.id),
            severity="warning",
        )
    )
    return RemovedSso(before.id)


async def _read(context: WriteContext) -> SsoRow | None:
    return (await sso_of_accounts(context.database, context.caller, [context.account_id]))[0]


def _start(account_id: str, before: SsoRow | None, given: SsoChanges) -> SsoRow:
    """What the changes apply to.

    At another provider nothing of the former one's is used, its secret least of all.
    """
    provider = given.get("provider")
    if before is None:
        if provider is None:
            raise refuse("REQUIRED", "Name the provider.", "provider")
        return _empty(account_id, provider)
    if "provider" in given and provider is None:
        raise refuse("REQUIRED", "A configuration has a provider.", "provider")
    if provider is None or provider == before.provider:
        return before
    cleared: dict[str, Any] = dict.fromkeys(_PROVIDER_BOUND)
    return before._replace(provider=provider, has_client_secret=False, **cleared)


def _empty(account_id: str, provider: str) -> SsoRow:
    now = datetime.now(UTC)
    return SsoRow(
        id="",
        account_id=account_id,
        provider=provider,
        is_enabled=False,
        client_id=None,
        has_client_secret=False,
        tenant=None,
        authorization_url=None,
        token_url=None,
        user_info_url=None,
        teams_claim=None,
        groups_claim=None,
        role_mappings=[],
        default_role="USER",
        created_at=now,
        updated_at=now,
    )


def _changed(config: SsoRow, given: SsoChanges) -> SsoRow:
    values: dict[str, Any] = {}
    for name in _LINES:
        if name in given:
            values[name] = checked_line(given[name], name, longest=_LONGEST_LINE)  # type: ignore[literal-required] # names of lines above
    for name in _URLS:
        if name in given:
            values[name] = _checked_url(given[name], name)  # type: ignore[literal-required] # names of addresses above
    for name in _PROVIDER_BOUND:
        if values.get(name) is not None and name not in SETTING_KEYS[config.provider]:
            raise refuse("INVALID", f"{config.provider.capitalize()} has no such setting.", name)
    if values.get("tenant") is not None:
        values["tenant"] = _checked_tenant(config.provider, values["tenant"])
    if "client_secret" in given:
        values["has_client_secret"] = bool(given["client_secret"])
    if "is_enabled" in given:
        values["is_enabled"] = bool(given["is_enabled"])
    if "role_mappings" in given:
        values["role_mappings"] = _checked_mappings(given["role_mappings"] or ())
    if "default_role" in given:
        values["default_role"] = given["default_role"] or "USER"
    return config._replace(**values)


def _checked_tenant(provider: str, tenant: str) -> str | None:
    """Okta's is an issuer; Microsoft's becomes part of an address, so it is a plain name."""
    if provider == "OKTA":
        return _checked_url(tenant, "tenant")
    if _TENANT.fullmatch(tenant) is None:
        raise refuse("INVALID", "A tenant is its id or one of its domains.", "tenant")
    return tenant


def _checked_mappings(mappings: Sequence[MappingGiven]) -> list[RoleMappingRow]:
    roles = [mapping["role"] for mapping in mappings]
    if len(set(roles)) < len(roles):
        raise refuse("INVALID", "Name each role once, with all its groups.", "role_mappings")
    return [
        RoleMappingRow(mapping["role"], _checked_groups(mapping["groups"])) for mapping in mappings
    ]


def _checked_groups(groups: Sequence[str]) -> list[str]:
    names = [checked_line(group, "role_mappings") for group in groups]
    return list(dict.fromkeys(name for name in names if name is not None))


def _checked_url(url: str | None, *path: str) -> str | None:
    """An address people and we can safely be sent to: https, and not inside our own network."""
    if url is None:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host or parts.username is not None:
        raise refuse("UNSAFE_URL", "An address of a provider begins with https://.", *path)
    if "." not in host or host.endswith((".local", ".internal", ".localhost")) or _is_ip(host):
        raise refuse("UNSAFE_URL", "An address of a provider is a public host name.", *path)
    return url


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refuse_incomplete(config: SsoRow) -> None:
    """Refuse to send people to a provider we could not sign them in with."""
    if not config.is_enabled:
        return
    missing = [name for name in SETTING_KEYS[config.provider] if getattr(config, name) is None]
    if not config.has_client_secret:
        missing.append("client_secret")
    if missing:
        why = "Single sign-on cannot be enabled without this."
        raise Refused([UserError("REQUIRED", why, (name,)) for name in missing])


async def _keep_secret(
    context: WriteContext, config_id: str, config: SsoRow, given: SsoChanges, plain: str | None
) -> None:
    """Seal the secret that is given, or one that still lay in the clear."""
    which = client_secret(config_id)
    if "client_secret" in given:
        await keep_secret(context, context.account_id, which, given["client_secret"] or None)
    elif not config.has_client_secret:
        await keep_secret(context, context.account_id, which, None)
    elif plain is not None:
        await keep_secret(context, context.account_id, which, plain)


def _seen(config: SsoRow) -> dict[str, Any]:
    seen = {name: getattr(config, name) for name in _AUDITED}
    return seen | {"role_mappings": {m.role: m.groups for m in config.role_mappings}}
