"""The stock Python SDK, today's and 1.x: every operation, every method, every error class."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from typing import Any

import pytest
from support import suite
from support.environments import python_with
from support.live_server import LiveServer
from support.sdk_operations import OPERATIONS, operations
from support.suite import Report

pytestmark = pytest.mark.slow

LAST_OF_1 = "openai==1.109.1"
CLIENTS = [
    pytest.param((suite.openai.__version__, ""), id="today", marks=pytest.mark.slow),
    pytest.param((suite.openai.__version__, "--strict"), id="today, strict"),
    pytest.param((LAST_OF_1, ""), id="1.x", marks=pytest.mark.slow),
    pytest.param((LAST_OF_1, "--strict"), id="1.x, strict", marks=pytest.mark.slow),
]
every_client = pytest.mark.parametrize("report", CLIENTS, indirect=True)


@pytest.fixture(scope="session")
def report(server: LiveServer, request: pytest.FixtureRequest) -> Report:
    """What a client of this version says of the server."""
    version, option = request.param
    if version == LAST_OF_1:
        return in_its_own_environment(server, version, option)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return suite.perform(server.url, server.token, strict=bool(option))


def in_its_own_environment(server: LiveServer, version: str, option: str) -> Report:
    python = python_with("openai-1", version)
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "PYTHON"))}
    done = subprocess.run(
        [python, suite.__file__, server.url, *([option] if option else [])],
        env={**environ, "SUITE_KEY": server.token},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    fields: dict[str, Any] = json.loads(done.stdout)
    return Report(**fields)


@every_client
@pytest.mark.parametrize("name", suite.CHECKS)
def test_what_programs_do_works(report: Report, name: str) -> None:
    assert name not in report.failures, report.failures[name]


@every_client
def test_every_operation_is_asked_for(report: Report) -> None:
    assert operations(report.requests) == OPERATIONS


@every_client
def test_every_method_of_the_sdk_is_called(report: Report) -> None:
    assert report.unused == []


@every_client
def test_no_request_has_to_be_repeated(report: Report) -> None:
    assert [request for request in report.requests if request[2] != "0"] == []


@pytest.mark.slow
def test_the_older_sdk_is_the_last_of_its_line() -> None:
    python = python_with("openai-1", LAST_OF_1)
    code = "import openai; print(openai.__version__)"
    said = subprocess.run([python, "-c", code], capture_output=True, text=True).stdout
    assert LAST_OF_1.endswith(said.strip())
