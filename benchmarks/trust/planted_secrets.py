"""Secrets that lie about where a server works: none may be found where texts are kept or sent.

A case is one secret of a random form, planted in one place: the server's environment, a file that code
reads, a variable, a piece of output, the context of a notebook, a document, an endpoint's error, a prompt.
A server runs until every place was used. Then all that it keeps and sends is searched: the database, the
search index, logs, requests to models and embedding endpoints, exports, transcripts, streams.

Not counted are a message, instructions or results of functions where their client stored them, the bytes
of a file that somebody uploaded, and other people's keys in a prompt: they are sent as they were written.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import openai
from support.live_server import LiveServer, embedded
from support.upstream import (
    Received,
    Reply,
    Upstream,
    chunk,
    event,
    page,
    plain,
    refused,
    streamed,
)

from benchmarks.trust.campaign import Deadline, Outcome
from jupyter_assistants.redaction import MASKED

CASES_OF_A_SERVER = 20
LONGEST_HARMLESS = 11
"""Letters and digits of a secret that may be found: shorter pieces are found by chance."""
_BLOBS = "files"
_MIXED = string.ascii_letters + string.digits
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits

Draw = Callable[[str, int], str]

FORMS: dict[str, Callable[[Draw], tuple[str, str]]] = {
    "a key of OpenAI": lambda d: ("", f"sk-proj-{d(_MIXED, 40)}"),
    "a token of GitHub": lambda d: ("", f"ghp_{d(_MIXED, 36)}"),
    "a fine-grained token of GitHub": lambda d: ("", f"github_pat_{d(_MIXED, 60)}"),
    "an access key of AWS": lambda d: ("", f"AKIA{d(_UPPER, 16)}"),
    "a secret key of AWS": lambda d: ("aws_secret_access_key=", f"{d(_MIXED, 38)}7Q"),
    "a key of Google": lambda d: ("", f"AIza{d(_MIXED, 35)}"),
    "a token of Slack": lambda d: ("", f"xoxb-{d(_MIXED, 40)}"),
    "a token of npm": lambda d: ("", f"npm_{d(_MIXED, 36)}"),
    "a token of PyPI": lambda d: ("", f"pypi-{d(_MIXED, 80)}"),
    "a token of Hugging Face": lambda d: ("", f"hf_{d(_MIXED, 34)}"),
    "a JWT": lambda d: ("", f"eyJ{d(_MIXED, 24)}.eyJ{d(_MIXED, 40)}.{d(_MIXED, 40)}"),
    "a private key": lambda d: (
        "",
        "-----BEGIN PRIVATE KEY-----\n"
        + "".join(f"{d(_MIXED, 64)}\n" for _ in range(3))
        + "-----END PRIVATE KEY-----",
    ),
    "a password in an address": lambda d: ("postgresql://ada:", f"{d(_MIXED, 18)}@db/x"),
    "a bearer header": lambda d: ("Authorization: Bearer ", f"{d(_MIXED, 30)}7"),
    "a basic header": lambda d: ("Authorization: Basic ", f"{d(_MIXED, 30)}7"),
    "a password": lambda d: ("password='", f"{d(_MIXED, 20)}7'"),
    "a token in a query": lambda d: ("http://localhost:8888/lab?token=", f"{d(_LOWER, 30)}77"),
    "a signature in a query": lambda d: ("https://x.example/c?sig=", f"{d(_MIXED, 40)}7Q"),
    "a cookie": lambda d: ("Cookie: session=", f"{d(_MIXED, 40)}"),
    "a client's secret": lambda d: ('{"client_secret": "', f'{d(_MIXED, 30)}7"}}'),
}
"""By name, what stands before a secret of the form, and the secret."""


@dataclass(frozen=True)
class Planted:
    """A secret, and where it was planted.

    Parameters
    ----------
    text
        The secret with what stands before it.
    traces
        What of it must not be found, in lower case.
    """

    number: int
    place: str
    form: str
    text: str
    traces: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return what names the secret in prompts; it is a variable's name as well."""
        return f"PLANTED_{self.number}"

    @property
    def code(self) -> str:
        """Return code that makes the text without having it."""
        pieces = [self.text[at : at + 5] for at in range(0, len(self.text), 5)]
        return f"''.join({pieces!r})"


OUTPUTS: dict[str, str] = {
    "code prints a variable": "found = {0}\nprint('it is', found)",
    "code writes to stderr": "import sys\nprint({0}, file=sys.stderr)",
    "code prints in two pieces": "found = {0}\nat = len(found) // 2\n"
    "print(found[:at], end='', flush=True)\nprint(found[at:], flush=True)",
    "code displays HTML": "from IPython.display import display, HTML\n"
    "display(HTML('<b>' + {0} + '</b>'))",
    "code displays JSON": "from IPython.display import display, JSON\ndisplay(JSON({{'x': {0}}}))",
    "code raises an error": "raise RuntimeError({0})",
    "code has it as a value": "{0}",
    "code reads a file": "print(open({1!r}).read())",
    "code reads the server's environment": "import os\n"
    "lines = open(f'/proc/{{os.getppid()}}/environ').read().split(chr(0))\n"
    "print([line for line in lines if line.startswith('{2}')])",
    "code reads the file of keys": "print(open({3!r}).read())",
}
"""Code that shows a secret: ``{0}`` makes it, ``{1}`` is a file's path, ``{2}`` a variable's name, ``{3}``
the path of keys.json."""
FAULTS: dict[str, Callable[[str], Reply]] = {
    "an endpoint refuses with it": lambda text: refused(401, f"Incorrect API key: {text}"),
    "an endpoint's page has it": lambda text: page(f"<html>{text}</html>"),
    "an endpoint's text has it": lambda text: Reply([text.encode()], 400, mime="text/plain"),
    "an endpoint's stream breaks off with it": lambda text: Reply(
        [event(chunk({"content": "Half"})), event({"error": {"message": text, "code": 400}})]
    ),
}
CONTEXTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "a cell above": lambda text: {"cells": [f"x = 1\nlogin({text})\ny = 2"]},
    "the output of a cell": lambda text: {"cells": [{"source": "show()", "output": text}]},
    "the last error": lambda text: {"error": f"ValueError: {text}"},
    "the list of variables": lambda text: {"variables": f"- where: str, {text}"},
    "a mentioned variable": lambda text: {"mentions": {"where": text}},
}
DOCUMENT = "a document that is searched"
PROMPTS = ("a message", "instructions", "a result of a function")
"""Where the value of a variable of the server is written by a client."""
IN_ENVIRONMENT = frozenset({"code reads the server's environment", *PROMPTS, *FAULTS})
"""Places whose secrets are values of the server's variables, so that their form says nothing."""
PLACES = (*OUTPUTS, *FAULTS, *CONTEXTS, DOCUMENT, *PROMPTS)


class PlantedSecrets:
    """The campaign."""

    title: ClassVar[str] = "secrets planted where a server works"
    aim: ClassVar[str] = "secrets found"
    full: ClassVar[int] = 3 * len(PLACES)
    small: ClassVar[int] = len(PLACES)

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Plant secrets on one server after another, and look for them."""
        plan = draw(cases, random.Random(seed))
        done, failures = 0, []
        for first in range(0, len(plan), CASES_OF_A_SERVER):
            if deadline.passed:
                break
            part = plan[first : first + CASES_OF_A_SERVER]
            with tempfile.TemporaryDirectory() as folder:
                failures += attack(Path(folder), part)
            done += len(part)
        return Outcome(done, failures, "" if done == len(plan) else "ended by the clock")


def draw(cases: int, drawn: random.Random) -> list[Planted]:
    """Return the secrets; every place and every form comes up before one comes again."""
    places, forms = [], []
    while len(places) < cases:
        places += drawn.sample(PLACES, len(PLACES))
    while len(forms) < cases:
        forms += drawn.sample(list(FORMS), len(FORMS))

    def characters(alphabet: str, count: int) -> str:
        return "".join(drawn.choices(alphabet, k=count))

    found = []
    for number, (place, form) in enumerate(zip(places[:cases], forms, strict=False)):
        before, secret = FORMS[form](characters)
        if place in IN_ENVIRONMENT or place == "code reads the file of keys":
            # It is known by its value, so it needs no form; a variable has no line breaks here.
            form, before, secret = "no form", "", characters(_MIXED, 24)
        found.append(Planted(number, place, form, before + secret, traces(secret)))
    return found


def traces(secret: str) -> tuple[str, ...]:
    """Return what gives a secret away: its longer words, and how it may be spelled, in lower case."""
    words = [w for w in re.findall(r"[A-Za-z0-9]+", secret) if len(w) > LONGEST_HARMLESS]
    whole = [secret, quote(secret), base64.b64encode(secret.encode()).decode()[:-4]]
    return tuple(each.lower() for each in [*words, *whole])


class Model(Upstream):
    """An endpoint that does what the newest message names, and keeps every request."""

    def __init__(self, secrets: Sequence[Planted], home: Path) -> None:
        super().__init__(models=plain({"data": [{"id": "m"}, {"id": "e"}]}), choose=self._choice)
        self.requests: list[Received] = []
        self._home = home
        self._secrets = {each.name: each for each in secrets}

    def _reply(self, request: Received) -> Reply:
        self.requests.append(request)
        if request.path.endswith("/embeddings"):
            texts = request.body["input"]
            count = 1 if isinstance(texts, str) else len(texts)
            return plain({"data": [{"index": n, "embedding": [0.6, 0.8]} for n in range(count)]})
        return super()._reply(request)

    def _choice(self, body: dict[str, Any]) -> Reply:
        messages = body["messages"]
        asked = next(each for each in reversed(messages) if each["role"] == "user")
        named = re.search(r"PLANTED_\d+", json.dumps(asked["content"]))
        planted = self._secrets.get(named[0]) if named else None
        if planted is None or messages[-1]["role"] == "tool":
            return streamed({"content": "Done."})
        if planted.place in FAULTS:
            return FAULTS[planted.place](planted.text)
        if planted.place in OUTPUTS:
            return _call("run_python", {"code": code_of(planted, self._home)})
        if planted.place == DOCUMENT:
            return _call("file_search", {"queries": [f"zebra {planted.name}"]})
        if planted.place == "a result of a function":
            return _call("look", {})
        return streamed({"content": "Done."})


def _call(name: str, arguments: dict[str, Any]) -> Reply:
    function = {"name": name, "arguments": json.dumps(arguments)}
    called = {"index": 0, "id": "call_1", "type": "function", "function": function}
    return streamed({"tool_calls": [called]}, finish="tool_calls")


def code_of(planted: Planted, home: Path) -> str:
    """Return the code that shows a secret."""
    keys = home / "assistants" / "keys.json"
    variable = f"{planted.name}_TOKEN"
    return OUTPUTS[planted.place].format(
        planted.code, str(home / planted.name), variable, str(keys)
    )


def attack(home: Path, secrets: Sequence[Planted]) -> list[str]:
    """Plant secrets on a server, use every place, and return what was found where."""
    data = home / "assistants"
    data.mkdir(mode=0o700)
    keys = data / "keys.json"
    keys.write_text(
        json.dumps({f"filed{s.number}": s.text for s in secrets if "file of keys" in s.place})
    )
    keys.chmod(0o600)
    for each in secrets:
        if each.place == "code reads a file":
            (home / each.name).write_text(f"first\n{each.text}\nlast\n")
    environ = {f"{s.name}_TOKEN": s.text for s in secrets if s.place in IN_ENVIRONMENT}
    environ["LAB_ACCESS"] = "the-key-of-the-endpoint"
    with Model(secrets, home) as model:
        providers = {"lab": {"base_url": model.url, "api_key_env": "LAB_ACCESS"}} | {
            f"filed{s.number}": {"base_url": model.url}
            for s in secrets
            if "file of keys" in s.place
        }
        # Outside of a sandbox, where code finds most.
        options = {"providers": providers, "embedding_model": "lab/e", "sandbox": "never"}
        server = LiveServer(home, options, environ)
        server.start()
        try:
            use = Use(server, model)
            for each in secrets:
                use.place(each)
            use.read_lists()
        finally:
            server.stop()
        found = sinks(server, model, use.heard)
        for each in secrets:
            # Nothing is found of what never came near.
            assert _was_removed(each, found), f"{each.form} in {each.place} was never used"
        return list(_found(secrets, found))


@dataclass
class Use:
    """What a client does on the server, and all that it gets to read."""

    server: LiveServer
    model: Model
    heard: dict[int, list[str]] = field(default_factory=dict)
    """By the number of a secret, what was read while it was used; -1 for lists."""

    def __post_init__(self) -> None:
        self._client = self.server.client(max_retries=0)
        self._now = -1

    def place(self, planted: Planted) -> None:
        """Do what brings a secret to the server."""
        self._now, client = planted.number, self._client
        prompt = planted.text if planted.place == "a message" else "go on"
        asked: dict[str, Any] = {"role": "user", "content": f"{planted.name}: {prompt}"}
        tools: list[Any] = [{"type": "code_interpreter"}]
        resources: dict[str, Any] = {}
        options: dict[str, Any] = {}
        if planted.place == DOCUMENT:
            tools, resources = [{"type": "file_search"}], self._document(planted)
        if planted.place == "a result of a function":
            tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
        if planted.place == "instructions":
            options["instructions"] = f"Know this: {planted.text}"
        jupyter: dict[str, Any] = {}
        thread_extension = {}
        if planted.place in CONTEXTS:
            jupyter = {"place": "caller", "context": CONTEXTS[planted.place](planted.text)}
            thread_extension = {"jupyter": {"context": "rows"}}
        assistant = client.beta.assistants.create(model="lab/m", tools=tools)
        thread = client.beta.threads.create(
            messages=[asked], tool_resources=resources, extra_body=thread_extension
        )
        run = self._follow(
            client.beta.threads.runs.create(
                thread_id=thread.id,
                assistant_id=assistant.id,
                stream=True,
                include=["step_details.tool_calls[*].file_search.results[*].content"],
                extra_body={"jupyter": jupyter} if jupyter else None,
                **options,
            )
        )
        if run.status == "requires_action":
            (call,) = run.required_action.submit_tool_outputs.tool_calls
            outputs: Any = [{"tool_call_id": call.id, "output": planted.text}]
            run = self._follow(
                client.beta.threads.runs.submit_tool_outputs(
                    run.id, thread_id=thread.id, tool_outputs=outputs, stream=True
                )
            )
        wanted = "failed" if planted.place in FAULTS else "completed"
        assert run.status == wanted, f"{planted.place}: {run.status} {run.last_error}"
        self._read_thread(thread.id, run.id)

    def _document(self, planted: Planted) -> dict[str, Any]:
        """Upload a document with a secret, and return the resources that name its vector store."""
        client = self._client
        text = f"About zebra {planted.name}.\n\n{planted.text}\n\nIt is striped."
        file = client.files.create(
            file=(f"{planted.name}.txt", text.encode()), purpose="assistants"
        )
        store = client.vector_stores.create(file_ids=[file.id])
        embedded(client, store.id)
        self._read(f"/files/{file.id}/text")
        found = client.vector_stores.search(store.id, query=f"zebra {planted.name}")
        self._hear(found.model_dump_json())
        return {"file_search": {"vector_store_ids": [store.id]}}

    def _follow(self, stream: Any) -> Any:
        run: Any = None
        with stream:
            for each in stream:
                self._hear(each.model_dump_json())
                run = each.data if each.data.object == "thread.run" else run
        return self._client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)

    def _read_thread(self, thread: str, run: str) -> None:
        for path in ("messages", f"runs/{run}/steps", f"runs/{run}", "export", "usage"):
            self._read(f"/threads/{thread}/{path}")
        for path in ("transcript", "transcript?fold=true", f"runs/{run}/recording"):
            self._read(f"/threads/{thread}/{path}")
        for kind in ("notebook", "markdown"):
            self._read(f"/threads/{thread}/export?format={kind}")

    def read_lists(self) -> None:
        """Read what is about the server itself."""
        self._now = -1
        for path in ("/models", "/endpoints", "/doctor", "/threads", "/files"):
            self._read(path)

    def _read(self, path: str) -> None:
        try:
            self._hear(str(self._client.get(path, cast_to=str)))
        except openai.APIStatusError as error:
            self._hear(error.response.text)

    def _hear(self, text: str) -> None:
        self.heard.setdefault(self._now, []).append(text)


def sinks(server: LiveServer, model: Model, heard: dict[int, list[str]]) -> dict[str, str]:
    """Return all that the server keeps and sends, in lower case."""
    found = {"the log": server.log, "answers about the server": "\n".join(heard.get(-1, []))}
    for number, texts in heard.items():
        found[f"answers {number}"] = "\n".join(texts)
    for number, request in enumerate(model.requests):
        # The key of the endpoint is the one secret that it is meant to get.
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        text = json.dumps([request.path, headers, request.body], ensure_ascii=False)
        found[f"request {number} to {request.path}"] = text
    for path in server.data_dir.rglob("*"):
        if path.is_file() and path.name != "keys.json":
            name = str(path.relative_to(server.data_dir))
            found[f"stored {name}"] = path.read_bytes().decode("latin-1")
    return {name: text.lower() for name, text in found.items()}


def _was_removed(planted: Planted, places: dict[str, str]) -> bool:
    """Return whether a secret was taken out of what a client read, or of its request to a model."""
    if MASKED in places[f"answers {planted.number}"]:
        return True
    name = re.compile(rf"\b{planted.name.lower()}\b")
    requests = (text for sink, text in places.items() if sink.startswith("request "))
    return any(MASKED in text and name.search(text) for text in requests)


def _found(secrets: Sequence[Planted], places: dict[str, str]) -> Iterator[str]:
    for each in secrets:
        for sink, text in places.items():
            if not _is_clients_own(each, sink) and any(trace in text for trace in each.traces):
                yield f"{each.form} in {each.place}: found in {sink}"


def _is_clients_own(planted: Planted, sink: str) -> bool:
    """Return whether a sink holds what a client wrote there itself."""
    if planted.place in PROMPTS:
        return not sink.startswith(("request ", "the log"))
    return planted.place == DOCUMENT and sink.startswith(f"stored {_BLOBS}")
