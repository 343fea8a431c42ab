"""Background work has one form, so that no loop can end for good with an error.

See docs/internals/runs.md, "Background loops".
"""

from __future__ import annotations

import ast
from collections import Counter

from support.paths import PACKAGE

HOME = "storage/background.py"

SLEEPING: dict[str, str] = {
    "api/idempotency.py": "a request that waits for another, up to a deadline",
    "api/vector_store_events.py": "the stream of one request, ended by its client",
    "ipython/cell_run.py": "redraws a cell while its run goes on",
    "api/run_events.py": "the events of one response, ended by its client",
    "kernels/execution.py": "one execution, until the kernel says that it is over",
    "protocol/events.py": "a reader of one run's log, until the log is closed",
    "client/vector_stores.py": "a client that polls until its files are done",
    "models/endpoint.py": "the attempts of one model call, which are counted",
    "kernels/connection.py": "waits for a message, up to a deadline",
    "models/stream_result.py": "the body of one response, until it ends",
    "storage/database.py": "waits for a locked file, up to a deadline",
}
"""Loops that sleep or poll for one request, cell or call, and end with it."""

TASKS: dict[str, str] = {
    "server/streams.py": "the next event of one response",
    "server/app.py": "work that a closed connection leaves",
    "kernels/own_kernel.py": "the start of one kernel",
    "kernels/connection.py": "the messages of one kernel, read until its connection ends",
    "kernels/execution.py": "one question of running code",
    "kernels/kernel_executor.py": "the end of one execution",
    "api/doctor/__init__.py": "one kernel that the doctor tries",
    "api/run_events.py": "the events of one response",
    "retrieval/ingestion/queue.py": "one file",
    "ipython/cell_run.py": "the drawing of one cell",
    "ipython/code_runner.py": "the code of one call",
    "storage/renewal.py": "one lease, renewed by repeat()",
    "tools/code_interpreter/kernel_strategy.py": "the outputs of one call",
    "client/vector_stores.py": "the uploads of one call",
    "runs/stdin.py": "one change of a wait state",
    "runs/turn.py": "the limits of one model, asked for while the run shows that it waits",
    "runs/drives.py": "one run: its loop, its lease, its end",
}
"""Tasks of one request, run, kernel or file, whose owner waits for them."""


def calls(node: ast.AST) -> set[str]:
    """Return the names of the functions that are called below a node."""
    found = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in found}


def endless(node: ast.AST) -> bool:
    """Return whether a loop's condition can not become false by itself."""
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant | ast.Attribute)


def places() -> tuple[Counter[str], Counter[str]]:
    sleeping: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        tree = ast.parse(path.read_text())
        sleeping[name] += sum(
            endless(node) and bool(calls(node) & {"sleep", "wait", "wait_for"})
            for node in ast.walk(tree)
        )
        tasks[name] += sum(
            isinstance(node, ast.Call)
            and bool({getattr(node.func, "attr", "")} & {"create_task", "ensure_future"})
            for node in ast.walk(tree)
        )
    return +sleeping, +tasks


def test_no_endless_loop_sleeps_outside_of_the_one_place_for_it() -> None:
    sleeping, _ = places()
    assert set(sleeping) - {HOME} == set(SLEEPING)


def test_every_task_belongs_to_something_that_ends() -> None:
    _, tasks = places()
    assert set(tasks) - {HOME} == set(TASKS)


def test_a_bare_loop_is_found() -> None:
    source = "async def f():\n    while True:\n        await asyncio.sleep(1)\n        await g()"
    assert sum(endless(n) and "sleep" in calls(n) for n in ast.walk(ast.parse(source))) == 1
