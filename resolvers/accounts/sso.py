"""Single sign-on: what was not sent stays, and only a complete configuration is enabled."""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack

from datasources.accounts import sso
from datasources.accounts.rows import SsoRow
from datasources.accounts.sso import client_secret, sso_of_accounts
from datasources.secrets import remove
from resolvers.accounts.auditing import account_event
from resolvers.accounts.holding import hold_account
from resolvers.accounts.sso_changes import PROVIDER_BOUND, SsoChanges, changed
from resolvers.auditing import changes
from resolvers.errors import refuse
from resolvers.secrets import keep_secret
from resolvers.writing import WriteContext

__all__ = ["ChangedSso", "RemovedSso", "delete_sso_config", "set_sso_config"]

_AUDITED = (
    "provider",
    "is_enabled",
    *PROVIDER_BOUND,
    "teams_claim",
    "groups_claim",
    "default_role",
    "has_client_secret",
)


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
    config = changed(context.account_id, before, given)
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
