"""Five believable tenants to start with, faults of real data included."""

from __future__ import annotations

from datasources.demo.loading import DemoAccount, DemoSummary, is_loaded, load

__all__ = ["DemoAccount", "DemoSummary", "is_loaded", "load"]
