"""The prompt builder: one request to the model, as large as the model's window allows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Literal

from jupyter_assistants.models.base import (
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Limits,
    ModelRequest,
    ToolSpec,
)
from jupyter_assistants.models.history import TOOL_TYPES
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Usage
from jupyter_assistants.protocol.truncation import Truncation
from jupyter_assistants.redaction import Masker
from jupyter_assistants.runs.context import ResolvedModel, RunContext
from jupyter_assistants.runs.prompt.budget import prompt_budget
from jupyter_assistants.runs.prompt.calibration import Calibration
from jupyter_assistants.runs.prompt.history import ShownHistory, show_history
from jupyter_assistants.runs.prompt.own_secrets import masked_entries, masked_specs
from jupyter_assistants.runs.repeated_calls import STOP_NOTE
from jupyter_assistants.storage.background import outlast

LEAST_ROOM = 256
"""Tokens of history that are sent even where there is no room: the endpoint may know better."""
LEAST_OUTPUT = 500
"""Tokens of an output that are always shown."""
AFTER_OVERFLOW = 0.8
"""Part of a prompt that was too long that is sent in the second try."""
EMPTY_NOTE = "Your last answer was empty. Answer the user in words now."
STEP_LIMIT_NOTE = "The step limit of this run is reached: answer now with what you have."


class PromptBuilder:
    """Builds the requests of one run.

    Parameters
    ----------
    additions
        Entries that the model sees behind the stored ones; only a preview has some.

    Attributes
    ----------
    calls_before
        How many calls the thread had when the last prompt was built.
    """

    def __init__(
        self,
        context: RunContext,
        model: ResolvedModel,
        calibration: Calibration,
        additions: Sequence[Message | Item] = (),
    ) -> None:
        self._context = context
        self._calibration = calibration
        self._additions = additions
        self._mask = Masker().values
        self.model = model
        self.calls_before = 0
        self._shown: ShownHistory | None = None
        self._state: Truncation | None = None
        self._room: int | None = None
        self._fixed_tokens = 0
        self._most_tokens: int | None = None
        self._refused_tokens: int | None = None
        self._wants_words = False

    @property
    def estimated_tokens(self) -> int:
        """Return the size of the last prompt by our own count."""
        return self._fixed_tokens + (self._shown.tokens if self._shown else 0)

    @property
    def dropped(self) -> Sequence[HistoryEntry]:
        """Return the entries that the last prompt was the first to leave out."""
        return self._shown.dropped if self._shown else ()

    @property
    def summary(self) -> str:
        """Return what the model wrote down of the turns that are not shown."""
        return self._state.summary if self._state is not None else ""

    @property
    def room(self) -> int:
        """Return how many tokens the history of the last prompt could have."""
        return self._room or 0

    @property
    def output_room(self) -> int | None:
        """Return how many tokens an output may have so that the next prompt is not all output."""
        return None if self._room is None else max(LEAST_OUTPUT, self._room // 2)

    async def build(self, limits: Limits, *, last: bool) -> ModelRequest:
        """Return what the next model call sends, and count it as a turn of the run.

        Parameters
        ----------
        last
            Whether no tool may be called any more.
        """
        context = self._context
        history = await outlast(self._load)
        instructions = await outlast(self._instructions)
        specs = masked_specs(context.specs(), self._mask)
        self._fixed_tokens = estimate(instructions) + estimate(_json(specs))
        shown = self._shown = await asyncio.to_thread(self._show, history, limits)
        await self._store_state(shown.state)
        if context.run.jupyter.seen != shown.seen:
            context.recorder.note(seen=shown.seen)
        context.note("cut", _cut_note(shown.cuts, self.room))
        context.note("tools", _no_tools_note(limits, specs, self.model.name))
        context.note("images", _unseen_note(shown.unseen_images, self.model.name))
        run = context.run
        context.recorder.run = run.changed(turns=run.turns + 1)
        choice = run.tool_choice or "auto"
        forced = choice not in ("auto", "none")
        budget = run.max_completion_tokens
        return ModelRequest(
            model=self.model.model,
            instructions=instructions,
            history=_noted(shown.history, self._notes(last)),
            tools=specs,
            # A forced choice holds for the first turn: a model that has to call a tool each time
            # never answers.
            tool_choice="none" if last else "auto" if forced and run.turns else choice,
            parallel_tool_calls=run.parallel_tool_calls,
            temperature=run.temperature if run.temperature != 1.0 else None,
            top_p=run.top_p if run.top_p != 1.0 else None,
            max_output_tokens=budget and max(1, budget - run.spent.completion_tokens),
            reasoning_effort=run.reasoning_effort,
            response_format=run.response_format,
        )

    def ask_for_words(self) -> None:
        """Have the next prompt say that the last answer was empty, which counts as no turn."""
        self._wants_words = True
        self.uncount_turn()

    def estimate_usage(self, tokens: int) -> Usage:
        """Return about what an answer of so many tokens cost, which was cut short and not counted."""
        ratio = self._calibration.ratio(self.model.client.id, self.model.model)
        return Usage.of(int(self.estimated_tokens * ratio), tokens, estimated=True)

    def uncount_turn(self) -> None:
        """Subtract the last prompt from the run's turns: it brought no answer."""
        recorder = self._context.recorder
        recorder.run = recorder.run.changed(turns=recorder.run.turns - 1)

    def shrink(self) -> bool:
        """Limit the next prompt to less than the last one; return False if nothing more can go."""
        if self._shown is None or not self._shown.tokens:
            return False
        if self._refused_tokens is not None and self._shown.tokens >= self._refused_tokens:
            return False
        self._refused_tokens = self._shown.tokens
        self._most_tokens = int(self._shown.tokens * AFTER_OVERFLOW)
        return True

    def learn(self, usage: Usage) -> None:
        """Calibrate our count of tokens by the endpoint's count of the last prompt."""
        self._wants_words, self._refused_tokens = False, None
        if usage.estimated_tokens:
            return
        self._calibration.learn(
            self.model.client.id,
            self.model.model,
            estimated=self.estimated_tokens,
            counted=usage.prompt_tokens,
        )

    async def store_summary(self, text: str) -> None:
        """Persist a summary, which later prompts show in place of the dropped turns."""
        assert self._state is not None
        await self._store_state(self._state.changed(summary=text))

    def _load(self) -> Sequence[Message | Item]:
        history = [*self._context.history(), *self._additions]
        thread = self._context.fresh_thread()
        history = [e for e in history if isinstance(e, Message) or e.may_be_shown(thread)]
        self.calls_before = sum(
            isinstance(entry, Item) and entry.type == "function_call" for entry in history
        )
        self._context.files.load(history)
        return history

    def _instructions(self) -> str:
        """Return what comes before the history: the same in every prompt of a thread, if possible."""
        context = self._context
        tools = context.hosted.values()
        texts = [tool.default_instructions() for tool in tools if context.run.follows_defaults]
        texts.append(context.run.instructions)
        texts += [tool.briefing(context.tool_context()) for tool in tools]
        return self._mask("\n\n".join(text for text in texts if text))

    def _notes(self, last: bool) -> str:
        """Return what the end of this one prompt says to the model; often nothing."""
        notes = [STOP_NOTE if self._context.repeats.too_many else STEP_LIMIT_NOTE] if last else []
        return " ".join([*notes, *([EMPTY_NOTE] if self._wants_words else [])])

    def _show(self, history: Sequence[Message | Item], limits: Limits) -> ShownHistory:
        strategy = self._context.run.truncation_strategy
        if self._state is None:
            self._state = self._stored_state(strategy.type if strategy else "auto")
        self._room = self._room_of(limits)
        files = self._context.files
        shown = show_history(
            history,
            files=files.paths,
            loose=files.loose,
            load_image=files.image,
            vision=limits.vision,
            budget=self._room,
            state=self._state,
            last_messages=strategy.last_messages if strategy else None,
        )
        return replace(
            shown,
            history=masked_entries(shown.history, self._mask),
            dropped=masked_entries(shown.dropped, self._mask),
        )

    def _room_of(self, limits: Limits) -> int:
        """Return how many tokens, as we count them, the history may have."""
        run = self._context.run
        left = run.max_prompt_tokens and max(0, run.max_prompt_tokens - run.spent.prompt_tokens)
        cap = self._context.settings.prompt_budget
        budget = prompt_budget(limits, self.model.model, cap, left)
        client = self.model.client.id
        room = self._calibration.room(client, self.model.model, budget) - self._fixed_tokens
        most = room if self._most_tokens is None else min(room, self._most_tokens)
        return max(LEAST_ROOM, most)

    def _stored_state(self, scope: Literal["auto", "last_messages"]) -> Truncation:
        fresh = Truncation.of(self._context.run.thread_id, scope)
        try:
            return self._context.storage.get(Truncation, fresh.id)
        except NotFound:
            return fresh

    async def _store_state(self, state: Truncation) -> None:
        # A run with a limit of its own truncates for itself: later runs see more again.
        if self._context.run.max_prompt_tokens is None and state != self._state:
            dated = state.changed(created_at=state.created_at or now())
            await self._context.recorder.save(dated)
        self._state = state


def _noted(history: Sequence[HistoryEntry], note: str) -> Sequence[HistoryEntry]:
    """Return a history whose end says a note to the model; the same history without one.

    In the instructions it would change the beginning of the prompt, and nothing of the thread would
    be read from the endpoint's cache.
    """
    if not note:
        return history
    *before, newest = history or [HistoryMessage("user", "")]
    match newest:
        case FunctionOutput():
            return [*before, replace(newest, output=f"{newest.output}\n\n[{note}]")]
        case HistoryMessage(role="user"):
            return [*before, replace(newest, text=f"{newest.text}\n\n[{note}]".lstrip())]
    return [*history, HistoryMessage("user", f"[{note}]")]


def _cut_note(cuts: Sequence[tuple[int, int]], room: int) -> str:
    """Return what the person is told of messages that the model saw only head and tail of.

    Parameters
    ----------
    cuts
        Of each: the characters that were left out, and all that it has.
    """
    if not cuts:
        return ""
    missing, whole = (sum(figures) for figures in zip(*cuts, strict=True))
    which = "a long message" if len(cuts) == 1 else f"{len(cuts)} long messages"
    return (
        f"The model did not see the middle of {which}: {missing:,} of {whole:,} characters were left "
        f"out, since its prompt has room for about {room:,} tokens of the thread."
    )


def _unseen_note(images: int, model: str) -> str:
    if not images:
        return ""
    which = "an image" if images == 1 else f"{images} images"
    return (
        f"{model} was not shown {which}: as far as we know, it does not accept images. Choose a model "
        "with vision, or describe what is in it."
    )


def _no_tools_note(limits: Limits, specs: Sequence[ToolSpec], model: str) -> str:
    if limits.tools is not False or not specs:
        return ""
    names = ", ".join(TOOL_TYPES.get(spec.name, spec.name) for spec in specs)
    return f"{model} knows no tools, as its server says, and will not use {names}: choose one that does."


def _json(specs: Sequence[ToolSpec]) -> str:
    return json.dumps([asdict(spec) for spec in specs], ensure_ascii=False)
