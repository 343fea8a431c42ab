"""The example notebook and Stop, by hand in a real JupyterLab."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from support.browser import expect
from support.lab import Lab, LabPage, ask, ask_server, start_lab
from support.paths import EXAMPLES
from support.upstream import Upstream, streamed
from support.waiting import until

SLEEP = {
    "code": "marker = 1\nopen('begun', 'w').close()\nimport threading\nthreading.Event().wait()"
}
SLEEPING_CALL = {
    "tool_calls": [
        {
            "index": 0,
            "id": "call_sleep",
            "type": "function",
            "function": {"name": "run_python", "arguments": json.dumps(SLEEP)},
        }
    ]
}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab on the examples, with a model that writes code which sleeps."""
    folder = tmp_path_factory.mktemp("quickstart")
    with Upstream(streamed(SLEEPING_CALL, finish="tool_calls")) as upstream:
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "demo",
        }
        with start_lab(folder, environ=environ) as started:
            shutil.copytree(EXAMPLES / "data", started.root / "data")
            shutil.copy(EXAMPLES / "quickstart.ipynb", started.root)
            started.write(
                "stop.ipynb",
                [
                    "%load_ext jupyter_assistants",
                    "%%assistant --model sleepy --yes\nsleep",
                    "marker + 1",
                    "%%assistant --file data/penguins.csv\nmissing values",
                ],
            )
            yield started


def test_the_quickstart_runs_in_jupyterlab(notebook: LabPage) -> None:
    notebook.open("quickstart.ipynb")
    notebook.run_all(timeout=60)
    shown = notebook.page.locator(".jp-Notebook")
    expect(shown.get_by_role("link", name="mass_by_species.csv").first).to_be_visible()
    expect(shown).to_contain_text("3700.7")
    expect(shown.locator("img").first).to_be_visible()
    expect(shown.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    notebook.save()
    notebook.cell(3).scroll_into_view_if_needed()
    notebook.screenshot("quickstart")
    threads = ask(notebook.lab, "GET", "/threads")["data"]
    runs = ask(notebook.lab, "GET", f"/threads/{threads[0]['id']}/runs")["data"]
    assert [run["status"] for run in runs] == ["completed", "completed"]


def test_stop_ends_running_code_and_the_run_is_cancelled(notebook: LabPage) -> None:
    notebook.open("stop.ipynb")
    notebook.run(0)
    notebook.start(1)
    expect(notebook.output(1)).to_contain_text("Running Python", timeout=20_000)
    until((notebook.lab.root / "begun").exists)
    notebook.stop()
    notebook.wait_cell(1)
    expect(notebook.output(1)).to_contain_text("Cancelled")
    notebook.screenshot("stopped")
    run = newest_run(notebook.lab)
    assert run["status"] in ("cancelling", "cancelled")
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("2")
    assert newest_run(notebook.lab)["status"] == "cancelled"

    notebook.start(3)
    notebook.output(3).get_by_role("button", name="Always in this thread").click()
    notebook.wait_cell(3)
    expect(notebook.output(3)).to_contain_text("demo model: rules, not an AI")
    notebook.screenshot("after-stop")


def newest_run(lab: Lab) -> Any:
    """Return the newest run of all threads."""
    threads = ask(lab, "GET", "/threads")["data"]
    runs = [run for t in threads for run in ask(lab, "GET", f"/threads/{t['id']}/runs")["data"]]
    return max(runs, key=lambda run: run["created_at"])


def test_a_kernel_that_is_killed_ends_its_run(notebook: LabPage) -> None:
    notebook.lab.write(
        "killed.ipynb", ["%load_ext jupyter_assistants", "%%assistant -m sleepy -y\nsleep"]
    )
    notebook.open("killed.ipynb")
    notebook.run(0)
    notebook.start(1)
    expect(notebook.output(1)).to_contain_text("Running Python", timeout=20_000)
    kernels = ask_server(notebook.lab, "GET", "/api/kernels")
    kernel = max(kernels, key=lambda found: found["last_activity"])
    subprocess.run(["pkill", "-KILL", "-f", f"kernel-{kernel['id']}.json"], check=True)
    until(lambda: newest_run(notebook.lab)["status"] == "failed")
    assert "kernel died" in newest_run(notebook.lab)["last_error"]["message"]
