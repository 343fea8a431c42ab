"""Uploads and downloads take memory that does not grow with the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.live_server import LiveServer

pytestmark = pytest.mark.slow

MB = 1024 * 1024
SIZE = 100 * MB


def resident(server: LiveServer, which: str) -> int:
    """Return the server's memory now (``VmRSS``) or at its highest (``VmHWM``)."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(which))
    return int(line.split()[1]) * 1024


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path)
    server.start()
    yield server
    server.stop()


def test_a_large_file_goes_through_in_little_memory(server: LiveServer, tmp_path: Path) -> None:
    big, piece = tmp_path / "big.bin", bytes(range(256)) * 4096
    with big.open("wb") as out:
        for _ in range(SIZE // len(piece)):
            out.write(piece)
    with server.client(max_retries=0) as client:
        client.files.create(file=("small.bin", b"x" * MB), purpose="assistants")
        before = resident(server, "VmRSS")
        with big.open("rb") as source:
            file = client.files.create(file=source, purpose="assistants")
        assert resident(server, "VmHWM") - before < 50 * MB
        assert (file.bytes, file.filename) == (SIZE, "big.bin")
        digest = hashlib.sha256()
        with client.files.with_streaming_response.content(file.id) as content:
            for part in content.iter_bytes(MB):
                digest.update(part)
        assert resident(server, "VmHWM") - before < 50 * MB
    with big.open("rb") as source:
        assert digest.hexdigest() == hashlib.file_digest(source, "sha256").hexdigest()
