"""The model's code in a plain IPython, where there is no kernel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import asyncio, json, os, signal, sys, threading
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from jupyter_assistants.ipython.approval import Decision, fingerprint
from jupyter_assistants.ipython.code_runner import execute

shell = InteractiveShell.instance(colors="nocolor")
code, live = json.loads(sys.argv[1])
seen = []

async def nested(line, body):
    decision = Decision(True, sha256=fingerprint(code))
    outcome = await execute(shell, code, decision=decision, folder=Path.cwd(), live=live,
                            on_output=lambda output: print("view:", output["output_type"]))
    print(json.dumps(outcome))

from jupyter_assistants.ipython.async_cell import install
install(shell, nested)
before = (sys.stdout, sys.stderr, signal.getsignal(signal.SIGINT))
shell.run_cell("%%assistant\\nx")
assert before == (sys.stdout, sys.stderr, signal.getsignal(signal.SIGINT))
shell.run_cell("print('afterwards', 6 * 7)")
"""


def run(folder: Path, code: str, *, live: bool = False) -> tuple[list[str], dict[str, Any]]:
    """Return what stood on the terminal, and the outcome."""
    command = [sys.executable, "-c", PROGRAM, json.dumps([code, live])]
    env = {**os.environ, "IPYTHONDIR": str(folder / ".ipython")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, timeout=30)
    assert done.returncode == 0, done.stderr
    *shown, outcome, last = done.stdout.splitlines()
    assert last == "afterwards 42"
    return shown, dict(json.loads(outcome))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "status", "kinds"),
    [
        ("print('one')\n6 * 7", "ok", ["stream", "execute_result"]),
        ("import sys\nprint('e', file=sys.stderr)", "ok", ["stream"]),
        ("from IPython.display import display\ndisplay(3)", "ok", ["display_data"]),
        ("import asyncio\nawait asyncio.sleep(0)\n6 * 7", "ok", ["execute_result"]),
        ("print('old')\nfrom IPython.display import clear_output\nclear_output()\n7", "ok", None),
        ("len?", "ok", ["display_data"]),
        ("print('\\ud800')", "ok", ["stream"]),
        ("1 / 0", "error", ["error"]),
        ("exit()", "error", None),
    ],
)
def test_what_code_shows_is_kept(
    tmp_path: Path, code: str, status: str, kinds: list[str] | None
) -> None:
    shown, outcome = run(tmp_path, code)
    assert outcome["status"] == status
    got = [output["output_type"] for output in outcome["outputs"]]
    assert got == (kinds or got) and "old" not in json.dumps(outcome)
    assert all(line.startswith("view: ") for line in shown), shown


@pytest.mark.slow
def test_live_outputs_also_stand_on_the_terminal(tmp_path: Path) -> None:
    shown, _ = run(tmp_path, "print('one')\n6 * 7", live=True)
    assert [line for line in shown if not line.startswith("view: ")] == ["one", "42"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "stop()\nthreading.Event().wait()",
        "asyncio.get_running_loop().call_soon(stop)\nawait asyncio.Event().wait()",
    ],
)
def test_stop_ends_the_code(tmp_path: Path, code: str) -> None:
    stop = f"def stop(): os.kill(os.getpid(), {int(signal.SIGINT)})"
    _, outcome = run(tmp_path, f"import asyncio, os, threading\n{stop}\n{code}")
    assert outcome["status"] == "interrupted"
