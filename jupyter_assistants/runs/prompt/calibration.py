"""How far our count of tokens is off, learned from what endpoints report."""

from __future__ import annotations

MARGIN = 1.1
"""Estimates are taken for this much more than they say."""
LEAST, MOST = 0.5, 3.0
WEIGHT = 0.3
"""Of the newest report, against all before."""
ENOUGH = 200
"""Fewer tokens are mostly what the endpoint puts around every prompt."""


class Calibration:
    """The ratio of real to estimated tokens by backend and model, kept while the process lives."""

    def __init__(self) -> None:
        self._ratios: dict[tuple[str, str], float] = {}

    def ratio(self, backend: str, model: str) -> float:
        """Return the ratio; 1 before the first report."""
        return self._ratios.get((backend, model), 1.0)

    def learn(self, backend: str, model: str, *, estimated: int, counted: int) -> None:
        """Take a report into account."""
        if estimated < ENOUGH or counted <= 0:
            return
        found = min(MOST, max(LEAST, counted / estimated))
        known = self._ratios.get((backend, model))
        self._ratios[backend, model] = found if known is None else known + WEIGHT * (found - known)

    def room(self, backend: str, model: str, tokens: int) -> int:
        """Return how many estimated tokens surely fit into real ones."""
        return int(tokens / (self.ratio(backend, model) * MARGIN))
