"""Theme, mail server and e-mail events: each part is written on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from datasources.accounts import settings
from datasources.accounts.rows import SettingsRow
from datasources.accounts.settings import EMAIL_EVENTS, settings_of_accounts, smtp_password
from resolvers.accounts.auditing import account_event
from resolvers.accounts.holding import hold_account
from resolvers.auditing import changes
from resolvers.checks import checked_line
from resolvers.errors import refuse
from resolvers.secrets import keep_secret
from resolvers.writing import WriteContext

__all__ = ["ChangedSettings", "SettingsChanges", "update_account_settings"]

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class ThemeGiven(TypedDict, total=False):
    """The look a client gives."""

    logo_url: str | None


class SmtpGiven(TypedDict):
    """The mail server a client gives."""

    host: str
    port: int
    sender_email: str
    username: NotRequired[str | None]
    password: NotRequired[str | None]
    sender_name: NotRequired[str | None]


class EventGiven(TypedDict):
    """One event a client switches."""

    event: str
    is_enabled: bool


class SettingsChanges(TypedDict, total=False):
    """The parts to change; what is left out stays."""

    theme: ThemeGiven | None
    smtp: SmtpGiven | None
    email_events: Sequence[EventGiven] | None


class ChangedSettings(NamedTuple):
    """The settings after a change."""

    settings: SettingsRow


async def update_account_settings(
    context: WriteContext, **given: Unpack[SettingsChanges]
) -> ChangedSettings:
    """Change an account's settings; parts not sent stay."""
    await hold_account(context)
    before = await _read(context)
    if "theme" in given:
        await _set_theme(context, given["theme"])
    if "smtp" in given:
        await _set_smtp(context, given["smtp"])
    if "email_events" in given:
        await _set_events(context, given["email_events"])
    after = await _read(context)
    smtp = given.get("smtp")
    gives_password = smtp is not None and "password" in smtp
    if before == after and smtp is None:
        context.changed_nothing()
        return ChangedSettings(after)
    await context.audit(
        account_event(
            "update_settings",
            "The account's settings were changed.",
            context.account_id,
            {
                **changes(_seen(before), _seen(after)),
                "password_given": gives_password,
            },
        )
    )
    return ChangedSettings(after)


async def _read(context: WriteContext) -> SettingsRow:
    row = (await settings_of_accounts(context.database, context.caller, [context.account_id]))[0]
    if row is None:
        raise refuse("NOT_FOUND", "There is no such account.", "account_id")
    return row


async def _set_theme(context: WriteContext, theme: ThemeGiven | None) -> None:
    if theme is not None and "logo_url" not in theme:
        return
    logo = None if theme is None else theme["logo_url"]
    patch = {} if logo is None else {"logo_url": logo}
    await settings.change_part(
        context.database, context.caller, "ui_theme_config", patch, ["logo_url"]
    )


async def _set_smtp(context: WriteContext, smtp: SmtpGiven | None) -> None:
    which = smtp_password(context.account_id)
    if smtp is None:
        await settings.remove_part(context.database, context.caller, "smtp_config")
        await keep_secret(context, context.account_id, which, None)
        return
    patch, without = _smtp_document(smtp)
    if "password" in smtp:
        await keep_secret(context, context.account_id, which, smtp["password"] or None)
    elif (
        plain := await settings.plain_smtp_password(context.database, context.caller)
    ) is not None:
        await keep_secret(context, context.account_id, which, plain)
    await settings.change_part(context.database, context.caller, "smtp_config", patch, without)


def _smtp_document(smtp: SmtpGiven) -> tuple[dict[str, Any], list[str]]:
    """The keys to set and the keys to take out; a password in the clear always goes."""
    host = smtp["host"].strip().lower()
    if _HOST.fullmatch(host) is None:
        raise refuse("INVALID", "This is no host name, such as mail.example.com.", "smtp", "host")
    if not 0 < smtp["port"] < 65536:
        raise refuse("INVALID", "A port lies between 1 and 65535.", "smtp", "port")
    patch: dict[str, Any] = {
        "smtp_host": host,
        "smtp_port": smtp["port"],
        "sender_email": smtp["sender_email"],
    }
    without = ["smtp_password"]
    if "username" in smtp:
        without.append("smtp_username")
        patch["smtp_username"] = checked_line(smtp["username"], "smtp", "username")
    if "sender_name" in smtp:
        without.append("sender_name")
        patch["sender_name"] = checked_line(smtp["sender_name"], "smtp", "sender_name")
    return {key: value for key, value in patch.items() if value is not None}, without


async def _set_events(context: WriteContext, events: Sequence[EventGiven] | None) -> None:
    if events is None:
        await settings.remove_part(context.database, context.caller, "email_settings")
        return
    patch = {EMAIL_EVENTS[event["event"]]: event["is_enabled"] for event in events}
    await settings.change_part(context.database, context.caller, "email_settings", patch)


def _seen(row: SettingsRow) -> dict[str, Any]:
    return {
        "logo_url": row.theme.logo_url,
        "smtp": None if row.smtp is None else row.smtp._asdict(),
        "email_events": {event.event: event.is_enabled for event in row.email_events},
    }
