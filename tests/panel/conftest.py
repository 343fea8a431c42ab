"""One JupyterLab for all tests of a worker, with a model that does what its prompt says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from support import panel_model
from support.lab import Lab, ask_server, download
from support.panel_page import DATA, PanelPage, panel_lab, panel_page
from support.upstream import Upstream


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Leave the event loop alone: the browser's runs as long as its page, over many tests."""


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    """Return the model's endpoint, which keeps what it received."""
    with Upstream(choose=panel_model.choose) as started:
        yield started


@pytest.fixture(scope="session")
def panel_environ(upstream: Upstream) -> dict[str, str]:
    """Return the environment of a JupyterLab whose default model is that endpoint's."""
    return {
        "OPENAI_BASE_URL": upstream.url,
        "OPENAI_API_KEY": "k",
        "JUPYTER_ASSISTANTS_MODEL": "scripted",
        "PATH": os.environ["PATH"],
    }


@pytest.fixture(scope="session")
def chat_lab(
    tmp_path_factory: pytest.TempPathFactory, panel_environ: dict[str, str]
) -> Iterator[Lab]:
    """Return a JupyterLab whose default model is that endpoint's."""
    folder = tmp_path_factory.mktemp("chat")
    prices = "--JupyterAssistantsApp.prices={'scripted': {'input': 1000, 'output': 2000}}"
    with panel_lab(folder, environ=panel_environ, options=[prices]) as started:
        shutil.copy(DATA / "penguins.csv", started.root)
        (started.root / "notes.md").write_text(
            "# Notes\n\nThe penguin Otto weighs 5 kg.\n", "utf-8"
        )
        yield started


@pytest.fixture(scope="module")
def chat_page(chat_lab: Lab) -> Iterator[PanelPage]:
    """Return one page for all tests of the module, on a notebook as it was written."""
    # The JupyterLab is shared: a module before may have left the notebook's kernel, whose counter goes on.
    for session in ask_server(chat_lab, "GET", "/api/sessions"):
        download(chat_lab, f"/api/sessions/{session['id']}", method="DELETE")
    chat_lab.write("work.ipynb", ["marker = 1", "marker + 1"])
    with panel_page(chat_lab) as page:
        page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.open("work.ipynb")
        page.run(0)
        yield page


@pytest.fixture
def panel(chat_page: PanelPage) -> PanelPage:
    """Return the page with a new thread."""
    chat_page.new_thread()
    return chat_page
