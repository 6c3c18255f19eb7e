"""The guardrails module: configuration per guard, patterns, policies, events and the preview."""

from __future__ import annotations

from schema.base.modules import Module
from schema.base.stubs import Group, Team, User
from schema.guardrails.mutations import Mutation
from schema.guardrails.queries import Account, Query
from schema.guardrails.stubs import Agent, AuditEvent
from schema.guardrails.subscriptions import Subscription
from schema.guardrails.types import (
    EffectiveAccess,
    GuardrailEvent,
    GuardrailPattern,
    GuardrailPolicy,
)

__all__ = ["GUARDRAILS"]

GUARDRAILS = Module(
    "guardrails",
    Query,
    Mutation,
    Subscription,
    entities=[Account, EffectiveAccess, GuardrailEvent, GuardrailPattern, GuardrailPolicy],
    stubs=[Agent, AuditEvent, Group, Team, User],
)
