"""Model servers on this machine, found so that they can be offered.

They are never used without being connected first: any program may listen on one of these ports.
Only 127.0.0.1 is asked, without any key, and an answer counts only if it lists models.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.loose_json import as_objects
from jupyter_assistants.protocol.json_text import parse_untrusted

SECONDS = 0.3
"""For all ports together: the list of models waits for them."""
LONGEST = 1_000_000
"""Bytes of an answer that are read: whoever listens there is not trusted."""

PORTS: Mapping[int, str] = {port: name for name, d in DIALECTS.items() for port in d.ports}
"""The name of the dialect that a server on this port usually has."""


@dataclass(frozen=True)
class LocalServer:
    """A model server that answers on this machine."""

    dialect: str
    port: int
    models: Sequence[str]

    @property
    def base_url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/v1"


async def find_servers(ports: Mapping[int, str] = PORTS) -> list[LocalServer]:
    """Return the servers that answer; all ports are asked at once, for 300 ms at most."""
    servers = await asyncio.gather(
        *[_list_models(port, dialect) for port, dialect in ports.items()]
    )
    return [each for each in servers if each is not None]


async def _list_models(port: int, dialect: str) -> LocalServer | None:
    try:
        async with asyncio.timeout(SECONDS):
            body = await _get(port)
        listed = as_objects(parse_untrusted(body)["data"])
    except (OSError, TimeoutError, ValueError, TypeError, KeyError):
        return None
    names = [entry["id"] for entry in listed if isinstance(entry.get("id"), str)]
    return LocalServer(dialect, port, names) if names else None


async def _get(port: int) -> bytes:
    """Get the list by HTTP/1.0, whose answers come in one piece and end with the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        request = f"GET /v1/models HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json"
        writer.write(f"{request}\r\n\r\n".encode())
        answer = b""
        while len(answer) < LONGEST and (piece := await reader.read(65_536)):
            answer += piece
            head, _, body = answer.partition(b"\r\n\r\n")
            if body and _is_complete(head, body):
                break
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError("no list")
    return _dechunked(body) if b"transfer-encoding: chunked" in head.lower() else body


def _is_complete(head: bytes, body: bytes) -> bool:
    """Return whether the whole body has arrived, for servers that keep the connection open."""
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length" and value.strip().isdigit():
            return len(body) >= int(value)
        if name == b"transfer-encoding":
            return body.endswith(b"0\r\n\r\n")
    return False


def _dechunked(body: bytes) -> bytes:
    """Join the chunks of a server that sends chunks although it was asked by HTTP/1.0."""
    joined = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        joined, body = joined + body[:length], body[length + 2 :]
        if not length:
            break
    return joined
