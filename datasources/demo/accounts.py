"""Accounts, their admins, settings and single sign-on."""

from __future__ import annotations

from typing import Any

import orjson

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id, demo_number
from datasources.demo.models import MODEL_NAMES
from datasources.demo.roster import Roster
from datasources.demo.tenants import Tenant

__all__ = ["add_account"]


def add_account(dataset: Dataset, roster: Roster) -> None:
    """The account of a tenant and what belongs to it alone."""
    tenant = roster.tenant
    metadata = _metadata(tenant)
    dataset.add(
        'public."Alchemi_AccountTable"',
        account_id=tenant.id,
        account_name=tenant.name,
        account_alias=tenant.alias,
        domain=tenant.domain,
        status=tenant.status,
        # One writer stored the text of the document.
        metadata=orjson.dumps(metadata).decode() if tenant.key == "startup" else metadata,
        max_budget=tenant.max_budget,
        created_at=dataset.ago(days=tenant.age),
        created_by="super_admin",
        updated_at=dataset.ago(days=tenant.age / 4),
    )
    for email in (roster.admin.email, *tenant.admins):
        _add_admin(dataset, tenant, email)
    if tenant.sso_provider is not None:
        _add_sso(dataset, tenant, tenant.sso_provider)


def _metadata(tenant: Tenant) -> dict[str, Any]:
    entitlements: dict[str, Any] = {"features": dict(tenant.features)}
    if tenant.max_budget is not None:
        entitlements |= {
            "max_models": 20,
            "max_keys": 200,
            "max_teams": 400,
            "max_budget": tenant.max_budget,
            "copilot_model_super_allowlist": MODEL_NAMES[:6],
            "copilot_model_tenant_allowlist": MODEL_NAMES[:4],
            "copilot_enabled_integrations": [demo_id("integration", "gmail")],
        }
    metadata: dict[str, Any] = {
        "auth_org_id": demo_number("auth organization", tenant.organization or tenant.key),
        "entitlements": entitlements,
    }
    if tenant.sso_provider is not None:
        metadata |= _settings(tenant)
    return metadata


def _settings(tenant: Tenant) -> dict[str, Any]:
    return {
        "ui_theme_config": {"logo_url": f"https://www.{tenant.mail_domain}/brand/logo.svg"},
        "smtp_config": {
            "smtp_host": f"smtp.{tenant.mail_domain}",
            "smtp_port": 587,
            "smtp_username": f"copilot@{tenant.mail_domain}",
            "smtp_password": "demo-only-opens-nothing",
            "sender_email": f"copilot@{tenant.mail_domain}",
            "sender_name": f"{tenant.alias} Copilot",
        },
        "email_settings": {"Virtual Key Created": False, "Max Budget Alert": True},
    }


def _add_admin(dataset: Dataset, tenant: Tenant, email: str) -> None:
    dataset.add(
        'public."Alchemi_AccountAdminTable"',
        id=demo_id("admin", tenant.key, email),
        account_id=tenant.id,
        user_email=email,
        created_at=dataset.ago(days=tenant.age),
        created_by="super_admin",
        updated_at=dataset.ago(days=tenant.age),
    )


def _add_sso(dataset: Dataset, tenant: Tenant, provider: str) -> None:
    settings = _sso_settings(tenant, provider)
    dataset.add(
        'public."Alchemi_AccountSSOConfig"',
        id=demo_id("sso", tenant.key),
        account_id=tenant.id,
        sso_provider=provider,
        # A form of the former console stored the text of the settings.
        sso_settings=orjson.dumps(settings).decode() if tenant.key == "hospital" else settings,
        enabled=tenant.key != "lawfirm",
        created_at=dataset.ago(days=tenant.age - 3),
        updated_at=dataset.ago(days=tenant.age / 2),
    )


def _sso_settings(tenant: Tenant, provider: str) -> dict[str, Any]:
    settings: dict[str, Any] = {
        f"{provider}_client_id": demo_id("client", tenant.key),
        f"{provider}_client_secret": "demo-only-opens-nothing",
        "role_mappings": {
            "provider": provider,
            "group_claim": "groups",
            "default_role": "internal_user",
            "roles": {"proxy_admin": ["copilot-admins"], "proxy_admin_viewer": ["audit"]},
        },
    }
    if provider == "microsoft":
        settings["microsoft_tenant"] = demo_id("entra tenant", tenant.key)
    if provider == "generic":
        base = f"https://login.{tenant.mail_domain}/oauth2"
        for endpoint in ("authorization", "token", "userinfo"):
            settings[f"generic_{endpoint}_endpoint"] = f"{base}/{endpoint}"
    return settings
