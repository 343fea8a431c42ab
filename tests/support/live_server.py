"""A real ``jupyter server`` in a process of its own, for tests and benchmarks.

Benchmarks use :func:`running` as a context manager; tests request ``assistants_server``.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.paths import LEAN
from support.waiting import until

if TYPE_CHECKING:
    import openai

# Variables of the developer's own shell that would lead the server to other models or servers.
_FOREIGN = ("OPENAI_", "JUPYTER", "JPY_")


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lean(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which a server starts in half the time."""
    found = os.pathsep.join(filter(None, [str(LEAN), environ.get("PYTHONPATH")]))
    return {**environ, "PYTHONPATH": found}


def embedded(client: openai.OpenAI, vector_store_id: str, seconds: float = 300.0) -> Any:
    """Return a vector store once all its chunks have vectors, if there is a model that makes some."""

    def done() -> Any:
        found: Any = client.vector_stores.retrieve(vector_store_id)
        state = found.jupyter["embeddings"]
        whole = state["model"] is None or state["embedded"] == state["chunks"]
        return found if found.status == "completed" and whole else None

    return until(done, seconds=seconds)


@dataclass
class LiveServer:
    """A Jupyter server with our extension, and how to reach it.

    Parameters
    ----------
    home
        Its home folder; database, files and log are in it and survive a restart.
    options
        Further options of ``c.JupyterAssistantsApp``.
    environ
        Further environment variables.
    """

    home: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[bytes] | None = None

    @property
    def root(self) -> str:
        """Return the address of the Jupyter server, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Return the ``base_url`` for OpenAI clients."""
        return f"{self.root}/assistants/v1"

    @property
    def data_dir(self) -> Path:
        """Return the folder of the database and the files."""
        return self.home / "assistants"

    @property
    def log(self) -> str:
        """Return what the server has logged so far."""
        return (self.home / "server.log").read_text(errors="replace")

    def client(self, **options: Any) -> openai.OpenAI:
        """Return a stock OpenAI client of this server."""
        from openai import OpenAI

        return OpenAI(base_url=self.url, api_key=self.token, **options)

    def start(self, path: str = "/assistants/v1/models") -> None:
        """Start the server and wait until it answers.

        Parameters
        ----------
        path
            What it is asked: where the database is away, only Jupyter's own API answers.
        """
        folder = self.home / "config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "jupyter_server_config.json").write_text(json.dumps(self._config()))
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.home, env=self._environ(), stdout=log, stderr=log
            )
        self._wait(path)

    def _config(self) -> dict[str, Any]:
        # Without JupyterLab the server starts in half the time.
        extensions = {"jupyter_assistants": True, "jupyterlab": False, "jupyter_lsp": False}
        return {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.port,
                "port_retries": 0,
                "root_dir": str(self.home),
                "jpserver_extensions": extensions,
            },
            "IdentityProvider": {"token": self.token},
            "JupyterAssistantsApp": {
                "data_dir": str(self.data_dir),
                "default_model": "demo",
                "embedding_model": "none",
                **self.options,
            },
        }

    def _environ(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        folders = {
            "HOME": str(self.home),
            "JUPYTER_PREFER_ENV_PATH": "0",
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "IPYTHONDIR": str(self.home / "ipython"),
        }
        return lean({**inherited, **folders, **self.environ})

    def _wait(self, path: str, seconds: float = 60) -> None:
        request = urllib.request.Request(
            f"{self.root}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        assert self.process is not None
        process = self.process

        def answers() -> bool:
            if process.poll() is not None:
                raise ChildProcessError(f"it ended with {process.returncode}")
            with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10):
                return True
            return False

        try:
            until(answers, seconds=seconds)
        except (AssertionError, ChildProcessError) as error:
            self.kill()
            raise RuntimeError(f"the server did not start: {error}\n{self.log}") from error

    def stop(self) -> None:
        """Stop the server as Ctrl-C does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server at once, as a crash would (``kill -9``)."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.process = None


@contextlib.contextmanager
def running(
    home: Path,
    *,
    options: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[LiveServer]:
    """Run a server until the end of the block."""
    server = LiveServer(home, options or {}, environ or {})
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def assistants_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Return a server that all tests of the session share."""
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server
