"""A search's metrics by way of Ray, which exports them for Prometheus."""

from __future__ import annotations

import threading
from types import TracebackType

from xlsearch.search.metrics import METRICS, SearchMetrics


class PublishedMetrics:
    """Sets Ray's gauges from a search's metrics while the block lasts.

    Args:
        metrics: Of the search; asked on a thread of its own.

    Ray must be connected when this is made. It exports at an interval, ten seconds by default, what
    was set since the last time, and forgets a series that was not set during two of them. So all
    are set twice an interval, which keeps a series alive and lets those of an ended trial vanish.
    """

    def __init__(self, metrics: SearchMetrics) -> None:
        import ray
        from ray.util.metrics import Gauge

        self._metrics = metrics
        # Milliseconds; Ray takes less than a second for a second.
        self._every = max(ray._config.metrics_report_interval_ms(), 1000) / 1000 / 2
        self._gauges = {
            metric: Gauge(metric.name, description=metric.description, tag_keys=metric.labels)
            for metric in METRICS
        }
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._publish, name="metrics", daemon=True)

    def __enter__(self) -> PublishedMetrics:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _publish(self) -> None:
        while not self._ended.is_set():
            for sample in self._metrics.samples():
                self._gauges[sample.metric].set(sample.value, sample.labels)
            self._ended.wait(self._every)
