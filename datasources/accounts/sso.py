"""Single sign-on of accounts: one row an account, its settings in the keys that sign-in reads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Boolean, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from auth.caller import Caller
from datasources.accounts.rows import RoleMappingRow, SsoRow
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.codecs import json_object as as_object
from datasources.documents import object_of
from datasources.expressions import word
from datasources.reads import One
from datasources.secrets import SecretName, is_stored
from datasources.tables import sso_configs

__all__ = [
    "SECRET_KEYS",
    "SETTING_KEYS",
    "client_secret",
    "delete_sso",
    "plain_client_secret",
    "save_sso",
    "sso_by_id",
    "sso_of_accounts",
]

SETTING_KEYS: Mapping[str, Mapping[str, str]] = {
    "GOOGLE": {"client_id": "google_client_id"},
    "MICROSOFT": {"client_id": "microsoft_client_id", "tenant": "microsoft_tenant"},
    "OKTA": {"client_id": "generic_client_id", "tenant": "okta_issuer"},
    "GENERIC": {
        "client_id": "generic_client_id",
        "authorization_url": "generic_authorization_endpoint",
        "token_url": "generic_token_endpoint",
        "user_info_url": "generic_userinfo_endpoint",
    },
}
"""Where each provider's settings are stored; what is not listed the provider has not."""

_SECRET_KEY: Mapping[str, str] = {
    "GOOGLE": "google_client_secret",
    "MICROSOFT": "microsoft_client_secret",
    "OKTA": "generic_client_secret",
    "GENERIC": "generic_client_secret",
}
SECRET_KEYS = (*sorted(set(_SECRET_KEY.values())), "client_secret")
"""Where earlier writers left secrets in the clear."""

_OWNER_TYPE, _SECRET = "sso_config", "client_secret"
_ROLES: Mapping[str, str] = {
    **dict.fromkeys(("admin", "proxy_admin", "app_admin", "org_admin"), "ADMIN"),
    **dict.fromkeys(
        ("viewer", "proxy_admin_viewer", "internal_user_viewer", "internal_viewer"), "VIEWER"
    ),
    "guest": "GUEST",
    "member": "MEMBER",
}


def client_secret(config_id: str) -> SecretName:
    """Where the client secret of a configuration is kept."""
    return SecretName(_OWNER_TYPE, config_id, _SECRET)


class _Stored(NamedTuple):
    id: str
    account_id: str
    sso_provider: str | None
    sso_settings: Any
    enabled: bool
    has_sealed_secret: bool
    created_at: datetime
    updated_at: datetime


_sso = select(
    sso_configs.c.id,
    sso_configs.c.account_id,
    sso_configs.c.sso_provider,
    sso_configs.c.sso_settings,
    sso_configs.c.enabled,
    is_stored(_OWNER_TYPE, sso_configs.c.id, _SECRET, account_id=sso_configs.c.account_id).label(
        "has_sealed_secret"
    ),
    sso_configs.c.created_at,
    sso_configs.c.updated_at,
)
_stored_by_id = One(_Stored, _sso)
_stored_of_accounts = One(_Stored, _sso, key="account_id")


async def sso_by_id(
    database: Database, caller: Caller, keys: Sequence[Hashable]
) -> list[SsoRow | None]:
    """Configurations by their ids, in the order of the keys."""
    found = await _stored_by_id(database, caller, keys)
    return [None if stored is None else _row(stored) for stored in found]


async def sso_of_accounts(
    database: Database, caller: Caller, keys: Sequence[Hashable]
) -> list[SsoRow | None]:
    """The configuration of each account, None where none is stored."""
    found = await _stored_of_accounts(database, caller, keys)
    return [None if stored is None else _row(stored) for stored in found]


def _row(stored: _Stored) -> SsoRow:
    settings = as_object(stored.sso_settings)
    provider = _provider(stored.sso_provider, settings)
    keys = SETTING_KEYS[provider]
    values = {name: _text(settings, key) for name, key in keys.items()}
    mappings = as_object(settings.get("role_mappings"))
    return SsoRow(
        id=stored.id,
        account_id=stored.account_id,
        provider=provider,
        is_enabled=stored.enabled,
        client_id=values.get("client_id"),
        has_client_secret=stored.has_sealed_secret or _plain_secret(provider, settings) is not None,
        tenant=values.get("tenant"),
        authorization_url=values.get("authorization_url"),
        token_url=values.get("token_url"),
        user_info_url=values.get("user_info_url"),
        teams_claim=_text(as_object(settings.get("team_mappings")), "team_ids_jwt_field"),
        groups_claim=_text(mappings, "group_claim"),
        role_mappings=_mappings(as_object(mappings.get("roles"))),
        default_role=_role(mappings.get("default_role")),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def _provider(stored: str | None, settings: dict[str, Any]) -> str:
    """The provider as stored, or the one whose client is configured."""
    name = (stored or "").strip().upper()
    if name in SETTING_KEYS:
        return name
    for provider in ("GOOGLE", "MICROSOFT"):
        if _text(settings, SETTING_KEYS[provider]["client_id"]) is not None:
            return provider
    return "GENERIC"


def _plain_secret(provider: str, settings: dict[str, Any]) -> str | None:
    return _text(settings, _SECRET_KEY[provider]) or _text(settings, "client_secret")


def _mappings(roles: dict[str, Any]) -> list[RoleMappingRow]:
    """Several stored names can mean one role; their groups are joined."""
    groups: dict[str, list[str]] = {}
    for name, listed in roles.items():
        known = groups.setdefault(_role(name), [])
        if isinstance(listed, list):
            known += [str(group) for group in listed if str(group) not in known]
    return [RoleMappingRow(role, listed) for role, listed in groups.items()]


def _role(name: object) -> str:
    return _ROLES.get(str(name).strip().lower(), "USER")


def _text(document: dict[str, Any], key: str) -> str | None:
    value = document.get(key)
    return (value.strip() or None) if isinstance(value, str) else None


# --- writes -------------------------------------------------------------------------------------

_now = func.timezone(word("UTC"), func.now())
_here = in_account(sso_configs)
_new = insert(sso_configs).values(
    id=bindparam("id", type_=Text()),
    account_id=bindparam(TENANT, type_=Text()),
    sso_provider=bindparam("provider", type_=Text()),
    sso_settings=bindparam("patch", type_=JSONB()),
    enabled=bindparam("is_enabled", type_=Boolean()),
    updated_at=_now,
)
_SAVE = Statement(
    _new.on_conflict_do_update(
        index_elements=["account_id"],
        set_={
            "sso_provider": _new.excluded.sso_provider,
            "sso_settings": object_of(sso_configs.c.sso_settings)
            .op("-", return_type=JSONB())(bindparam("without", type_=ARRAY(Text())))
            .op("||", return_type=JSONB())(_new.excluded.sso_settings),
            "enabled": _new.excluded.enabled,
            "updated_at": _now,
        },
    ).returning(sso_configs.c.id)
)
_DELETE = Statement(delete(sso_configs).where(_here))
_SETTINGS = Statement(select(sso_configs.c.sso_settings).where(_here))


async def plain_client_secret(database: Database, caller: Caller, provider: str) -> str | None:
    """A secret an earlier writer left in the clear, to be sealed by the next write."""
    record = await database.fetchrow(_SETTINGS, **tenant_values(caller))
    return None if record is None else _plain_secret(provider, as_object(record[0]))


async def save_sso(database: Database, caller: Caller, config: SsoRow) -> str:
    """Store a configuration under the account's id; answers the configuration's id.

    Keys of the settings that the graph does not show are kept, secrets in the clear are not.
    """
    record = await database.fetchrow(
        _SAVE,
        id=str(uuid4()),
        provider=config.provider.lower(),
        is_enabled=config.is_enabled,
        patch=_settings(config),
        without=[*SECRET_KEYS, *_all_keys()],
        **tenant_values(caller),
    )
    if record is None:
        raise LookupError("An upsert answers its row.")
    return str(record[0])


async def delete_sso(database: Database, caller: Caller) -> None:
    """Remove the account's configuration."""
    await database.execute(_DELETE, **tenant_values(caller))


def _all_keys() -> set[str]:
    """Every key the graph writes; what one write leaves out is gone."""
    keys = {key for names in SETTING_KEYS.values() for key in names.values()}
    return keys | {"role_mappings", "team_mappings"} | set(_okta_endpoints("").keys())


def _settings(config: SsoRow) -> dict[str, Any]:
    settings: dict[str, Any] = {
        key: getattr(config, name)
        for name, key in SETTING_KEYS[config.provider].items()
        if getattr(config, name) is not None
    }
    if config.provider == "OKTA" and config.tenant is not None:
        settings |= _okta_endpoints(config.tenant)
    settings["role_mappings"] = _stored_mappings(config)
    if config.teams_claim is not None:
        settings["team_mappings"] = {"team_ids_jwt_field": config.teams_claim}
    return settings


def _okta_endpoints(issuer: str) -> dict[str, str]:
    """Sign-in knows no Okta of its own: it is a generic provider at the issuer's addresses."""
    base = issuer.rstrip("/")
    return {
        "generic_authorization_endpoint": f"{base}/v1/authorize",
        "generic_token_endpoint": f"{base}/v1/token",
        "generic_userinfo_endpoint": f"{base}/v1/userinfo",
    }


def _stored_mappings(config: SsoRow) -> dict[str, Any]:
    return {
        "provider": config.provider.lower(),
        "group_claim": config.groups_claim,
        "default_role": config.default_role.lower(),
        "roles": {mapping.role.lower(): mapping.groups for mapping in config.role_mappings},
    }
