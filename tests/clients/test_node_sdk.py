"""The stock Node SDK: every operation, every helper, every error class."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.environments import node, node_modules
from support.live_server import LiveServer
from support.sdk_operations import OPERATIONS, operations

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).with_name("node")
ENDINGS = ["be cut off", "fail for quota", "fail in a stream", "say nothing"]


def names() -> list[str]:
    """Return the names of the tests in the suite."""
    text = (SOURCE / "suite.mjs").read_text()
    plain = re.findall(r'^ +it\("([^"]+)"', text, re.MULTILINE)
    made = re.findall(r"^ +it\(`([^$]+)\$", text, re.MULTILINE)
    return [*plain, *(start + ending for start in made for ending in ENDINGS)]


@dataclass
class NodeReport:
    """What a run of the suite gave."""

    outcomes: dict[str, str] = field(default_factory=dict)
    """By test, what it raised; an empty text if nothing."""
    requests: list[Any] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def report(server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> NodeReport:
    folder = node_modules(SOURCE)
    shutil.copy(SOURCE / "suite.mjs", folder)
    noted = tmp_path_factory.mktemp("node") / "report.json"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "NODE_"))}
    where = {"SUITE_URL": server.url, "SUITE_KEY": server.token, "SUITE_REPORT": str(noted)}
    done = subprocess.run(
        [node(), "--test", "--test-reporter=junit", "suite.mjs"],
        cwd=folder,
        env={**inherited, **where},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert noted.exists(), done.stdout + done.stderr
    cases = ElementTree.fromstring(done.stdout).iter("testcase")
    outcomes = {case.get("name", ""): _outcome(case) for case in cases}
    return NodeReport(outcomes, **json.loads(noted.read_text()))


def _outcome(case: ElementTree.Element) -> str:
    failure = case.find("failure")
    return "" if failure is None else f"{failure.get('message')}\n{failure.text}"


@pytest.mark.parametrize("name", names())
def test_what_programs_do_works(report: NodeReport, name: str) -> None:
    assert not report.outcomes[name], report.outcomes[name]


def test_every_test_of_the_suite_is_looked_at(report: NodeReport) -> None:
    assert set(report.outcomes) == set(names())


def test_every_operation_is_asked_for(report: NodeReport) -> None:
    assert operations(report.requests) == OPERATIONS


def test_every_method_of_the_sdk_is_called(report: NodeReport) -> None:
    assert report.unused == []


def test_no_request_has_to_be_repeated(report: NodeReport) -> None:
    assert [request for request in report.requests if request[2] != "0"] == []
