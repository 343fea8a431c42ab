"""A real JupyterLab in a real Chromium.

``start_lab`` starts the server; ``LabPage`` opens notebooks and runs cells in a page of
:mod:`support.browser`. Tests that use them carry the mark ``browser``.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from support.browser import expect
from support.live_server import free_port, lean
from support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SCREENSHOTS = ROOT / "build" / "screenshots"

_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
# Variables of the developer's own shell that would lead the server elsewhere.
_FOREIGN = ("OPENAI_", "JUPYTER", "JPY_", "PYTEST_")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    root: Path
    server: LabServer

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Put a notebook with these code cells into the root folder."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={
                "kernelspec": {
                    "name": "python3",
                    "display_name": "Python 3 (ipykernel)",
                    "language": "python",
                }
            },
        )
        nbformat.write(notebook, self.root / name)

    def read(self, name: str) -> Any:
        """Return the notebook as it is on disk."""
        return nbformat.read(self.root / name, as_version=4)


@dataclass
class LabServer:
    """The process of a JupyterLab, which can be killed and started again at the same place."""

    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, lab: Lab) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=dict(self.env), cwd=lab.root, stdout=log, stderr=log
            )
        _wait_until_up(lab, self.process, self.log)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it as a person would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def start_lab(
    root_dir: Path,
    *,
    options: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    base_url: str = "",
) -> Iterator[Lab]:
    """Start JupyterLab on a port of its own, with its own home folder below ``root_dir``.

    ``base_url`` is a path like ``/user/ada``, as behind a hub.
    """
    home, root = root_dir / "home", root_dir / "root"
    root.mkdir(parents=True)
    for name, values in _SETTINGS.items():
        path = home / ".jupyter" / "lab" / "user-settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))
    env = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    env = lean(env | {"HOME": str(home), **(environ or {})})
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"]
    command += [f"--ServerApp.base_url={base_url}/"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}", *options]
    server = LabServer(command, env, root_dir / "lab.log")
    lab = Lab(f"http://127.0.0.1:{port}{base_url}", token, root, server)
    try:
        server.start(lab)
        yield lab
    finally:
        server.stop()


def _wait_until_up(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{lab.url}/api?token={lab.token}", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def ask(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    """Ask the API of this JupyterLab."""
    return ask_server(lab, method, f"/assistants/v1{path}", body)


def ask_server(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    """Ask this JupyterLab's server."""
    return json.loads(download(lab, path, method=method, body=body))


def download(lab: Lab, path: str, *, method: str = "GET", body: Any = None) -> bytes:
    """Return the bytes of an answer of this JupyterLab's server."""
    request = urllib.request.Request(
        f"{lab.url}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {lab.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        error.add_note(error.read().decode(errors="replace"))
        raise


class LabPage:
    """JupyterLab as a person sees it."""

    def __init__(self, lab: Lab, page: Page) -> None:
        self.lab = lab
        self.page = page

    def open(self, name: str) -> None:
        """Open a notebook and wait until its kernel is idle."""
        # A workspace of its own, so that nothing of an earlier test is open as well.
        workspace = secrets.token_hex(4)
        self.page.goto(
            f"{self.lab.url}/lab/workspaces/{workspace}/tree/{name}?token={self.lab.token}"
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        # The notebook's own indicator says idle before there is any kernel.
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
        self.wait_idle(60)

    def cell(self, index: int) -> Locator:
        """Return one cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """Return what one cell shows."""
        return self.cell(index).locator(".jp-OutputArea").first

    def start(self, index: int) -> None:
        """Start a cell and do not wait for it."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        expect(self.cell(index).locator(".jp-InputPrompt").first).not_to_have_text("[ ]:")

    def wait_cell(self, index: int, timeout: float = 30) -> None:
        """Wait until a cell that was started has ended."""
        prompt = self.cell(index).locator(".jp-InputPrompt").first
        expect(prompt).not_to_have_text("[*]:", timeout=timeout * 1000)

    def wait_idle(self, timeout: float = 30) -> None:
        """Wait until the kernel is idle."""
        idle = self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        # In a narrow notebook the tool bar hides it behind its menu, where it tells as well.
        idle.first.wait_for(state="attached", timeout=timeout * 1000)

    def run(self, index: int, timeout: float = 30) -> None:
        """Run a cell to its end."""
        self.start(index)
        self.wait_cell(index, timeout)

    def run_all(self, timeout: float = 30) -> None:
        """Run every cell of code to its end, one behind the other."""
        for index in range(self.page.locator(".jp-Notebook .jp-Cell").count()):
            if "jp-CodeCell" in (self.cell(index).get_attribute("class") or ""):
                self.run(index, timeout)

    def stop(self) -> None:
        """Press the Stop button of the notebook's tool bar."""
        self.page.locator('[data-jp-item-name="interrupt"]').first.click()

    def save(self) -> None:
        """Save the notebook and wait until that is done."""
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)

    def screenshot(self, name: str) -> Path:
        """Take a picture into ``build/screenshots``."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path
