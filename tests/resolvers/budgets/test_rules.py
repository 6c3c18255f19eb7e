"""Plans as older services stored them: what is missing or makes no sense gets its default."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from datasources.budgets.rows import PlanRow
from resolvers.budgets.rules import STANDARD_NOTE, AmountsRow, Rules, rules_of, stored_rules
from tests.harness.sql import as_json

CREATED = datetime(2026, 2, 3, tzinfo=UTC)


def read(distribution: Any) -> Rules:
    return rules_of(PlanRow("p", "a", "Plan", True, distribution, CREATED, CREATED))


@pytest.mark.parametrize(
    ("stored", "day"), [(1, 1), (28, 28), (31, 28), (0, 1), (-4, 1), ("15", 15), ("x", 1)]
)
def test_a_cycle_starts_on_a_day_that_every_month_has(stored: object, day: int) -> None:
    assert read({"renewal_policy": {"day_of_month": stored}}).renewal.day_of_month == day


@pytest.mark.parametrize(
    ("stored", "amounts"),
    [
        ({}, (0, 0, None)),
        ({"allocation": 100}, (100, 100, None)),
        ({"allocation": 100, "limit_amount": 40, "overflow_cap": 0}, (100, 40, 0)),
        ({"allocation": 100, "limit_amount": 400}, (100, 100, None)),
        ({"allocation": -5, "limit_amount": -5, "overflow_cap": -5}, (0, 0, 0)),
        ({"allocation": "many", "overflow_cap": "some"}, (0, 0, 0)),
    ],
)
def test_amounts_are_never_negative_nor_a_limit_above_them(
    stored: dict[str, Any], amounts: tuple[int, int, int | None]
) -> None:
    assert read({"account_policy": stored}).amounts == AmountsRow(*amounts)


@pytest.mark.parametrize("stored", [None, "no document", [], {"renewal_policy": 3, "billing": []}])
def test_a_plan_that_says_nothing_renews_monthly_and_bills_overflow(stored: object) -> None:
    rules = read(stored)
    assert (rules.renewal.cadence, rules.renewal.children) == ("MONTHLY", "CARRY_OVER")
    assert rules.renewal.anchor_at == CREATED
    assert (rules.distribution.mode, rules.distribution.includes_new_users) == ("MANUAL", False)
    assert (rules.is_overflow_billed, rules.overflow_billing_note) == (True, STANDARD_NOTE)


def test_a_document_is_read_from_its_text() -> None:
    document = {"renewal_policy": {"cadence": "yearly"}, "billing": {"overflow_billing_note": "N"}}
    assert read(as_json(document)) == read(document)
    assert read(document).renewal.cadence == "YEARLY"


def test_what_others_keep_in_a_plan_stays_when_it_is_written() -> None:
    before = {"groups": [1], "weights": {"group": 60, "team": 20, "user": 20}, "theirs": {"a": 1}}
    after = stored_rules(read(before), before)
    assert (after["groups"], after["theirs"]) == ([1], {"a": 1})
    assert read(after) == read(before)
