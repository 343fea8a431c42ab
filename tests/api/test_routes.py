"""The route table: its functions, and what their signatures ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.service_session import bench

from jupyter_assistants.api.dispatch import find
from jupyter_assistants.api.route import BYTES, EVENTS, JSON, Route
from jupyter_assistants.api.routes import ROUTES
from jupyter_assistants.protocol.event_queries import EventQuery
from jupyter_assistants.protocol.runs import CreateRun
from jupyter_assistants.protocol.threads import Thread


class Sketches:
    """A resource that no service has."""

    async def create(self, thread: Thread, colour: str) -> Thread:
        """Create a sketch."""
        return thread


def test_a_parameter_that_no_request_fills_is_named() -> None:
    route = Route(
        "sketch", "POST", "/threads/{thread_id}/sketches", Sketches.create, "write", "threads"
    )
    with pytest.raises(TypeError, match=r"Sketches\.create has the parameters \['colour'\]"):
        assert route.parameters


def test_bodies_and_queries_are_those_of_the_signatures() -> None:
    create, _ = find("POST", "/threads/t/runs")
    assert create.body is CreateRun
    follow, names = find("GET", "/threads/t/runs/r%2F1/events")
    assert (follow.body, follow.query, names["run_id"]) == (None, EventQuery, "r/1")
    upload, _ = find("POST", "/files")
    assert upload.body is None and upload.fields is not None


def test_a_request_chooses_between_two_kinds_of_answer() -> None:
    run, _ = find("POST", "/threads/t/runs")
    assert run.answer_to({}, {"stream": True}) == EVENTS
    assert run.answer_to({}, {"stream": "yes"}) == run.answer_to({}, {}) == JSON
    cells, _ = find("GET", "/threads/t/runs/r/cells")
    assert cells.answer_to({}, {}) == cells.answer_to({"format": "json"}, {}) == JSON
    assert cells.answer_to({"format": "ipynb"}, {}) == BYTES


def test_ids_and_paths_are_unique() -> None:
    assert len({route.id for route in ROUTES}) == len(ROUTES)
    assert len({(route.verb, route.path) for route in ROUTES}) == len(ROUTES)


async def test_the_service_has_the_resource_of_every_route(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        for route in ROUTES:
            resource = b.service.resource_of(route.operation)
            assert getattr(type(resource), route.operation.__name__) is route.operation
