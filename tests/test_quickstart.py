"""The example notebook, run as people run it: the demo, papermill, a server's kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from support.live_server import LiveServer, lean
from support.paths import ROOT

EXAMPLES = ROOT / "examples"

pytestmark = pytest.mark.slow


def run(*command: str, cwd: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program with a home of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "JUPYTER", "JPY_"))}
    env = lean({**kept, "HOME": str(cwd / "home"), **environ})
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, timeout=110
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a folder with the examples."""
    shutil.copytree(EXAMPLES / "data", tmp_path / "data")
    shutil.copy(EXAMPLES / "quickstart.ipynb", tmp_path)
    return tmp_path


def check(notebook: Path, csv: Path) -> Any:
    """Check the numbers against pandas by hand, and that variables go both ways."""
    penguins = pd.read_csv(EXAMPLES / "data" / "penguins.csv")
    expected = penguins.groupby("species")["body_mass_g"].mean()
    written = pd.read_csv(csv, index_col="species").iloc[:, 0]
    pd.testing.assert_series_equal(written, expected, check_names=False)
    cells = nbformat.read(notebook, as_version=4).cells
    ours = next(cell for cell in cells if cell.source.startswith("penguins.groupby"))
    assert "3700.7" in ours.outputs[0]["data"]["text/plain"]
    theirs = next(cell for cell in cells if "histogram of {column} in heavy" in cell.source)
    shown = "".join(o.get("data", {}).get("text/plain", "") for o in theirs.outputs)
    heavy = int((penguins["body_mass_g"] > 5000).sum())
    assert f"{heavy} rows" in shown and "Not understood" not in shown
    assert any("image/png" in output.get("data", {}) for output in theirs.outputs)
    assert not [o for cell in cells for o in cell.get("outputs", []) if o.output_type == "error"]
    return cells


def test_the_demo_leaves_a_page_a_plot_and_a_file(tmp_path: Path) -> None:
    done = run(str(EXAMPLES / "run_demo.py"), str(tmp_path / "out"), cwd=tmp_path, environ={})
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    check(out / "quickstart.ipynb", out / "mass_by_species.csv")
    assert (out / "plot_1.png").read_bytes().startswith(b"\x89PNG")
    page = (out / "quickstart.html").read_text()
    assert "Ran Python" in page and "data:image/png;base64," in page
    assert "rules, not an AI" in done.stdout and "quickstart.html" in done.stdout
    assert not list(out.glob("penguins.csv")), "an attached file is no result"


def test_papermill_runs_the_same_notebook(work: Path) -> None:
    done = run(
        *("-m", "papermill", "quickstart.ipynb", "out.ipynb"),
        cwd=work,
        environ={"JUPYTER_ASSISTANTS_DATA_DIR": str(work / "store")},
    )
    assert done.returncode == 0, done.stderr
    check(work / "out.ipynb", work / "mass_by_species.csv")


def test_a_thread_made_in_a_notebook_is_read_by_the_sdk(
    work: Path, assistants_server: LiveServer
) -> None:
    environ = {
        "JUPYTER_ASSISTANTS_URL": assistants_server.root,
        "JUPYTER_ASSISTANTS_KEY": assistants_server.token,
    }
    done = run(
        *("-m", "jupyter", "execute", "quickstart.ipynb", "--inplace"), cwd=work, environ=environ
    )
    assert done.returncode == 0, done.stderr
    cells = check(work / "quickstart.ipynb", work / "mass_by_species.csv")
    asked = next(cell for cell in cells if cell.source.startswith("%%assistant"))
    marks = [o.metadata.get("jupyter_assistants", {}) for o in asked.outputs]
    thread_id = next(mark["thread_id"] for mark in marks if "thread_id" in mark)

    threads = assistants_server.client().beta.threads
    runs = threads.runs.list(thread_id, order="asc").data
    assert [found.status for found in runs] == ["completed", "completed"]
    steps = threads.runs.steps.list(runs[0].id, thread_id=thread_id, order="asc").data
    assert [step.type for step in steps] == ["tool_calls", "tool_calls", "message_creation"]
    outputs = steps[1].step_details.tool_calls[0].code_interpreter.outputs  # type: ignore[union-attr]
    assert {output.type for output in outputs} == {"logs", "image"}
    answer = threads.messages.list(thread_id, run_id=runs[0].id).data[0].content[-1].text  # type: ignore[union-attr]
    (link,) = answer.annotations
    content = assistants_server.client().files.content(link.file_path.file_id)  # type: ignore[union-attr]
    assert content.read() == (work / "mass_by_species.csv").read_bytes()
    assert assistants_server.token not in (work / "quickstart.ipynb").read_text()
