"""The cost of the ledger's snapshots in steps on a DataFrame of 1 GB (target: under 5 %)."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from figures import median_ms, table

from jupyter_assistants.kernels.ledger import Ledger

GIGABYTES = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
ROUNDS = 5
STEPS = {
    "mean of each group": "means = df.groupby('group').mean()",
    "a new column": "df['sum'] = df['c0'] + df['c1']",
    "a change in place": "df.loc[df['c0'] > 0.5, 'c2'] = 0.0",
    "a sort": "by_c3 = df.sort_values('c3')",
}


def frame(size: float) -> pd.DataFrame:
    rows = int(size * 1e9 / 8 / 11)
    random = np.random.default_rng(1)
    columns = {f"c{number}": random.random(rows) for number in range(10)}
    return pd.DataFrame({**columns, "group": random.integers(0, 100, rows)})


def main() -> None:
    names: dict[str, Any] = {"df": frame(GIGABYTES)}
    rows = [("DataFrame", f"{names['df'].memory_usage().sum() / 1e9:.2f} GB")]
    with tempfile.TemporaryDirectory() as folder:
        for name, code in STEPS.items():
            step, ledger = measured(names, code, Path(folder))
            figure = f"{step:8.1f} ms, and {ledger:5.2f} ms for the ledger: {ledger / step:6.2%}"
            rows.append((f"{name} (target: < 5 %)", figure))
        rows.append(("what changes in place is copied first", copied(names)))
    table(f"The ledger beside steps, medians of {ROUNDS}", rows)


def measured(names: dict[str, Any], code: str, folder: Path) -> tuple[float, float]:
    """Return the median seconds of the steps, and of the ledger before and after them."""
    steps, ledgers = [], []
    for _ in range(ROUNDS + 1):
        ledger = Ledger()
        before = seconds(partial(ledger.begin, names, {}, code, folder))
        steps.append(seconds(lambda: exec(code, names)))
        ledgers.append(before + seconds(partial(ledger.end, names, {})))
    return median_ms(steps[1:]), median_ms(ledgers[1:])


def copied(names: dict[str, Any]) -> str:
    """Return the cost that copy-on-write in pandas adds to changing one column of eleven."""
    code = STEPS["a change in place"]
    plain, kept = [], []
    for _ in range(ROUNDS + 1):
        plain.append(seconds(lambda: exec(code, names)))
        shared = names["df"].copy(deep=False)
        kept.append(seconds(lambda: exec(code, names)))
        del shared
    alone, shared_ms = median_ms(plain[1:]), median_ms(kept[1:])
    return f"{alone:8.1f} ms alone, {shared_ms:.1f} ms beside a kept copy"


def seconds(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
