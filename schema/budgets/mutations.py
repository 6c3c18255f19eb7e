"""The budgets module's mutations."""

from __future__ import annotations

import strawberry

from resolvers.budgets import holding, usage
from resolvers.writing import Reach
from schema.base.fields import mutation
from schema.base.guards import Role, roles
from schema.budgets import inputs, payloads

__all__ = ["Mutation"]

_REPORTERS = roles(Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["usage:write"])


@strawberry.type
class Mutation:
    """The budgets module's mutations."""

    reserve_usage: payloads.ReserveUsagePayload | None = mutation(
        holding.reserve_usage,
        inputs.ReserveUsageInput,
        "Holds credits before a model is called; refused with LIMIT_REACHED when the chain has "
        "not enough left.",
        guard=_REPORTERS,
    )
    release_usage: payloads.ReleaseUsagePayload | None = mutation(
        holding.release_usage,
        inputs.ReleaseUsageInput,
        "Gives a reservation back.",
        guard=_REPORTERS,
    )
    record_usage: payloads.RecordUsagePayload | None = mutation(
        usage.record_usage,
        inputs.RecordUsageInput,
        "Books one consumption atomically along the chain: first up to the limit, the rest as "
        "overflow. What exceeds both is kept as REFUSED and reported with LIMIT_REACHED.",
        guard=_REPORTERS,
        reach=Reach.COALESCED,
    )
    record_usages: payloads.RecordUsagesPayload | None = mutation(
        usage.record_usages,
        inputs.RecordUsagesInput,
        "Books up to 500 consumptions, each on its own terms as in recordUsage.",
        guard=_REPORTERS,
        reach=Reach.COALESCED,
    )
    refund_usage: payloads.RefundUsagePayload | None = mutation(
        holding.refund_usage,
        inputs.RefundUsageInput,
        "Gives back all or part of a charge as a new ledger entry.",
        guard=roles(Role.SERVICE, scopes=["usage:refund"]),
    )
