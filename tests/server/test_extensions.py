"""Extensions over HTTP: resumed streams, waiting, keys of requests, downloads of threads."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from openai._streaming import ServerSentEvent, SSEDecoder
from support.forms import form


async def started(made: Any, **body: Any) -> str:
    """Make an assistant and a thread, and give the path of a run that is over."""
    assistant = await made("POST", "/assistants", {"model": "demo"})
    thread = await made("POST", "/threads", {"messages": [{"role": "user", "content": "Hello"}]})
    path = f"/threads/{thread['id']}/runs"
    run = await made("POST", path, {"assistant_id": assistant["id"], **body})
    done = await made("GET", f"{path}/{run['id']}?wait=20")
    assert done["status"] == "completed"
    return f"{path}/{run['id']}"


def events_of(raw: bytes) -> list[ServerSentEvent]:
    return list(SSEDecoder().iter_bytes(iter([raw])))


async def test_a_stream_is_resumed_by_its_last_event_id(ask: Any, made: Any) -> None:
    path = await started(made)
    everything = events_of((await ask("GET", path + "/events")).body)
    assert everything[0].event == "thread.run.created" and everything[-1].event == "done"
    assert [event.id for event in everything[:3]] == ["0", "1", "2"]
    answer = await ask("GET", path + "/events", headers={"Last-Event-ID": "2"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    rest = events_of(answer.body)
    assert [(e.event, e.data) for e in rest] == [(e.event, e.data) for e in everything[3:]]
    assert len(events_of((await ask("GET", path + "/events?after=2")).body)) == len(rest)


async def test_a_wrong_place_is_refused_before_the_stream(ask: Any, made: Any) -> None:
    path = await started(made)
    answer = await ask("GET", path + "/events", headers={"Last-Event-ID": "nonsense"})
    assert (answer.status, answer.error["param"]) == (400, "after")
    assert (await ask("GET", path + "x/events")).status == 404
    thread = path.split("/runs")[0]
    assert (await ask("GET", thread + "x/events")).status == 404


async def test_a_list_does_not_take_the_id_of_an_event_for_a_cursor(ask: Any, made: Any) -> None:
    await made("POST", "/threads")
    assert (await ask("GET", "/threads", headers={"Last-Event-ID": "2"})).status == 200


async def test_a_wait_beyond_a_minute_is_refused(ask: Any, made: Any) -> None:
    path = await started(made)
    answer = await ask("GET", path + "?wait=61")
    assert (answer.status, answer.error["param"]) == (400, "wait")


async def test_a_key_makes_every_kind_of_request_repeatable(ask: Any, made: Any) -> None:
    headers = {"Idempotency-Key": "stainless-python-retry-1"}
    many = await asyncio.gather(*(ask("POST", "/threads", {}, headers=headers) for _ in range(5)))
    assert len({answer.body for answer in many}) == 1
    other = await ask("POST", "/threads", {"metadata": {"a": "b"}}, headers=headers)
    assert other.status == 400 and "Idempotency-Key" in other.error["message"]
    sent = form(("purpose", None, b"assistants"), ("file", "a.csv", b"1"))
    keyed = {**sent, "headers": {**sent["headers"], **headers}}
    one, two = await ask("POST", "/files", **keyed), await ask("POST", "/files", **keyed)
    assert one.status == 200 and one.json == two.json
    assert len((await made("GET", "/files"))["data"]) == 1
    changed = form(("purpose", None, b"assistants"), ("file", "a.csv", b"2"))
    changed["headers"] |= headers
    assert (await ask("POST", "/files", **changed)).status == 400


async def test_two_streams_under_one_key_are_one_run(ask: Any, made: Any) -> None:
    path = (await started(made)).rsplit("/", 1)[0]
    assistant = (await made("GET", "/assistants"))["data"][0]["id"]
    body = {"assistant_id": assistant, "stream": True}
    headers = {"Idempotency-Key": "k"}
    both = await asyncio.gather(*(ask("POST", path, body, headers=headers) for _ in range(2)))
    assert both[0].body == both[1].body
    assert events_of(both[0].body)[-1].event == "done"
    assert len((await made("GET", path))["data"]) == 2


async def test_an_export_can_only_be_saved_and_can_be_imported(ask: Any, made: Any) -> None:
    thread = (await started(made)).split("/runs")[0]
    answer = await ask("GET", thread + "/export?format=json&files=true")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''thread_")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    copy = await made("POST", "/threads/import", json.loads(answer.body))
    old, new = [
        (await made("GET", t + "/messages"))["data"] for t in (thread, f"/threads/{copy['id']}")
    ]
    assert [m["content"] for m in old] == [m["content"] for m in new]
    for format, mime in (
        ("markdown", "text/markdown; charset=utf-8"),
        ("notebook", "application/x-ipynb+json"),
    ):
        answer = await ask("GET", f"{thread}/export?format={format}")
        assert (answer.status, answer.headers["Content-Type"]) == (200, mime)
    assert (await ask("GET", thread + "/export?format=pdf")).status == 400


async def test_threads_are_searched_by_query(ask: Any, made: Any) -> None:
    one = await made("POST", "/threads", {"metadata": {"title": "Grüße", "course": "bio"}})
    await made("POST", "/threads", {"metadata": {"course": "art"}})
    for query in ("query=gr%C3%BCSSE", "metadata[course]=bio", "metadata%5Bcourse%5D=bio&query=g"):
        found = (await made("GET", f"/threads?{query}"))["data"]
        assert [thread["id"] for thread in found] == [one["id"]], query


@pytest.mark.parametrize("name", ["größe", "キー", "🦆", "k" * 64, "é" * 64])
async def test_threads_are_searched_by_names_in_every_script(
    ask: Any, made: Any, name: str
) -> None:
    one = await made("POST", "/threads", {"metadata": {name: "bio"}})
    await made("POST", "/threads", {"metadata": {"other": "bio"}})
    found = (await made("GET", f"/threads?metadata[{quote(name)}]=bio"))["data"]
    assert [thread["id"] for thread in found] == [one["id"]]


@pytest.mark.parametrize("seconds", [-1, 2**53, -34436127654341701632])
async def test_a_time_that_no_clock_shows_is_refused(ask: Any, seconds: int) -> None:
    export = {"object": "thread.export", "version": 1, "thread": {"created_at": seconds}}
    answer = await ask("POST", "/threads/import", export)
    assert (answer.status, answer.error["param"]) == (400, "thread.created_at")


async def test_a_pair_of_the_metadata_that_is_given_twice_is_refused(ask: Any) -> None:
    answer = await ask("GET", "/threads?metadata[course]=bio&metadata[course]=art")
    assert (answer.status, answer.error["param"]) == (400, "metadata.course")


async def test_copies_totals_and_previews_have_their_paths(ask: Any, made: Any) -> None:
    path = await started(made)
    thread, runs = path.split("/runs")[0], path.rsplit("/", 1)[0]
    copy = await made("POST", thread + "/copy", {})
    assert copy["object"] == "thread" and copy["id"] not in thread
    usage = await made("GET", thread + "/usage")
    assert (usage["object"], usage["runs"]) == ("thread.usage", 1)
    assistant = (await made("GET", "/assistants"))["data"][0]["id"]
    preview = await made("POST", runs + "/preview", {"assistant_id": assistant})
    assert preview["object"] == "thread.run.preview" and preview["model"] == "demo"
    assert (await ask("POST", runs + "/preview", {"assistant_id": "asst_x"})).status == 404
