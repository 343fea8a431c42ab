"""Fixtures that tests of several parts share."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from jupyter_server.serverapp import ServerApp

from jupyter_assistants.storage.files import private_folder
from jupyter_assistants.storage.sql import SqlStorage

if TYPE_CHECKING:
    from support.lab import Lab, LabPage

# No test may read the keys of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
# No test may load a model from a hub; a server that is asked to does without at once.
os.environ["HF_HUB_OFFLINE"] = "1"

# Where bytecode is not kept, each server and each kernel compiles the package again, and each run
# rewrites all assertions.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Own kernels run as those of users do, whoever runs the tests.
os.environ["JUPYTER_ASSISTANTS_SANDBOX"] = "auto"

# The same examples in every run, so that a red test is a fault of the change before it. Others are
# looked for with HYPOTHESIS_PROFILE=default.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

pytest_plugins = ["pytest_jupyter.jupyter_server", "support.live_server", "support.plugins"]


@pytest.fixture
def notebook(lab: Lab) -> Iterator[LabPage]:
    """Return a page of a browser on the JupyterLab that the test's module started."""
    # A test that needs no browser needs no Playwright either.
    from support.browser import browser_page
    from support.lab import LabPage

    with browser_page(height=1400) as page:
        yield LabPage(lab, page)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Where the server of this test keeps its database and files."""
    return tmp_path / "assistants"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema and nothing in it, to copy: migrating one takes longer."""
    folder = tmp_path_factory.mktemp("empty")
    path = folder / "empty.db"
    SqlStorage(f"sqlite:///{path}", folder / "files").close()
    return path


@pytest.fixture
def jp_nbconvert_templates() -> None:
    """Copy no templates of nbconvert for the server of a test, which converts nothing."""


@pytest.fixture
def assistants_config() -> dict[str, Any]:
    """Options of ``c.JupyterAssistantsApp``; a test module overrides this fixture to change them."""
    return {}


@pytest.fixture
def jp_server_config(
    data_dir: Path, assistants_config: dict[str, Any], empty_database: Path
) -> dict[str, Any]:
    """A server with our extension alone, strict about authentication."""
    shutil.copy(empty_database, private_folder(data_dir) / "assistants.db")
    return {
        "ServerApp": {
            "jpserver_extensions": {
                "jupyter_assistants": True,
                "jupyter_server_terminals": False,
            },
            "allow_unauthenticated_access": False,
            "reraise_server_extension_failures": True,
        },
        "JupyterAssistantsApp": {
            "data_dir": str(data_dir),
            "default_model": "demo",
            "embedding_model": "none",
            **assistants_config,
        },
    }


@pytest.fixture(autouse=True)
def jp_server_cleanup(request: pytest.FixtureRequest) -> Iterator[None]:
    """Clean up as pytest-jupyter does, but only behind tests that had a server.

    Its own fixture of this name makes a ``ServerApp`` behind every test, which takes longer than
    most of our tests.
    """
    loop: asyncio.AbstractEventLoop = request.getfixturevalue("jp_asyncio_loop")
    yield
    if not ServerApp.initialized():
        return
    app = ServerApp.instance()
    loop.run_until_complete(app._cleanup())
    app.kernel_manager.context.destroy()
    ServerApp.clear_instance()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no process is left alone with one at the end."""
    weights: dict[Path, int] = {}
    for item in items:
        weight = sum(item.get_closest_marker(name) is not None for name in ("slow", "browser"))
        weights[item.path] = weights.get(item.path, 0) + weight
    items.sort(key=lambda item: -weights[item.path])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests for a browser before they start a server."""
    if item.get_closest_marker("browser"):
        from support.browser import chromium

        chromium()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that browser tests were skipped, and how to get what they need."""
    from support.browser import NO_CHROMIUM

    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(NO_CHROMIUM in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(f"{count} browser tests were skipped. {NO_CHROMIUM}")
