"""The magics where nobody watches, and in a kernel that a Jupyter server has started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from nbconvert.exporters import HTMLExporter, MarkdownExporter
from support.house import until_ready
from support.live_server import LiveServer, lean
from support.paths import DATA
from support.waiting import until

pytestmark = pytest.mark.slow

QUESTION = "mean body_mass_g by species, plot it and save as summary.csv"


def written(folder: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    path = folder / "ask.ipynb"
    nbformat.write(notebook, path)
    return path


def executed(tool: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = {
        "nbconvert": [
            *["-m", "nbconvert", "--to", "notebook", "--execute", "--output", "out"],
            str(path),
        ],
        "papermill": ["-m", "papermill", str(path), str(path.with_name("out.ipynb"))],
    }[tool]
    environ = {
        **lean(os.environ),
        "JUPYTER_ASSISTANTS_DATA_DIR": str(path.parent / "data"),
        "JUPYTER_ASSISTANTS_MODEL": "demo",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=path.parent, env=environ, capture_output=True, text=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["nbconvert", "papermill"])
def test_a_notebook_runs_headless_with_yes(tool: str, tmp_path: Path) -> None:
    shutil.copy(DATA / "penguins.csv", tmp_path)
    ask = f"%%assistant --yes --file penguins.csv\n{QUESTION}"
    path = written(tmp_path, "%load_ext jupyter_assistants", ask)
    done = executed(tool, path)
    assert done.returncode == 0, done.stderr
    outputs = nbformat.read(tmp_path / "out.ipynb", 4).cells[1].outputs
    assert {output.output_type for output in outputs} == {"display_data"}
    kinds = [kind for output in outputs for kind in output.data]
    assert "image/png" in kinds and "application/vnd.jupyter.widget-view+json" not in kinds
    assert "[summary.csv](summary.csv)" in outputs[-2].data["text/markdown"]
    for exporter in (HTMLExporter(), MarkdownExporter()):
        exported, _ = exporter.from_filename(str(tmp_path / "out.ipynb"))
        assert "Gentoo" in exported and "summary.csv</a>" in exported


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "line", "text"),
    [
        ("nbconvert", "--file penguins.csv", "%%assistant --yes"),
        ("papermill", "--modle x", "did you mean --model?"),
    ],
)
def test_headless_failures_fail_and_say_why(
    tool: str, line: str, text: str, tmp_path: Path
) -> None:
    shutil.copy(DATA / "penguins.csv", tmp_path)
    path = written(tmp_path, "%load_ext jupyter_assistants", f"%%assistant {line}\n{QUESTION}")
    done = executed(tool, path)
    assert done.returncode != 0
    assert text in done.stderr


@pytest.mark.slow
def test_a_terminal_prints_answer_and_files(tmp_path: Path) -> None:
    shutil.copy(DATA / "penguins.csv", tmp_path)
    lines = [
        "%load_ext jupyter_assistants",
        f"get_ipython().run_cell('%%assistant --yes -f penguins.csv\\n{QUESTION}');",
        "%assistant thread",
        "",
    ]
    environ = {
        **os.environ,
        "JUPYTER_ASSISTANTS_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_ASSISTANTS_MODEL": "demo",
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        input="\n".join(lines),
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert "Python:\n  | import" in done.stdout
    assert "| Gentoo | 5076.0163 |" in done.stdout
    assert "Files: summary.csv (92 bytes)" in done.stdout
    assert "Cells continue thread thread_" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def asked(server: LiveServer, method: str, path: str) -> Any:
    request = urllib.request.Request(
        f"{server.root}/{path}",
        method=method,
        headers={"Authorization": f"token {server.token}"},
        data=b"{}" if method == "POST" else None,
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def output_of(client: BlockingKernelClient, code: str) -> str:
    found: list[str] = []

    def take(message: dict[str, Any]) -> None:
        content = message["content"]
        found.append(str(content.get("text") or content.get("data", {}).get("text/plain", "")))
        found.extend(content.get("traceback", []))

    client.execute_interactive(code, output_hook=take, timeout=30, allow_stdin=False)
    return "\n".join(found)


def test_a_servers_kernel_finds_its_server_and_runs_code_itself(
    assistants_server: LiveServer,
) -> None:
    kernel = asked(assistants_server, "POST", "api/kernels")["id"]
    file = assistants_server.home / "runtime" / f"kernel-{kernel}.json"
    until(file.exists)
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels(hb=False)
    try:
        until_ready(client)
        output_of(client, "%load_ext jupyter_assistants")
        status = output_of(client, "%assistant status")
        assert f"the Jupyter server at {assistants_server.root}/" in status
        assert "from $JUPYTER_ASSISTANTS_URL" in status
        assert assistants_server.token not in status
        ask = f"%%assistant --yes --file {DATA}/penguins.csv\n{QUESTION}"
        assert "| Gentoo | 5076.0163 |" in output_of(client, ask)
        assert output_of(client, "print(len(penguins))").strip() == "344"
        loaded = output_of(client, "import sys; print('sqlalchemy' in sys.modules)")
        assert loaded.strip() == "False"
        threads = asked(assistants_server, "GET", "assistants/v1/threads")["data"]
        assert threads[0]["metadata"]["title"].startswith("mean body_mass_g")
    finally:
        client.stop_channels()
        asked(assistants_server, "DELETE", f"api/kernels/{kernel}")
