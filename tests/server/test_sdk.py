"""Programs written for the hosted API, with the stock ``openai`` package, against a real server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AssistantEventHandler, AsyncOpenAI, OpenAI
from openai.types.beta.threads import Run
from support.live_server import LiveServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CSV = b"month,eur\n" + b"".join(b"%d,%d\n" % (n, n * 10) for n in range(1, 13))
QUESTION = "Plot eur by month and save the result as result.csv"
CODE_INTERPRETER: Any = {"type": "code_interpreter"}
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
FORCED: Any = {"type": "function", "function": {"name": "get_weather"}}


@pytest.fixture(scope="module")
def client(assistants_server: LiveServer) -> Iterator[OpenAI]:
    with assistants_server.client(max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def analyst(client: OpenAI) -> str:
    assistant = client.beta.assistants.create(
        model="demo", name="Analyst", instructions="Answer.", tools=[CODE_INTERPRETER]
    )
    return assistant.id


@pytest.fixture(scope="module")
def forecaster(client: OpenAI) -> str:
    return client.beta.assistants.create(model="demo", tools=[WEATHER]).id


@pytest.fixture
def thread(client: OpenAI) -> str:
    return client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id


def asked_to_plot(client: OpenAI) -> str:
    """Return a thread that asks for a plot of an attached table."""
    file = client.files.create(file=("sales.csv", CSV), purpose="assistants")
    thread = client.beta.threads.create()
    client.beta.threads.messages.create(
        thread.id,
        role="user",
        content=QUESTION,
        attachments=[{"file_id": file.id, "tools": [CODE_INTERPRETER]}],
    )
    return thread.id


# -- the quickstart ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plotted(client: OpenAI, analyst: str) -> Run:
    return client.beta.threads.runs.create_and_poll(
        thread_id=asked_to_plot(client), assistant_id=analyst
    )


def test_a_polled_run_completes(plotted: Run) -> None:
    assert (plotted.status, plotted.last_error) == ("completed", None)
    assert plotted.usage is not None
    assert plotted.completed_at is not None


def test_the_answer_shows_the_plot_and_links_the_file(client: OpenAI, plotted: Run) -> None:
    (message,) = client.beta.threads.messages.list(plotted.thread_id, run_id=plotted.id)
    kinds = [part.type for part in message.content]
    assert "image_file" in kinds
    text = next(part.text for part in message.content if part.type == "text")
    (link,) = text.annotations
    assert link.type == "file_path"
    assert text.value[link.start_index : link.end_index] == link.text
    table = client.files.content(link.file_path.file_id)
    assert table.text.splitlines()[0].startswith("month")
    assert table.response.headers["content-type"].startswith("text/csv")


def test_the_plot_can_be_downloaded(client: OpenAI, plotted: Run) -> None:
    (message,) = client.beta.threads.messages.list(plotted.thread_id, run_id=plotted.id)
    image = next(part for part in message.content if part.type == "image_file")
    content = client.files.content(image.image_file.file_id).read()
    assert content.startswith(b"\x89PNG")
    assert client.files.retrieve(image.image_file.file_id).purpose == "assistants_output"


def test_the_steps_tell_what_was_run(client: OpenAI, plotted: Run) -> None:
    listed = client.beta.threads.runs.steps.list(
        plotted.id, thread_id=plotted.thread_id, order="asc"
    )
    steps = list(listed)
    assert [step.type for step in steps][-1] == "message_creation"
    calls = [
        call
        for step in steps
        if step.step_details.type == "tool_calls"
        for call in step.step_details.tool_calls
    ]
    assert calls
    assert all(call.type == "code_interpreter" for call in calls)
    assert "read_csv" in calls[0].code_interpreter.input
    again = client.beta.threads.runs.steps.retrieve(
        steps[0].id, thread_id=plotted.thread_id, run_id=plotted.id
    )
    assert again == steps[0]


class Recorder(AssistantEventHandler):
    """Keeps what the stock handler is told."""

    def __init__(self, client: OpenAI) -> None:
        super().__init__()
        self.client = client
        self.text = ""
        self.tools: list[str] = []
        self.images: list[bytes] = []

    def on_text_delta(self, delta: Any, snapshot: Any) -> None:
        self.text += delta.value or ""

    def on_tool_call_created(self, tool_call: Any) -> None:
        self.tools.append(tool_call.type)

    def on_image_file_done(self, image_file: Any) -> None:
        # Programs do this in the handler: the file has to be there already.
        self.images.append(self.client.files.content(image_file.file_id).read())


def test_a_streamed_run_feeds_the_stock_event_handler(client: OpenAI, analyst: str) -> None:
    thread = asked_to_plot(client)
    handler = Recorder(client)
    with client.beta.threads.runs.stream(
        thread_id=thread, assistant_id=analyst, event_handler=handler
    ) as stream:
        stream.until_done()
    (message,) = handler.get_final_messages()
    stored = client.beta.threads.messages.retrieve(message.id, thread_id=thread)
    assert handler.text == "".join(p.text.value for p in stored.content if p.type == "text")
    assert set(handler.tools) == {"code_interpreter"}
    assert all(image.startswith(b"\x89PNG") for image in handler.images)
    assert len(handler.images) == sum(part.type == "image_file" for part in stored.content) > 0
    assert handler.get_final_run().status == "completed"
    assert handler.get_final_run_steps()


def test_a_thread_and_its_run_are_created_in_one_call(client: OpenAI, analyst: str) -> None:
    messages: Any = [{"role": "user", "content": "Hello"}]
    run = client.beta.threads.create_and_run_poll(
        assistant_id=analyst, thread={"messages": messages}
    )
    assert run.status == "completed"
    with client.beta.threads.create_and_run_stream(
        assistant_id=analyst, thread={"messages": messages}
    ) as stream:
        text = "".join(stream.text_deltas)
    assert text


def test_raw_events_come_as_the_classes_of_the_package(
    client: OpenAI, analyst: str, thread: str
) -> None:
    stream = client.beta.threads.runs.create(thread_id=thread, assistant_id=analyst, stream=True)
    events = [event.event for event in stream]
    assert events[0] == "thread.run.created"
    assert events[-1] == "thread.run.completed"


# -- function tools ------------------------------------------------------------------------------


def outputs(run: Run) -> Any:
    assert run.required_action is not None
    calls = run.required_action.submit_tool_outputs.tool_calls
    assert [call.function.name for call in calls] == ["get_weather"]
    assert set(json.loads(calls[0].function.arguments)) == {"place"}
    return [{"tool_call_id": call.id, "output": "Sunny, 21 degrees."} for call in calls]


def test_a_function_is_answered_and_the_run_goes_on(
    client: OpenAI, forecaster: str, thread: str
) -> None:
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread, assistant_id=forecaster, tool_choice=FORCED
    )
    assert run.status == "requires_action"
    run = client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread, tool_outputs=outputs(run)
    )
    assert run.status == "completed"
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=thread, order="asc")
    call = steps.data[0].step_details.tool_calls[0]
    assert call.function.output == "Sunny, 21 degrees."


class Answering(AssistantEventHandler):
    """Answers calls inside the event, while the first stream is still open."""

    def __init__(self, client: OpenAI) -> None:
        super().__init__()
        self.client = client
        self.events: list[str] = []
        self.text = ""

    def on_event(self, event: Any) -> None:
        self.events.append(event.event)
        if event.event == "thread.run.requires_action":
            run = event.data
            with self.client.beta.threads.runs.submit_tool_outputs_stream(
                run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run)
            ) as stream:
                self.text = "".join(stream.text_deltas)


def test_a_function_can_be_answered_inside_the_stream(
    client: OpenAI, forecaster: str, thread: str
) -> None:
    handler = Answering(client)
    with client.beta.threads.runs.stream(
        thread_id=thread,
        assistant_id=forecaster,
        tool_choice=FORCED,
        event_handler=handler,
    ) as stream:
        stream.until_done()
    assert handler.events[-1] == "thread.run.requires_action"
    assert handler.text
    (run,) = client.beta.threads.runs.list(thread)
    assert run.status == "completed"


# -- cancel and lock -----------------------------------------------------------------------------


@pytest.fixture
def waiting(client: OpenAI, forecaster: str, thread: str) -> Run:
    return client.beta.threads.runs.create_and_poll(
        thread_id=thread, assistant_id=forecaster, tool_choice=FORCED
    )


def test_a_waiting_run_locks_its_thread_until_it_is_cancelled(
    client: OpenAI, analyst: str, waiting: Run
) -> None:
    thread = waiting.thread_id
    with pytest.raises(openai.BadRequestError) as adding:
        client.beta.threads.messages.create(thread, role="user", content="More")
    text = f"Can't add messages to {thread} while a run {waiting.id} is active."
    assert adding.value.body["message"] == text  # type: ignore[index]
    with pytest.raises(openai.BadRequestError) as second:
        client.beta.threads.runs.create(thread, assistant_id=analyst)
    text = f"Thread {thread} already has an active run {waiting.id}."
    assert second.value.body["message"] == text  # type: ignore[index]
    client.beta.threads.runs.cancel(waiting.id, thread_id=thread)
    run = client.beta.threads.runs.poll(waiting.id, thread_id=thread)
    assert run.status == "cancelled"
    client.beta.threads.messages.create(thread, role="user", content="More")


def test_a_finished_run_cannot_be_cancelled(client: OpenAI, analyst: str, thread: str) -> None:
    run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=analyst)
    with pytest.raises(openai.BadRequestError, match="Cannot cancel run with status 'completed'"):
        client.beta.threads.runs.cancel(run.id, thread_id=thread)


def test_outputs_that_nobody_waits_for_are_refused(client: OpenAI, waiting: Run) -> None:
    with pytest.raises(openai.BadRequestError, match="Expected tool outputs for call_ids"):
        client.beta.threads.runs.submit_tool_outputs(
            waiting.id,
            thread_id=waiting.thread_id,
            tool_outputs=[{"tool_call_id": "call_x", "output": ""}],
        )


# -- errors --------------------------------------------------------------------------------------


def test_a_wrong_key_is_an_authentication_error(assistants_server: LiveServer) -> None:
    with (
        OpenAI(base_url=assistants_server.url, api_key="sk-wrong-wrong-wrong-1234") as stranger,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        stranger.beta.assistants.list()
    assert caught.value.code == "invalid_api_key"
    assert "sk-wrong-wrong" not in str(caught.value)


def test_an_unknown_id_is_a_not_found_error(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="No assistant found with id 'asst_X'"):
        client.beta.assistants.retrieve("asst_X")


def test_a_wrong_field_is_a_bad_request_error(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.beta.assistants.create(model="demo", temperature=3)
    assert caught.value.param == "temperature"
    assert caught.value.request_id is not None


def test_an_id_with_odd_characters_is_looked_up_as_it_is(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=r"No thread found with id 'a/b\?c%2F ü'"):
        client.beta.threads.retrieve("a/b?c%2F ü")


# -- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_is_turned_over_page_by_page(client: OpenAI, order: Any) -> None:
    messages: Any = [{"role": "user", "content": str(n)} for n in range(45)]
    thread = client.beta.threads.create(messages=messages)
    listed = list(client.beta.threads.messages.list(thread.id, limit=20, order=order))
    texts = [m.content[0].text.value for m in listed]  # type: ignore[union-attr]
    numbers = [str(n) for n in range(45)]
    assert texts == (numbers if order == "asc" else numbers[::-1])


def test_the_models_are_listed(client: OpenAI) -> None:
    assert "demo" in [model.id for model in client.models.list()]
    assert client.models.retrieve("demo").id == "demo"


# -- many at once --------------------------------------------------------------------------------


async def test_streams_of_many_threads_run_side_by_side(
    assistants_server: LiveServer, forecaster: str
) -> None:
    async with AsyncOpenAI(
        base_url=assistants_server.url, api_key=assistants_server.token
    ) as client:

        async def answer() -> str:
            async with client.beta.threads.create_and_run_stream(
                assistant_id=forecaster,
                thread={"messages": [{"role": "user", "content": "Hello"}]},
            ) as stream:
                await stream.until_done()
                run = await stream.get_final_run()
                return run.status

        begun = time.monotonic()
        assert await asyncio.gather(*[answer() for _ in range(20)]) == ["completed"] * 20
        assert time.monotonic() - begun < 20


# -- uploads -------------------------------------------------------------------------------------


def test_a_file_can_be_uploaded_in_chunks(client: OpenAI) -> None:
    data = bytes(range(256)) * 1000
    upload = client.uploads.upload_file_chunked(
        file=data,
        filename="bytes.bin",
        bytes=len(data),
        mime_type="application/octet-stream",
        purpose="user_data",
        part_size=100_000,
        md5=hashlib.md5(data).hexdigest(),
    )
    assert upload.status == "completed" and upload.file is not None
    assert client.files.content(upload.file.id).read() == data
