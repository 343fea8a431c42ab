"""Stored runs as cassettes: completed, failed and cancelled ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.service_session import FUNCTION, OWNER, Bench, bench, events

from jupyter_assistants.kernels.recording import key_of
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, ProviderError
from jupyter_assistants.protocol.runs import Run

CODE = {"type": "code_interpreter"}
KEY = "sk-" + "a1B2" * 10


def python(code: str) -> Any:
    return call("run_python", {"code": code})


async def cassette(b: Bench, run: Run) -> dict[str, Any]:
    found = await b.ask("GET", f"/threads/{run.thread_id}/runs/{run.id}/cassette")
    return dict(found.wire())


async def test_a_stored_run_is_a_cassette_without_secrets(tmp_path: Path) -> None:
    code = "print(2 * 3)\nopen('/mnt/data/six.txt', 'w').write('6')"
    turns = [python(code)], [python(f"key = {KEY!r}")], [f"It is 6, and your key is {KEY}."]
    async with bench(tmp_path, *turns) as b:
        await b.begin(CODE, text=f" what is 2 * 3? my key is {KEY}")
        run = await b.run()
        assert run.status == "completed", run.last_error
        found = await cassette(b, run)
    [made] = found["recordings"]
    assert (found["format"], found["version"]) == ("jupyter_assistants.cassette", 1)
    assert made["key"] == key_of(f"what is 2 * 3? my key is {KEY}")
    assert (made["status"], made["error"], made["run_id"]) == ("completed", "", run.id)
    first, second, said = made["entries"]
    assert (
        first["code"] == code.replace("/mnt/data/", "")
        and first["status"] == "ok"
        and not first["masked"]
    )
    assert first["sha256"] == hashlib.sha256(first["code"].encode()).hexdigest()
    assert first["outputs"][0] == {"kind": "text", "text": "6\n1"}
    digest = hashlib.sha256(b"6").hexdigest()
    assert first["files"] == [{"name": "six.txt", "sha256": digest}]
    assert second["masked"] and said["text"].startswith("It is 6")
    assert KEY not in json.dumps(found)


async def test_a_failed_run_is_a_cassette_of_what_it_did_and_why_it_failed(tmp_path: Path) -> None:
    down = ProviderError("The model is down.", code="server_error")
    async with bench(tmp_path, [python("print(6)")], [down]) as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "failed"
        [made] = (await cassette(b, run))["recordings"]
    assert made["status"] == "failed" and "The model is down." in made["error"]
    assert [entry["status"] for entry in made["entries"]] == ["ok"]


async def test_a_run_is_recorded_when_it_is_over_and_also_if_it_was_cancelled(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, [call("weather", {"city": "Graz"})]) as b:
        await b.begin(FUNCTION)
        started = await b.start()
        await events(started)
        with pytest.raises(InvalidRequest, match="is requires_action: a run is recorded when"):
            await cassette(b, started.run)
        path = f"/threads/{b.thread_id}/runs/{started.run.id}"
        await b.ask("POST", f"{path}/cancel")
        run = await b.ask("GET", path, query_wait=30)
        assert run.status == "cancelled"
        [made] = (await cassette(b, run))["recordings"]
        assert (made["status"], made["prompt"]) == ("cancelled", "hello")
        assert made["entries"] == [{"type": "call", "name": "weather", "output": ""}]


async def test_a_run_is_found_in_its_own_thread_and_by_its_owner_only(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hello."]) as b:
        await b.begin()
        run = await b.run()
        other = await b.ask("POST", "/threads")
        with pytest.raises(NotFound):
            await b.ask("GET", f"/threads/{other.id}/runs/{run.id}/cassette")
        with pytest.raises(NotFound):
            path = f"/threads/{run.thread_id}/runs/{run.id}/cassette"
            await b.ask("GET", path, owner=f"not {OWNER}")
