"""Settings of an account: parts of its metadata, each written on its own, in place."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.caller import Caller
from datasources.accounts.documents import text_at, value_at
from datasources.accounts.rows import EmailEventRow, SettingsRow, SmtpRow, ThemeRow
from datasources.base import Database, Statement, in_account, tenant_values
from datasources.codecs import json_object as as_object
from datasources.documents import object_of
from datasources.expressions import word
from datasources.reads import One
from datasources.secrets import SecretName, is_stored
from datasources.tables import accounts

__all__ = [
    "EMAIL_EVENTS",
    "change_part",
    "plain_smtp_password",
    "remove_part",
    "settings_of_accounts",
    "smtp_password",
]

EMAIL_EVENTS: Mapping[str, str] = {
    "VIRTUAL_KEY_CREATED": "Virtual Key Created",
    "NEW_USER_INVITATION": "New User Invitation",
    "VIRTUAL_KEY_ROTATED": "Virtual Key Rotated",
    "SOFT_BUDGET_CROSSED": "Soft Budget Crossed",
    "MAX_BUDGET_ALERT": "Max Budget Alert",
}
"""Each event and its key in the stored document."""

_DEFAULT_PORT = 587
_OWNER_TYPE, _PASSWORD = "account", "smtp_password"


def smtp_password(account_id: str) -> SecretName:
    """Where the password of an account's mail server is kept."""
    return SecretName(_OWNER_TYPE, account_id, _PASSWORD)


class _Stored(NamedTuple):
    account_id: str
    theme: Any
    smtp: Any
    email_events: Any
    has_sealed_password: bool


_metadata = object_of(accounts.c.metadata)
_stored_settings = One(
    _Stored,
    select(
        accounts.c.account_id,
        value_at(_metadata, "ui_theme_config").label("theme"),
        value_at(_metadata, "smtp_config").label("smtp"),
        value_at(_metadata, "email_settings").label("email_events"),
        is_stored(
            _OWNER_TYPE, accounts.c.account_id, _PASSWORD, account_id=accounts.c.account_id
        ).label("has_sealed_password"),
    ),
    key="account_id",
)


async def settings_of_accounts(
    database: Database, caller: Caller, keys: Sequence[Hashable]
) -> list[SettingsRow | None]:
    """The settings of these accounts, in the order of the keys."""
    found = await _stored_settings(database, caller, keys)
    return [None if stored is None else _settings(stored) for stored in found]


def _settings(stored: _Stored) -> SettingsRow:
    return SettingsRow(
        account_id=stored.account_id,
        theme=_theme(as_object(stored.theme)),
        smtp=_smtp(as_object(stored.smtp), has_sealed_password=stored.has_sealed_password),
        email_events=_events(as_object(stored.email_events)),
    )


def _theme(document: dict[str, Any]) -> ThemeRow:
    logo = _text(document, "logo_url")
    return ThemeRow(logo, is_inherited=logo is None)


def _smtp(document: dict[str, Any], *, has_sealed_password: bool) -> SmtpRow | None:
    host = _text(document, "smtp_host")
    if host is None:
        return None
    username = _text(document, "smtp_username")
    return SmtpRow(
        host=host,
        port=_port(document.get("smtp_port")),
        username=username,
        has_password=has_sealed_password or _text(document, "smtp_password") is not None,
        sender_email=_text(document, "sender_email") or username or "",
        sender_name=_text(document, "sender_name"),
    )


def _events(document: dict[str, Any]) -> list[EmailEventRow]:
    return [
        EmailEventRow(event, is_enabled=document.get(key) is not False)
        for event, key in EMAIL_EVENTS.items()
    ]


def _text(document: dict[str, Any], key: str) -> str | None:
    value = document.get(key)
    return (value.strip() or None) if isinstance(value, str) else None


def _port(value: object) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and 0 < int(text) < 65536 else _DEFAULT_PORT


# --- writes -------------------------------------------------------------------------------------

_part = bindparam("part", type_=Text())
_now = func.timezone(word("UTC"), func.now())
_here = in_account(accounts)

_CHANGE_PART = Statement(
    update(accounts)
    .where(_here)
    .values(
        metadata=_metadata.op("||")(
            func.jsonb_build_object(
                _part,
                object_of(_metadata.op("->", return_type=JSONB())(_part))
                .op("-", return_type=JSONB())(bindparam("without", type_=ARRAY(Text())))
                .op("||", return_type=JSONB())(bindparam("patch", type_=JSONB())),
            )
        ),
        updated_at=_now,
    )
)
_REMOVE_PART = Statement(
    update(accounts).where(_here).values(metadata=_metadata.op("-")(_part), updated_at=_now)
)
_PLAIN_PASSWORD = Statement(
    select(text_at(object_of(value_at(_metadata, "smtp_config")), "smtp_password")).where(_here)
)


async def change_part(
    database: Database,
    caller: Caller,
    part: str,
    patch: Mapping[str, Any],
    without: Sequence[str] = (),
) -> None:
    """Set keys of one part of the metadata and take others out; nothing else is touched."""
    await database.execute(
        _CHANGE_PART,
        part=part,
        patch=dict(patch),
        without=list(without),
        **tenant_values(caller),
    )


async def remove_part(database: Database, caller: Caller, part: str) -> None:
    """Take one part out of the metadata."""
    await database.execute(_REMOVE_PART, part=part, **tenant_values(caller))


async def plain_smtp_password(database: Database, caller: Caller) -> str | None:
    """A password an earlier writer left in the clear, to be sealed by the next write."""
    record = await database.fetchrow(_PLAIN_PASSWORD, **tenant_values(caller))
    return None if record is None else (record[0] or None)
