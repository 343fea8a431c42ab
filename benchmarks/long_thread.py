"""The cost of a long thread: 100,000 messages compared with 10.

The messages are written directly to storage. Creating a message, listing a page, starting a run and a
complete run alternate between the two threads; on the long one they should cost less than 1.5 times as
much. A complete run reads as much as may fit into the prompt budget. It is measured with a small budget
and with the default one, with which a long thread has more to read and to send.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from figures import median_ms, table

from jupyter_assistants.api import Service, build
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.config import Settings
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.protocol.ids import MESSAGE, THREAD, new_id, now
from jupyter_assistants.protocol.messages import Message, TextContent, TextValue
from jupyter_assistants.protocol.threads import Thread

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
ROUNDS = 40
OWNER = "ada"
BATCH = 5_000

Work = Callable[[str], Awaitable[Awaitable[None] | None]]
"""Timed for a thread; what it returns is awaited afterwards, untimed."""


def fill(service: Service, count: int) -> str:
    """Create a thread of so many messages and return its id."""
    thread = Thread(id=new_id(THREAD), created_at=now())
    service.storage.save(thread, owner=OWNER)
    for start in range(0, count, BATCH):
        service.storage.save(
            *(message(thread.id, at) for at in range(start, min(start + BATCH, count))),
            owner=OWNER,
        )
    return thread.id


def message(thread_id: str, number: int) -> Message:
    return Message(
        id=new_id(MESSAGE),
        created_at=now(),
        thread_id=thread_id,
        role="assistant" if number % 2 else "user",
        content=[TextContent(text=TextValue(value=f"message {number}: " + "some words " * 20))],
    )


async def main() -> None:
    for budget in (2_000, Settings.prompt_budget):
        await measure(budget)


async def measure(budget: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Scripted(["Fine."] * (4 * ROUNDS + 100))
        settings = Settings(data_dir=Path(folder), prompt_budget=budget)
        service = build(settings, clients={"scripted": model})
        await service.start()
        try:
            short = fill(service, 10)
            long = fill(service, MESSAGES)
            await compare(service, short, long, budget)
        finally:
            await service.close()


async def ask(service: Service, verb: str, path: str, **body: Any) -> Any:
    path, _, query = path.partition("?")
    route, names = find(verb, path)
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    return await perform(service, OWNER, route, names, query=pairs, body=body)


async def compare(service: Service, short: str, long: str, budget: int) -> None:
    assistant = (await ask(service, "POST", "/assistants", model="scripted/it")).id

    async def create(thread: str) -> None:
        await ask(service, "POST", f"/threads/{thread}/messages", role="user", content="Hello")

    async def newest(thread: str) -> None:
        await ask(service, "GET", f"/threads/{thread}/messages?limit=20")

    async def oldest(thread: str) -> None:
        await ask(service, "GET", f"/threads/{thread}/messages?limit=20&order=asc")

    async def start(thread: str) -> Awaitable[None]:
        started = await ask(service, "POST", f"/threads/{thread}/runs", assistant_id=assistant)
        return follow(thread, started)

    async def run(thread: str) -> None:
        await (await start(thread))

    async def follow(thread: str, started: Any) -> None:
        async for _ in started.log.read(started.start):
            pass
        last = await ask(service, "GET", f"/threads/{thread}/runs/{started.run.id}")
        assert last.status == "completed", last

    rows = []
    operations: list[tuple[str, Work]] = [
        ("create a message", create),
        ("list the newest page", newest),
        ("list the oldest page", oldest),
        ("start a run", start),
        ("a whole run", run),
    ]
    for name, work in operations:
        few, many = await alternate(work, short, long)
        rows.append((name, f"{few:8.2f} ms {many:8.2f} ms   ratio {many / few:5.2f}"))
    title = f"10 messages, and {MESSAGES:,} (target: ratios below 1.5), medians of {ROUNDS}"
    table(f"{title}, prompt budget {budget:,}", rows)


async def alternate(work: Work, short: str, long: str) -> tuple[float, float]:
    seconds: dict[str, list[float]] = {short: [], long: []}
    for number in range(ROUNDS + 3):
        for thread in (short, long):
            begin = time.perf_counter()
            rest = await work(thread)
            if number >= 3:
                seconds[thread].append(time.perf_counter() - begin)
            if rest is not None:
                await rest
    return median_ms(seconds[short]), median_ms(seconds[long])


if __name__ == "__main__":
    asyncio.run(main())
