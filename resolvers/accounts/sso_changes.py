"""What a client's changes make of a single sign-on: checked value by value, then as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TypedDict
from urllib.parse import urlsplit

from datasources.accounts.rows import RoleMappingRow, SsoRow
from datasources.accounts.sso import SETTING_KEYS
from resolvers.checks import checked_line
from resolvers.errors import Refused, UserError, refuse

__all__ = ["PROVIDER_BOUND", "MappingGiven", "SsoChanges", "changed"]

PROVIDER_BOUND = ("client_id", "tenant", "authorization_url", "token_url", "user_info_url")
"""Settings that mean nothing at another provider."""
_URLS = ("authorization_url", "token_url", "user_info_url")
_LINES = ("client_id", "tenant", "teams_claim", "groups_claim")
_LONGEST_LINE = 1000
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


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


def changed(account_id: str, before: SsoRow | None, given: SsoChanges) -> SsoRow:
    """The configuration with the changes applied. Raises `Refused` for what cannot be stored."""
    config = _start(account_id, before, given)
    values = {**_checked_settings(config.provider, dict(given)), **_checked_rest(given)}
    config = config._replace(**values)
    _refuse_incomplete(config)
    return config


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
    cleared: dict[str, Any] = dict.fromkeys(PROVIDER_BOUND)
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


def _checked_settings(provider: str, given: dict[str, Any]) -> dict[str, Any]:
    """The settings given, each of which the provider must have."""
    values: dict[str, Any] = {}
    for name in _LINES:
        if name in given:
            values[name] = checked_line(given[name], name, longest=_LONGEST_LINE)
    for name in _URLS:
        if name in given:
            values[name] = _checked_url(given[name], name)
    for name in PROVIDER_BOUND:
        if values.get(name) is not None and name not in SETTING_KEYS[provider]:
            raise refuse("INVALID", f"{provider.capitalize()} has no such setting.", name)
    if values.get("tenant") is not None:
        values["tenant"] = _checked_tenant(provider, values["tenant"])
    return values


def _checked_rest(given: SsoChanges) -> dict[str, Any]:
    """What every provider has; null returns to the default."""
    values: dict[str, Any] = {}
    if "client_secret" in given:
        values["has_client_secret"] = bool(given["client_secret"])
    if "is_enabled" in given:
        values["is_enabled"] = bool(given["is_enabled"])
    if "role_mappings" in given:
        values["role_mappings"] = _checked_mappings(given["role_mappings"] or ())
    if "default_role" in given:
        values["default_role"] = given["default_role"] or "USER"
    return values


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
