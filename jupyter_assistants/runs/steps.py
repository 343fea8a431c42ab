"""The writers of a run's steps: one for messages, one for tool calls.

For the order and the shapes of events see docs/internals/protocol.md, "Events and streaming". Every
field of a delta that does not grow is sent exactly once, because the SDKs concatenate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from jupyter_assistants.models.base import CallDelta, FunctionCall
from jupyter_assistants.protocol.growing_text import GrowingText
from jupyter_assistants.protocol.ids import ITEM, MESSAGE, STEP, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import (
    Annotation,
    FileCitationAnnotation,
    ImageFile,
    ImageFileContent,
    IncompleteMessage,
    Message,
    RefusalContent,
    TextContent,
    TextValue,
)
from jupyter_assistants.protocol.runs import Usage
from jupyter_assistants.protocol.steps import (
    CallExtension,
    FunctionCallDetails,
    FunctionResult,
    MessageCreationDetails,
    MessageRef,
    RunStep,
    StepExtension,
    StepToolCall,
    ToolCallsDetails,
)
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.states import end_step
from jupyter_assistants.storage.background import outlast
from jupyter_assistants.tools.base import Following, Progress, ToolResult


def _step(context: RunContext, details: MessageCreationDetails | ToolCallsDetails) -> RunStep:
    run = context.run
    return RunStep(
        id=new_id(STEP),
        created_at=now(),
        assistant_id=run.assistant_id,
        thread_id=run.thread_id,
        run_id=run.id,
        type=details.type,
        step_details=details,
        expires_at=run.expires_at,
        jupyter=StepExtension(seen=run.jupyter.seen),
    )


class MessageWriter:
    """The writer of one message of the assistant, and of its step."""

    def __init__(self, context: RunContext, step: RunStep, message: Message) -> None:
        self._context = context
        self._recorder = context.recorder
        self._step = step
        self._message = message
        self._text = GrowingText()
        self._refusal = GrowingText()
        self._images: list[ImageFileContent] = []

    @classmethod
    async def open(cls, context: RunContext) -> MessageWriter:
        """Begin a message; images that code has made since the last one go first."""
        run = context.run
        message = Message(
            id=new_id(MESSAGE),
            created_at=now(),
            thread_id=run.thread_id,
            status="in_progress",
            role="assistant",
            assistant_id=run.assistant_id,
            run_id=run.id,
        )
        ref = MessageRef(message_id=message.id)
        step = _step(context, MessageCreationDetails(message_creation=ref))
        writer = cls(context, step, message)
        await context.recorder.open_message(step, message)
        context.recorder.writing = lambda: writer.message
        for file_id in context.files.new_images:
            writer._image(file_id)
        context.files.new_images.clear()
        return writer

    def _image(self, file_id: str) -> None:
        part = {
            "index": len(self._images),
            "type": "image_file",
            "image_file": {"file_id": file_id},
        }
        self._images.append(ImageFileContent(image_file=ImageFile(file_id=file_id)))
        self._recorder.message_delta(self._message.id, part)

    async def text(self, piece: str) -> None:
        """Append text."""
        if not piece:
            return
        value: dict[str, Any] = {"value": piece}
        if not self._text:
            value["annotations"] = []
        self._text.append(piece)
        part = {"index": len(self._images), "type": "text", "text": value}
        self._recorder.message_delta(self._message.id, part)
        await self._recorder.checkpoint(lambda: self.message)

    async def refusal(self, piece: str) -> None:
        """Append to a refusal."""
        self._refusal.append(piece)
        index = len(self._images) + bool(self._text)
        part = {"index": index, "type": "refusal", "refusal": piece}
        self._recorder.message_delta(self._message.id, part)

    @property
    def message(self) -> Message:
        """Return the message so far."""
        content: list[Any] = list(self._images)
        if text := str(self._text):
            annotations = self._context.files.annotations(text)
            content.append(TextContent(text=TextValue(value=text, annotations=annotations)))
        if refusal := str(self._refusal):
            content.append(RefusalContent(refusal=refusal))
        return self._message.changed(content=content)

    async def close(self, usage: Usage, reason: str | None = None) -> None:
        """Complete the message and its step; with a reason the message stays incomplete."""
        await self._context.files.look_up(str(self._text))
        # In a thread: a long answer is searched for links and marks.
        message = await asyncio.to_thread(lambda: self.message)
        self._annotate(message)
        if reason is None:
            message = message.changed(status="completed", completed_at=now())
        else:
            details = IncompleteMessage.model_validate({"reason": reason})
            message = message.changed(
                status="incomplete", incomplete_at=now(), incomplete_details=details
            )
        step = end_step(self._step, "completed", usage=usage)
        await self._recorder.save(message, step, self._context.run)
        self._recorder.publish(
            (f"thread.message.{message.status}", message), ("thread.run.step.completed", step)
        )

    def _annotate(self, message: Message) -> None:
        for part in message.content:
            if isinstance(part, TextContent) and part.text.annotations:
                found = [
                    {"index": i, **_with_quote(annotation)}
                    for i, annotation in enumerate(part.text.annotations)
                ]
                index = len(self._images)
                delta = {"index": index, "type": "text", "text": {"annotations": found}}
                self._recorder.message_delta(message.id, delta)


def _with_quote(annotation: Annotation) -> dict[str, Any]:
    """Return an annotation as deltas have it: only there the protocol has a field for the quote."""
    found = annotation.model_dump(mode="json")
    if isinstance(annotation, FileCitationAnnotation) and annotation.jupyter is not None:
        found["file_citation"]["quote"] = annotation.jupyter.quote
    return found


class ToolStepWriter:
    """The writer of one step of tool calls: streamed arguments, progress, results."""

    def __init__(self, context: RunContext, step: RunStep) -> None:
        self._context = context
        self._recorder = context.recorder
        self._step = step
        self._streamed: dict[int, Following] = {}

    @classmethod
    async def open(cls, context: RunContext) -> ToolStepWriter:
        """Begin a step without calls."""
        step = _step(context, ToolCallsDetails())
        await context.recorder.open_step(step)
        return cls(context, step)

    @property
    def step(self) -> RunStep:
        """Return the step so far."""
        return self._step

    def _calls(self) -> list[StepToolCall]:
        details = self._step.step_details
        return list(details.tool_calls) if isinstance(details, ToolCallsDetails) else []

    def delta(self, event: CallDelta) -> None:
        """Publish a piece of a call's arguments."""
        follow = self._streamed.get(event.index)
        if follow is None:
            tool = self._context.hosted.get(event.name)
            follow = tool.follow() if tool is not None else _function_arguments
            self._streamed[event.index] = follow
            first = self._begin(event.call_id, event.name, "").model_dump(mode="json")
            self._recorder.step_delta(self._step.id, {"index": event.index, **first})
        part = follow(event.arguments)
        if part is not None:
            self._piece(event.index, part)

    def _piece(self, index: int, part: dict[str, Any]) -> None:
        self._recorder.step_delta(self._step.id, {"index": index, **part})

    def _begin(self, call_id: str, name: str, arguments: str) -> StepToolCall:
        tool = self._context.hosted.get(name)
        if tool is not None:
            return tool.begin(call_id, arguments)
        return FunctionCallDetails(
            id=call_id, function=FunctionResult(name=name, arguments=arguments)
        )

    async def commit(
        self,
        calls: Sequence[FunctionCall],
        items: Sequence[Item],
        usage: Usage,
        *,
        changed: bool = False,
    ) -> None:
        """Persist the calls with their final arguments, before any of them runs.

        Parameters
        ----------
        changed
            Whether the arguments differ from those that were streamed.
        """
        for index, call in enumerate(calls):
            if index not in self._streamed:
                self.delta(CallDelta(index, call.arguments, call.call_id, call.name))
        begun = [self._begin(call.call_id, call.name, call.arguments) for call in calls]
        shows_arguments = begun != [self._begin(call.call_id, call.name, "") for call in calls]
        details = ToolCallsDetails(tool_calls=begun)
        told = self._extensions(calls)
        extension = self._step.jupyter.model_copy(update={"calls": told})
        self._step = self._step.changed(step_details=details, usage=usage, jupyter=extension)
        await self._recorder.save(self._step, *items, self._context.run)
        if told or (changed and shows_arguments):
            # Deltas have no room for what tools say, and cannot take back arguments that were put
            # right. The event that opened the step came before the calls.
            self._recorder.publish(("thread.run.step.in_progress", self._step))

    def _extensions(self, calls: Sequence[FunctionCall]) -> dict[str, CallExtension]:
        """Return what tools say of calls that are not answered yet, by the call's id."""
        hosted, context = self._context.hosted, self._context.tool_context()
        found = {
            call.call_id: hosted[call.name].extension(context)
            for call in calls
            if call.name in hosted
        }
        return {call_id: each for call_id, each in found.items() if each is not None}

    def progress(self, call_id: str) -> Progress:
        """Return a function that publishes the changes of one call while it runs."""
        index = [call.id for call in self._calls()].index(call_id)
        return lambda part: self._piece(index, part)

    async def answer(self, call_id: str, result: ToolResult) -> None:
        """Persist the result of a hosted tool."""
        self._replace(call_id, result.details, result.extension)
        item = self._output(call_id, result.output, result.image_file_ids)
        item = item.changed(kept_at=result.kept_at)
        await self._recorder.save(self._step, item)

    async def answer_text(self, call_id: str, text: str) -> None:
        """Persist a text as the result: a function's output, or what was wrong with the call."""
        for call in self._calls():
            if call.id == call_id and isinstance(call, FunctionCallDetails):
                function = call.function.model_copy(update={"output": text})
                self._replace(call_id, call.model_copy(update={"function": function}), None)
            elif call.id == call_id:
                self._replace(call_id, call, CallExtension(status="error"))
        await self._recorder.save(self._step, self._output(call_id, text, []))

    def _replace(self, call_id: str, call: StepToolCall, extension: CallExtension | None) -> None:
        calls = [call if old.id == call_id else old for old in self._calls()]
        kept = dict(self._step.jupyter.calls)
        if extension is not None:
            kept[call_id] = extension
        self._step = self._step.changed(
            step_details=ToolCallsDetails(tool_calls=calls),
            jupyter=self._step.jupyter.model_copy(update={"calls": kept}),
        )

    def _output(self, call_id: str, output: str, image_file_ids: list[str]) -> Item:
        return Item(
            id=new_id(ITEM),
            created_at=now(),
            thread_id=self._step.thread_id,
            run_id=self._step.run_id,
            type="function_call_output",
            call_id=call_id,
            output=output,
            image_file_ids=image_file_ids,
        )

    async def close(self) -> None:
        """Complete the step; the messages that follow can show its images and link its files."""
        usage = self._step.usage or Usage()
        self._step = end_step(self._step, "completed", usage=usage)
        self._context.files.add_step(self._step)
        await self._recorder.save(self._step)
        self._recorder.publish(("thread.run.step.completed", self._step))


def _function_arguments(arguments: str) -> dict[str, Any] | None:
    if not arguments:
        return None
    return {"type": "function", "function": {"arguments": arguments}}


async def reopen_tool_step(context: RunContext) -> ToolStepWriter:
    """Return the writer of the tool step that waits for its client."""
    stored = partial(context.recorder.stored_steps, limit=1, status="in_progress")
    (step,) = await outlast(stored)
    return ToolStepWriter(context, step)
