"""The memory of a server that receives large files.

512 MB are uploaded in one form, then in parts, to a real Jupyter server through the stock SDK. Measured
is by how much the memory of the server's process peaks above its level before; the target is less than
50 MB.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import table
from support.live_server import LiveServer, running

MB = 1024 * 1024
SIZE = (int(sys.argv[1]) if len(sys.argv) > 1 else 512) * MB


def resident(server: LiveServer, which: str) -> float:
    """Return the server's current (``VmRSS``) or peak (``VmHWM``) memory, in MB."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(which))
    return int(line.split()[1]) / 1024


def measured(server: LiveServer, work: Callable[[], None]) -> tuple[float, float]:
    """Return the MB that some work added at its peak, and the seconds that it took."""
    assert server.process is not None
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")  # VmHWM begins anew
    before, begin = resident(server, "VmRSS"), time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    return resident(server, "VmHWM") - before, seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        big, piece = Path(folder) / "big.bin", bytes(range(256)) * 4096
        with big.open("wb") as out:
            for _ in range(SIZE // len(piece)):
                out.write(piece)
        with running(Path(folder) / "home") as server, server.client(max_retries=0) as client:
            client.files.create(file=("small.bin", b"x" * MB), purpose="user_data")

            def whole() -> None:
                with big.open("rb") as source:
                    client.files.create(file=source, purpose="user_data")

            def parts() -> None:
                client.uploads.upload_file_chunked(
                    file=big, mime_type="application/octet-stream", purpose="user_data"
                )

            rows = []
            for name, work in (("in one form", whole), ("in parts of 64 MB", parts)):
                added, seconds = measured(server, work)
                rate = SIZE / MB / seconds
                rows.append((f"{name} (target: 50 MB)", f"{added:7.1f} MB  {rate:6.0f} MB/s"))
            table(f"Memory added by an upload of {SIZE // MB} MB", rows)


if __name__ == "__main__":
    main()
