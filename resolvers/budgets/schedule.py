"""What happens to credits by itself: cycles start and close, grants take effect, holds lapse."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import NamedTuple

from auth.caller import SYSTEM, Caller
from datasources.base import Transactional
from datasources.budgets.writes import due, plans
from datasources.budgets.writes.due import DueAccount
from datasources.budgets.writes.roots import running_root
from resolvers.base import Services
from resolvers.budgets.allocating import take_turn
from resolvers.budgets.auditing import plan_event
from resolvers.budgets.granting import apply_allocation
from resolvers.budgets.renewing import close_last_cycle, start_cycle
from resolvers.budgets.rules import rules_of
from resolvers.errors import Refused
from resolvers.writing import WriteContext

__all__ = ["renew_what_is_due"]

_LOG = logging.getLogger(__name__)


class Tick(NamedTuple):
    """What one look at what is due did."""

    leads: bool
    """Whether this process was the one to act."""
    account_ids: tuple[str, ...] = ()
    """Accounts that something was done for."""


async def renew_what_is_due(services: Services) -> Tick:
    """Do what is due in all accounts, unless another process is at it."""
    everything = services.databases.as_caller(SYSTEM)
    async with everything.transaction() as leading:
        if not await due.try_to_lead(leading):
            return Tick(leads=False)
        accounts = await due.due_accounts(everything, datetime.now(UTC))
        done = [one.account_id for one in accounts if await _renew(services, one)]
    return Tick(leads=True, account_ids=tuple(done))


async def _renew(services: Services, account: DueAccount) -> bool:
    """Do what is due in one account, in a transaction of its own; its mistakes are its own."""
    caller = SYSTEM.bound_to(account.account_id)
    try:
        async with services.databases.as_caller(caller).transaction() as database:
            await _do(services, caller, database, account)
    except Refused as refused:
        _LOG.warning("Credits of account %s: %s", account.account_id, refused)
        return False
    return True


async def _do(
    services: Services, caller: Caller, database: Transactional, account: DueAccount
) -> None:
    context = WriteContext(caller, services, "renewal", database)
    await take_turn(context)
    now = datetime.now(UTC)
    granted = await plans.latest_allocation(database, caller, now)
    if granted is not None and not granted.is_applied:
        await apply_allocation(context, granted)
        await plans.mark_applied(database, caller, now)
    await _start_cycle(context, account, now)
    root = await running_root(database, caller)
    plan = await plans.active_plan(database, caller)
    if root is not None and plan is not None:
        await close_last_cycle(context, root, rules_of(plan))
    await context.finish()


async def _start_cycle(context: WriteContext, account: DueAccount, now: datetime) -> None:
    plan = await plans.active_plan(context.database, context.caller)
    running = await running_root(context.database, context.caller)
    cycle = None if plan is None else rules_of(plan).renewal.cycle_at(now)
    if plan is None or cycle is None or running is not None or not account.is_active:
        return
    renewed = await start_cycle(context, plan, cycle)
    details = {
        "cycle_start": renewed.root.cycle_start.isoformat(),
        "cycle_end": renewed.root.cycle_end.isoformat(),
        "created": renewed.is_created,
        "carried": renewed.carried_count,
    }
    await context.audit(plan_event("renew", plan.id, f"Plan {plan.name} was renewed.", details))
