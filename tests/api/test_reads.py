"""How often a request reads the objects of its path from the database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.reads import counted_reads
from support.service_session import Bench, bench

READ_ONCE = [
    "GET /assistants/{assistant}",
    "GET /assistants/{assistant}/program",
    "POST /assistants/{assistant}",
    "GET /threads/{thread}",
    "POST /threads/{thread}",
    "GET /threads/{thread}/messages/{message}",
    "GET /threads/{thread}/runs/{run}",
    "GET /threads/{thread}/runs/{run}/steps/{step}",
    "GET /files/{file}",
    "GET /files/{file}/content",
    "GET /vector_stores/{vector_store}",
]


async def objects(b: Bench) -> dict[str, str]:
    """Create one object of each kind, and return their ids by kind."""
    await b.begin()
    run = await b.run()
    (message, *_) = await b.messages()
    (step,) = await b.steps(run)
    file = await b.upload("a.txt", b"Ducks.")
    vector_store = await b.ask("POST", "/vector_stores")
    return {
        "assistant": b.assistant_id,
        "thread": b.thread_id,
        "message": message.id,
        "run": run.id,
        "step": step.id,
        "file": file.id,
        "vector_store": vector_store.id,
    }


@pytest.mark.parametrize("request_line", READ_ONCE)
async def test_each_object_of_a_path_is_read_once(tmp_path: Path, request_line: str) -> None:
    verb, path = request_line.split()
    async with bench(tmp_path, "Hello.") as b:
        ids = await objects(b)
        with counted_reads() as reads:
            await b.ask(verb, path.format(**ids))
        wanted = [ids[name] for name in re.findall(r"\{(\w+)\}", path)]
        assert {id: reads[id] for id in wanted} == dict.fromkeys(wanted, 1)
