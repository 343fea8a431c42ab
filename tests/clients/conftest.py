"""The server and the model that all stock clients talk to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.live_server import LiveServer, running
from support.talkative_model import MODEL, talkative

FRAMEWORKS = "JUPYTER_ASSISTANTS_FRAMEWORKS"
"""Set to run the tests with frameworks, which take long to install."""

AUTHORIZER = '''
from jupyter_server.auth import AllowAllAuthorizer

class ReadersOnlyRead(AllowAllAuthorizer):
    """Lets a request that comes from a reader read, and nothing else."""

    def is_authorized(self, handler, user, action, resource):
        return action == "read" or handler.request.headers.get("X-Role") != "reader"

c.ServerApp.authorizer_class = ReadersOnlyRead
'''


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the frameworks out unless they are asked for; pytest counts them as deselected."""
    left = (
        []
        if os.environ.get(FRAMEWORKS)
        else [i for i in items if i.get_closest_marker("frameworks")]
    )
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@contextmanager
def talking_server(home: Path, **options: Any) -> Iterator[LiveServer]:
    """Run a server whose models are those of a scripted endpoint."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "jupyter_server_config.py").write_text(AUTHORIZER)
    with talkative() as upstream:
        environ = {"OPENAI_BASE_URL": upstream.url, "OPENAI_API_KEY": "sk-of-the-endpoint"}
        options = {"default_model": MODEL, **options}
        with running(home, options=options, environ=environ) as server:
            yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with talking_server(tmp_path_factory.mktemp("clients") / "home") as server:
        yield server


@pytest.fixture(scope="session")
def hasty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose runs expire after a second."""
    with talking_server(tmp_path_factory.mktemp("hasty") / "home", run_expiry=1) as server:
        yield server
