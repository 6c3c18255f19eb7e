"""A store of principals in memory, with a count of look-ups and a gate before each answer."""

from __future__ import annotations

import asyncio
from datetime import datetime

from auth.store import AccountRecord, CredentialRecord, Dossier, PrincipalQuery

__all__ = ["Principals", "account"]


def account(id: str = "a", *, is_active: bool = True) -> AccountRecord:
    """An account entitled to budgets."""
    return AccountRecord(id, is_active, frozenset({"BUDGETS"}))


class Principals:
    """Answers with what a test puts there."""

    def __init__(self) -> None:
        self.found = Dossier(accounts={})
        self.credentials: dict[bytes, CredentialRecord] = {}
        self.queries: list[PrincipalQuery] = []
        self.used: list[tuple[str, datetime]] = []
        self.answers = asyncio.Event()
        """While cleared, look-ups wait."""
        self.answers.set()
        self.asked = asyncio.Event()
        self.failure: Exception | None = None

    async def dossier(self, query: PrincipalQuery) -> Dossier:
        """What the test put there when the question came."""
        self.queries.append(query)
        found = self.found
        self.asked.set()
        await self.answers.wait()
        if self.failure is not None:
            raise self.failure
        return found

    async def credential(self, token_hash: bytes) -> CredentialRecord | None:
        """The credential of a token."""
        return self.credentials.get(token_hash)

    async def mark_used(self, credential_id: str, minute: datetime) -> None:
        """Keep note."""
        self.used.append((credential_id, minute))
