"""Words of the cockpit that several modules speak: roles in a directory, levels, money."""

from __future__ import annotations

from decimal import Decimal as PythonDecimal
from enum import StrEnum
from typing import NamedTuple

from schema.base.enums import described
from schema.base.fields import column
from schema.base.modules import record
from schema.base.scalars import Decimal

__all__ = ["AccountStatus", "MembershipRole", "Money", "MoneyRow", "ScopeType", "Severity"]


@described(
    "Levels at which budgets, policies and assignments apply, from broad to specific.",
    ACCOUNT="The whole account.",
    GROUP="One organisation of the account.",
    TEAM="One team of a group.",
    USER="One person.",
)
class ScopeType(StrEnum):
    """Levels at which budgets, policies and assignments apply."""

    ACCOUNT = "ACCOUNT"
    GROUP = "GROUP"
    TEAM = "TEAM"
    USER = "USER"


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
    "Life-cycle of an account.",
    ACTIVE="In use.",
    SUSPENDED="Every sign-in, session and key of the account is refused; data is kept.",
)
class AccountStatus(StrEnum):
    """Life-cycle of an account."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


@described(
    "How serious an event is.",
    DEBUG="Only of interest while investigating.",
    INFO="Expected course of things.",
    WARNING="Worth a look: something was removed, refused or ran into overflow.",
    ERROR="Something failed.",
    CRITICAL="Needs attention now.",
)
class Severity(StrEnum):
    """How serious an event is."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class MoneyRow(NamedTuple):
    """An amount of money."""

    amount: PythonDecimal
    currency: str = "USD"


@record(MoneyRow, "An amount of money.", shareable=True)
class Money:
    """An amount of money."""

    amount: Decimal = column("Exact amount.")
    currency: str = column("ISO 4217 code, such as USD.")
