"""Settings of `cockpit dev`: what production must be given is made once and kept in its home."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

import orjson

from datasources.errors import DataDirectoryError
from gateway.setting_values import Secret
from gateway.settings import Environment, Settings, SettingsError

__all__ = ["SUPER_ADMIN", "development_settings", "session_secret"]

SUPER_ADMIN = "operator@cockpit.test"
"""Address of the operator whose token is printed."""

_FILE = "secrets.json"
_ROLE = "cockpit_gateway"
"""Owns nothing, so that row-level security applies to it."""


def development_settings(settings: Settings, database_url: str) -> Settings:
    """The settings on this database, with the secrets that the home keeps.

    They are kept because what they encrypted is kept. Raises `DataDirectoryError` where the home
    cannot hold them.
    """
    kept = _kept(settings.home)
    return settings.with_values(
        environment=Environment.DEVELOPMENT,
        database_url=Secret(database_url),
        database_role=settings.database_role or _own_role(settings),
        session_secrets=settings.session_secrets or (Secret(kept["session_secret"]),),
        encryption_keys=settings.encryption_keys or (Secret(kept["encryption_key"]),),
        super_admin_emails=settings.super_admin_emails | {SUPER_ADMIN},
    )


def _own_role(settings: Settings) -> str | None:
    """On our own server migrations have made the role; on another it may be missing."""
    return _ROLE if settings.database_url is None else None


def session_secret(settings: Settings) -> str:
    """The secret that signs sessions: that of the settings, or of the home of `cockpit dev`.

    Raises `SettingsError` where there is neither.
    """
    if settings.session_secrets:
        return settings.session_secrets[0].reveal()
    if not (settings.home / _FILE).exists():
        raise SettingsError(
            "Set COCKPIT_SESSION_SECRETS to the secret the gateway verifies sessions with, "
            "or COCKPIT_HOME to the data directory of cockpit dev."
        )
    return _kept(settings.home)["session_secret"]


def _kept(home: Path) -> Mapping[str, str]:
    path = home / _FILE
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            _write(path)
        kept: Mapping[str, str] = orjson.loads(path.read_bytes())
    except OSError as error:
        raise DataDirectoryError(
            f"The data directory {home} cannot be written ({error.strerror}). "
            "Name another with COCKPIT_HOME."
        ) from error
    return kept


def _write(path: Path) -> None:
    made = {
        "session_secret": secrets.token_hex(32),
        "encryption_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_bytes(orjson.dumps(made))
    partial.replace(path)
