"""Undo puts back exactly what was there: over random steps, with everything that users keep."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_assistants.kernels.ledger import Ledger, UndoRefused
from jupyter_assistants.protocol.errors import NotFound

START = """
import numpy as np, pandas as pd, collections
class Model:
    def __init__(self):
        self.weights = [1.0, 2.0]
        self.table = pd.DataFrame({'w': [1, 2]})
df = pd.DataFrame({'a': [1, 2, 3], 'b': ['x', 'y', 'z'], 'c': [0.5, float('nan'), -0.0]})
alias = df
view = df['a']
series = pd.Series([1.5, 2.5], index=['p', 'q'], name='s')
dates = pd.DataFrame({'d': pd.to_datetime(['2024-01-01', '2024-06-01']), 'k': pd.Categorical(['u', 'v'])})
cells = pd.DataFrame({'o': pd.Series([[1], [2]], dtype=object)})
array = np.arange(6.0)
window = array[2:4]
things = np.array([[1], None], dtype=object)
numbers = [1, 2, 3]
same_numbers = numbers
nested = {'numbers': numbers, 'deep': [{'x': {1, 2}}, (4, [5])], 'self': None}
nested['self'] = nested
queue = collections.deque([1, 2], maxlen=3)
counts = collections.Counter('abca')
raw = bytearray(b'abc')
text, count, ratio, nothing = 'text', 7, 0.1, None
pair = (numbers, 'p')
model = Model()
other_model = model
"""

SNIPPETS = [
    "df.loc[1, 'a'] = {n}",
    "df['new'] = df['a'] * {n}",
    "df.drop(columns=['b'], inplace=True, errors='ignore')",
    "df.sort_values('a', ascending=False, inplace=True)",
    "df.index.name = 'i{n}'",
    "df.columns = [c.upper() for c in df.columns]",
    "df.attrs['seen'] = {n}",
    "df.rename(columns={{'a': 'renamed'}}, inplace=True)",
    "df.iloc[0, 0] = {n}",
    "df = df.copy()",
    "df = None",
    "del df",
    "alias.iloc[-1, 0] = {n}",
    "view.iloc[0] = {n}",
    "series['p'] = {n}",
    "series.name = 'n{n}'",
    "series = series * 2",
    "dates.loc[0, 'd'] = pd.Timestamp('2000-01-01')",
    "dates.loc[0, 'k'] = 'v'",
    "cells.loc[0, 'o'].append({n})",
    "array[{n} % 3] = -{n}",
    "array *= 2",
    "window[:] = {n}",
    "array = array.reshape(2, 3) if array.size == 6 else array",
    "things[0].append({n})",
    "numbers.append({n})",
    "numbers[:] = []",
    "same_numbers.extend(range({n} % 5))",
    "numbers = numbers + [0]",
    "nested['deep'][0]['x'].add({n})",
    "nested['deep'][1][1].append({n})",
    "nested['key{n}'] = df if 'df' in globals() else None",
    "nested.pop('numbers', None)",
    "nested['self']['again'] = nested",
    "queue.append({n})",
    "counts['a'] += {n}",
    "raw[0] = {n} % 256",
    "text, count, ratio = text + '!', count + {n}, -ratio",
    "nothing = {n}",
    "pair[0].append({n})",
    "model.weights.append({n})",
    "model.table.loc[0, 'w'] = {n}",
    "model.extra = {n}",
    "model = Model()",
    "made{n} = [{n}]; shared = made{n}",
    "import json",
    "def function(): return {n}",
    "for name in ['numbers', 'text', 'array']: globals().pop(name, None)",
    "open('out{n}.txt', 'w').write('{n}')",
    "open('given.txt', 'a').write('{n}')",
    "open('given.txt', 'w').write('')",
    "os.path.exists('given.txt') and os.remove('given.txt')",
    "os.makedirs('sub', exist_ok=True); open('sub/deep.csv', 'w').write('a\\n{n}')",
    "os.replace('table.csv', 'moved.csv') if os.path.exists('table.csv') else None",
    "raise ValueError({n})",
]
step = st.tuples(st.sampled_from(SNIPPETS), st.integers(0, 20)).map(
    lambda pair: pair[0].format(n=pair[1])
)


class Described:
    """All that there is: values, which of them are one object, and the files' bytes."""

    def __init__(self, namespace: dict[str, Any], folder: Path) -> None:
        self._seen: dict[int, int] = {}
        self._alive: list[Any] = []
        names = {n: v for n, v in sorted(namespace.items()) if not n.startswith("__")}
        self.names = {name: self._of(value) for name, value in names.items()}
        self.files = {
            str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def _of(self, value: Any) -> Any:
        kind = type(value).__name__
        if isinstance(value, (int, float, str, bytes, type(None), type)) or callable(value):
            return (kind, repr(value))
        if id(value) in self._seen:
            return ("again", self._seen[id(value)])
        self._seen[id(value)] = len(self._seen)
        self._alive.append(value)
        return (kind, id(value), self._content(kind, value))

    def _content(self, kind: str, value: Any) -> Any:
        if isinstance(value, dict):
            return [(self._of(key), self._of(item)) for key, item in value.items()]
        if isinstance(value, (set, frozenset)):
            return sorted(map(repr, value))
        if isinstance(value, (list, tuple)) or kind == "deque":
            return [self._of(item) for item in value]
        if isinstance(value, np.ndarray):
            of_objects = value.dtype == object
            content = [self._of(v) for v in value.tolist()] if of_objects else value.tobytes()
            return [value.shape, str(value.dtype), content]
        if isinstance(value, (pd.DataFrame, pd.Series)):
            return self._table(value)
        return self._of(vars(value)) if kind == "Model" else repr(value)

    def _table(self, value: Any) -> list[Any]:
        columns = [value] if value.ndim == 1 else [value.iloc[:, i] for i in range(value.shape[1])]
        names = [value.name] if value.ndim == 1 else list(value.columns)
        cells = [
            [self._of(v) for v in column.tolist()]
            if column.dtype == object
            else repr(column.tolist())
            for column in columns
        ]
        kinds = [str(column.dtype) for column in columns]
        return [names, kinds, cells, repr(value.index), value.index.names, repr(value.attrs)]


class Desk:
    """A namespace and a folder in which code runs, with a ledger."""

    def __init__(self, folder: Path, start: str = START) -> None:
        self.folder, self.ledger = folder, Ledger()
        self.names: dict[str, Any] = {"__name__": "__main__", "os": os}
        (folder / "given.txt").write_text("given")
        (folder / "table.csv").write_text("a,b\n1,2\n")
        self.run(start)

    def run(self, code: str) -> None:
        """Run code as the user does."""
        try:
            exec(code, self.names)
        except Exception:
            return

    def step(self, code: str) -> dict[str, Any]:
        """Run code as the assistant does; give what changed."""
        self.ledger.begin(self.names, {}, code, self.folder)
        self.run(code)
        done = self.ledger.finish(self.names, {})
        assert done is not None
        return done.wire()

    def undo(self, which: str = "", *, force: bool = False) -> dict[str, Any]:
        return self.ledger.undo(self.names, {}, which, force=force)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    yield Desk(tmp_path)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.lists(step, min_size=1, max_size=3).map("\n".join), max_size=7))
def test_undo_restores_exactly_what_was_there_before_each_step(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    monkeypatch.chdir(folder)
    desk = Desk(folder)
    befores = []
    for code in steps:
        befores.append(Described(desk.names, folder))
        assert "note" not in desk.step(code)
    for number, before in reversed(list(enumerate(befores, 1))):
        desk.undo(str(number))
        after = Described(desk.names, folder)
        assert after.names == before.names
        assert after.files == before.files


def test_a_step_says_what_it_changed(desk: Desk) -> None:
    before = {name: repr(value) for name, value in desk.names.items()}
    changes = desk.step(
        "import json\ntotal = 1\nalias.loc[0, 'a'] = 9\ndel text\nopen('new.txt', 'w').write('x')\n"
        "os.remove('table.csv'); open('given.txt', 'a').write('!')"
    )
    # Older pandas writes through to the columns that were taken out of a frame.
    changed = [n for n in before if n in desk.names and repr(desk.names[n]) != before[n]]
    assert changed[:2] == ["df", "alias"]
    assert changes["variables"] == {"new": ["total"], "changed": changed, "deleted": ["text"]}
    files = {"new": ["new.txt"], "changed": ["given.txt"], "deleted": ["table.csv"]}
    assert changes["files"] == files
    assert (changes["undo"], changes["step"]) == ("full", 1)


def test_a_step_that_changes_nothing_has_nothing_to_undo(desk: Desk) -> None:
    assert desk.step("df['a'].mean(); sum(numbers)")["undo"] == "none"
    with pytest.raises(NotFound, match="No step"):
        desk.undo()


def test_undo_takes_the_newest_step_that_is_not_undone(desk: Desk) -> None:
    desk.step("text = 'one'")
    desk.step("text = 'two'")
    desk.step("df.shape")
    assert desk.undo()["restored"] == ["text"] and desk.names["text"] == "one"
    desk.undo()
    assert desk.names["text"] == "text"


def test_undo_tells_what_it_restored_and_removed(desk: Desk) -> None:
    desk.step("numbers.append(4); fresh = 1; open('out.txt', 'w').write('x')")
    told = desk.undo()
    assert told["restored"] == ["numbers", "same_numbers", "nested", "pair"]
    assert told["removed"] == ["fresh", "out.txt"]


@pytest.mark.parametrize(
    ("since", "named"),
    [
        ("df.loc[0, 'a'] = 100", "df"),
        ("df = 3", "df"),
        ("numbers.append(5)", "numbers"),
        ("made[0].append(1)", "made"),
        ("text = 'mine'", "text"),
        ("open('out.txt', 'w').write('mine')", "out.txt"),
        ("open('table.csv', 'w').write('mine')", "table.csv"),
    ],
)
def test_undo_refuses_to_lose_what_the_user_did_since(desk: Desk, since: str, named: str) -> None:
    desk.step(
        "df.loc[0, 'a'] = 9; numbers.append(4); made = [[1]]; del text\n"
        "open('out.txt', 'w').write('x'); os.remove('table.csv')"
    )
    desk.run(since)
    before = Described(desk.names, desk.folder)
    with pytest.raises(UndoRefused) as refused:
        desk.undo()
    assert named in refused.value.message and "--force" in refused.value.message
    after = Described(desk.names, desk.folder)
    assert after.names == before.names and after.files == before.files
    desk.undo(force=True)
    assert desk.names["text"] == "text" and desk.names["numbers"] == [1, 2, 3]
    assert desk.names["df"]["a"].tolist() == [1, 2, 3] and "made" not in desk.names


def test_what_the_user_does_elsewhere_does_not_hinder_an_undo(desk: Desk) -> None:
    desk.step("df.loc[0, 'a'] = 9; made = 1")
    desk.run("other = 5; series['p'] = 0.0; del made; open('mine.txt', 'w').write('x')")
    desk.undo()
    assert desk.names["df"]["a"].tolist() == [1, 2, 3]
    assert (desk.folder / "mine.txt").exists() and desk.names["other"] == 5


def test_an_older_step_can_be_undone_when_later_ones_are_about_other_things(desk: Desk) -> None:
    desk.step("df.loc[0, 'a'] = 9")
    desk.step("numbers.append(4)")
    desk.undo("1")
    assert desk.names["df"]["a"].tolist() == [1, 2, 3] and desk.names["numbers"] == [1, 2, 3, 4]
    with pytest.raises(UndoRefused, match="undone already"):
        desk.undo("1")


def test_an_unknown_step_is_named_with_those_that_there_are(desk: Desk) -> None:
    desk.step("numbers.append(4)")
    with pytest.raises(NotFound, match=r"no step 7 in this kernel \(there are: 1\)"):
        desk.undo("7")


def test_what_cannot_be_seen_into_is_said_plainly(desk: Desk) -> None:
    desk.run("import random; stream = iter(range(9)); dice = random.Random(1)")
    changes = desk.step("next(stream); numbers.append(1)")
    assert changes["undo"] == "partial"
    assert "inside stream (range_iterator)" in changes["note"] and "dice" not in changes["note"]
    assert desk.undo()["note"] == changes["note"]


def test_files_beyond_the_budget_are_said_plainly(desk: Desk) -> None:
    big = desk.folder / "big.bin"
    with big.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    changes = desk.step("open('big.bin', 'r+b').write(b'x'); open('given.txt', 'a').write('x')")
    assert changes["undo"] == "partial" and "big.bin" in changes["note"]
    told = desk.undo()
    assert "given.txt" in told["restored"] and "big.bin could not be restored" in told["note"]
    assert (desk.folder / "given.txt").read_text() == "given"


def test_a_large_array_is_kept_by_reference_and_said(desk: Desk) -> None:
    desk.run("large = np.zeros(20_000_000)")
    changes = desk.step("large[0] = 1")
    assert changes["undo"] == "partial" and "large (ndarray)" in changes["note"]
    desk.step("large = None")
    desk.undo()
    assert desk.names["large"].shape == (20_000_000,)


def test_objects_that_answer_oddly_do_not_fail_the_step(desk: Desk) -> None:
    desk.run(
        "class Odd(dict):\n"
        "    def __len__(self): raise OSError\n"
        "    def __eq__(self, other): raise OSError\n"
        "    __hash__ = None\n"
        "odd = Odd(); listed = [odd]"
    )
    assert desk.step("numbers.append(4)")["variables"]["changed"][0] == "numbers"
    desk.undo()
    assert desk.names["numbers"] == [1, 2, 3]


def test_memory_of_deleted_variables_is_let_go(desk: Desk) -> None:
    import gc
    import weakref

    desk.step("made = Model()")
    there = weakref.ref(desk.names["made"])
    desk.run("del made")
    desk.step("text")
    gc.collect()
    assert there() is None


def test_a_failed_step_is_undone_as_well(desk: Desk) -> None:
    changes = desk.step("numbers.append(4); raise ValueError")
    assert changes["variables"]["changed"][0] == "numbers"
    desk.undo()
    assert desk.names["numbers"] == [1, 2, 3]


def test_a_variable_that_is_made_anew_with_the_same_content_has_not_changed(desk: Desk) -> None:
    changes = desk.step("df = df.copy(); numbers = [1, 2, 3]; array = np.arange(6.0)")
    assert changes["variables"]["changed"] == [] and changes["undo"] == "none"


def test_what_is_replaced_is_not_said_to_have_changed_inside(desk: Desk) -> None:
    desk.run("stream = iter(range(9))")
    assert "note" not in desk.step("stream = iter([1])")
