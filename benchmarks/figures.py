"""What the benchmarks share: medians, a table, and the tests' servers."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "providers")]


def median_ms(seconds: Sequence[float]) -> float:
    """Give the median in milliseconds."""
    return statistics.median(seconds) * 1000


def table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print figures under a title."""
    print(title)
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"  {name:<{width}}  {figure}")
