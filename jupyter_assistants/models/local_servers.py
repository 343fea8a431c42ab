"""Finds model servers on this machine, so that they can be offered.

They are never used unasked: any program may sit on one of these ports. Only 127.0.0.1 is asked,
without any key, and an answer counts only if it lists models.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_assistants.models.vendors import VENDORS
from jupyter_assistants.models.workarounds import entries

SECONDS = 0.3
LONGEST = 1_000_000

PORTS: Mapping[int, str] = {port: name for name, v in VENDORS.items() for port in v.ports}
"""The vendor that usually listens on a port."""


@dataclass(frozen=True)
class LocalServer:
    """A model server that answers on this machine."""

    vendor: str
    port: int
    models: Sequence[str]

    @property
    def base_url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/v1"


async def find_servers(ports: Mapping[int, str] = PORTS) -> list[LocalServer]:
    """Ask every port, all at the same time and for 300 ms at most."""
    found = await asyncio.gather(*[_ask(port, vendor) for port, vendor in ports.items()])
    return [each for each in found if each is not None]


async def _ask(port: int, vendor: str) -> LocalServer | None:
    try:
        async with asyncio.timeout(SECONDS):
            body = await _get(port)
        listed = entries(json.loads(body)["data"])
    except (OSError, TimeoutError, ValueError, TypeError, KeyError):
        return None
    names = [entry["id"] for entry in listed if isinstance(entry.get("id"), str)]
    return LocalServer(vendor, port, names) if names else None


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
            if body and _is_whole(head, body):
                break
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError("no list")
    return _joined(body) if b"transfer-encoding: chunked" in head.lower() else body


def _is_whole(head: bytes, body: bytes) -> bool:
    """Return whether the body is there, for servers that keep the connection open."""
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length" and value.strip().isdigit():
            return len(body) >= int(value)
        if name == b"transfer-encoding":
            return body.endswith(b"0\r\n\r\n")
    return False


def _joined(body: bytes) -> bytes:
    """Put the pieces together that a server sends although it was asked by HTTP/1.0."""
    joined = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        joined, body = joined + body[:length], body[length + 2 :]
        if not length:
            break
    return joined
