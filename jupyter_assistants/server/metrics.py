"""What this process adds to the metrics of the Jupyter server, at ``/metrics``."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jupyter_assistants.storage.background import FAULTS


class BackgroundFaults(Collector):
    """The failures of background loops, and which of them fail now."""

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics as they are now."""
        failures = CounterMetricFamily(
            "jupyter_assistants_background_failures",
            "Rounds of background work that failed and are tried again.",
            labels=["loop"],
        )
        failing = GaugeMetricFamily(
            "jupyter_assistants_background_failing",
            "1 while background work fails.",
            labels=["loop"],
        )
        for name, number in sorted(FAULTS.failures.items()):
            failures.add_metric([name], number)
            failing.add_metric([name], float(name in FAULTS.failing))
        yield failures
        yield failing


@functools.cache
def publish() -> None:
    """Add the metrics to those of the process, once however many servers it has."""
    REGISTRY.register(BackgroundFaults())
