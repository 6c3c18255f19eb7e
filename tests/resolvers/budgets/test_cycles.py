"""Cycles meet without gap or overlap, whichever moment they are asked by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.budgets.cycles import Cycle, cycle_at, cycle_before

MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1900 < at.year < 2200)
CADENCES = st.sampled_from(["MONTHLY", "QUARTERLY", "YEARLY"])
DAYS = st.integers(1, 28)


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@given(MOMENTS, CADENCES, DAYS, MOMENTS)
def test_a_cycle_contains_its_moment_and_meets_its_neighbours(
    moment: datetime, cadence: str, day: int, anchor: datetime
) -> None:
    rule = {"cadence": cadence, "day_of_month": day, "anchor_at": anchor}
    cycle = cycle_at(moment, **rule)  # type: ignore[arg-type] # one dictionary for all calls
    assert cycle is not None
    assert cycle.start_at <= moment < cycle.end_at
    following = cycle_at(cycle.end_at, **rule)  # type: ignore[arg-type] # as above
    last = cycle_at(cycle.end_at - timedelta(microseconds=1), **rule)  # type: ignore[arg-type] # as above
    assert following is not None
    assert following.start_at == cycle.end_at
    assert last == cycle
    before = cycle_at(cycle.start_at - timedelta(microseconds=1), **rule)  # type: ignore[arg-type] # as above
    assert cycle_before(cycle, cadence=cadence, day_of_month=day) == before


def test_a_quarter_asked_for_twice_is_one_cycle() -> None:
    anchor = at(2026, 1, 1)
    rule = {"cadence": "QUARTERLY", "day_of_month": 1, "anchor_at": anchor}
    for moment in (at(2026, 1, 5), at(2026, 2, 15), at(2026, 3, 31)):
        assert cycle_at(moment, **rule) == Cycle(at(2026, 1, 1), at(2026, 4, 1))  # type: ignore[arg-type] # one dictionary


@pytest.mark.parametrize(
    ("moment", "start"),
    [(at(2026, 3, 14), at(2026, 2, 15)), (at(2026, 3, 15), at(2026, 3, 15))],
)
def test_a_month_starts_on_its_day(moment: datetime, start: datetime) -> None:
    cycle = cycle_at(moment, cadence="MONTHLY", day_of_month=15, anchor_at=at(2020, 7, 1))
    assert cycle is not None
    assert cycle.start_at == start


def test_a_manual_plan_has_no_cycle_of_its_own() -> None:
    moment = at(2026, 1, 1)
    assert cycle_at(moment, cadence="MANUAL", day_of_month=1, anchor_at=moment) is None
