"""How long the event loop is blocked while files are indexed: 1,000 small ones, then a large one.

The service runs on an event loop of its own, on SQLite, as in a server. A ticker asks to be woken every
5 ms; lag is how much later it wakes up. A busy machine lags by itself, so the idle loop is measured in
the same run, and lag is reported three times: in total; without the time that the loop's thread waited
for a core (Linux counts it); and also without that of the other thread that waited longest, because a
thread that waits for a core while it holds the interpreter lock blocks the loop. The truth lies between
the last two. The longest computation between two polls of the loop is reported as well.
"""

from __future__ import annotations

import asyncio
import selectors
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from figures import TESTS, machine, table, verdict, waits

from jupyter_assistants.api import Service, build
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.config import Settings
from jupyter_assistants.protocol.files import CreateFile
from jupyter_assistants.server import heap

FILES = 1000
LARGE_WORDS = 1_500_000
TICK = 0.005
AIM_MS = 50.0
OWN_MS = 10.0
OWNER = "bench"


Lag = tuple[float, float, float]
"""In total; without waits of the loop's thread; without waits of it and of another thread."""


async def ticking(lags: list[Lag]) -> None:
    """Record how late this wakes up, until cancelled."""
    loop = threading.get_native_id()
    while True:
        before, asked = waits(), time.perf_counter()
        await asyncio.sleep(TICK)
        lag = time.perf_counter() - asked - TICK
        spent = {thread: each - before.get(thread, 0.0) for thread, each in waits().items()}
        less = lag - spent.pop(loop, 0.0)
        lags.append((lag, max(0.0, less), max(0.0, less - max(spent.values(), default=0.0))))


class Turns(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Records how long the loop's thread computes between two polls."""

    def __init__(self) -> None:
        super().__init__()
        self.computed: list[float] = []
        self._began: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Poll, and record how long was computed since the last poll."""
        if self._began is not None:
            self.computed.append(time.thread_time() - self._began)
        found = super().select(timeout)
        self._began = time.thread_time()
        return found


async def upload(service: Service, name: str, data: bytes) -> str:
    with service.storage.write_file() as writer:
        await asyncio.to_thread(writer.write, data)
        fields = CreateFile(purpose="assistants")
        received = ReceivedFile(name, await asyncio.to_thread(writer.commit), fields)
        return (await service.files.create(OWNER, fields, received)).id


async def ask(service: Service, verb: str, path: str, **body: object) -> object:
    route, names = find(verb, path)
    return await perform(service, OWNER, route, names, body=body)


async def indexed(service: Service, file_ids: list[str]) -> float:
    """Index files and return the seconds that it took."""
    began = time.perf_counter()
    storage = await ask(service, "POST", "/vector_stores")
    for start in range(0, len(file_ids), 500):
        path = f"/vector_stores/{storage.id}/file_batches"  # type: ignore[attr-defined]
        await ask(service, "POST", path, file_ids=file_ids[start : start + 500])
    feed = await ask(service, "GET", f"/vector_stores/{storage.id}/events")  # type: ignore[attr-defined]
    async for _ in feed.events:  # type: ignore[attr-defined]
        pass
    return time.perf_counter() - began


def figures(lags: Sequence[float], aim: float | None = None) -> str:
    """Return the maximum and the 99th percentile."""
    worst = max(lags) * 1000
    most = statistics.quantiles(lags, n=100)[-1] * 1000
    met = f"  {verdict(worst <= aim)}" if aim is not None else ""
    return f"{worst:6.1f} ms  (99 %: {most:.1f} ms){met}"


async def main(turns: Turns) -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = build(Settings(data_dir=Path(folder)))
        await service.start()
        # As the server does.
        heap.freeze_heap()
        small = [
            await upload(
                service, f"{n}.md", (f"# Note {n}\n\n" + f"Line of note {n}. " * 60).encode()
            )
            for n in range(FILES)
        ]
        large = [await upload(service, "large.txt", b"some words in a line\n" * (LARGE_WORDS // 5))]
        pages = [
            await upload(service, path.name, path.read_bytes())
            for path in sorted((TESTS / "data" / "documents").glob("*.pdf"))
        ]
        lags: list[Lag] = []
        ticker = asyncio.create_task(ticking(lags))
        await asyncio.sleep(2)
        rows = [("nothing to do", figures([each[0] for each in lags]))]
        for name, file_ids in ((f"{FILES} files", small), ("large text", large), ("PDFs", pages)):
            lags.clear()
            turns.computed.clear()
            seconds = await indexed(service, file_ids)
            rows.append((f"{name}, in all", figures([each[0] for each in lags], AIM_MS)))
            for at, less in enumerate(
                ("the loop's waits for a core", "these and another thread's"), 1
            ):
                rows.append((f"  less {less}", figures([each[at] for each in lags], AIM_MS)))
            rows.append(("  the loop's own work in a turn", figures(turns.computed, OWN_MS)))
            rows.append((f"  indexed, {len(file_ids)} in", f"{seconds:6.1f} s"))
        ticker.cancel()
        await service.close()
    title = (
        f"the event loop's longest stop ({machine()}; aim: {AIM_MS:g} ms, own work {OWN_MS:g} ms)"
    )
    table(title, rows)


if __name__ == "__main__":
    chosen = Turns()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(chosen)) as runner:
        runner.run(main(chosen))
