"""The overhead of a run over the model's own time.

The model endpoint is scripted: 20 ms to the first token, then 20 tokens 5 ms apart. A direct request and
a run through a real Jupyter server alternate, both through the stock SDK over HTTP. The overhead is the
difference of the medians; the targets are 10 ms to the first token and 15 ms to the end.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from figures import median_ms, table
from openai import OpenAI
from support.live_server import running
from support.upstream import Upstream, paced

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    with Upstream(paced()) as upstream, tempfile.TemporaryDirectory() as home:
        environ = {"OPENAI_BASE_URL": upstream.url, "OPENAI_API_KEY": "benchmark"}
        with running(Path(home) / "home", environ=environ) as server:
            direct = OpenAI(base_url=upstream.url, api_key="benchmark")
            measure(lambda: ask_directly(direct), lambda: ask_through(server.client()))


def measure(
    plain: Callable[[], tuple[float, float]], ours: Callable[[], tuple[float, float]]
) -> None:
    for _ in range(3):
        plain(), ours()
    pairs = [(plain(), ours()) for _ in range(ROUNDS)]
    direct_first, direct_end = ([p[0][i] for p in pairs] for i in (0, 1))
    first, end = ([p[1][i] for p in pairs] for i in (0, 1))
    table(
        f"A run over a scripted model, medians of {ROUNDS} rounds",
        [
            ("first token, direct call", f"{median_ms(direct_first):7.1f} ms"),
            ("first token, a run", f"{median_ms(first):7.1f} ms"),
            ("  overhead (target: 10 ms)", f"{median_ms(first) - median_ms(direct_first):7.1f} ms"),
            ("message to completed, direct call", f"{median_ms(direct_end):7.1f} ms"),
            ("message to completed, a run", f"{median_ms(end):7.1f} ms"),
            ("  overhead (target: 15 ms)", f"{median_ms(end) - median_ms(direct_end):7.1f} ms"),
        ],
    )


def ask_directly(client: OpenAI) -> tuple[float, float]:
    begin = time.perf_counter()
    first = 0.0
    messages = [{"role": "user", "content": "hello"}]
    stream = client.chat.completions.create(model="m", messages=messages, stream=True)  # type: ignore[call-overload]
    for chunk in stream:
        if not first and chunk.choices and chunk.choices[0].delta.content:
            first = time.perf_counter() - begin
    return first, time.perf_counter() - begin


_state: dict[str, object] = {}


def ask_through(client: OpenAI) -> tuple[float, float]:
    client = _state.setdefault("client", client)  # type: ignore[assignment]
    if "assistant" not in _state:
        _state["assistant"] = client.beta.assistants.create(model="m").id
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
    begin = time.perf_counter()
    first = 0.0
    stream = client.beta.threads.runs.create(
        thread.id,
        assistant_id=str(_state["assistant"]),
        stream=True,
    )
    for event in stream:
        if not first and event.event == "thread.message.delta":
            first = time.perf_counter() - begin
    return first, time.perf_counter() - begin


if __name__ == "__main__":
    main()
