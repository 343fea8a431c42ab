"""What programs do with the stock ``openai`` package, for every version of it that we serve.

Each ``@check`` is one program. Nothing but the standard library and ``openai`` is imported, so
that the file also runs in an environment that holds nothing else::

    python suite.py http://127.0.0.1:8888/assistants/v1 [--strict]

with the key in ``SUITE_KEY``. It prints a report: what each check raised, every request that was
sent, and every method of the SDK that was called.
"""

from __future__ import annotations

import functools
import inspect
import io
import json
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import openai
from openai import AssistantEventHandler, OpenAI

MODEL = "talkative-1"
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Give the weather of a place.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}},
            "required": ["place"],
        },
    },
}
CODE: Any = {"type": "code_interpreter"}
SEARCH: Any = {"type": "file_search"}
HANDBOOK = b"# Handbook\n\nThe canteen serves wonderful pancakes on every second Thursday.\n"
PNG = b"\x89PNG"

Check = Callable[["Program"], None]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Add a check to the suite."""
    CHECKS[function.__name__] = function
    return function


# -- what a check gets, and what is noted of it --------------------------------------------------


@dataclass
class Report:
    """What a pass over the suite gave."""

    version: str
    failures: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Verb, path and number of earlier attempts."""
    called: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Methods of the SDK's resources for this API that no check calls."""


class Recorded:
    """A resource of the SDK that notes which of its methods are called."""

    def __init__(self, resource: Any, path: str, called: set[str]) -> None:
        self._resource, self._path, self._called = resource, path, called

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._resource, name)
        path = f"{self._path}.{name}".lstrip(".")
        if _is_resource(value):
            return Recorded(value, path, self._called)
        if callable(value):
            self._called.add(path)
        return value


def _is_resource(value: Any) -> bool:
    return type(value).__module__.startswith("openai.resources") and hasattr(value, "_client")


def methods_of(resource: Any, path: str) -> Iterator[str]:
    """Yield the path of every public method of a resource and of those in it."""
    for name in dir(type(resource)):
        if name.startswith(("_", "with_")):
            continue
        static = inspect.getattr_static(type(resource), name)
        if inspect.isfunction(static):
            yield f"{path}.{name}"
        elif isinstance(static, (property, functools.cached_property)):
            value = getattr(resource, name)
            if _is_resource(value):
                yield from methods_of(value, f"{path}.{name}")


@dataclass
class Program:
    """A client, and what nearly every program does first."""

    client: Any

    def assistant(self, *tools: Any, **more: Any) -> str:
        """Make an assistant; give its id."""
        made = self.client.beta.assistants.create(model=MODEL, tools=list(tools), **more)
        return str(made.id)

    def thread(self, *questions: str) -> str:
        """Make a thread that asks something; give its id."""
        messages: Any = [{"role": "user", "content": text} for text in questions]
        return str(self.client.beta.threads.create(messages=messages).id)

    def run(self, question: str, *tools: Any, **more: Any) -> Any:
        """Ask in a new thread and wait for the run to stop."""
        return self.client.beta.threads.runs.create_and_poll(
            thread_id=self.thread(question), assistant_id=self.assistant(*tools), **more
        )

    def answer(self, run: Any) -> Any:
        """Return the only message of a run."""
        (message,) = self.client.beta.threads.messages.list(run.thread_id, run_id=run.id)
        return message

    def steps(self, run: Any, **more: Any) -> list[Any]:
        """Return the steps of a run, the first one first."""
        listed = self.client.beta.threads.runs.steps.list(
            run.id, thread_id=run.thread_id, order="asc", **more
        )
        return list(listed)

    def handbook(self, name: str = "handbook.md", content: bytes = HANDBOOK) -> str:
        """Upload a text; give the file's id."""
        return str(self.client.files.create(file=(name, content), purpose="assistants").id)

    def library(self, *names: str, **more: Any) -> Any:
        """Make a vector store of texts, ready to be searched."""
        store = self.client.vector_stores.create(**more)
        for name in names or ("handbook.md",):
            file = self.client.vector_stores.files.create_and_poll(
                self.handbook(name), vector_store_id=store.id
            )
            assert file.status == "completed", file
        return store


def text_of(message: Any) -> str:
    """Return the text of a message."""
    return "".join(part.text.value for part in message.content if part.type == "text")


def outputs(run: Any, *answers: str) -> Any:
    """Answer the calls that a run waits for."""
    assert run.status == "requires_action", run
    calls = run.required_action.submit_tool_outputs.tool_calls
    assert [call.function.name for call in calls] == ["get_weather"] * len(answers)
    assert all(set(json.loads(call.function.arguments)) == {"place"} for call in calls)
    pairs = zip(calls, answers, strict=True)
    return [{"tool_call_id": call.id, "output": answer} for call, answer in pairs]


def raises(kind: type[Exception], act: Callable[[], Any]) -> Any:
    """Return the error, of exactly this class, that something raises."""
    try:
        act()
    except Exception as error:
        assert type(error) is kind, f"{type(error).__name__}: {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


# -- assistants, threads, messages ---------------------------------------------------------------


@check
def an_assistant_lives_from_creation_to_deletion(p: Program) -> None:
    assistants = p.client.beta.assistants
    made = assistants.create(
        model=MODEL,
        name="Müller",
        description="d",
        instructions="i",
        tools=[CODE, WEATHER],
        metadata={"k": "v"},
        temperature=0.5,
        top_p=0.9,
        response_format="auto",
    )
    assert (made.object, made.name, made.temperature) == ("assistant", "Müller", 0.5)
    assert assistants.retrieve(made.id) == made
    assert made.id in [each.id for each in assistants.list(limit=100)]
    changed = assistants.update(made.id, name="Meier", metadata={})
    assert (changed.name, changed.metadata, changed.instructions) == ("Meier", {}, "i")
    assert assistants.delete(made.id).deleted
    raises(openai.NotFoundError, lambda: assistants.retrieve(made.id))


@check
def a_list_is_turned_over_page_by_page(p: Program) -> None:
    thread = p.thread(*[str(n) for n in range(45)])
    messages = p.client.beta.threads.messages
    for order, expected in (("asc", range(45)), ("desc", range(44, -1, -1))):
        listed = list(messages.list(thread, limit=20, order=order))
        assert [text_of(message) for message in listed] == [str(n) for n in expected]
    first = messages.list(thread, limit=20, order="asc")
    second = first.get_next_page()
    assert [text_of(m) for m in second.data] == [str(n) for n in range(20, 40)]
    before = messages.list(thread, order="asc", before=second.data[0].id, limit=2)
    assert [text_of(m) for m in before.data] == ["18", "19"]


@check
def an_empty_list_has_no_further_page(p: Program) -> None:
    page = p.client.beta.threads.messages.list(p.thread())
    assert (page.data, page.has_more, page.has_next_page()) == ([], False, False)


@check
def a_thread_lives_from_creation_to_deletion(p: Program) -> None:
    threads = p.client.beta.threads
    made = threads.create()
    assert (made.object, made.metadata) == ("thread", {})
    assert threads.retrieve(made.id) == made
    file = p.handbook("table.csv", b"a,b\n1,2\n")
    changed = threads.update(
        made.id,
        metadata={"k": "v"},
        tool_resources={"code_interpreter": {"file_ids": [file]}},
    )
    assert changed.tool_resources.code_interpreter.file_ids == [file]
    assert threads.retrieve(made.id).metadata == {"k": "v"}
    assert threads.delete(made.id).deleted
    raises(openai.NotFoundError, lambda: threads.retrieve(made.id))


@check
def a_message_lives_from_creation_to_deletion(p: Program) -> None:
    messages, thread = p.client.beta.threads.messages, p.thread()
    made = messages.create(thread, role="user", content="Grüße", metadata={"k": "v"})
    assert (text_of(made), made.role, made.status) == ("Grüße", "user", "completed")
    assert messages.retrieve(made.id, thread_id=thread) == made
    changed = messages.update(made.id, thread_id=thread, metadata={"k": "w"})
    assert changed.metadata == {"k": "w"}
    assert messages.delete(made.id, thread_id=thread).deleted
    assert list(messages.list(thread)) == []


@check
def a_message_carries_images_and_attachments(p: Program) -> None:
    thread = p.thread()
    table = p.handbook("table.csv", b"a,b\n1,2\n")
    picture = p.client.files.create(file=("p.png", PNG), purpose="vision").id
    message = p.client.beta.threads.messages.create(
        thread,
        role="user",
        content=[
            {"type": "text", "text": "look"},
            {"type": "image_file", "image_file": {"file_id": picture, "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        ],
        attachments=[{"file_id": table, "tools": [CODE]}],
    )
    assert [part.type for part in message.content] == ["text", "image_file", "image_url"]
    assert message.attachments[0].file_id == table
    shown = p.client.beta.threads.retrieve(thread).tool_resources
    assert shown.code_interpreter.file_ids == [table]


# -- polled runs ---------------------------------------------------------------------------------


@check
def a_polled_run_completes(p: Program) -> None:
    run = p.run("say hello")
    assert (run.status, run.last_error, run.expires_at) == ("completed", None, None)
    assert run.usage.total_tokens == run.usage.prompt_tokens + run.usage.completion_tokens > 0
    assert text_of(p.answer(run)) == "Hello there. 👋"
    (step,) = p.steps(run)
    assert (step.type, step.status) == ("message_creation", "completed")
    assert step.step_details.message_creation.message_id == p.answer(run).id


@check
def a_run_is_created_polled_listed_and_updated(p: Program) -> None:
    runs, thread = p.client.beta.threads.runs, p.thread("say hello")
    made = runs.create(
        thread,
        assistant_id=p.assistant(),
        additional_instructions="Be kind.",
        additional_messages=[{"role": "user", "content": "Please say hello"}],
        metadata={"k": "v"},
        max_completion_tokens=1000,
        max_prompt_tokens=10000,
        truncation_strategy={"type": "last_messages", "last_messages": 5},
        parallel_tool_calls=False,
        tool_choice="none",
        temperature=0,
    )
    assert (made.object, made.status) == ("thread.run", "queued")
    done = runs.poll(made.id, thread_id=thread)
    assert done.status == "completed"
    assert runs.retrieve(made.id, thread_id=thread) == done
    assert [run.id for run in runs.list(thread)] == [made.id]
    changed = runs.update(made.id, thread_id=thread, metadata={"k": "w"})
    assert (changed.metadata, changed.status) == ({"k": "w"}, "completed")


@check
def a_thread_and_its_run_are_created_at_once(p: Program) -> None:
    thread: Any = {"messages": [{"role": "user", "content": "say hello"}]}
    threads, assistant = p.client.beta.threads, p.assistant()
    run = threads.create_and_run(assistant_id=assistant, thread=thread)
    assert p.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "completed"
    run = threads.create_and_run_poll(assistant_id=assistant, thread=thread)
    assert text_of(p.answer(run)) == "Hello there. 👋"


@check
def a_function_is_answered_and_polled(p: Program) -> None:
    run = p.run("call weather", WEATHER)
    assert run.usage is None
    run = p.client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run, "sunny")
    )
    assert (run.status, run.required_action) == ("completed", None)
    assert text_of(p.answer(run)) == "It is sunny."
    call = p.steps(run)[0].step_details.tool_calls[0]
    assert (call.function.name, call.function.output) == ("get_weather", "sunny")


@check
def two_functions_are_answered_together(p: Program) -> None:
    run = p.run("call weather twice", WEATHER)
    both = outputs(run, "sunny", "wet")
    runs = p.client.beta.threads.runs
    error = raises(
        openai.BadRequestError,
        lambda: runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=both[:1]),
    )
    assert "Expected tool outputs for call_ids" in error.body["message"]
    run = runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=both)
    assert run.status == "queued"
    run = runs.poll(run.id, thread_id=run.thread_id)
    assert text_of(p.answer(run)) == "It is sunny and wet."


@check
def code_is_run_and_its_files_can_be_fetched(p: Program) -> None:
    run = p.run("run code", CODE)
    assert run.status == "completed", run.last_error
    message = p.answer(run)
    assert [part.type for part in message.content] == ["image_file", "text"]
    image, text = message.content
    assert p.client.files.content(image.image_file.file_id).read().startswith(PNG)
    (link,) = text.text.annotations
    assert text.text.value[link.start_index : link.end_index] == link.text
    assert p.client.files.content(link.file_path.file_id).read() == b"a,b\n1,2\n"
    assert p.client.files.retrieve(link.file_path.file_id).filename == "result.csv"
    (call,) = p.steps(run)[0].step_details.tool_calls
    assert "display(" in call.code_interpreter.input
    shown = [output.type for output in call.code_interpreter.outputs]
    assert shown == ["logs", "image", "logs"]


@check
def a_step_is_retrieved_by_its_id(p: Program) -> None:
    run = p.run("say hello")
    (step,) = p.steps(run)
    found = p.client.beta.threads.runs.steps.retrieve(
        step.id, thread_id=run.thread_id, run_id=run.id
    )
    assert found == step


@check
def an_answer_that_is_cut_off_makes_the_run_incomplete(p: Program) -> None:
    run = p.run("be cut off", max_completion_tokens=256)
    assert run.status == "incomplete", run
    assert run.incomplete_details.reason == "max_completion_tokens"
    message = p.answer(run)
    assert (message.status, message.incomplete_details.reason) == ("incomplete", "max_tokens")


@check
def an_answer_comes_in_the_wanted_format(p: Program) -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "integer"}}}
    run = p.run(
        "give JSON",
        response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
    )
    assert json.loads(text_of(p.answer(run))) == {"answer": 42}


@check
def trouble_with_the_model_fails_the_run(p: Program) -> None:
    for question, code in (
        ("fail for quota", "rate_limit_exceeded"),
        ("fail for length", "invalid_prompt"),
        ("fail in a stream", "server_error"),
    ):
        run = p.run(question)
        assert (run.status, run.last_error.code) == ("failed", code), question
        assert run.last_error.message and run.failed_at


@check
def a_run_is_cancelled_while_it_waits(p: Program) -> None:
    run, runs = p.run("call weather", WEATHER), p.client.beta.threads.runs
    assert runs.cancel(run.id, thread_id=run.thread_id).status in ("cancelling", "cancelled")
    run = runs.poll(run.id, thread_id=run.thread_id)
    assert (run.status, run.required_action) == ("cancelled", None)
    (step,) = p.steps(run)
    assert step.status == "cancelled"
    error = raises(
        openai.BadRequestError,
        lambda: runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=[]),
    )
    assert 'Runs in status "cancelled" do not accept' in error.body["message"]


# -- streamed runs -------------------------------------------------------------------------------


class Recorder(AssistantEventHandler):
    """Keeps what the stock handler is told, and fetches images as programs do."""

    def __init__(self, client: Any = None) -> None:
        super().__init__()
        self.client = client
        self.told: list[str] = []
        self.text = ""
        self.images: list[bytes] = []

    def on_event(self, event: Any) -> None:
        self.told.append(event.event)

    def on_text_delta(self, delta: Any, snapshot: Any) -> None:
        self.text += delta.value or ""

    def on_tool_call_created(self, tool_call: Any) -> None:
        self.told.append(f"tool {tool_call.type}")

    def on_tool_call_done(self, tool_call: Any) -> None:
        self.told.append(f"done {tool_call.type}")

    def on_message_done(self, message: Any) -> None:
        self.told.append("message done")

    def on_run_step_done(self, run_step: Any) -> None:
        self.told.append("step done")

    def on_image_file_done(self, image_file: Any) -> None:
        self.images.append(self.client.files.content(image_file.file_id).read())

    def on_exception(self, exception: Exception) -> None:
        self.told.append(f"exception {exception}")

    def on_end(self) -> None:
        self.told.append("end")


def streamed(p: Program, question: str, *tools: Any, **more: Any) -> Recorder:
    """Ask in a new thread and read the stream to its end with a handler."""
    handler = Recorder(p.client)
    with p.client.beta.threads.runs.stream(
        thread_id=p.thread(question),
        assistant_id=p.assistant(*tools),
        event_handler=handler,
        **more,
    ) as stream:
        stream.until_done()
    assert handler.told[-1] == "end"
    assert not [told for told in handler.told if told.startswith("exception")]
    return handler


def same_as_stored(p: Program, handler: Any) -> None:
    """See that what the handler pieced together is what the server keeps."""
    run = handler.get_final_run()
    (message,) = handler.get_final_messages()
    assert message == p.answer(run)
    kept = p.steps(run)
    told = handler.get_final_run_steps()
    assert [step.id for step in told] == [step.id for step in kept]
    for step, stored in zip(told, kept, strict=True):
        if stored.type == "tool_calls":
            _same_calls(step.step_details.tool_calls, stored.step_details.tool_calls)


def _same_calls(told: Any, kept: Any) -> None:
    assert [call.id for call in told] == [call.id for call in kept]
    for call, stored in zip(told, kept, strict=True):
        if stored.type == "code_interpreter":
            assert call.code_interpreter.input == stored.code_interpreter.input
            shown = [_output(output) for output in call.code_interpreter.outputs]
            assert shown == [_output(output) for output in stored.code_interpreter.outputs]
        if stored.type == "function":
            assert call.function.arguments == stored.function.arguments


def _output(output: Any) -> tuple[str, str]:
    return output.type, output.logs if output.type == "logs" else output.image.file_id


@check
def a_handler_pieces_a_text_together(p: Program) -> None:
    handler = streamed(p, "say hello")
    assert handler.text == "Hello there. 👋"
    assert handler.get_final_run().status == "completed"
    same_as_stored(p, handler)


@check
def a_handler_pieces_code_and_its_outputs_together(p: Program) -> None:
    handler = streamed(p, "run code", CODE)
    assert handler.told.count("tool code_interpreter") == 1
    assert "done code_interpreter" in handler.told
    assert [image[:4] for image in handler.images] == [PNG]
    same_as_stored(p, handler)


@check
def a_handler_survives_every_other_ending(p: Program) -> None:
    for question, status in (
        ("be cut off", "incomplete"),
        ("fail for quota", "failed"),
        ("fail in a stream", "failed"),
        ("call weather", "requires_action"),
    ):
        handler = streamed(p, question, WEATHER)
        assert handler.get_final_run().status == status, question
        assert handler.told[-2].startswith(("thread.run.", "done ")), handler.told


@check
def a_handler_survives_an_empty_answer(p: Program) -> None:
    handler = streamed(p, "say nothing")
    assert handler.get_final_run().status in ("completed", "failed")


@check
def a_cancelled_stream_ends_in_order(p: Program) -> None:
    runs, names, started = p.client.beta.threads.runs, [], threading.Event()
    with runs.stream(thread_id=p.thread("speak slowly"), assistant_id=p.assistant()) as stream:
        for event in stream:
            names.append(event.event)
            if event.event == "thread.message.delta" and not started.is_set():
                started.set()
                run = stream.current_run
                runs.cancel(run.id, thread_id=run.thread_id)
        assert stream.get_final_run().status == "cancelled"
    assert names[-4:] == [
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelling",
        "thread.run.cancelled",
    ]


@check
def a_stream_is_read_in_every_way(p: Program) -> None:
    assistant = p.assistant()
    runs = p.client.beta.threads.runs
    with runs.stream(thread_id=p.thread("say hello"), assistant_id=assistant) as stream:
        assert "".join(stream.text_deltas) == "Hello there. 👋"
    with runs.create_and_stream(thread_id=p.thread("say hello"), assistant_id=assistant) as stream:
        assert text_of(stream.get_final_messages()[0]) == "Hello there. 👋"
        assert stream.get_final_run().status == "completed"
    with p.client.beta.threads.create_and_run_stream(
        assistant_id=assistant, thread={"messages": [{"role": "user", "content": "say hello"}]}
    ) as stream:
        names = [event.event for event in stream]
    assert names[:2] == ["thread.created", "thread.run.created"]
    assert names[-1] == "thread.run.completed"


@check
def events_are_read_without_a_helper(p: Program) -> None:
    thread, assistant = p.thread("say hello"), p.assistant()
    with p.client.beta.threads.runs.create(thread, assistant_id=assistant, stream=True) as stream:
        names = [event.event for event in stream]
    assert (names[0], names[-1]) == ("thread.run.created", "thread.run.completed")
    with p.client.beta.threads.create_and_run(
        assistant_id=assistant,
        thread={"messages": [{"role": "user", "content": "say hello"}]},
        stream=True,
    ) as stream:
        assert next(iter(stream)).data.object == "thread"


@check
def outputs_are_submitted_into_a_stream(p: Program) -> None:
    run, runs = p.run("call weather", WEATHER), p.client.beta.threads.runs
    answers = outputs(run, "sunny")
    with runs.submit_tool_outputs(
        run.id, thread_id=run.thread_id, tool_outputs=answers, stream=True
    ) as stream:
        names = [event.event for event in stream]
    assert names[:2] == ["thread.run.step.completed", "thread.run.queued"]
    assert "thread.run.created" not in names


@check
def outputs_are_submitted_to_a_helper(p: Program) -> None:
    run, handler = p.run("call weather twice", WEATHER), Recorder(p.client)
    with p.client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=run.id,
        thread_id=run.thread_id,
        tool_outputs=outputs(run, "sunny", "wet"),
        event_handler=handler,
    ) as stream:
        stream.until_done()
    assert handler.text == "It is sunny and wet."
    assert handler.get_final_run().status == "completed"
    assert handler.get_final_messages() == [p.answer(run)]


class Answering(Recorder):
    """Answers calls inside the event, while the first stream is still open."""

    def on_event(self, event: Any) -> None:
        if event.event != "thread.run.requires_action":
            return
        run = event.data
        with self.client.beta.threads.runs.submit_tool_outputs_stream(
            run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run, "sunny")
        ) as stream:
            self.text = "".join(stream.text_deltas)


@check
def outputs_are_submitted_inside_the_first_stream(p: Program) -> None:
    handler, thread = Answering(p.client), p.thread("call weather")
    with p.client.beta.threads.runs.stream(
        thread_id=thread, assistant_id=p.assistant(WEATHER), event_handler=handler
    ) as stream:
        stream.until_done()
    assert handler.text == "It is sunny."


# -- files, uploads, models ----------------------------------------------------------------------


@check
def a_file_lives_from_upload_to_deletion(p: Program) -> None:
    files = p.client.files
    made = files.create(file=("Grüße.csv", b"a,b\n1,2\n"), purpose="assistants")
    assert (made.object, made.filename, made.bytes) == ("file", "Grüße.csv", 8)
    assert files.retrieve(made.id) == made
    assert files.wait_for_processing(made.id, poll_interval=0.1) == made
    assert made.id in [file.id for file in files.list(purpose="assistants")]
    assert files.content(made.id).text == "a,b\n1,2\n"
    assert files.retrieve_content(made.id) == "a,b\n1,2\n"
    assert files.delete(made.id).deleted
    raises(openai.NotFoundError, lambda: files.content(made.id))


@check
def a_file_is_uploaded_in_every_form(p: Program) -> None:
    files = p.client.files
    stream = io.BytesIO(b"1,2\n")
    stream.name = "named.csv"
    for given, name in (
        (b"1,2\n", "upload"),
        (("t.csv", b"1,2\n"), "t.csv"),
        (stream, "named.csv"),
    ):
        file = files.create(file=given, purpose="user_data")
        assert (file.filename, file.bytes, file.purpose) == (name, 4, "user_data")
    file = files.create(
        file=("short.txt", b"x"),
        purpose="assistants",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    assert file.expires_at == file.created_at + 3600


@check
def an_upload_is_put_together_from_its_parts(p: Program) -> None:
    uploads = p.client.uploads
    made = uploads.create(bytes=6, filename="parts.csv", mime_type="text/csv", purpose="assistants")
    assert (made.object, made.status) == ("upload", "pending")
    later = uploads.parts.create(made.id, data=b"c,d")
    first = uploads.parts.create(made.id, data=b"a,b")
    done = uploads.complete(made.id, part_ids=[first.id, later.id])
    assert (done.status, done.file.filename) == ("completed", "parts.csv")
    assert p.client.files.content(done.file.id).read() == b"a,bc,d"


@check
def an_upload_is_cancelled(p: Program) -> None:
    uploads = p.client.uploads
    made = uploads.create(bytes=6, filename="a.csv", mime_type="text/csv", purpose="assistants")
    assert uploads.cancel(made.id).status == "cancelled"
    error = raises(openai.BadRequestError, lambda: uploads.parts.create(made.id, data=b"a"))
    assert "cancelled" in error.body["message"]


@check
def a_file_is_uploaded_in_chunks(p: Program) -> None:
    content = bytes(range(256)) * 10
    done = p.client.uploads.upload_file_chunked(
        file=content,
        filename="chunks.bin",
        bytes=len(content),
        mime_type="application/octet-stream",
        purpose="user_data",
        part_size=1000,
    )
    assert done.status == "completed"
    assert p.client.files.content(done.file.id).read() == content


@check
def the_models_are_listed(p: Program) -> None:
    assert MODEL in [model.id for model in p.client.models.list()]
    assert p.client.models.retrieve(MODEL).id == MODEL


# -- vector stores -------------------------------------------------------------------------------


@check
def a_vector_store_lives_from_creation_to_deletion(p: Program) -> None:
    stores = p.client.vector_stores
    made = stores.create(
        name="Books", metadata={"k": "v"}, expires_after={"anchor": "last_active_at", "days": 3}
    )
    assert (made.object, made.status, made.file_counts.total) == ("vector_store", "completed", 0)
    assert stores.retrieve(made.id) == made
    assert made.id in [store.id for store in stores.list(limit=100)]
    assert stores.update(made.id, name="More").name == "More"
    assert stores.delete(made.id).deleted
    raises(openai.NotFoundError, lambda: stores.retrieve(made.id))


@check
def a_file_of_a_vector_store_lives_from_attaching_to_deletion(p: Program) -> None:
    store, file_id = p.client.vector_stores.create(), p.handbook()
    files = p.client.vector_stores.files
    made = files.create(store.id, file_id=file_id, attributes={"year": 2024, "kind": "rules"})
    assert (made.id, made.object) == (file_id, "vector_store.file")
    done = files.poll(file_id, vector_store_id=store.id)
    assert (done.status, done.last_error) == ("completed", None)
    assert done.chunking_strategy.static.max_chunk_size_tokens == 800
    assert files.retrieve(file_id, vector_store_id=store.id) == done
    assert [file.id for file in files.list(store.id, filter="completed")] == [file_id]
    changed = files.update(file_id, vector_store_id=store.id, attributes={"year": 2025})
    assert changed.attributes == {"year": 2025}
    (part,) = files.content(file_id, vector_store_id=store.id)
    assert "pancakes" in part.text
    assert files.delete(file_id, vector_store_id=store.id).deleted
    assert p.client.files.retrieve(file_id).id == file_id
    assert p.client.vector_stores.retrieve(store.id).file_counts.total == 0


@check
def files_are_uploaded_into_a_vector_store(p: Program) -> None:
    store, files = p.client.vector_stores.create(), p.client.vector_stores.files
    first = files.upload(vector_store_id=store.id, file=("a.md", HANDBOOK))
    assert files.poll(first.id, vector_store_id=store.id).status == "completed"
    second = files.upload_and_poll(vector_store_id=store.id, file=("b.md", HANDBOOK))
    third = files.create_and_poll(p.handbook("c.md"), vector_store_id=store.id)
    assert (second.status, third.status) == ("completed", "completed")
    counts = p.client.vector_stores.retrieve(store.id).file_counts
    assert (counts.completed, counts.total) == (3, 3)


@check
def a_vector_store_is_searched(p: Program) -> None:
    store = p.library("a.md")
    page = p.client.vector_stores.search(store.id, query="pancakes on Thursday", max_num_results=3)
    (found,) = page.data
    assert (found.filename, found.content[0].type) == ("a.md", "text")
    assert "pancakes" in found.content[0].text
    assert 0 <= found.score <= 1


@check
def a_batch_of_files_is_attached_and_listed(p: Program) -> None:
    store, batches = p.client.vector_stores.create(), p.client.vector_stores.file_batches
    ids = [p.handbook("a.md"), p.handbook("b.md")]
    # 1.x knows file_ids only, where a null stands for an absent one as everywhere.
    each: Any = [{"file_id": file_id, "attributes": {"k": "v"}} for file_id in ids]
    made = batches.create(store.id, file_ids=[], extra_body={"file_ids": None, "files": each})
    assert (made.object, made.file_counts.total) == ("vector_store.files_batch", 2)
    done = batches.poll(made.id, vector_store_id=store.id)
    assert (done.status, done.file_counts.completed) == ("completed", 2)
    assert batches.retrieve(made.id, vector_store_id=store.id) == done
    listed = batches.list_files(made.id, vector_store_id=store.id)
    assert {file.id: file.attributes for file in listed} == {key: {"k": "v"} for key in ids}
    assert batches.cancel(made.id, vector_store_id=store.id).status == "completed"


@check
def batches_are_uploaded_and_polled(p: Program) -> None:
    store, batches = p.client.vector_stores.create(), p.client.vector_stores.file_batches
    done = batches.create_and_poll(store.id, file_ids=[p.handbook("a.md")])
    assert (done.status, done.file_counts.completed) == ("completed", 1)
    done = batches.upload_and_poll(
        store.id,
        files=[(f"{n}.md", HANDBOOK + bytes([n + 65])) for n in range(8)],
        file_ids=[p.handbook("b.md")],
    )
    assert (done.status, done.file_counts.completed, done.file_counts.total) == ("completed", 9, 9)


@check
def a_run_searches_the_files(p: Program) -> None:
    store = p.library("a.md")
    assistant = p.assistant(
        SEARCH, tool_resources={"file_search": {"vector_store_ids": [store.id]}}
    )
    run = p.client.beta.threads.runs.create_and_poll(
        thread_id=p.thread("search for pancakes"), assistant_id=assistant
    )
    assert run.status == "completed", run.last_error
    content = p.answer(run).content[0].text
    (mark,) = content.annotations
    assert mark.type == "file_citation"
    assert content.value[mark.start_index : mark.end_index] == mark.text
    (found,) = p.steps(run)[0].step_details.tool_calls[0].file_search.results
    assert (found.file_name, found.content) == ("a.md", None)
    include: Any = ["step_details.tool_calls[*].file_search.results[*].content"]
    (found,) = p.steps(run, include=include)[0].step_details.tool_calls[0].file_search.results
    assert "pancakes" in found.content[0].text


@check
def a_handler_pieces_a_search_together(p: Program) -> None:
    store, handler = p.library("a.md"), Recorder(p.client)
    with p.client.beta.threads.runs.stream(
        thread_id=p.thread("search for pancakes"),
        assistant_id=p.assistant(
            SEARCH, tool_resources={"file_search": {"vector_store_ids": [store.id]}}
        ),
        include=["step_details.tool_calls[*].file_search.results[*].content"],
        event_handler=handler,
    ) as stream:
        stream.until_done()
    assert "tool file_search" in handler.told
    assert handler.get_final_run().status == "completed"
    same_as_stored(p, handler)


@check
def an_attachment_is_searched(p: Program) -> None:
    message: Any = {
        "role": "user",
        "content": "search for pancakes",
        "attachments": [{"file_id": p.handbook(), "tools": [SEARCH]}],
    }
    thread = p.client.beta.threads.create(messages=[message])
    (store,) = thread.tool_resources.file_search.vector_store_ids
    run = p.client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=p.assistant(SEARCH)
    )
    assert run.status == "completed", run.last_error
    assert p.answer(run).content[0].text.annotations
    assert p.client.vector_stores.retrieve(store).expires_after.days == 7


# -- errors --------------------------------------------------------------------------------------


def missing(p: Program) -> list[tuple[Callable[[], Any], str]]:
    """Return what asks for an unknown object of each kind, and the sentence for it."""
    beta, thread = p.client.beta, p.thread()
    messages, runs = beta.threads.messages, beta.threads.runs
    return [
        (lambda: beta.assistants.retrieve("asst_X"), "No assistant found with id 'asst_X'."),
        (lambda: beta.threads.retrieve("thread_X"), "No thread found with id 'thread_X'."),
        (lambda: messages.list("thread_X"), "No thread found with id 'thread_X'."),
        (
            lambda: messages.retrieve("msg_X", thread_id=thread),
            "No message found with id 'msg_X'.",
        ),
        (lambda: runs.retrieve("run_X", thread_id=thread), "No run found with id 'run_X'."),
        (lambda: p.client.files.retrieve("file-X"), "No such File object: file-X"),
        (lambda: p.client.models.retrieve("x"), "No model found with id 'x'."),
        (lambda: p.client.uploads.cancel("upload_X"), "No upload found with id 'upload_X'."),
        (
            lambda: p.client.vector_stores.retrieve("vs_X"),
            "No vector store found with id 'vs_X'.",
        ),
    ]


@check
def what_is_unknown_raises_not_found(p: Program) -> None:
    for act, message in missing(p):
        error = raises(openai.NotFoundError, act)
        assert error.status_code == 404
        assert error.body["message"] == message
        assert error.type == "invalid_request_error"
        assert error.request_id.startswith("req_")


@check
def what_is_wrong_raises_bad_request(p: Program) -> None:
    create = p.client.beta.assistants.create
    for wrong, code in (
        ({"temperature": 3}, "decimal_above_max_value"),
        ({"name": "n" * 257}, "string_above_max_length"),
        ({"metadata": {str(n): "" for n in range(17)}}, "object_above_max_properties"),
        ({"tools": [CODE] * 129}, "array_above_max_length"),
    ):
        error = raises(openai.BadRequestError, functools.partial(create, model=MODEL, **wrong))
        assert (error.status_code, error.param, error.code) == (400, next(iter(wrong)), code)
    error = raises(openai.BadRequestError, lambda: p.client.beta.assistants.list(limit=101))
    assert error.code == "integer_above_max_value"


@check
def a_wrong_key_raises_an_authentication_error(p: Program) -> None:
    key = "sk-wrong-wrong-wrong-wrong-1234"
    stranger = p.client.with_options(api_key=key)
    error = raises(openai.AuthenticationError, lambda: stranger.beta.threads.create())
    assert (error.status_code, error.code) == (401, "invalid_api_key")
    assert key not in str(error)


@check
def what_the_authorizer_forbids_raises_permission_denied(p: Program) -> None:
    reader: Any = {"X-Role": "reader"}
    error = raises(
        openai.PermissionDeniedError, lambda: p.client.beta.threads.create(extra_headers=reader)
    )
    assert (error.status_code, error.type) == (403, "invalid_request_error")
    assert p.client.beta.assistants.list(limit=1, extra_headers=reader).object == "list"
    raises(
        openai.PermissionDeniedError,
        lambda: p.client.files.create(
            file=("a.csv", b"1"), purpose="assistants", extra_headers=reader
        ),
    )


@check
def a_locked_thread_raises_bad_request_and_not_conflict(p: Program) -> None:
    run, threads = p.run("call weather", WEATHER), p.client.beta.threads
    error = raises(
        openai.BadRequestError,
        lambda: threads.messages.create(run.thread_id, role="user", content="more"),
    )
    expected = f"Can't add messages to {run.thread_id} while a run {run.id} is active."
    assert error.body["message"] == expected
    error = raises(
        openai.BadRequestError,
        lambda: threads.runs.create(run.thread_id, assistant_id=run.assistant_id),
    )
    expected = f"Thread {run.thread_id} already has an active run {run.id}."
    assert error.body["message"] == expected


@check
def a_finished_run_cannot_be_cancelled(p: Program) -> None:
    run = p.run("say hello")
    error = raises(
        openai.BadRequestError,
        lambda: p.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id),
    )
    assert error.body["message"] == "Cannot cancel run with status 'completed'."


@check
def an_error_before_a_stream_is_an_ordinary_error(p: Program) -> None:
    def start() -> None:
        with p.client.beta.threads.runs.stream(
            thread_id=p.thread("say hello"), assistant_id="asst_X"
        ) as stream:
            stream.until_done()

    assert raises(openai.NotFoundError, start).param == "assistant_id"


@check
def an_unsupported_file_is_refused_by_a_vector_store(p: Program) -> None:
    store, file_id = p.client.vector_stores.create(), p.handbook("a.png", b"\x89PNG")
    error = raises(
        openai.BadRequestError,
        lambda: p.client.vector_stores.files.create(store.id, file_id=file_id),
    )
    assert error.code == "unsupported_file"


@check
def the_raw_answer_carries_its_headers(p: Program) -> None:
    run = p.run("say hello")
    raw = p.client.beta.threads.runs.with_raw_response.retrieve(run.id, thread_id=run.thread_id)
    assert int(raw.headers["openai-poll-after-ms"]) < 1000
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse() == run


# -- running it ----------------------------------------------------------------------------------


def perform(url: str, key: str, *, strict: bool = False, at_once: int = 8) -> Report:
    """Run every check and give the report."""
    report, called = Report(openai.__version__), set[str]()

    def note(request: Any) -> None:
        attempt = request.headers.get("x-stainless-retry-count", "0")
        report.requests.append((request.method, request.url.raw_path.decode(), attempt))

    http_client = openai.DefaultHttpxClient(event_hooks={"request": [note]})
    client = OpenAI(
        base_url=url, api_key=key, http_client=http_client, _strict_response_validation=strict
    )
    program = Program(Recorded(client, "", called))
    with client, ThreadPoolExecutor(at_once) as pool:
        for name, error in pool.map(functools.partial(_outcome, program), CHECKS.items()):
            if error:
                report.failures[name] = error
        resources = {
            "beta.assistants": client.beta.assistants,
            "beta.threads": client.beta.threads,
            "files": client.files,
            "uploads": client.uploads,
            "vector_stores": client.vector_stores,
        }
        methods = {m for path, resource in resources.items() for m in methods_of(resource, path)}
    report.called, report.unused = sorted(called), sorted(methods - called)
    return report


def _outcome(program: Program, item: tuple[str, Check]) -> tuple[str, str]:
    name, function = item
    try:
        function(program)
    except Exception:
        return name, traceback.format_exc()
    return name, ""


def main() -> None:
    """Run the suite and print the report."""
    warnings.simplefilter("ignore", DeprecationWarning)
    report = perform(sys.argv[1], os.environ["SUITE_KEY"], strict="--strict" in sys.argv)
    json.dump(asdict(report), sys.stdout)


if __name__ == "__main__":
    main()
