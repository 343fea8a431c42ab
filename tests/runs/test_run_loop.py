"""The run loop over a database in memory and the scripted model: states, events, rules."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from support.service_session import (
    ANSWERED,
    FUNCTION,
    OWNER,
    HeldModel,
    bench,
    events,
    names,
)
from support.waiting import eventually

from jupyter_assistants.api import Started
from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryMessage,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, ProviderError, ThreadLocked
from jupyter_assistants.protocol.runs import Run, ToolOutput, Usage
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.storage.sql import SqlStorage

TEXT_EVENTS = ["run.created", "run.queued", "run.in_progress", *ANSWERED]


async def test_a_text_answer_streams_the_events_in_the_documented_order(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hello there, Ada."]) as b:
        await b.begin()
        found = await events(await b.start())
        assert names(found) == TEXT_EVENTS
        deltas = [e.data["delta"]["content"][0] for e in found if e.event.endswith("message.delta")]
        assert "".join(d["text"]["value"] for d in deltas) == "Hello there, Ada."
        assert deltas[0]["text"]["annotations"] == []
        assert all("annotations" not in d["text"] for d in deltas[1:])
        run = found[-2].data
        assert run["status"] == "completed" and run["expires_at"] is None
        assert run["usage"]["total_tokens"] > 0


async def test_a_polled_run_ends_like_a_streamed_one(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hello."]) as b:
        await b.begin()
        run = await b.run()
        assert run.status == "completed" and run.usage is not None
        message = (await b.messages())[-1]
        assert message.role == "assistant" and message.text == "Hello."
        assert message.run_id == run.id and message.status == "completed"
        (step,) = await b.steps(run)
        assert step.type == "message_creation" and step.usage == run.usage


async def test_functions_wait_for_the_client_and_go_on_with_its_outputs(tmp_path: Path) -> None:
    turns = [call("weather", {"city": "Oslo"}), call("weather", {"city": "Rome"})]
    async with bench(tmp_path, turns, ["Cold and warm."]) as b:
        await b.begin(FUNCTION)
        started = await b.start()
        assert names(await events(started))[3:] == [
            "run.step.created",
            "run.step.in_progress",
            "run.step.delta",
            "run.requires_action",
            "done",
        ]
        run = await b.get_run(started.run)
        assert run.status == "requires_action" and run.usage is None
        assert run.required_action is not None
        calls = run.required_action.submit_tool_outputs.tool_calls
        assert [c.function.name for c in calls] == ["weather", "weather"]
        outputs = [{"tool_call_id": c.id, "output": t} for c, t in zip(calls, "ab", strict=True)]
        again = await b.submit(run, *outputs)
        assert again.run.status == "queued"
        assert names(await events(again))[:3] == [
            "run.step.completed",
            "run.queued",
            "run.in_progress",
        ]
        run = await b.get_run(run)
        assert run.status == "completed" and run.required_action is None
        history = b.model.requests[-1].history
        assert [type(entry) for entry in history] == [
            HistoryMessage,
            FunctionCall,
            FunctionCall,
            FunctionOutput,
            FunctionOutput,
        ]
        tool_step = (await b.steps(run))[0]
        dumped = tool_step.wire()["step_details"]["tool_calls"]
        assert [c["function"]["output"] for c in dumped] == ["a", "b"]


async def test_only_exactly_the_expected_outputs_are_taken(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {}), call("weather", {})], ["Done."]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.required_action is not None
        one, two = (c.id for c in run.required_action.submit_tool_outputs.tool_calls)
        with pytest.raises(InvalidRequest) as wrong:
            await b.submit(run, {"tool_call_id": one, "output": "a"})
        assert (
            wrong.value.message
            == f"Expected tool outputs for call_ids ['{one}', '{two}'], got ['{one}']"
        )
        assert (await b.get_run(run)).status == "requires_action"


async def test_outputs_cannot_be_submitted_twice(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], ["Done."]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.required_action is not None
        output = {"tool_call_id": run.required_action.submit_tool_outputs.tool_calls[0].id}
        tries = await asyncio.gather(
            b.submit(run, output), b.submit(run, output), return_exceptions=True
        )
        refused = [t for t in tries if isinstance(t, InvalidRequest)]
        assert len(refused) == 1 and "do not accept tool outputs" in refused[0].message


async def test_a_thread_with_an_active_run_takes_no_message_and_no_run(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], ["Done."]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        path = f"/threads/{b.thread_id}/messages"
        with pytest.raises(ThreadLocked) as message:
            await b.ask("POST", path, role="user", content="more")
        assert message.value.message == (
            f"Can't add messages to {b.thread_id} while a run {run.id} is active."
        )
        extra = [{"role": "user", "content": "extra"}]
        with pytest.raises(ThreadLocked) as second:
            await b.start(additional_messages=extra)
        assert second.value.message == f"Thread {b.thread_id} already has an active run {run.id}."
        assert len(await b.messages()) == 1


async def test_cancel_ends_a_streaming_run_and_keeps_its_text(tmp_path: Path) -> None:
    async with bench(tmp_path, model=HeldModel(["word " * 50])) as b:
        await b.begin()
        started = await b.start()
        await first_delta(started)
        path = f"/threads/{b.thread_id}/runs/{started.run.id}"
        assert (await b.ask("POST", path + "/cancel")).status == "cancelling"
        found = await events(started)
        assert names(found)[-5:] == [
            "message.incomplete",
            "run.step.cancelled",
            "run.cancelling",
            "run.cancelled",
            "done",
        ]
        run = await b.get_run(started.run)
        assert run.status == "cancelled" and run.cancelled_at and run.expires_at is None
        message = (await b.messages())[-1]
        assert message.incomplete_details and message.incomplete_details.reason == "run_cancelled"
        assert found[-5].data["content"] == message.wire()["content"]
        deltas = [e.data["delta"]["content"][0] for e in found if e.event.endswith("message.delta")]
        assert message.text == "".join(delta["text"]["value"] for delta in deltas) != ""
        with pytest.raises(InvalidRequest, match="Cannot cancel run with status 'cancelled'."):
            await b.ask("POST", path + "/cancel")


async def test_outputs_that_come_before_the_event_of_the_action_follow_it(tmp_path: Path) -> None:
    storage = SlowStorage.in_memory()
    storage.stored, storage.answer = threading.Event(), threading.Event()
    async with bench(tmp_path, [call("weather", {})], ["Sunny."], storage=storage) as b:
        await b.begin(FUNCTION)
        started = await b.start()
        await eventually(storage.stored.is_set)
        run = await b.get_run(started.run)
        assert run.required_action is not None
        (wanted,) = run.required_action.submit_tool_outputs.tool_calls
        sending = asyncio.create_task(b.submit(run, {"tool_call_id": wanted.id, "output": "22"}))
        lease = storage.lease(run.thread_id)
        assert lease is not None and not lease.active
        storage.answer.set()
        await sending
        run = await b.run_when(run, lambda run: run.status == "completed")
        assert (await b.messages())[-1].text == "Sunny."
        states = [
            n for n in names(await events(started)) if n.startswith("run.") and "step" not in n
        ]
        assert states == ["run.created", "run.queued", "run.in_progress", "run.requires_action"]


async def test_a_second_submission_is_refused_while_the_run_of_the_first_works(
    tmp_path: Path,
) -> None:
    model = HeldModel([[call("weather", {})], ["Sunny."]])
    async with bench(tmp_path, model=model) as b:
        await b.begin(FUNCTION)
        started = await b.start()
        model.release.set()
        waiting = await b.run_when(started.run, lambda run: run.status == "requires_action")
        assert waiting.required_action is not None
        (wanted,) = waiting.required_action.submit_tool_outputs.tool_calls
        model.release.clear()
        first = await b.submit(waiting, {"tool_call_id": wanted.id, "output": "22"})
        # Both had read the run while it waited.
        thread = b.service.storage.get(Thread, waiting.thread_id)
        output = ToolOutput(tool_call_id=wanted.id, output="23")
        with pytest.raises(InvalidRequest, match='"queued" do not accept'):
            await b.service.engine.submit(waiting, thread, OWNER, [output])
        assert (await b.get_run(first.run)).status != "completed"
        model.release.set()
        await b.run_when(first.run, lambda run: run.status == "completed")


async def test_a_run_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        path = f"/threads/{b.thread_id}/runs/{run.id}/cancel"
        assert (await b.ask("POST", path)).status == "cancelling"
        await b.run_when(run, lambda run: run.status == "cancelled")
        assert [s.status for s in await b.steps(run)] == ["cancelled"]
        await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content="on we go")


async def test_a_run_that_nobody_answers_expires(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], run_expiry=1) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        run = await b.run_when(run, lambda run: run.status == "expired")
        assert run.expires_at is None and run.required_action is None
        assert [s.status for s in await b.steps(run)] == ["expired"]
        with pytest.raises(InvalidRequest, match='Runs in status "expired" do not accept'):
            await b.submit(run, {"tool_call_id": "call_1"})


async def test_a_run_that_takes_too_long_expires(tmp_path: Path) -> None:
    async with bench(tmp_path, model=HeldModel(["word " * 50]), run_expiry=1) as b:
        await b.begin()
        run = await b.run()
        assert run.status == "expired"
        assert (await b.messages())[-1].status == "incomplete"


async def test_a_failing_endpoint_fails_the_run_and_frees_the_thread(tmp_path: Path) -> None:
    limit = ProviderError("Too many requests at example.org.", run_code="rate_limit_exceeded")
    async with bench(tmp_path, ["Half an", limit], ["Fine now."]) as b:
        await b.begin()
        found = await events(await b.start())
        assert names(found)[-4:] == ["message.incomplete", "run.step.failed", "run.failed", "done"]
        run = found[-2].data
        assert run["last_error"] == {
            "code": "rate_limit_exceeded",
            "message": "Too many requests at example.org.",
        }
        assert (await b.run()).status == "completed"


async def test_a_bug_in_a_provider_fails_the_run_without_its_internals(tmp_path: Path) -> None:
    async with bench(tmp_path, [RuntimeError("secret detail")]) as b:
        await b.begin()
        run = await b.run()
        assert run.status == "failed" and run.last_error is not None
        assert run.last_error.code == "server_error"
        assert "secret" not in run.last_error.message


async def test_an_unknown_tool_is_told_to_the_model(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("teleport", {})], ["Sorry."]) as b:
        await b.begin(FUNCTION)
        assert (await b.run()).status == "completed"
        answer = b.model.requests[-1].history[-1]
        assert isinstance(answer, FunctionOutput) and "no tool named 'teleport'" in answer.output


async def test_a_model_that_only_errs_fails_the_run(tmp_path: Path) -> None:
    async with bench(tmp_path, *[[call("teleport", {}, call_id=f"c{i}")] for i in range(9)]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.status == "failed" and run.last_error is not None
        assert "3 times in a row" in run.last_error.message


async def test_the_step_limit_asks_for_an_answer_without_tools(tmp_path: Path) -> None:
    def turn(request: Any) -> Any:
        if request.tool_choice == "none":
            return ["That is what I have."]
        return [call("teleport", {}), "x"] if len(request.history) < 2 else [call("teleport", {})]

    async with bench(tmp_path, turn, turn, turn, max_turns=2) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.status == "completed"
        assert [r.tool_choice for r in b.model.requests] == ["auto", "auto", "none"]


async def test_a_forced_tool_is_forced_once(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], ["Done."]) as b:
        await b.begin(FUNCTION)
        run = await b.run(tool_choice="required")
        assert run.required_action is not None
        call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
        await events(await b.submit(run, {"tool_call_id": call_id, "output": "x"}))
        assert [r.tool_choice for r in b.model.requests] == ["required", "auto"]


async def test_without_parallel_calls_only_the_first_call_counts(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {}), call("weather", {})]) as b:
        await b.begin(FUNCTION)
        run = await b.run(parallel_tool_calls=False)
        assert run.required_action is not None
        assert len(run.required_action.submit_tool_outputs.tool_calls) == 1


async def test_a_cut_answer_makes_the_run_incomplete(tmp_path: Path) -> None:
    cut = StreamEnd("length", usage=Usage(prompt_tokens=5, completion_tokens=300, total_tokens=305))
    async with bench(tmp_path, [TextDelta("Once upon"), cut]) as b:
        await b.begin()
        found = await events(await b.start(max_completion_tokens=300))
        assert names(found)[-4:] == [
            "message.incomplete",
            "run.step.completed",
            "run.incomplete",
            "done",
        ]
        assert found[-2].data["incomplete_details"] == {"reason": "max_completion_tokens"}
        message = (await b.messages())[-1]
        assert message.incomplete_details and message.incomplete_details.reason == "max_tokens"


async def test_a_prompt_budget_counts_over_the_whole_run(tmp_path: Path) -> None:
    used = Usage(prompt_tokens=300, completion_tokens=1, total_tokens=301)
    first = [
        call("teleport", {}),
        StreamEnd("tool_calls", [FunctionCall("c1", "teleport", "{}")], used),
    ]
    async with bench(tmp_path, first, ["Never said."]) as b:
        await b.begin(FUNCTION)
        run = await b.run(max_prompt_tokens=256)
        assert run.status == "incomplete" and run.incomplete_details is not None
        assert run.incomplete_details.reason == "max_prompt_tokens"
        assert len(b.model.requests) == 1


async def test_usage_is_the_sum_over_all_model_calls(tmp_path: Path) -> None:
    def used(n: int) -> Usage:
        return Usage(prompt_tokens=n, completion_tokens=1, total_tokens=n + 1)

    first = [
        call("teleport", {}),
        StreamEnd("tool_calls", [FunctionCall("c1", "teleport", "{}")], used(10)),
    ]
    async with bench(tmp_path, first, [TextDelta("ok"), StreamEnd("stop", usage=used(20))]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.usage == Usage(prompt_tokens=30, completion_tokens=2, total_tokens=32)


async def test_overrides_hold_for_the_run_and_leave_the_assistant_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Ja."]) as b:
        await b.begin(instructions="Be brief.")
        run = await b.run(additional_instructions="In German.", temperature=0.5)
        assert run.instructions == "Be brief.\n\nIn German." and run.temperature == 0.5
        assert b.model.requests[0].instructions == run.instructions
        assistant = await b.ask("GET", f"/assistants/{b.assistant_id}")
        assert assistant.instructions == "Be brief." and assistant.temperature == 1.0


async def test_additional_messages_are_added_before_the_run(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Yes."]) as b:
        await b.begin()
        await b.run(additional_messages=[{"role": "user", "content": "really?"}])
        assert [m.text for m in await b.messages()] == ["hello", "really?", "Yes."]


async def test_last_messages_shows_the_model_only_the_newest(tmp_path: Path) -> None:
    async with bench(tmp_path, ["one"], ["two"]) as b:
        await b.begin(text="first")
        await b.run()
        more = [{"role": "user", "content": "second"}]
        strategy = {"type": "last_messages", "last_messages": 1}
        run = await b.run(additional_messages=more, truncation_strategy=strategy)
        assert [e.text for e in b.model.requests[-1].history if isinstance(e, HistoryMessage)] == [
            "second"
        ]
        assert run.jupyter.seen == "1 of 3 messages"


async def test_a_long_thread_is_cut_in_the_middle(tmp_path: Path) -> None:
    async with bench(tmp_path, ["end"], prompt_budget=1000) as b:
        await b.begin(text="the task")
        path = f"/threads/{b.thread_id}/messages"
        for i in range(10):
            await b.ask("POST", path, role="user", content=f"message {i} " + "word " * 300)
        run = await b.run()
        texts = [e.text for e in b.model.requests[0].history if isinstance(e, HistoryMessage)]
        assert texts[:2] == ["the task", "[8 earlier messages omitted]"]
        assert texts[-1].startswith("message 9") and texts[-2].startswith("message 8")
        assert run.jupyter.seen == "3 of 11 messages"


async def test_create_thread_and_run_streams_the_thread_first(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hi."]) as b:
        await b.begin()
        thread = {"messages": [{"role": "user", "content": "hey"}]}
        started = await b.ask("POST", "/threads/runs", assistant_id=b.assistant_id, thread=thread)
        assert names(await events(started)) == ["created", *TEXT_EVENTS]


async def test_another_user_sees_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hi."]) as b:
        await b.begin()
        run = await b.run()
        for path in (
            f"/assistants/{b.assistant_id}",
            f"/threads/{b.thread_id}",
            f"/threads/{b.thread_id}/messages",
            f"/threads/{b.thread_id}/runs/{run.id}/steps",
        ):
            with pytest.raises(NotFound):
                await b.ask("GET", path, owner="eve")
        assert (await b.ask("GET", "/threads", owner="eve")).data == []
        assert len((await b.ask("GET", "/threads", owner=OWNER)).data) == 1


async def test_a_run_of_another_thread_is_unknown(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hi."]) as b:
        await b.begin()
        run = await b.run()
        other = await b.ask("POST", "/threads")
        with pytest.raises(NotFound, match=f"No run found with id '{run.id}'."):
            await b.ask("GET", f"/threads/{other.id}/runs/{run.id}")


async def test_deleting_a_thread_stops_its_run(tmp_path: Path) -> None:
    async with bench(tmp_path, model=HeldModel(["word " * 50])) as b:
        await b.begin()
        started = await b.start()
        await first_delta(started)
        await b.ask("DELETE", f"/threads/{b.thread_id}")
        found = await events(started)
        assert found[-1].event == "done"
        with pytest.raises(NotFound):
            await b.get_run(started.run)


async def first_delta(started: Started) -> None:
    """Wait until the model has said something."""
    async for event in started.events:
        if event.event == "thread.message.delta":
            return


class SlowStorage(SqlStorage):
    """A storage that has stored a run that waits, and does not say so yet."""

    stored: threading.Event
    answer: threading.Event

    def save(self, *objects: WireObject, **options: Any) -> None:
        super().save(*objects, **options)
        if any(isinstance(each, Run) and each.status == "requires_action" for each in objects):
            self.stored.set()
            assert self.answer.wait(60)
