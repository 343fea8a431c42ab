"""The asynchronous stock client: helpers, streams, uploads and errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from openai import AsyncAssistantEventHandler, AsyncOpenAI
from support.live_server import LiveServer
from support.suite import HANDBOOK, MODEL, WEATHER, outputs, text_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@asynccontextmanager
async def client_of(server: LiveServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url=server.url, api_key=server.token, _strict_response_validation=True
    ) as client:
        yield client


async def asking(client: AsyncOpenAI, question: str, *tools: Any) -> dict[str, str]:
    """Make an assistant and a thread that asks; give what a run needs."""
    assistant = await client.beta.assistants.create(model=MODEL, tools=list(tools))
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": question}])
    return {"assistant_id": assistant.id, "thread_id": thread.id}


async def test_a_polled_run_is_answered(server: LiveServer) -> None:
    async with client_of(server) as client:
        runs = client.beta.threads.runs
        run = await runs.create_and_poll(**await asking(client, "call weather", WEATHER))
        run = await runs.submit_tool_outputs_and_poll(
            run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run, "sunny")
        )
        found = [m async for m in client.beta.threads.messages.list(run.thread_id, run_id=run.id)]
        assert [text_of(message) for message in found] == ["It is sunny."]


class Recorder(AsyncAssistantEventHandler):
    """Keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    async def on_text_delta(self, delta: Any, snapshot: Any) -> None:
        self.text += delta.value or ""


async def test_a_handler_pieces_streams_together(server: LiveServer) -> None:
    async with client_of(server) as client:
        runs, handler = client.beta.threads.runs, Recorder()
        asked = await asking(client, "call weather", WEATHER)
        async with runs.stream(**asked, event_handler=Recorder()) as stream:
            run = await stream.get_final_run()
        async with runs.submit_tool_outputs_stream(
            run_id=run.id,
            thread_id=run.thread_id,
            tool_outputs=outputs(run, "sunny"),
            event_handler=handler,
        ) as stream:
            await stream.until_done()
        assert handler.text == "It is sunny."
        assert (await handler.get_final_run()).status == "completed"


async def test_a_cancelled_stream_is_read_to_its_end(server: LiveServer) -> None:
    async with client_of(server) as client:
        runs, cancelled = client.beta.threads.runs, False
        async with runs.create_and_stream(**await asking(client, "speak slowly")) as stream:
            async for event in stream:
                if event.event == "thread.message.delta" and not cancelled:
                    run = stream.current_run
                    assert run is not None
                    await runs.cancel(run.id, thread_id=run.thread_id)
                    cancelled = True
            assert (await stream.get_final_run()).status == "cancelled"


async def test_files_are_uploaded_side_by_side(server: LiveServer) -> None:
    async with client_of(server) as client:
        store = await client.vector_stores.create()
        batch = await client.vector_stores.file_batches.upload_and_poll(
            store.id, files=[(f"{n}.md", HANDBOOK) for n in range(6)], max_concurrency=3
        )
        assert (batch.status, batch.file_counts.completed) == ("completed", 6)
        found = await client.vector_stores.search(store.id, query="pancakes")
        assert len(found.data) == 6


async def test_many_runs_go_side_by_side(server: LiveServer) -> None:
    async with client_of(server) as client:

        async def answered() -> str:
            run = await client.beta.threads.runs.create_and_poll(
                **await asking(client, "say hello")
            )
            return run.status

        assert await asyncio.gather(*[answered() for _ in range(10)]) == ["completed"] * 10


async def test_errors_have_the_same_classes(server: LiveServer) -> None:
    async with client_of(server) as client:
        with pytest.raises(openai.NotFoundError):
            await client.beta.threads.retrieve("thread_X")
        with pytest.raises(openai.BadRequestError):
            await client.beta.assistants.create(model=MODEL, temperature=3)
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="wrong").beta.assistants.list()
