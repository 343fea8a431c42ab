"""Settings of a process: a step says which ones it changed, and undo restores them."""

from __future__ import annotations

import locale
import os
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from jupyter_assistants.kernels.ledger import Ledger, UndoRefused
from jupyter_assistants.kernels.ledger.settings import SettingsSnapshot

Step = Callable[[str], dict[str, Any]]


@pytest.fixture
def names() -> dict[str, Any]:
    """A namespace after its imports."""
    found: dict[str, Any] = {}
    exec("import locale, os, random, sys, warnings\nimport numpy as np, pandas as pd", found)
    exec("import matplotlib as mpl", found)
    return found


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.chdir(tmp_path)
    ledger = Ledger()
    yield ledger
    for step in ledger.steps:
        for change in step.settings:
            change.restore()


@pytest.fixture
def step(ledger: Ledger, names: dict[str, Any], tmp_path: Path) -> Step:
    def run(code: str) -> dict[str, Any]:
        ledger.begin(names, {}, code, tmp_path)
        exec(code, names)
        found = ledger.finish(names, {})
        assert found is not None
        return found.wire()

    return run


def undo(ledger: Ledger, names: dict[str, Any], **options: bool) -> dict[str, Any]:
    return ledger.undo(names, {}, **options)


CASES: dict[str, tuple[str, list[str], Callable[[], Any]]] = {
    "pandas": (
        "pd.set_option('display.max_rows', 7); pd.options.display.precision = 2",
        ["pandas display.max_rows", "pandas display.precision"],
        lambda: (pd.get_option("display.max_rows"), pd.get_option("display.precision")),
    ),
    "pandas plotting": (
        "pd.options.plotting.backend = 'matplotlib'; pd.options.mode.sim_interactive = True",
        ["pandas mode.sim_interactive"],
        lambda: pd.get_option("mode.sim_interactive"),
    ),
    "rcParams": (
        "mpl.rcParams['figure.figsize'] = (3, 2); mpl.rcParams['axes.grid'] = True",
        ["matplotlib axes.grid", "matplotlib figure.figsize"],
        lambda: (list(mpl.rcParams["figure.figsize"]), mpl.rcParams["axes.grid"]),
    ),
    "numpy": (
        "np.set_printoptions(precision=2); np.seterr(divide='ignore')",
        ["numpy print precision", "numpy errors divide"],
        lambda: (np.get_printoptions()["precision"], np.geterr()["divide"]),
    ),
    "seeds": (
        "random.seed(1); np.random.seed(1)",
        ["random state", "numpy.random state"],
        lambda: (random.getstate(), str(np.random.get_state())),
    ),
    "environment": (
        "os.environ['TEST_NEW'] = '1'; os.environ['TEST_OLD'] = '2'; del os.environ['TEST_GONE']",
        ["os.environ TEST_GONE", "os.environ TEST_NEW", "os.environ TEST_OLD"],
        lambda: [os.environ.get(f"TEST_{name}") for name in ("NEW", "OLD", "GONE")],
    ),
    "warnings": (
        "warnings.filterwarnings('ignore', message='of the test')",
        ["warnings filters"],
        lambda: list(warnings.filters),
    ),
    "all warnings": (
        "warnings.simplefilter('ignore')",
        ["warnings filters"],
        lambda: list(warnings.filters),
    ),
    "modules": ("sys.path.insert(0, '/nowhere')", ["sys.path"], lambda: list(sys.path)),
    "locale": (
        "locale.setlocale(locale.LC_ALL, 'C')",
        ["locale"],
        lambda: locale.setlocale(locale.LC_ALL),
    ),
    "folder": ("os.chdir('/')", ["working folder"], os.getcwd),
}


@pytest.mark.parametrize(("code", "named", "read"), CASES.values(), ids=CASES.keys())
def test_undo_restores_what_a_step_names(
    step: Step,
    ledger: Ledger,
    names: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    named: list[str],
    read: Callable[[], Any],
) -> None:
    monkeypatch.setenv("TEST_OLD", "1")
    monkeypatch.setenv("TEST_GONE", "1")
    locale.setlocale(locale.LC_ALL, "C.UTF-8")
    before = read()
    changes = step(code)
    assert read() != before
    assert sorted(changes["settings"]) == sorted(named)
    assert changes["undo"] == "full" and "note" not in changes
    assert sorted(undo(ledger, names)["restored"]) == sorted(named)
    assert read() == before


def test_an_analysis_that_changes_no_setting_names_none(step: Step) -> None:
    code = "df = pd.DataFrame({'a': [1]}).sample(1); random.random(); np.random.rand(2); str(df)"
    assert "settings" not in step(code)
    assert step("np.random.rand(2)")["undo"] == "none"


def test_numbers_drawn_in_a_step_are_drawn_again_after_its_undo(
    step: Step, ledger: Ledger, names: dict[str, Any]
) -> None:
    step("first = random.random(), float(np.random.rand())")
    first = names["first"]
    undo(ledger, names)
    step("again = random.random(), float(np.random.rand())")
    assert names["again"] == first


def test_numbers_that_somebody_drew_since_stand_in_nobodys_way(
    step: Step, ledger: Ledger, names: dict[str, Any]
) -> None:
    step("random.seed(1); total = 1")
    random.random()
    since = random.getstate()
    assert "total" in undo(ledger, names)["removed"]
    assert random.getstate() == since


def test_undo_refuses_where_somebody_changed_a_setting_since(
    step: Step, ledger: Ledger, names: dict[str, Any]
) -> None:
    before = pd.get_option("display.max_rows")
    step("pd.set_option('display.max_rows', 7)")
    pd.set_option("display.max_rows", 8)
    with pytest.raises(UndoRefused, match=r"pandas display\.max_rows changed since"):
        undo(ledger, names)
    undo(ledger, names, force=True)
    assert pd.get_option("display.max_rows") == before


def test_what_an_import_changes_on_its_own_is_not_the_codes(
    step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noisy_module.py").write_text("import warnings\nwarnings.simplefilter('ignore')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with warnings.catch_warnings():
        assert "settings" not in step("import noisy_module")
    sys.modules.pop("noisy_module")


def test_a_setting_of_a_library_that_the_step_imports_is_restored_to_its_default() -> None:
    before = SettingsSnapshot([{} for _ in SettingsSnapshot().values])
    pd.set_option("display.max_rows", 7)
    try:
        found = {each.name: each for each in before.changes("pd.set_option('display.max_rows', 7)")}
        assert found["pandas display.max_rows"].restore()
        assert pd.get_option("display.max_rows") == 60
    finally:
        pd.set_option("display.max_rows", 60)


def test_reading_them_takes_little_time() -> None:
    """Twice for each step; measured as processor time."""
    SettingsSnapshot()
    began = time.process_time()
    for _ in range(20):
        SettingsSnapshot().changes("")
    assert (time.process_time() - began) / 20 < 0.02
