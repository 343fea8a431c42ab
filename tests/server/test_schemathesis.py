"""Thousands of requests made from the OpenAPI document, against a real server.

Whatever is sent, right or spoiled: the server does not fail, and what it answers fits what the
document says of status, headers, content type and body.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.live_server import LiveServer, running

from jupyter_assistants.api.openapi import document
from jupyter_assistants.api.routes import ROUTES, Route

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLES = 90
"""Of each kind (right and spoiled) for each operation that takes anything."""
LEAST = 5000

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RIGHT = [*CHECKS, positive_data_acceptance]
SPOILED = [*CHECKS, negative_data_rejection]

CONDITIONAL = frozenset(
    {
        # The state of the object decides.
        "cancel_run",
        "cancel_upload",
        "create_upload_part",
        "complete_upload",
        "submit_tool_outputs",
        "input_reply",
        # One run at a time.
        "create_run",
        # One of two fields, a list for "in" alone.
        "create_file_batch",
        "create_vector_store",
        "create_vector_store_file",
        "search_vector_store",
        # Entries of a thread say what they are in "object".
        "import_thread",
    }
)
"""Operations with rules that a schema cannot say, so that a right request may get a 400."""

# Keys are tested elsewhere; here they would take most of what is spoiled.
DESCRIBED = {name: part for name, part in document().items() if name != "security"}
ENDLESS = frozenset({"thread_events", "vector_store_events"})
"""Streams that go on until the client leaves, or all files are read; they have tests of their own."""

SCHEMA = schemathesis.openapi.from_dict(copy.deepcopy(DESCRIBED))
TRIED = [route for route in ROUTES if route.id not in ENDLESS]
STATUSES: Counter[str] = Counter()
DONE: set[str] = set()


@dataclass
class World:
    """A server with one object of each kind, so that requests find something."""

    server: LiveServer
    session: requests.Session
    ids: dict[str, str] = field(default_factory=dict)
    cases: int = 0

    def post(self, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.session.post(self.server.url + path, json=body, timeout=60, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fill(self) -> None:
        """Make one of each."""
        ids = self.ids
        ids["assistant_id"] = self.post("/assistants", {"model": "demo"})["id"]
        hello = {"role": "user", "content": "Hello"}
        body = {"assistant_id": ids["assistant_id"], "thread": {"messages": [hello]}}
        with self.session.post(
            f"{self.server.url}/threads/runs", json={**body, "stream": True}
        ) as run:
            assert "event: done" in run.text
        self.find("thread_id", "/threads")
        self.find("run_id", f"/threads/{ids['thread_id']}/runs")
        # The oldest is the user's; the content of an answer cannot be changed.
        self.find("message_id", f"/threads/{ids['thread_id']}/messages?order=asc")
        self.find("step_id", f"/threads/{ids['thread_id']}/runs/{ids['run_id']}/steps")
        text = ("a.txt", b"Some text.")
        form: Any = {"data": {"purpose": "assistants"}, "files": {"file": text}}
        ids["file_id"] = self.post("/files", **form)["id"]
        upload = {"filename": "a.csv", "purpose": "assistants", "bytes": 8, "mime_type": "text/csv"}
        ids["upload_id"] = self.post("/uploads", upload)["id"]
        store = self.post("/vector_stores", {"file_ids": [ids["file_id"]]})
        ids["vector_store_id"] = store["id"]
        batches = f"/vector_stores/{store['id']}/file_batches"
        ids["batch_id"] = self.post(batches, {"file_ids": [ids["file_id"]]})["id"]
        ids["model"] = "demo"

    def wait(self) -> None:
        """Make a run that waits for a function's output."""
        tool = {"type": "function", "function": {"name": "look"}}
        options = {"tools": [tool], "tool_choice": tool, "stream": True}
        thread = {"messages": [{"role": "user", "content": "Look"}]}
        body = {"assistant_id": self.ids["assistant_id"], "thread": thread, **options}
        url = f"{self.server.url}/threads/runs"
        with self.session.post(url, json=body, timeout=60) as answer:
            (run,) = re.findall(r"event: thread.run.requires_action\ndata: (.*)", answer.text)
        action = json.loads(run)
        (call,) = action["required_action"]["submit_tool_outputs"]["tool_calls"]
        self.ids["run_id"], self.ids["thread_id"] = action["id"], action["thread_id"]
        self.ids["tool_call_id"] = call["id"]

    def find(self, name: str, path: str) -> None:
        (first, *_) = self.session.get(self.server.url + path, timeout=60).json()["data"]
        self.ids[name] = first["id"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with running(tmp_path_factory.mktemp("schemathesis")) as server:
        yield server


@pytest.fixture
def world(server: LiveServer) -> Iterator[World]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.token}"
        world = World(server, session)
        world.fill()
        yield world


NEED_A_WAITING_RUN = frozenset({"cancel_run", "submit_tool_outputs"})


def with_real_ids(value: Any, ids: dict[str, str]) -> None:
    """Let ids in a body name objects that exist, wherever they have the right form."""
    if isinstance(value, list):
        for inner in value:
            with_real_ids(inner, ids)
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        single = name.removesuffix("s")
        if isinstance(inner, str) and name in ids:
            value[name] = ids[name]
        elif inner and isinstance(inner, list) and single in ids and isinstance(inner[0], str):
            value[name] = [ids[single]]
        else:
            with_real_ids(inner, ids)


def with_rules(value: Any) -> None:
    """Let a body keep what no schema says: small overlaps of chunks, one way to name stores."""
    if isinstance(value, list):
        for inner in value:
            with_rules(inner)
    if isinstance(value, dict):
        size, overlap = value.get("max_chunk_size_tokens"), value.get("chunk_overlap_tokens")
        if isinstance(size, int | float) and isinstance(overlap, int | float):
            value["chunk_overlap_tokens"] = min(overlap, size // 2)
        if value.get("vector_store_ids") and "vector_stores" in value:
            del value["vector_stores"]
        for inner in value.values():
            with_rules(inner)


def aim(case: Case, ids: dict[str, str], draw: Callable[[Any], Any], *, spoiled: bool) -> None:
    """Let most requests name objects that exist, and right ones obey rules no schema can say."""
    if not spoiled:
        with_rules(case.body)
    if not draw(st.integers(0, 7)):
        return
    for name in case.path_parameters or {}:
        case.path_parameters[name] = ids.get(name, case.path_parameters[name])
    if spoiled:
        # What is wrong with it must stay wrong.
        return
    for name in ("after", "before", "run_id"):
        if name in (case.query or {}):
            del case.query[name]
    with_real_ids(case.body, ids)


def as_text(parameter: dict[str, Any], sent: list[tuple[str, str]]) -> Any:
    """What a query says of a parameter: text, a number that is written as one, a list, or pairs."""
    name, kind = parameter["name"], parameter["schema"].get("type")
    if kind == "object":
        return {key[len(name) + 1 : -1]: value for key, value in sent if key.startswith(f"{name}[")}
    values = [value for key, value in sent if key == name]
    if kind == "array":
        return values
    one = values[0] if len(values) == 1 else values
    if kind in ("integer", "boolean") and isinstance(one, str):
        return json.loads(one) if re.fullmatch(r"-?[0-9]{1,20}|true|false", one) else one
    return one


def right_as_text(case: Case, route: Route) -> bool:
    """Whether a query or a form that was spoiled is right once sent: there, every value is text."""
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        content = case.body.get("file", "")
        return content is None or isinstance(content, int | float)
    if route.query is None or not case.query:
        return False
    url = requests.Request("GET", "http://host/", params=case.query).prepare().url
    sent = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    described: Any = DESCRIBED["paths"][route.path][route.verb.lower()]["parameters"]
    known = {each["name"]: each for each in described if each["in"] == "query"}
    named = {key if key in known else key.partition("[")[0] for key, _ in sent}
    return named <= known.keys() and all(
        Draft202012Validator(known[name]["schema"]).is_valid(as_text(known[name], sent))
        for name in named
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("route", TRIED, ids=lambda route: route.id)
def test_every_answer_fits_the_document(world: World, route: Route, mode: GenerationMode) -> None:
    operation = SCHEMA[route.path][route.verb]
    spoiled = mode is GenerationMode.NEGATIVE
    if spoiled and not (route.body or route.query or route.id == "create_file"):
        return

    checks = SPOILED if spoiled else CHECKS if route.id in CONDITIONAL else RIGHT

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.data())
    def try_it(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        hypothesis.assume(not (spoiled and right_as_text(case, route)))
        world.cases += 1
        if route.verb == "DELETE" and world.cases % 8 == 0:
            world.fill()
        if route.id in NEED_A_WAITING_RUN and world.cases % 8 == 0:
            world.wait()
        aim(case, world.ids, data.draw, spoiled=spoiled)
        response = case.call(base_url=world.server.url, session=world.session, timeout=60)
        STATUSES[f"{'spoiled' if spoiled else 'right'} {response.status_code // 100}xx"] += 1
        case.validate_response(response, checks=checks)

    try_it()
    DONE.add(route.id)


def test_that_were_thousands_of_requests_of_which_many_succeeded() -> None:
    if len(DONE) < len(TRIED):
        pytest.skip("not all operations were tried")
    print(dict(STATUSES))
    assert sum(STATUSES.values()) >= LEAST
    assert STATUSES["right 2xx"] >= LEAST / 5
