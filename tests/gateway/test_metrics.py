from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from gateway.metrics import Reload, SupergraphMetrics

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_metric_is_documented_with_its_type_and_labels() -> None:
    registry = CollectorRegistry()
    SupergraphMetrics(registry, "digest").reloaded(Reload.APPLIED)
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\|", DOCUMENT.read_text(), re.MULTILINE)
    documented = {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}
    exposed = {
        sample.name: (family.type, set(sample.labels))
        for family in registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    assert documented == exposed


def test_only_the_supergraph_that_is_served_is_named() -> None:
    registry = CollectorRegistry()
    metrics = SupergraphMetrics(registry, "first")
    metrics.serves("second")
    assert registry.get_sample_value("cockpit_supergraph_info", {"digest": "first"}) is None
    assert registry.get_sample_value("cockpit_supergraph_info", {"digest": "second"}) == 1
