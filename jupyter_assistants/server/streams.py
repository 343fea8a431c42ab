"""Server-sent events: one reader of a run's log becomes one response.

See docs/internals/protocol.md, "Events and streaming".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from tornado.iostream import StreamClosedError

from jupyter_assistants.protocol.events import DONE, Event
from jupyter_assistants.server.responses import ResponseStream

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent: proxies close silent connections."""

_KEEP_ALIVE = b": keep-alive\n\n"


def frame(event: Event) -> bytes:
    """Return one event as it goes over the wire."""
    # Escaping everything beyond ASCII also keeps U+2028 away from clients that split lines there.
    data = event.data if event.event == DONE else json.dumps(event.data, separators=(",", ":"))
    # `id:` goes last: some clients expect event and data first. The last event has none, since
    # nothing can be resumed after it.
    id = event.id or (str(event.seq) if event.seq >= 0 else "")
    resume = f"id: {id}\n" if id and event.event != DONE else ""
    return f"event: {event.event}\ndata: {data}\n{resume}\n".encode()


async def send(
    response: ResponseStream,
    events: AsyncIterator[Event],
    gone: asyncio.Event,
    *,
    heartbeat: float = HEARTBEAT,
) -> None:
    """Send events until they end or the client is gone; the run continues either way.

    Parameters
    ----------
    gone
        Set when the client has closed the connection.
    heartbeat
        Seconds of silence before a comment is sent.
    """
    leaving = asyncio.ensure_future(gone.wait())
    coming: asyncio.Future[Event | None] = asyncio.ensure_future(anext(events, None))
    try:
        while not leaving.done():
            await asyncio.wait(
                (coming, leaving), timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED
            )
            if not coming.done():
                response.write(_KEEP_ALIVE)
            elif (event := coming.result()) is None:
                return
            else:
                # Deltas are short and many. A whole object can be megabytes, and its readers many.
                small = event.event == DONE or event.event.endswith(".delta")
                response.write(frame(event) if small else await asyncio.to_thread(frame, event))
                coming = asyncio.ensure_future(anext(events, None))
            await response.flush()
    except StreamClosedError:
        return
    finally:
        leaving.cancel()
        coming.cancel()
