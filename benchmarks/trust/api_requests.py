"""Requests made from the OpenAPI document, right and spoiled, against a real server.

Whatever is sent: the server does not fail, and what it answers fits what the document says of status,
headers, content type and body. Of each operation half of the requests are right and half are spoiled.
"""

from __future__ import annotations

import copy
import functools
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.trust.campaign import Deadline, Outcome
from jupyter_assistants.api.openapi import document
from jupyter_assistants.api.routes import ROUTES, Route

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

# Streams that go on until the client leaves, or all files are read; they have tests of their own.
ENDLESS = frozenset({"thread_events", "vector_store_events"})
TRIED = [route for route in ROUTES if route.id not in ENDLESS]
LEAST_ACCEPTED = 1 / 5
"""The part of all requests that must succeed: refusals alone would test little."""


@functools.cache
def described() -> dict[str, Any]:
    """Return the document without keys, which would take most of what is spoiled."""
    return {name: part for name, part in document().items() if name != "security"}


@functools.cache
def schema() -> Any:
    """Return the document as schemathesis reads it."""
    return schemathesis.openapi.from_dict(copy.deepcopy(described()))


@dataclass
class World:
    """A server with one object of each kind, so that requests find something."""

    server: Any
    session: requests.Session
    ids: dict[str, str] = field(default_factory=dict)
    cases: int = 0
    statuses: Counter[str] = field(default_factory=Counter)

    def post(self, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.session.post(self.server.url + path, json=body, timeout=60, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fill(self) -> None:
        """Create one object of each kind."""
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
        """Create a run that waits for a function's output."""
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
        """Note the id of the first object of a list."""
        (first, *_) = self.session.get(self.server.url + path, timeout=60).json()["data"]
        self.ids[name] = first["id"]


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
    """Return what a query says of a parameter: text, a number that is written as one, a list, or pairs."""
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
    """Return whether a query or a form that was spoiled is right once sent: there, every value is text."""
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        content = case.body.get("file", "")
        return content is None or isinstance(content, int | float)
    if route.query is None or not case.query:
        return False
    url = requests.Request("GET", "http://host/", params=case.query).prepare().url
    sent = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    parameters: Any = described()["paths"][route.path][route.verb.lower()]["parameters"]
    known = {each["name"]: each for each in parameters if each["in"] == "query"}
    named = {key if key in known else key.partition("[")[0] for key, _ in sent}
    return named <= known.keys() and all(
        Draft202012Validator(known[name]["schema"]).is_valid(as_text(known[name], sent))
        for name in named
    )


class Requests:
    """Right and spoiled requests to every operation of the OpenAPI document."""

    title: ClassVar[str] = "requests made from the OpenAPI document"
    aim: ClassVar[str] = "answers of 5xx, or unlike it"
    full: ClassVar[int] = 20_000
    small: ClassVar[int] = 2_500

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Run about as many requests, equally many for each operation."""
        kinds = [
            (route, mode)
            for route in TRIED
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            if mode is GenerationMode.POSITIVE or takes_anything(route)
        ]
        failures = []
        with running_world() as world:
            for route, mode in kinds:
                if deadline.passed:
                    break
                failure = try_operation(world, route, mode, cases // len(kinds) + 1, seed)
                failures += [f"{route.id}, {mode.value}: {failure}"] if failure else []
        total, accepted = sum(world.statuses.values()), world.statuses["right 2xx"]
        if accepted < total * LEAST_ACCEPTED:
            failures.append(f"only {accepted} of {total} requests were accepted")
        counts = ", ".join(f"{count} {name}" for name, count in sorted(world.statuses.items()))
        return Outcome(total, failures, counts)


@contextmanager
def running_world() -> Iterator[World]:
    """Run a server of its own, filled with one object of each kind."""
    from support.live_server import running

    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as server,
        requests.Session() as session,
    ):
        session.headers["Authorization"] = f"Bearer {server.token}"
        world = World(server, session)
        yield world


def takes_anything(route: Route) -> bool:
    """Return whether there is anything in the operation's requests to spoil."""
    return bool(route.body or route.query or route.id == "create_file")


def try_operation(
    world: World, route: Route, mode: GenerationMode, examples: int, seed: int
) -> str | None:
    """Send requests to one operation, and return what was wrong with an answer."""
    operation = schema()[route.path][route.verb]
    spoiled = mode is GenerationMode.NEGATIVE
    checks = SPOILED if spoiled else CHECKS if route.id in CONDITIONAL else RIGHT
    world.fill()

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.data())
    def send(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        hypothesis.assume(not (spoiled and right_as_text(case, route)))
        world.cases += 1
        if route.verb == "DELETE" and world.cases % 8 == 0:
            world.fill()
        if route.id in NEED_A_WAITING_RUN and world.cases % 8 == 0:
            world.wait()
        aim(case, world.ids, data.draw, spoiled=spoiled)
        response = case.call(base_url=world.server.url, session=world.session, timeout=60)
        kind = "spoiled" if spoiled else "right"
        world.statuses[f"{kind} {response.status_code // 100}xx"] += 1
        case.validate_response(response, checks=checks)

    try:
        send()
    except (Failure, FailureGroup) as error:
        return " ".join(str(error).split())
    return None
