"""The settings: environment variables and `.env`, read once into one typed value.

This module alone reads the environment. Every setting is one field of `Settings`: its variable,
its reader, its default and the sentence docs/settings.md repeats.
"""

# ruff: noqa: RUF009 - `_setting` is a field specifier: it answers a `dataclasses.field`

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from gateway import setting_values as read
from gateway.dotenv import DotenvError, parse_dotenv
from gateway.setting_values import Secret

__all__ = ["Environment", "Settings", "SettingsError", "load_settings", "variables"]

_PREFIX = "COCKPIT_"


class SettingsError(Exception):
    """Settings that stop the start; the message says what to set."""


class Environment(StrEnum):
    """What a process is for; `production` demands every secret."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class Variable(NamedTuple):
    """Where a setting comes from."""

    name: str
    read: Callable[[str], Any]
    legacy: str | None
    """Name under which the former system knew the same setting; read when `name` is absent."""


def _setting(
    name: str,
    reader: Callable[[str], Any],
    *,
    legacy: str | None = None,
    default: Any = None,
    default_factory: Any = MISSING,
) -> Any:
    metadata = {"variable": Variable(name, reader, legacy)}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def _user_data() -> Path:
    return Path(platformdirs.user_data_dir("cockpit"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of the gateway; docs/settings.md explains each."""

    environment: Environment = _setting(
        "COCKPIT_ENVIRONMENT", read.choice(Environment), default=Environment.PRODUCTION
    )
    home: Path = _setting("COCKPIT_HOME", read.file, default_factory=_user_data)
    log_level: str = _setting("COCKPIT_LOG_LEVEL", read.log_level, default="INFO")

    database_url: Secret | None = _setting("DATABASE_URL", read.postgres_address)
    direct_database_url: Secret | None = _setting(
        "COCKPIT_DIRECT_DATABASE_URL", read.postgres_address
    )
    database_role: str | None = _setting("COCKPIT_DATABASE_ROLE", read.text)
    database_pool_size: int = _setting(
        "COCKPIT_DATABASE_POOL_SIZE", read.positive_integer, default=10
    )
    statement_timeout_seconds: float = _setting(
        "COCKPIT_STATEMENT_TIMEOUT_SECONDS", read.positive_number, default=15.0
    )
    pgbouncer: bool = _setting("COCKPIT_PGBOUNCER", read.boolean, default=False)

    remembered_decisions: int = _setting(
        "COCKPIT_REMEMBERED_DECISIONS", read.positive_integer, default=10_000
    )

    renewal_seconds: float = _setting("COCKPIT_RENEWAL_SECONDS", read.positive_number, default=60.0)
    export_days: int = _setting("COCKPIT_EXPORT_DAYS", read.positive_integer, default=7)

    credits_factor: Decimal = _setting(
        "COCKPIT_CREDITS_FACTOR",
        read.positive_decimal,
        legacy="CREDITS_FACTOR",
        default=Decimal(5),
    )
    provider_variables: frozenset[str] = _setting(
        "COCKPIT_PROVIDER_VARIABLES", read.variable_names, default=frozenset()
    )

    session_secrets: tuple[Secret, ...] = _setting(
        "COCKPIT_SESSION_SECRETS", read.secrets, default=()
    )
    operator_key: Secret | None = _setting("COCKPIT_OPERATOR_KEY", read.secret)
    super_admin_emails: frozenset[str] = _setting(
        "COCKPIT_SUPER_ADMIN_EMAILS",
        read.emails,
        legacy="SUPER_ADMIN_EMAILS",
        default=frozenset(),
    )
    oidc_issuer: str | None = _setting(
        "COCKPIT_OIDC_ISSUER", read.address, legacy="ZITADEL_ISSUER_URL"
    )
    oidc_audience: str | None = _setting("COCKPIT_OIDC_AUDIENCE", read.text)
    oidc_jwks_url: str | None = _setting("COCKPIT_OIDC_JWKS_URL", read.address)
    encryption_keys: tuple[Secret, ...] = _setting(
        "COCKPIT_ENCRYPTION_KEYS", read.encryption_keys, default=()
    )

    public_url: str | None = _setting("COCKPIT_PUBLIC_URL", read.address)
    cors_origins: tuple[str, ...] = _setting("COCKPIT_CORS_ORIGINS", read.origins, default=())
    max_body_bytes: int = _setting(
        "COCKPIT_MAX_BODY_BYTES", read.positive_integer, default=1_048_576
    )
    request_timeout_seconds: float = _setting(
        "COCKPIT_REQUEST_TIMEOUT_SECONDS", read.positive_number, default=30.0
    )
    max_depth: int = _setting("COCKPIT_MAX_DEPTH", read.positive_integer, default=40)
    max_fields: int = _setting("COCKPIT_MAX_FIELDS", read.positive_integer, default=10_000)

    playground: bool | None = _setting("COCKPIT_PLAYGROUND", read.boolean)
    introspection: bool | None = _setting("COCKPIT_INTROSPECTION", read.boolean)
    metrics: bool = _setting("COCKPIT_METRICS", read.boolean, default=True)
    share_queries: bool = _setting("COCKPIT_SHARE_QUERIES", read.boolean, default=False)
    subgraphs: Path | None = _setting("COCKPIT_SUBGRAPHS", read.file)
    supergraph_header: Secret | None = _setting("COCKPIT_SUPERGRAPH_HEADER", read.header)

    @property
    def is_production(self) -> bool:
        """Whether the process serves real tenants."""
        return self.environment is Environment.PRODUCTION

    @property
    def shows_playground(self) -> bool:
        """Whether `/` answers browsers; by default in development only."""
        return not self.is_production if self.playground is None else self.playground

    @property
    def allows_introspection(self) -> bool:
        """Whether the schema may be asked for; by default in development only."""
        return not self.is_production if self.introspection is None else self.introspection

    @property
    def clients_url(self) -> str:
        """Where clients reach the gateway, without a slash at the end."""
        return (self.public_url or "http://localhost:4000").rstrip("/")

    def with_values(self, **values: Any) -> Settings:
        """The same settings with some replaced."""
        return replace(self, **values)

    def require_database_url(self) -> str:
        """The database's address. Raises `SettingsError` when there is none."""
        if self.database_url is None:
            raise SettingsError(
                "Set DATABASE_URL to the address of the cockpit's PostgreSQL database, "
                "such as postgresql://user:password@host:5432/database."
            )
        return self.database_url.reveal()

    @property
    def listening_url(self) -> str | None:
        """Where notices are heard; None where only a pooler can be reached, which hears nothing."""
        if self.direct_database_url is not None:
            return self.direct_database_url.reveal()
        return None if self.pgbouncer else self.require_database_url()

    def require_secrets(self) -> None:
        """Raise `SettingsError` when the gateway lacks what only its environment can give."""
        self.require_database_url()
        if not self.session_secrets:
            raise SettingsError(
                "Set COCKPIT_SESSION_SECRETS to the secret that signs sessions "
                "(make one with: openssl rand -hex 32)."
            )
        if not self.encryption_keys:
            raise SettingsError(
                "Set COCKPIT_ENCRYPTION_KEYS to the key of stored secrets, 32 bytes in base64 "
                "(make one with: openssl rand -base64 32)."
            )
        if self.oidc_issuer is not None and self.oidc_audience is None:
            raise SettingsError(
                "Set COCKPIT_OIDC_AUDIENCE to the audience that access tokens of "
                f"{self.oidc_issuer} must carry."
            )


def variables() -> dict[str, Variable]:
    """Every setting's variable by the name of its field."""
    return {setting.name: _variable(setting) for setting in fields(Settings)}


def load_settings(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Read the settings.

    `environ` defaults to the process's environment, `dotenv` to `.env` in the working directory;
    the environment wins. Raises `SettingsError` for an unknown `COCKPIT_` name or a malformed
    value.
    """
    found = {
        **_file_values(Path(".env") if dotenv is None else dotenv),
        **(os.environ if environ is None else environ),  # noqa: TID251 - the one place that reads it
    }
    known = variables()
    _refuse_unknown(found, {variable.name for variable in known.values()})
    values = {name: _value(variable, found) for name, variable in known.items()}
    return Settings(**{name: value for name, value in values.items() if value is not MISSING})


def _file_values(path: Path) -> dict[str, str]:
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    try:
        return parse_dotenv(content)
    except DotenvError as error:
        raise SettingsError(str(error)) from error


def _refuse_unknown(found: Mapping[str, str], known: set[str]) -> None:
    for name in sorted(found):
        if not name.startswith(_PREFIX) or name in known:
            continue
        # Compared without the prefix, which alone would make everything look alike.
        names = sorted(one.removeprefix(_PREFIX) for one in known if one.startswith(_PREFIX))
        close = difflib.get_close_matches(name.removeprefix(_PREFIX), names, n=1)
        hint = (
            f"did you mean {_PREFIX}{close[0]}?"
            if close
            else "docs/settings.md lists every setting."
        )
        raise SettingsError(f"{name} is no setting of the gateway: {hint}")


def _value(variable: Variable, found: Mapping[str, str]) -> Any:
    name = variable.name
    if name not in found and variable.legacy is not None:
        name = variable.legacy
    raw = found.get(name, "").strip()
    if not raw:
        return MISSING
    try:
        return variable.read(raw)
    except ValueError as error:
        raise SettingsError(f"Set {name} to {error}.") from error


def _variable(setting: Field[Any]) -> Variable:
    variable: Variable = setting.metadata["variable"]
    return variable
