"""Fusion of the matches by words and the matches by meaning into one ranked list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

K = 10
"""Of reciprocal rank fusion; `benchmarks/retrieval.py` measures it on queries it was not chosen on."""


def fused(lists: Sequence[tuple[Sequence[int], float]]) -> list[int]:
    """Return the members of several ranked lists by their ranks, the best first.

    Parameters
    ----------
    lists
        Each with its weight.
    """
    sums: dict[int, float] = {}
    for ranked, weight in lists:
        for at, each in enumerate(ranked, 1):
            sums[each] = sums.get(each, 0.0) + weight / (K + at)
    return sorted((each for each, total in sums.items() if total), key=lambda each: -sums[each])


def falling(order: Sequence[int], fits: Mapping[int, float]) -> dict[int, float]:
    """Return scores that fall along the order, as near as can be to how well each one fits.

    Neighbours that fit the other way round share the mean of theirs.
    """
    groups: list[tuple[float, int]] = []
    for each in order:
        total, count = fits.get(each, 0.0), 1
        while groups and groups[-1][0] / groups[-1][1] < total / count:
            before = groups.pop()
            total, count = total + before[0], count + before[1]
        groups.append((total, count))
    means = [total / count for total, count in groups for _ in range(count)]
    return dict(zip(order, means, strict=True))
