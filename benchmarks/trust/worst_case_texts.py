"""Texts that are the worst for a parser, sent into a real server on every way there is.

After each one it is looked up how long the server's event loop computed without giving way, in processor
time of its thread. Whoever else uses the server waits that long.
"""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from support.attacking_model import AttackingModel, Turn
from support.live_server import LiveServer
from support.paths import TESTS
from support.stalls import LIMIT, configuration, drain

from benchmarks.trust.campaign import Deadline, Outcome

MEGABYTE = 1_000_000
SLOWEST = 120.0
"""Seconds that one case may take in all."""

PUMPS = {
    "base64": "aB3/",
    "blanks": " ",
    "line ends": "\n",
    "carriage returns": "abc\r",
    "backspaces": "a\b",
    "escapes": "\x1b[",
    "openings of keys": "-----BEGIN ",
    "parts of tokens": "eyJaaaaaaaa-",
    "addresses": "://a:b",
    "prefixes": "sk-hf_",
    "brackets": "[",
    "links": "[a](",
    "backslashes": "[\\",
    "backticks": "` `` ",
    "fences": "```\n",
    "comments": "<!--",
    "tags": "<a ",
    "entities": "&#",
    "marks": "【4:0†",
    "links of files": "sandbox:/mnt/data/",
    "assignments": "a='",
    "dotted names": "a.",
    "digits": "1",
    "numbers": "1,",
    "quotes": '"aaaaaaaa ',
    "headings": "# ",
    "frames": "File x\n",
    "mentions": "@a",
    "astral letters": "\U0001f600",
    "combining marks": "e\u0301",
}


@dataclass
class House:
    """A server that is watched, and its model."""

    server: LiveServer
    model: AttackingModel
    stalls: Path
    folder: Path
    assistant: str = ""
    store: str = ""

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Any:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.url}{path}", data, method=method)
        request.add_header("Authorization", f"Bearer {self.server.token}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=SLOWEST) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError:
            # A refusal is as good an answer as any here.
            return {}

    def run(self, turns: list[Turn], **fields: Any) -> Any:
        """Play a script in a new thread, and return the run once it is over."""
        message = {"role": "user", "content": self.model.script(turns)}
        body = {"assistant_id": self.assistant, "thread": {"messages": [message]}, **fields}
        run = self.ask("POST", "/threads/runs", body)
        end = time.monotonic() + SLOWEST
        while run.get("status") in ("queued", "in_progress") and time.monotonic() < end:
            run = self.ask("GET", f"/threads/{run['thread_id']}/runs/{run['id']}?wait=20")
        for part in ("messages", f"runs/{run.get('id')}/steps", "transcript"):
            self.ask("GET", f"/threads/{run.get('thread_id')}/{part}")
        return run

    def written(self, text: str) -> str:
        """Return an expression that reads a text in a kernel."""
        pump = text[:64]
        return f"({pump!r} * {len(text) // len(pump) + 1})[:{len(text)}]"


Way = Callable[[House, str], object]


def _request(house: House, text: str) -> object:
    house.ask("POST", "/threads", {"messages": [{"role": "user", "content": text[:250_000]}] * 4})
    house.ask(
        "POST", "/threads", {"metadata": {text[:60] + str(i): text[:500] for i in range(2000)}}
    )
    return house.ask("POST", "/assistants", {"model": text, "instructions": text, "tools": [text]})


def _json(house: House, text: str) -> object:
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    function = b'{"type":"function","function":{"name":"f","parameters":' + deep + b"}}"
    house.ask("POST", "/assistants", raw=b'{"model":"m","tools":[' + function + b"]}")
    house.ask("POST", "/threads", {"metadata": {str(i): text[:9] for i in range(300_000)}})
    return house.ask("POST", "/threads", {"messages": [text[:9]] * 300_000})


def _context(house: House, text: str) -> object:
    cells = [{"source": text[:24_000], "output": text[:24_000]}] * 8
    context = {"cells": cells, "selected": cells[0], "error": text[:24_000]}
    context["mentions"] = {"a": text[:20_000]}
    return house.run([["Yes."]], jupyter={"context": context})


def _answer(house: House, text: str) -> object:
    return house.run([[text]])


def _pieces(house: House, text: str) -> object:
    return house.run([[text[at : at + 40] for at in range(0, len(text) // 5, 40)]])


def _arguments(house: House, text: str) -> object:
    call = {"name": "run_python", "arguments": {"code": f"'''{text}"}}
    return house.run([[call], ["Done."]])


def _printed(house: House, text: str) -> object:
    return house.run([[_python(f"print({house.written(text)})")], ["Done."]])


def _shown(house: House, text: str) -> object:
    code = (
        "from IPython.display import display, HTML, JSON\n"
        f"text = {house.written(text)}\n"
        "display(HTML(text * 12))\n"
        "value = 1\n"
        "for _ in range(900):\n    value = [value]\n"
        "display({'application/json': value, 'text/plain': text}, raw=True)\n"
        "raise ValueError(text * 20)"
    )
    return house.run([[_python(code)], ["Done."]])


def _file(ending: str) -> Way:
    def ingest(house: House, text: str) -> object:
        import openai

        client = house.server.client()
        with contextlib.suppress(openai.APIStatusError):
            file = client.files.create(file=(f"a.{ending}", text.encode()), purpose="assistants")
            client.vector_stores.files.create_and_poll(file.id, vector_store_id=house.store)
        query = {"query": text[:4_000], "max_num_results": 3}
        house.ask("POST", f"/vector_stores/{house.store}/search", query)
        return None

    return ingest


def _python(code: str) -> dict[str, Any]:
    return {"name": "run_python", "arguments": {"code": code}}


WAYS: dict[str, Way] = {
    "request": _request,
    "wide and deep JSON": _json,
    "context": _context,
    "answer": _answer,
    "answer in pieces": _pieces,
    "arguments": _arguments,
    "printed": _printed,
    "shown and raised": _shown,
    "text file": _file("txt"),
    "Markdown file": _file("md"),
    "page": _file("html"),
    "table": _file("csv"),
    "notebook": _file("ipynb"),
}


@contextlib.contextmanager
def house() -> Iterator[House]:
    """Yield a server that is watched."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stalls = folder / "stalls.txt"
        (folder / "home" / "config").mkdir(parents=True)
        config = folder / "home" / "config" / "jupyter_server_config.py"
        config.write_text(configuration(stalls))
        model = AttackingModel()
        options = {
            "providers": {"evil": {"base_url": model.url, "wire": "chat"}},
            "default_model": "evil/m",
            "embedding_model": "none",
        }
        server = LiveServer(folder / "home", options, {"PYTHONPATH": str(TESTS)})
        server.start()
        try:
            found = House(server, model, stalls, folder)
            tools = [{"type": "code_interpreter"}]
            body = {"model": "evil/m", "tools": tools}
            found.assistant = found.ask("POST", "/assistants", body)["id"]
            found.store = found.ask("POST", "/vector_stores", {"name": "texts"})["id"]
            for way in WAYS.values():
                # What is imported and compiled with the first use of each way is no text's fault.
                way(found, "duck " * 10)
            drain(stalls)
            yield found
        finally:
            server.stop()
            model.close()


class WorstCaseTexts:
    """A megabyte of each worst case, on every way."""

    title: ClassVar[str] = "worst-case texts on every way"
    aim: ClassVar[str] = f"stalls above {LIMIT * 1000:.0f} ms"
    full: ClassVar[int] = 390
    small: ClassVar[int] = 13

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        draw = random.Random(seed)
        # Each way in turn, and each with its own order of texts, so that a few cases meet all ways.
        texts = {way: draw.sample(sorted(PUMPS), len(PUMPS)) for way in WAYS}
        plan = [(way, texts[way][at]) for at in range(len(PUMPS)) for way in WAYS]
        done, failures, longest = 0, list[str](), 0.0
        with house() as found:
            for way, name in plan[:cases]:
                if deadline.passed:
                    break
                pump = PUMPS[name]
                WAYS[way](found, pump * (MEGABYTE // len(pump)))
                for seconds, where in drain(found.stalls):
                    longest = max(longest, seconds)
                    if seconds > LIMIT:
                        failures.append(f"{way}, {name}: {seconds * 1000:.0f} ms in {where[:300]}")
                done += 1
        return Outcome(done, failures, f"longest stall {longest * 1000:.0f} ms")
