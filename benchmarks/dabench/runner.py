"""Runner of the questions: an upload, a thread and a run for each, through the public API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.dabench.questions import Question
from benchmarks.dabench.scores import marks, near_marks, values_in
from jupyter_assistants.client.assistants import run_path, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.conversation import Conversation
from jupyter_assistants.protocol.errors import ApprovalNeeded, AssistantsError, InvalidRequest
from jupyter_assistants.protocol.transcript import PendingCall

INSTRUCTIONS = (
    "You answer questions about a table by running Python. Read the attached file first, follow the "
    "constraints literally, and state numbers from outputs only."
)
WAIT_SECONDS = 20
DEMO = "demo"
NO_DEMO = (
    "The benchmark does not run on demo, which follows fixed rules: its score would mean nothing. "
    "Connect a model (see jupyter assistants doctor) or name one with --model."
)


@dataclass(frozen=True)
class QuestionResult:
    """The result of one question, which is a line of the file of results."""

    id: str
    level: str
    model: str
    status: str
    answer: str
    given: dict[str, str]
    expected: dict[str, str]
    right: dict[str, bool]
    near: dict[str, bool]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0
    tool_calls: int = 0
    tool_errors: int = 0
    error: str = ""
    thread_id: str = ""

    @property
    def tokens(self) -> int:
        """Return the tokens of prompts and answers."""
        return self.prompt_tokens + self.completion_tokens

    def wire(self) -> Json:
        """Return the line as JSON."""
        return asdict(self)


async def _refuse_approval(call: PendingCall) -> Json:
    raise ApprovalNeeded("Nobody approves code of a benchmark.")


@dataclass
class Runner:
    """Asks questions, several at a time.

    Parameters
    ----------
    model
        The model to ask, or ``default``.
    concurrency
        How many questions at a time; each has a kernel of its own.
    seconds
        Time limit of one question, in seconds.
    keep
        Whether the threads stay for inspection.
    """

    client: Client
    model: str = "default"
    concurrency: int = 2
    seconds: float = 600.0
    keep: bool = False
    _files: dict[Path, asyncio.Task[str]] = field(default_factory=dict)

    async def run(
        self, questions: Sequence[Question], done: Callable[[QuestionResult], None]
    ) -> None:
        """Ask all questions and call ``done`` with each result as it arrives.

        Raises
        ------
        AssistantsError
            If nothing can be asked: there is no model or no server, or a table is missing.
        """
        if await self._model_name() == DEMO:
            raise InvalidRequest(NO_DEMO)
        for each in questions:
            if not each.table.is_file():
                raise AssistantsError(f"The table {each.table} of question {each.id} is missing.")
        body = {
            "name": "dabench",
            "model": self.model,
            "instructions": INSTRUCTIONS,
            "tools": [{"type": "code_interpreter"}],
        }
        assistant = await self.client.request("POST", "/assistants", body=body)
        slots = asyncio.Semaphore(self.concurrency)
        try:
            async with asyncio.TaskGroup() as group:
                for each in questions:
                    group.create_task(self._ask(each, assistant["id"], slots, done))
        except* AssistantsError as errors:
            raise errors.exceptions[0] from None
        finally:
            await self._delete_uploads(assistant["id"])

    async def _model_name(self) -> str:
        """Return the name of the model that will answer."""
        if self.model != "default":
            return self.model
        listed = await self.client.request("GET", "/models")
        return str(next(iter(listed["data"]), {"id": DEMO})["id"])

    async def _ask(
        self,
        question: Question,
        assistant_id: str,
        slots: asyncio.Semaphore,
        done: Callable[[QuestionResult], None],
    ) -> None:
        async with slots:
            file_id = await self._file(question.table)
            thread = await self._thread(question, file_id)
            began = time.monotonic()
            try:
                run = await self._finished_run(thread["id"], assistant_id)
                done(await self._result(question, run, time.monotonic() - began))
            finally:
                if not self.keep:
                    with suppress(AssistantsError):
                        await self.client.request("DELETE", thread_path(thread["id"]))

    async def _file(self, table: Path) -> str:
        """Return the id of the table's file, uploaded once for all questions on it."""
        if table not in self._files:
            self._files[table] = asyncio.create_task(self._upload(table))
        return await self._files[table]

    async def _upload(self, table: Path) -> str:
        return str((await self.client.upload(table, purpose="assistants"))["id"])

    async def _thread(self, question: Question, file_id: str) -> Json:
        attachment = {"file_id": file_id, "tools": [{"type": "code_interpreter"}]}
        message = {"role": "user", "content": question.prompt, "attachments": [attachment]}
        body = {"messages": [message], "metadata": {"title": f"dabench {question.id}"[:60]}}
        return await self.client.request("POST", "/threads", body=body)

    async def _finished_run(self, thread_id: str, assistant_id: str) -> Json:
        """Run the question to its end; a run that takes too long or needs a person is cancelled."""
        conversation = Conversation(self.client, responders={"approve_code": _refuse_approval})
        body = {"assistant_id": assistant_id, "jupyter": {"place": "kernel"}}
        with suppress(TimeoutError, ApprovalNeeded):
            async with asyncio.timeout(self.seconds):
                await conversation.ask(thread_id, body)
        if conversation.run is None:
            raise AssistantsError("The time limit ended before the run began. Raise --timeout.")
        path = run_path(thread_id, conversation.run["id"])
        run = conversation.run
        while run["status"] in ("queued", "in_progress", "requires_action", "cancelling"):
            run = await self.client.request("GET", path, query={"wait": WAIT_SECONDS})
        return run

    async def _result(self, question: Question, run: Json, seconds: float) -> QuestionResult:
        model = str(run["jupyter"].get("resolved_model") or run["model"])
        if model == DEMO:
            raise InvalidRequest(f"{run['jupyter'].get('note') or ''} {NO_DEMO}".strip())
        path = thread_path(run["thread_id"])
        answer = await self._answer(path, run["id"])
        usage = await self.client.request("GET", f"{path}/usage")
        calls, errors = await self._calls(f"{path}/runs/{run['id']}/steps")
        failure = run.get("last_error") or {}
        return QuestionResult(
            question.id,
            question.level,
            model,
            run["status"],
            answer,
            values_in(answer),
            dict(question.expected),
            marks(answer, question.expected),
            near_marks(answer, question.expected),
            usage["prompt_tokens"],
            usage["completion_tokens"],
            usage.get("cost"),
            round(seconds, 2),
            calls,
            errors,
            str(failure.get("message") or ""),
            run["thread_id"] if self.keep else "",
        )

    async def _answer(self, path: str, run_id: str) -> str:
        query = {"run_id": run_id, "order": "asc", "limit": 100}
        page = await self.client.request("GET", f"{path}/messages", query=query)
        parts = [part for message in page["data"] for part in message["content"]]
        return "\n".join(part["text"]["value"] for part in parts if part["type"] == "text")

    async def _calls(self, path: str) -> tuple[int, int]:
        """Return how many calls ran code, and how many of them failed."""
        page = await self.client.request("GET", path, query={"limit": 100})
        calls: list[Any] = [
            call
            for step in page["data"]
            for call in (step.get("jupyter") or {}).get("calls", {}).values()
        ]
        return len(calls), sum(call.get("status") not in (None, "ok") for call in calls)

    async def _delete_uploads(self, assistant_id: str) -> None:
        if self.keep:
            return
        uploads = [task for task in self._files.values() if task.done() and not task.cancelled()]
        ids = [task.result() for task in uploads if task.exception() is None]
        for path in (f"/assistants/{assistant_id}", *(f"/files/{id}" for id in ids)):
            with suppress(AssistantsError):
                await self.client.request("DELETE", path)
