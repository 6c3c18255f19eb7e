"""Settings of an account: types and inputs."""

from __future__ import annotations

import strawberry

from datasources.accounts.rows import EmailEventRow, SettingsRow, SmtpRow, ThemeRow
from schema.accounts.enums import EmailEvent
from schema.base.core import TenantInput
from schema.base.fields import absent, column, given
from schema.base.guards import Role, Sensitive, roles
from schema.base.modules import record
from schema.base.scalars import URL, EmailAddress

__all__ = [
    "AccountSettings",
    "AccountTheme",
    "AccountThemeInput",
    "EmailEventSetting",
    "EmailEventSettingInput",
    "SmtpConfig",
    "SmtpConfigInput",
    "UpdateAccountSettingsInput",
]


@record(ThemeRow, "Look of the cockpit.")
class AccountTheme:
    """Look of the cockpit."""

    logo_url: URL | None = column("Logo; null for none.")
    is_inherited: bool = column(
        "Whether this is the platform's theme because the account has none."
    )


@record(SmtpRow, "Mail server an account sends through.")
class SmtpConfig:
    """Mail server an account sends through."""

    host: str = column("Host name.")
    port: int = column("Port.")
    username: str | None = column("User name; null when the server needs none.")
    has_password: bool = column("Whether a password is stored.")
    sender_email: EmailAddress = column("Sender address.")
    sender_name: str | None = column("Sender name.")


@record(EmailEventRow, "Whether one event sends e-mail.")
class EmailEventSetting:
    """Whether one event sends e-mail."""

    event: EmailEvent = column("The event.")
    is_enabled: bool = column("Whether it sends e-mail; true by default.")


@record(SettingsRow, "Settings of an account, each stored on its own.")
class AccountSettings:
    """Settings of an account."""

    theme: AccountTheme = column("Look of the cockpit.")
    smtp: SmtpConfig | None = column(
        "Mail server; null means the platform's own.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR),
    )
    email_events: list[EmailEventSetting] | None = column(
        "Which events send e-mail, one entry per event.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
    )


@strawberry.input(description="Look of the cockpit.")
class AccountThemeInput:
    """Look of the cockpit."""

    logo_url: URL | None = absent("Logo; null removes it.")


@strawberry.input(description="Mail server an account sends through.")
class SmtpConfigInput:
    """Mail server an account sends through."""

    host: str = given("Host name.")
    port: int = given("Port.", default=587)
    username: str | None = absent("User name; null for none.")
    password: str | None = absent(
        "Password; absent keeps the stored one, null removes it.", sensitive=(Sensitive(),)
    )
    sender_email: EmailAddress = given("Sender address.")
    sender_name: str | None = absent("Sender name.")


@strawberry.input(description="Whether one event sends e-mail.")
class EmailEventSettingInput:
    """Whether one event sends e-mail."""

    event: EmailEvent = given("The event.")
    is_enabled: bool = given("Whether it sends e-mail.")


@strawberry.input(description="Input of updateAccountSettings.")
class UpdateAccountSettingsInput(TenantInput):
    """Input of updateAccountSettings."""

    theme: AccountThemeInput | None = absent("Look; null returns to the platform's theme.")
    smtp: SmtpConfigInput | None = absent("Mail server; null returns to the platform's own.")
    email_events: list[EmailEventSettingInput] | None = absent(
        "Events to switch; null switches every event back on."
    )
