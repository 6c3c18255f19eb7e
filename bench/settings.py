"""The gateway's settings for a benchmark, as a process's environment and as a value."""

from __future__ import annotations

from pathlib import Path

from bench.data import SECRET
from gateway.settings import Settings, load_settings

__all__ = ["environment_of", "settings_of"]

_ENCRYPTION_KEY = "YmVuY2htYXJrcyBzdG9yZSBubyBzZWNyZXRzIGhlcmU="


def environment_of(database_url: str) -> dict[str, str]:
    """The variables to start a gateway with."""
    return {
        "DATABASE_URL": database_url,
        "COCKPIT_SESSION_SECRETS": SECRET,
        "COCKPIT_ENCRYPTION_KEYS": _ENCRYPTION_KEY,
        "COCKPIT_LOG_LEVEL": "WARNING",
    }


def settings_of(database_url: str, **others: str) -> Settings:
    """The same as a value, with other variables."""
    return load_settings({**environment_of(database_url), **others}, Path("no .env file"))
