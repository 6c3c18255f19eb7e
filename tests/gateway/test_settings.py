from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.settings import Environment, Settings, SettingsError, load_settings, variables

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
SECRET = "a session secret of thirty-two bytes or more"
KEY = base64.b64encode(bytes(32)).decode()
PRODUCTION = {
    "DATABASE_URL": "postgresql://cockpit:pa$$word@db:5432/cockpit",
    "COCKPIT_SESSION_SECRETS": SECRET,
    "COCKPIT_ENCRYPTION_KEYS": KEY,
}


def load(environ: Mapping[str, str], dotenv: str = "", *, folder: Path) -> Settings:
    path = folder / ".env"
    path.write_text(dotenv)
    return load_settings(environ, path)


def test_nothing_set_means_production_without_playground_or_introspection(tmp_path: Path) -> None:
    settings = load({}, folder=tmp_path)
    assert settings.environment is Environment.PRODUCTION
    assert (settings.shows_playground, settings.allows_introspection) == (False, False)
    assert settings.cors_origins == ()


def test_development_shows_the_playground_unless_told_otherwise(tmp_path: Path) -> None:
    development = {"COCKPIT_ENVIRONMENT": "development"}
    assert load(development, folder=tmp_path).shows_playground
    hidden = load({**development, "COCKPIT_PLAYGROUND": "off"}, folder=tmp_path)
    assert not hidden.shows_playground


def test_every_kind_of_value_is_typed(tmp_path: Path) -> None:
    settings = load(
        {
            **PRODUCTION,
            "COCKPIT_HOME": "/var/lib/cockpit",
            "COCKPIT_SUPER_ADMIN_EMAILS": " Ada@Example.com, bob@example.com ",
            "COCKPIT_CORS_ORIGINS": "https://app.example.com,http://localhost:3000",
            "COCKPIT_REQUEST_TIMEOUT_SECONDS": "2.5",
            "COCKPIT_MAX_BODY_BYTES": "1000",
            "COCKPIT_PGBOUNCER": "true",
            "COCKPIT_CREDITS_FACTOR": "2.50",
            "COCKPIT_PROVIDER_VARIABLES": "LAB_URL, LAB_KEY",
        },
        folder=tmp_path,
    )
    assert settings.home == Path("/var/lib/cockpit")
    assert settings.super_admin_emails == {"ada@example.com", "bob@example.com"}
    assert settings.cors_origins == ("https://app.example.com", "http://localhost:3000")
    assert (settings.request_timeout_seconds, settings.max_body_bytes) == (2.5, 1000)
    assert settings.pgbouncer
    assert settings.credits_factor == Decimal("2.5")
    assert settings.provider_variables == {"LAB_URL", "LAB_KEY"}
    assert [secret.reveal() for secret in settings.session_secrets] == [SECRET]
    settings.require_secrets()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(
        {"COCKPIT_MAX_DEPTH": "7"}, "COCKPIT_MAX_DEPTH=5\nCOCKPIT_MAX_FIELDS=9\n", folder=tmp_path
    )
    assert (settings.max_depth, settings.max_fields) == (7, 9)


def test_a_dollar_in_a_file_is_a_dollar(tmp_path: Path) -> None:
    dotenv = (
        "# the cockpit's database\n\n"
        "export DATABASE_URL='postgresql://u:p$HOME${X}#1@db/cockpit'\n"
        f'COCKPIT_SESSION_SECRETS="{SECRET}"\n'
    )
    settings = load({"HOME": "/root", "X": "y"}, dotenv, folder=tmp_path)
    assert settings.database_url is not None
    assert settings.database_url.reveal() == "postgresql://u:p$HOME${X}#1@db/cockpit"
    assert settings.session_secrets[0].reveal() == SECRET


def test_legacy_names_are_read_where_the_new_one_is_absent(tmp_path: Path) -> None:
    legacy = {
        "SUPER_ADMIN_EMAILS": "old@example.com",
        "ZITADEL_ISSUER_URL": "https://id.example.com",
    }
    assert load(legacy, folder=tmp_path).super_admin_emails == {"old@example.com"}
    assert load(legacy, folder=tmp_path).oidc_issuer == "https://id.example.com"
    both = load({**legacy, "COCKPIT_SUPER_ADMIN_EMAILS": "new@example.com"}, folder=tmp_path)
    assert both.super_admin_emails == {"new@example.com"}


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    settings = load({**PRODUCTION, "COCKPIT_OPERATOR_KEY": "o" * 32}, folder=tmp_path)
    shown = f"{settings!r} {settings.database_url} {settings.operator_key}"
    assert "pa$$word" not in shown
    assert SECRET not in shown
    assert KEY not in shown
    assert "o" * 32 not in shown


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("COCKPIT_SESION_SECRETS", "x", "did you mean COCKPIT_SESSION_SECRETS?"),
        ("COCKPIT_QUUX", "1", "docs/settings.md lists every setting."),
        ("COCKPIT_MAX_DEPTH", "-3", "Set COCKPIT_MAX_DEPTH to a whole number above zero."),
        ("COCKPIT_MAX_DEPTH", "²", "Set COCKPIT_MAX_DEPTH to a whole number above zero."),
        ("COCKPIT_MAX_DEPTH", "0", "Set COCKPIT_MAX_DEPTH to a whole number above zero."),
        ("COCKPIT_REQUEST_TIMEOUT_SECONDS", "soon", "a number above zero, such as 2.5."),
        ("COCKPIT_REQUEST_TIMEOUT_SECONDS", "inf", "a number above zero, such as 2.5."),
        ("COCKPIT_PGBOUNCER", "maybe", "Set COCKPIT_PGBOUNCER to true or false."),
        ("COCKPIT_ENVIRONMENT", "staging", "to production or development."),
        ("COCKPIT_OIDC_ISSUER", "id.example.com", "to an http or https address."),
        ("COCKPIT_CORS_ORIGINS", "*", "origins separated by commas"),
        ("COCKPIT_CORS_ORIGINS", "https://a.example/path", "origins separated by commas"),
        ("COCKPIT_SUPER_ADMIN_EMAILS", "root", "e-mail addresses separated by commas."),
        ("COCKPIT_SESSION_SECRETS", "short", "at least 32 bytes"),
        ("COCKPIT_OPERATOR_KEY", "sk-1234", "at least 32 bytes"),
        ("COCKPIT_ENCRYPTION_KEYS", "c2hvcnQ=", "keys of 32 bytes in base64"),
        ("COCKPIT_ENCRYPTION_KEYS", f"{KEY},{KEY}", "distinct keys of 32 bytes in base64"),
        ("COCKPIT_LOG_LEVEL", "loud", "DEBUG or INFO or WARNING or ERROR."),
        ("DATABASE_URL", "mysql://db", "an address such as postgresql://"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_what_to_set(
    name: str, value: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as raised:
        load({name: value}, folder=tmp_path)
    assert sentence in str(raised.value)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_malformed_file_names_the_line_and_not_its_content(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load({}, "A=1\nhunter2\n", folder=tmp_path)
    assert str(raised.value) == "Line 2 of .env is no NAME=value assignment."


@pytest.mark.parametrize("absent", PRODUCTION)
def test_production_needs_every_secret(absent: str, tmp_path: Path) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != absent}
    with pytest.raises(SettingsError, match=f"Set {absent} to"):
        load(given, folder=tmp_path).require_secrets()


def test_an_issuer_needs_an_audience(tmp_path: Path) -> None:
    settings = load({**PRODUCTION, "COCKPIT_OIDC_ISSUER": "https://id.example"}, folder=tmp_path)
    with pytest.raises(SettingsError, match="Set COCKPIT_OIDC_AUDIENCE"):
        settings.require_secrets()


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    documented = dict(rows)
    assert set(documented) == {variable.name for variable in variables().values()}
    for setting in fields(Settings):
        if type(setting.default) in {int, float}:
            name = variables()[setting.name].name
            assert float(documented[name]) == setting.default


def test_every_legacy_name_is_documented() -> None:
    legacy = {one.legacy for one in variables().values() if one.legacy is not None}
    assert all(f"`{name}`" in DOCUMENT.read_text() for name in legacy)
