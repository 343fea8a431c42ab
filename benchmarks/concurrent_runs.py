"""Fifty concurrent runs on one real server, and its response times meanwhile.

The model endpoint is scripted: 20 ms to the first token, then 100 tokens 20 ms apart. Every run has a
thread of its own. No run may be lost, and the median of other requests should stay below 50 ms.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

from figures import median_ms, table
from openai import AsyncOpenAI
from support.live_server import running
from support.upstream import Upstream, paced

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 50


async def measure(client: AsyncOpenAI) -> None:
    assistant = await client.beta.assistants.create(model="m")
    threads = await asyncio.gather(
        *(
            client.beta.threads.create(messages=[{"role": "user", "content": f"hello {number}"}])
            for number in range(RUNS)
        )
    )
    begin = time.perf_counter()
    waits: list[float] = []

    async def stream_run(thread_id: str) -> str:
        stream = await client.beta.threads.runs.create(
            thread_id, assistant_id=assistant.id, stream=True
        )
        last = ""
        async for event in stream:
            last = event.event
        return last

    async def probe_server() -> None:
        while True:
            asked = time.perf_counter()
            await client.beta.threads.retrieve(threads[0].id)
            waits.append(time.perf_counter() - asked)
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(probe_server())
    ends = await asyncio.gather(*(stream_run(thread.id) for thread in threads))
    seconds = time.perf_counter() - begin
    looking.cancel()
    lost = sum(end != "thread.run.completed" for end in ends)
    answers = [
        (await client.beta.threads.messages.list(thread.id)).data[0].content for thread in threads
    ]
    whole = sum(bool(content) and "word99" in str(content[0]) for content in answers)
    table(
        f"{RUNS} runs at once",
        [
            ("runs lost (target: 0)", f"{lost:7d}"),
            ("answers whole", f"{whole:7d}"),
            ("all runs", f"{seconds:7.2f} s"),
            ("a GET meanwhile, median (target: 50 ms)", f"{median_ms(waits):7.1f} ms"),
            ("a GET meanwhile, 95 %", f"{1000 * statistics.quantiles(waits, n=20)[-1]:7.1f} ms"),
        ],
    )


async def main(url: str, key: str) -> None:
    async with AsyncOpenAI(base_url=url, api_key=key, max_retries=0) as client:
        await measure(client)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    with Upstream(paced(100, gap=0.02)) as upstream, tempfile.TemporaryDirectory() as home:
        environ = {"OPENAI_BASE_URL": upstream.url, "OPENAI_API_KEY": "benchmark"}
        with running(Path(home) / "home", environ=environ) as server:
            asyncio.run(main(server.url, server.token))
