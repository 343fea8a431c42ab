"""``%assistant undo``, ``fix``, ``record`` and ``replay`` in a plain IPython, where there is no kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.coding_model import blocks
from support.upstream import Upstream

PROGRAM = """
import sys
from IPython.terminal.interactiveshell import TerminalInteractiveShell

shell = TerminalInteractiveShell.instance(colors="nocolor", simple_prompt=True)
for number, cell in enumerate(sys.argv[1:]):
    print(f"<{number}>")
    shell.run_cell(cell, store_history=True)
print("<next>", shell.rl_next_input)
"""


def typed(coder: Upstream, folder: Path, *cells: str) -> list[str]:
    """Return what stood on the terminal below each cell, and at last what the next one begins with."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER_ASSISTANTS_")}
    env = {
        **kept,
        "IPYTHONDIR": str(folder / ".ipython"),
        "JUPYTER_ASSISTANTS_DATA_DIR": str(folder / ".data"),
        "JUPYTER_ASSISTANTS_MODEL": "m",
        "OPENAI_BASE_URL": coder.url,
        "OPENAI_API_KEY": "sk-of-the-endpoint",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "%load_ext jupyter_assistants", *cells],
        capture_output=True,
        text=True,
        cwd=folder,
        env=env,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout
    found = []
    for mark in [f"<{number}>" for number in range(1, len(cells) + 1)] + ["<next>"]:
        before, _, shown = shown.partition(mark)
        found.append(before)
    return [*found[1:], shown]


@pytest.mark.slow
def test_undo_and_replay_and_record_work_on_a_terminal(coder: Upstream, tmp_path: Path) -> None:
    code = "kept.append(2)\nmade = 1\nopen('o.txt', 'w').write('x')\nprint('sum', sum(kept))"
    shows = "print(kept, 'made' in globals(), __import__('os').path.exists('o.txt'))"
    asked, before, undone, after, again, recorded, replayed, _ = typed(
        coder,
        tmp_path,
        "kept = [1]\n%assistant ask --yes hello",
        f"%%assistant --yes\n{blocks(code)}",
        "%assistant undo",
        shows,
        "%assistant undo",
        "%assistant record run.json",
        "%assistant replay run.json --yes",
    )
    assert "Done." in asked
    assert "sum 3" in before and "New made · changed kept · new file o.txt" in before
    assert "Step 1 is undone: restored kept; removed made, o.txt." in undone
    assert after.strip().endswith("[1] False False")
    assert again.strip() == "AssistantError: No step of this kernel can be undone."
    assert "Recorded a run with 1 step of code in run.json." in recorded
    assert "Replayed: every output agrees" in replayed


@pytest.mark.slow
def test_fix_proposes_the_next_input_on_a_terminal(coder: Upstream, tmp_path: Path) -> None:
    nothing, failed, fixed, following = typed(
        coder,
        tmp_path,
        "%assistant fix --yes",
        "total = 6\nprint(totl / 2)",
        "%assistant fix --yes be kind",
    )
    assert "No cell has failed yet" in nothing and "NameError" in failed
    assert "The name was wrong." in fixed
    assert "-print(totl / 2)\n+print(total / 2)" in fixed
    assert following.strip() == "total = 6\nprint(total / 2)"
    sent = str(coder.body["messages"][-1]["content"])
    assert "name 'totl' is not defined" in sent and "be kind" in sent
