"""Code execution through our kernel pool, compared with plain jupyter_client (target: ratio < 1.5)."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from figures import median_ms, table
from jupyter_client.manager import start_new_kernel

from jupyter_assistants.kernels.pool import KernelPool

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 200


def time_plain_client() -> list[float]:
    """Execute ``1+1`` through a blocking client; return the seconds until reply and idle."""
    manager, client = start_new_kernel()
    try:
        times = []
        for _ in range(ROUNDS + 5):
            begin = time.perf_counter()
            client.execute_interactive("1+1", output_hook=lambda message: None, timeout=30)
            times.append(time.perf_counter() - begin)
        return times[5:]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


async def time_kernel_pool() -> list[float]:
    """Execute ``1+1`` in a thread's own kernel; return the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        executors = KernelPool(Path(folder))
        try:
            place = await executors.open("thread_benchmark", kernel_id=None)
            times = []
            for _ in range(ROUNDS + 5):
                begin = time.perf_counter()
                await place.run("1+1", lambda output: None)
                times.append(time.perf_counter() - begin)
            return times[5:]
        finally:
            await executors.close()


def main() -> None:
    plain, through = median_ms(time_plain_client()), median_ms(asyncio.run(time_kernel_pool()))
    table(
        f"Executing 1+1, medians of {ROUNDS}",
        [
            ("raw jupyter_client", f"{plain:7.2f} ms"),
            ("our interpreter", f"{through:7.2f} ms"),
            ("ratio (target: < 1.5)", f"{through / plain:7.2f}"),
        ],
    )


if __name__ == "__main__":
    main()
