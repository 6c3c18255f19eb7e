"""Other modules' entities as usage refers to them: their key and nothing else."""

from __future__ import annotations

import strawberry

from datasources.budgets.ledger import ModelRef
from datasources.budgets.subjects import AgentRef, ConnectorRef
from schema.base.descriptions import AGENT, CONNECTOR, MODEL
from schema.base.fields import column
from schema.base.modules import entity

__all__ = ["Agent", "Connector", "Model"]


@entity(AgentRef, None, AGENT, resolvable=False)
class Agent:
    """An agent by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(ModelRef, None, MODEL, resolvable=False)
class Model:
    """A model by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(ConnectorRef, None, CONNECTOR, resolvable=False)
class Connector:
    """A connector by its id."""

    id: strawberry.ID = column("Stored identifier.")
