"""Shared by the benchmarks: medians, tables, targets, the machine's load, and the tests' servers."""

from __future__ import annotations

import contextlib
import os
import secrets
import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from jupyter_assistants.retrieval.index_storage import Rows

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS)]


def median_ms(seconds: Sequence[float]) -> float:
    """Return the median of some seconds in milliseconds."""
    return statistics.median(seconds) * 1000


def verdict(met: bool) -> str:
    """Return the words for a target that was met or missed."""
    return "met" if met else "MISSED"


def machine() -> str:
    """Return the machine's load: figures mean little on an overloaded one."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"load {load} on {os.cpu_count()} cores"


def waited(thread: int | None = None) -> float:
    """Return the seconds that a thread has waited for a core, as Linux counts them; elsewhere 0.

    Parameters
    ----------
    thread
        Its number for the system (``threading.get_native_id()``); None for the one that asks.
    """
    number = threading.get_native_id() if thread is None else thread
    try:
        with open(f"/proc/self/task/{number}/schedstat") as numbers:
            return int(numbers.read().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


@contextlib.contextmanager
def postgresql(url: str) -> Iterator[Rows]:
    """Yield the storage of an index in a schema of its own, which is dropped afterwards."""
    import psycopg

    from jupyter_assistants.retrieval.postgresql import PostgresqlRows

    schema = f"benchmark_{secrets.token_hex(8)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE SCHEMA {schema}")
        try:
            joint = "&" if "?" in url else "?"
            yield PostgresqlRows(f"{url}{joint}options={quote(f'-csearch_path={schema}')}")
        finally:
            server.execute(f"DROP SCHEMA {schema} CASCADE")


def waits() -> dict[int, float]:
    """Return the seconds that each thread of this process has waited for a core."""
    try:
        threads = [int(name) for name in os.listdir("/proc/self/task")]
    except OSError:
        return {}
    return {thread: waited(thread) for thread in threads}


def table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print figures under a title."""
    print(title)
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"  {name:<{width}}  {figure}")
