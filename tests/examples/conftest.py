from __future__ import annotations

from tests.harness.demo import demo, loaded

__all__ = ["demo", "loaded"]
