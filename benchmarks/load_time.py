"""How long ``%load_ext jupyter_assistants`` takes in a kernel (target: under 100 ms)."""

from __future__ import annotations

import sys

from figures import median_ms, table
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
CODE = "import time; t = time.perf_counter(); get_ipython().extension_manager.load_extension({name!r}); t = time.perf_counter() - t"


def main() -> None:
    table(
        f"Loading in a fresh kernel, medians of {ROUNDS} kernels",
        [
            (
                "%load_ext jupyter_assistants",
                f"{median_ms([load('jupyter_assistants') for _ in range(ROUNDS)]):7.1f} ms",
            ),
            (
                "%load_ext autoreload, for scale",
                f"{median_ms([load('autoreload') for _ in range(ROUNDS)]):7.1f} ms",
            ),
        ],
    )


def load(name: str) -> float:
    manager, client = start_new_kernel()
    try:
        return time_load_ext(client, name)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def time_load_ext(client: BlockingKernelClient, name: str) -> float:
    reply = client.execute(
        CODE.format(name=name), reply=True, timeout=60, user_expressions={"seconds": "t"}
    )
    return float(reply["content"]["user_expressions"]["seconds"]["data"]["text/plain"])


if __name__ == "__main__":
    main()
