"""Enumerations of budgets, plans and usage."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described


@described(
    "How a budget came to its amount.",
    MANUAL="Set by hand.",
    EQUAL_DISTRIBUTION="Share of an equal distribution; later distributions may change it.",
    OVERRIDE="Exception for this scope; distributions leave it alone unless told otherwise.",
)
class AllocationStrategy(StrEnum):
    """How a budget came to its amount."""

    MANUAL = "MANUAL"
    EQUAL_DISTRIBUTION = "EQUAL_DISTRIBUTION"
    OVERRIDE = "OVERRIDE"


@described(
    "How a plan hands credits down.",
    MANUAL="Not automatically.",
    EQUAL="In equal shares.",
    WEIGHTED="By the weights of group, team and user level.",
)
class DistributionMode(StrEnum):
    """How a plan hands credits down."""

    MANUAL = "MANUAL"
    EQUAL = "EQUAL"
    WEIGHTED = "WEIGHTED"


@described(
    "How often a plan starts a new cycle.",
    MONTHLY="Every month.",
    QUARTERLY="Every three months, counted from the plan's anchor.",
    YEARLY="Every twelve months, counted from the plan's anchor.",
    MANUAL="Only when told to.",
)
class RenewalCadence(StrEnum):
    """How often a plan starts a new cycle."""

    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    YEARLY = "YEARLY"
    MANUAL = "MANUAL"


@described(
    "What becomes of child budgets at renewal.",
    CARRY_OVER="Every child is allocated the same amount again.",
    OVERRIDES_ONLY="Only children with strategy OVERRIDE are carried over.",
    START_EMPTY="The new cycle starts without children.",
)
class ChildRenewal(StrEnum):
    """What becomes of child budgets at renewal."""

    CARRY_OVER = "CARRY_OVER"
    OVERRIDES_ONLY = "OVERRIDES_ONLY"
    START_EMPTY = "START_EMPTY"


@described(
    "What becomes of children when their budget is deleted.",
    REFUSE="Deleting fails while there are children.",
    MOVE_TO_PARENT="Children are moved to the parent, if its credits allow.",
)
class ChildHandling(StrEnum):
    """What becomes of children when their budget is deleted."""

    REFUSE = "REFUSE"
    MOVE_TO_PARENT = "MOVE_TO_PARENT"


@described("Kind of ledger entry.", CHARGE="Credits consumed.", REFUND="Credits given back.")
class UsageKind(StrEnum):
    """Kind of ledger entry."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"


@described(
    "How a consumption was booked.",
    WITHIN_LIMIT="Fully within the limit.",
    SPLIT="First up to the limit, the rest as overflow.",
    OVERFLOW="Fully as overflow.",
    REFUSED="Beyond limit and overflow cap. Counters are unchanged; the entry keeps the "
    "consumption on record.",
)
class UsageOutcome(StrEnum):
    """How a consumption was booked."""

    WITHIN_LIMIT = "WITHIN_LIMIT"
    SPLIT = "SPLIT"
    OVERFLOW = "OVERFLOW"
    REFUSED = "REFUSED"


@described(
    "What usage can be broken down by.",
    DAY="Calendar day in UTC; days without use are included.",
    AGENT="Agent.",
    MODEL="Model.",
    CONNECTOR="Connector.",
    GUARDRAIL="Guardrail.",
    USER="Person.",
    TEAM="Team.",
    GROUP="Group.",
    ACCOUNT="Account; only useful across accounts.",
    WORKSPACE="Workspace.",
    TOOL="Tool, such as llm or sandbox.",
    OUTCOME="How it was booked.",
)
class UsageDimension(StrEnum):
    """What usage can be broken down by."""

    DAY = "DAY"
    AGENT = "AGENT"
    MODEL = "MODEL"
    CONNECTOR = "CONNECTOR"
    GUARDRAIL = "GUARDRAIL"
    USER = "USER"
    TEAM = "TEAM"
    GROUP = "GROUP"
    ACCOUNT = "ACCOUNT"
    WORKSPACE = "WORKSPACE"
    TOOL = "TOOL"
    OUTCOME = "OUTCOME"


@described(
    "Life-cycle of a reservation.",
    HELD="Credits are held back.",
    SETTLED="Replaced by recorded usage.",
    RELEASED="Given back.",
    EXPIRED="Given back because nobody settled it in time.",
)
class ReservationStatus(StrEnum):
    """Life-cycle of a reservation."""

    HELD = "HELD"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@described(
    "What budgets can be sorted by.",
    CREATED_AT="By time of creation.",
    CYCLE_START="By start of the cycle.",
    ALLOCATED="By credits allocated.",
    USED="By credits used.",
    USAGE_PERCENT="By share of the limit used.",
)
class BudgetOrderField(StrEnum):
    """What budgets can be sorted by."""

    CREATED_AT = "CREATED_AT"
    CYCLE_START = "CYCLE_START"
    ALLOCATED = "ALLOCATED"
    USED = "USED"
    USAGE_PERCENT = "USAGE_PERCENT"


@described(
    "What budget plans can be sorted by.",
    CREATED_AT="By time of creation.",
    NAME="By name.",
)
class BudgetPlanOrderField(StrEnum):
    """What budget plans can be sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"


@described(
    "What usage entries can be sorted by.",
    OCCURRED_AT="By time of consumption.",
    CREDITS="By credits.",
    COST="By cost.",
)
class UsageEntryOrderField(StrEnum):
    """What usage entries can be sorted by."""

    OCCURRED_AT = "OCCURRED_AT"
    CREDITS = "CREDITS"
    COST = "COST"
