"""The error of our count of tokens, learned from what endpoints report."""

from __future__ import annotations

MARGIN = 1.1
"""Estimates are trusted only when multiplied by this."""
LEAST, MOST = 0.5, 3.0
WEIGHT = 0.3
"""Of the newest report, against all earlier ones."""
ENOUGH = 200
"""In smaller prompts the tokens that the endpoint adds to every prompt weigh too much."""


class Calibration:
    """The ratio of real to estimated tokens by endpoint and model, for the life of the process."""

    def __init__(self) -> None:
        self._ratios: dict[tuple[str, str], float] = {}

    def ratio(self, backend: str, model: str) -> float:
        """Return the ratio; 1 before the first report."""
        return self._ratios.get((backend, model), 1.0)

    def learn(self, backend: str, model: str, *, estimated: int, counted: int) -> None:
        """Update the ratio by what an endpoint has counted."""
        if estimated < ENOUGH or counted <= 0:
            return
        found = min(MOST, max(LEAST, counted / estimated))
        known = self._ratios.get((backend, model))
        self._ratios[backend, model] = found if known is None else known + WEIGHT * (found - known)

    def room(self, backend: str, model: str, tokens: int) -> int:
        """Return how many estimated tokens surely fit into real ones."""
        return int(tokens / (self.ratio(backend, model) * MARGIN))
