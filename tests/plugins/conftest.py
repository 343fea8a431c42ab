"""A server with the toys, shared by the tests of this folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.live_server import LiveServer, running
from support.plugins import with_plugins

OPTIONS = {"default_model": "toy/it", "embedding_model": "toy/it"}


@pytest.fixture(scope="session")
def toy_server(
    plugins_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("toy-server")
    spec = home / "data" / "kernels" / "toytalk"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "assistants_toys.kernel", "-f", "{connection_file}"]
    described = {"argv": argv, "display_name": "Toytalk", "language": "toytalk"}
    (spec / "kernel.json").write_text(json.dumps(described))
    with running(home, options=OPTIONS, environ=with_plugins(plugins_folder)) as server:
        yield server
