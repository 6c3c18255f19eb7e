"""Words of the cockpit that several modules speak: roles in a directory, levels, money."""

from __future__ import annotations

from decimal import Decimal as PythonDecimal
from enum import StrEnum
from typing import NamedTuple

import strawberry

from schema.base.core import DateTimeRangeInput
from schema.base.enums import described
from schema.base.fields import absent, column, given
from schema.base.modules import record
from schema.base.scalars import Decimal

__all__ = [
    "AccountFilter",
    "AccountStatus",
    "BudgetAlertLevel",
    "GuardType",
    "MembershipRole",
    "ModelListMode",
    "Money",
    "MoneyInput",
    "MoneyRow",
    "Severity",
]


@described(
    "Role of a person in an account's directory. It decides what the person may do.",
    ADMIN="Grants ACCOUNT_ADMIN.",
    VIEWER="Grants AUDITOR.",
    MEMBER="Grants MEMBER.",
    USER="Grants MEMBER; the default.",
    GUEST="Grants MEMBER, for people from outside.",
)
class MembershipRole(StrEnum):
    """Role of a person in an account's directory."""

    ADMIN = "ADMIN"
    VIEWER = "VIEWER"
    MEMBER = "MEMBER"
    USER = "USER"
    GUEST = "GUEST"


@described(
    "How serious an event is.",
    DEBUG="Only of interest while investigating.",
    INFO="Expected course of things.",
    WARNING="Worth a look: something was removed, refused or ran into overflow.",
    ERROR="Something failed.",
    CRITICAL="Needs attention now.",
)
class Severity(StrEnum):
    """How serious something is."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


@described(
    "Life-cycle of an account.",
    ACTIVE="In use.",
    SUSPENDED="Every sign-in, session and key of the account is refused; data is kept.",
)
class AccountStatus(StrEnum):
    """Life-cycle of an account."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


@described(
    "How close use is to the limit.",
    WARNING="80 percent or more.",
    CRITICAL="95 percent or more.",
    AT_LIMIT="The limit is used up or overflow has begun.",
)
class BudgetAlertLevel(StrEnum):
    """How close use is to the limit."""

    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    AT_LIMIT = "AT_LIMIT"


@described(
    "Guards.",
    PII="Personal data.",
    TOXIC="Toxic language.",
    JAILBREAK="Attempts to break out of instructions.",
)
class GuardType(StrEnum):
    """What a guardrail guards against."""

    PII = "PII"
    TOXIC = "TOXIC"
    JAILBREAK = "JAILBREAK"


@described(
    'How a list of models is meant. There is no "empty means everything".',
    ALL="Everything the layer above allows.",
    LIST="Only the listed models; an empty list allows none.",
)
class ModelListMode(StrEnum):
    """How a list of models is meant."""

    ALL = "ALL"
    LIST = "LIST"


class MoneyRow(NamedTuple):
    """An amount of money."""

    amount: PythonDecimal
    currency: str = "USD"


@record(MoneyRow, "An amount of money.", shareable=True)
class Money:
    """An amount of money."""

    amount: Decimal = column("Exact amount.")
    currency: str = column("ISO 4217 code, such as USD.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """An amount of money."""

    amount: Decimal = given("Exact amount, not negative.")
    currency: str = given("ISO 4217 code.", default="USD")


@strawberry.input(description="Conditions on accounts.")
class AccountFilter:
    """Conditions on accounts."""

    search: str | None = absent("Text in name, alias or domain, ignoring case.")
    ids: list[strawberry.ID] | None = absent("Only these accounts.")
    statuses: list[AccountStatus] | None = absent("Only these statuses.")
    model_modes: list[ModelListMode] | None = absent(
        "Only accounts whose model grant has one of these modes."
    )
    alert_levels: list[BudgetAlertLevel] | None = absent(
        "Only accounts whose own budget stands at one of these levels."
    )
    created_at: DateTimeRangeInput | None = absent("Created in this span.")
