"""The cockpit's own graph: its modules composed, every root field guarded."""

from __future__ import annotations

from collections.abc import Sequence

from federation.composition import Composition, SubgraphSource, compose
from federation.composition.rules.root_fields_guarded import root_fields_are_guarded
from schema.base.modules import ModuleSubgraph
from schema.subgraphs import subgraphs

__all__ = ["EXAMPLE", "UnknownModuleError", "compose_modules", "module_named"]


EXAMPLE = """\
# Paste a token above, then run this.
query Directory {
  viewer {
    name
    roles
  }
  account {
    name
    directory {
      users(first: 5) {
        totalCount
        nodes {
          name
          email
        }
      }
    }
  }
}
"""
"""An operation to start with."""


class UnknownModuleError(Exception):
    """No module has this name; the message lists those there are."""


def module_named(name: str) -> ModuleSubgraph:
    """One module. Raises `UnknownModuleError`."""
    modules = {module.name: module for module in subgraphs()}
    if name not in modules:
        raise UnknownModuleError(
            f"There is no module {name}: choose one of {', '.join(sorted(modules))}."
        )
    return modules[name]


def compose_modules(
    modules: Sequence[ModuleSubgraph], others: Sequence[SubgraphSource] = ()
) -> Composition:
    """Compose the modules, and the subgraphs of others that join them.

    Raises `CompositionError`; a root field that states no requirement is a mistake.
    """
    own = [SubgraphSource(module.name, None, module.sdl) for module in modules]
    return compose([*own, *others], rules=(root_fields_are_guarded,))
