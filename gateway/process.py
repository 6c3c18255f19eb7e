"""What lives as long as the process: database, authenticator, and the services of resolvers."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import aiohttp

from auth.authenticator import Authenticator
from auth.caller import SYSTEM
from auth.secretbox import KeyRing
from datasources.audit_following import AuditTrail
from datasources.database import Pool, PoolOptions
from datasources.health import ping
from datasources.notices import Notices
from gateway.doors import authenticator_of
from gateway.lifespan import Check
from gateway.scheduler import scheduled
from gateway.settings import Settings
from resolvers.base import Services
from resolvers.budgets.arriving import share_with_newcomers
from resolvers.budgets.bulk import go_on_granting
from resolvers.budgets.schedule import renew_what_is_due
from resolvers.decisions import Decisions
from resolvers.observability.export_files import remove_old_files
from resolvers.observability.exporting import go_on_exporting

__all__ = ["Process", "open_process"]


class Process(NamedTuple):
    """What was opened."""

    authenticator: Authenticator
    services: Services
    checks: Mapping[str, Check]


@asynccontextmanager
async def open_process(settings: Settings) -> AsyncIterator[Process]:
    """Open it for the length of a block. A database that is away is waited for by the requests."""
    async with AsyncExitStack() as stack:
        pool = await _open_pool(settings)
        stack.push_async_callback(pool.close)
        # Cookies of one caller's answer must not go out with another caller's request.
        session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        await stack.enter_async_context(session)
        authenticator = authenticator_of(settings, pool, session)
        notices = Notices(settings.listening_url)
        stack.push_async_callback(notices.aclose)
        trail = AuditTrail(pool.as_caller(SYSTEM))
        stack.push_async_callback(trail.aclose)
        services = Services(
            pool,
            _key_ring(settings),
            authenticator,
            notices,
            trail,
            decisions=Decisions(settings.remembered_decisions),
            credits_factor=settings.credits_factor,
            provider_variables=settings.provider_variables,
            public_url=settings.clients_url,
            exports_kept=timedelta(days=settings.export_days),
            arrivals=[share_with_newcomers],
        )
        for work in (renew_what_is_due, go_on_granting, go_on_exporting, remove_old_files):
            due = partial(work, services)
            await stack.enter_async_context(scheduled(due, settings.renewal_seconds))
        yield Process(authenticator, services, {"database": lambda: ping(pool)})


async def _open_pool(settings: Settings) -> Pool:
    options = PoolOptions(
        max_size=settings.database_pool_size,
        statement_timeout=settings.statement_timeout_seconds,
        role=settings.database_role,
        transaction_pooling=settings.pgbouncer,
    )
    return await Pool.open(settings.require_database_url(), options)


def _key_ring(settings: Settings) -> KeyRing:
    return KeyRing([base64.b64decode(key.reveal()) for key in settings.encryption_keys])
