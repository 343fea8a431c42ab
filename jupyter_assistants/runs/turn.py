"""One turn: one model call, streamed into steps and messages, and the answering of its calls.

:func:`take_turn` is the only place that talks to a model. It returns what comes next; the loop in
:mod:`.loop` acts on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal

from jupyter_assistants.models.base import Limits, ModelEvent, ModelRequest
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.runs import RunToolCall, Usage
from jupyter_assistants.runs.calls import answer_calls
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.prompt.builder import PromptBuilder
from jupyter_assistants.runs.prompt.summary import longest, summarize, summary_request
from jupyter_assistants.runs.streamed_answer import StreamedAnswer

log = logging.getLogger(__name__)

OVERFLOW = "context_length_exceeded"
PROMPTS = 4
"""Prompts of one turn, each shorter, for an endpoint that finds them too long. Our count is off by a
factor of two for a tokenizer that knows hardly more than letters."""
OWN_LIMIT = (
    "{name} stopped the answer at its own limit of tokens, not at one of this run: let it go on, ask "
    "for less at once, or raise the limit of the model server."
)
NO_WORDS = "{name} ended the run without a word: what its code and tools returned is all there is."
EMPTY_TWICE = (
    "{name} sent an empty answer, twice: ask in other words, or choose another model. If it only "
    "reasoned, it may need a higher limit of tokens."
)
SHOWN_AFTER = 1.0
"""Seconds after which a run shows that the server of its model is waited for."""
LONGEST_SLICE = 0.01
"""Seconds of a stream that are written without giving other work a turn."""


@dataclass(frozen=True)
class Again:
    """The calls are answered: the model is to be asked again."""


@dataclass(frozen=True)
class Wait:
    """The client has to answer these calls first."""

    calls: Sequence[RunToolCall]


@dataclass(frozen=True)
class Done:
    """The run is over."""

    status: Literal["completed", "incomplete"]
    reason: Literal["max_completion_tokens", "max_prompt_tokens"] | None = None


Outcome = Again | Wait | Done


async def take_turn(context: RunContext, prompt: PromptBuilder) -> Outcome:
    """Ask the model once and answer what it calls.

    Raises
    ------
    ProviderError
        If the endpoint does not do its part, or the model calls wrongly again and again.
    ClaimLost
        If another process drives the run now.
    """
    run = context.run
    if run.max_prompt_tokens is not None and run.spent.prompt_tokens >= run.max_prompt_tokens:
        return Done("incomplete", "max_prompt_tokens")
    budget = run.max_completion_tokens
    if budget is not None and run.spent.completion_tokens >= budget:
        return Done("incomplete", "max_completion_tokens")
    answer = await _ask(context, prompt)
    if answer.empty:
        # Some models answer a tool's output, or after long reasoning, with nothing; asked again, they
        # answer. It costs one more call, and no turn.
        prompt.ask_for_words()
        answer = await _ask(context, prompt)
    if answer.end.calls and answer.end.reason not in ("length", "content_filter"):
        step, calls = await answer.commit_calls()
        waiting = await answer_calls(context, prompt, step, calls)
        return Wait(waiting) if waiting else Again()
    return await _conclude(context, prompt.model.name, answer)


async def _conclude(context: RunContext, model: str, answer: StreamedAnswer) -> Done:
    """End the run with an answer that calls nothing."""
    end, budget = answer.end, context.run.max_completion_tokens
    if end.reason == "length":
        await answer.close_message(end.usage, "max_tokens")
        if answer.step is not None:
            await answer.step.close()
        # Below the run's own limit, or without one, it was the endpoint's; an estimate decides nothing.
        spent = context.run.spent.completion_tokens
        if budget is None or (spent < budget and not end.usage.estimated_tokens):
            context.note("limit", OWN_LIMIT.format(name=model))
        return Done("incomplete", "max_completion_tokens")
    if end.reason == "content_filter":
        await answer.close_message(end.usage, "content_filter")
        raise ProviderError("The model's content filter stopped the answer.")
    if answer.empty:
        if context.run.turns == 1:
            raise ProviderError(EMPTY_TWICE.format(name=model))
        context.note("empty", NO_WORDS.format(name=model))
    await answer.close_message(end.usage)
    return Done("completed")


async def _ask(context: RunContext, prompt: PromptBuilder) -> StreamedAnswer:
    answer = StreamedAnswer(context)
    try:
        for left in reversed(range(PROMPTS)):
            try:
                await _stream(context, prompt, answer)
                break
            except ProviderError as error:
                if error.code != OVERFLOW or answer.begun or not left or not prompt.shrink():
                    raise
                # The window was smaller than thought, or our count too low: once more, with less.
                prompt.uncount_turn()
    finally:
        context.recorder.note(waiting=None)
    prompt.learn(answer.end.usage)
    _spend(context, answer.end.usage)
    return answer


def _spend(context: RunContext, usage: Usage) -> None:
    context.recorder.run = context.run.changed(spent=context.run.spent + usage)


async def _stream(context: RunContext, prompt: PromptBuilder, answer: StreamedAnswer) -> None:
    client = prompt.model.client
    limits = await _limits(context, prompt)
    last = context.run.turns >= context.settings.max_turns or context.repeats.too_many
    request = await prompt.build(limits, last=last)
    if context.settings.summaries and prompt.dropped and context.run.max_prompt_tokens is None:
        request = await _summarized(context, prompt, limits, last, request)
    try:
        await _write_stream(client.stream(request), answer)
    except asyncio.CancelledError:
        # While it waits to ask again, nothing is under way that could cost anything.
        if not answer.waits:
            _spend(context, prompt.estimate_usage(answer.tokens))
        raise
    except ProviderError:
        if answer.tokens:
            _spend(context, prompt.estimate_usage(answer.tokens))
        raise
    if last and answer.end.calls:
        raise ProviderError("The model goes on calling tools although it was told to stop.")


async def _limits(context: RunContext, prompt: PromptBuilder) -> Limits:
    """Return the model's limits; the run shows if its server takes long, which it does to load it."""
    client, recorder = prompt.model.client, context.recorder
    asking = asyncio.ensure_future(client.limits(prompt.model.model, asking=True))
    try:
        await asyncio.wait({asking}, timeout=SHOWN_AFTER)
        if not asking.done():
            recorder.note(waiting=f"{client.id} is loading the model")
            await recorder.save(recorder.run)
            await asyncio.wait({asking})
            recorder.note(waiting=None)
        return asking.result()
    finally:
        asking.cancel()


async def _write_stream(events: AsyncIterator[ModelEvent], answer: StreamedAnswer) -> None:
    since = time.perf_counter()
    async with contextlib.aclosing(events) as stream:  # type: ignore[type-var]
        async for event in stream:
            await answer.write(event)
            # Nothing here need ever wait while an endpoint sends fast: others would not get a turn.
            if time.perf_counter() - since > LONGEST_SLICE:
                await asyncio.sleep(0)
                since = time.perf_counter()


async def _summarized(
    context: RunContext, prompt: PromptBuilder, limits: Limits, last: bool, request: ModelRequest
) -> ModelRequest:
    """Have the dropped turns summed up, and return the request with the summary."""
    recorder, model = context.recorder, prompt.model
    recorder.note(waiting="writing down the beginning of a long thread")
    await recorder.save(recorder.run)
    question = summary_request(model.model, prompt.dropped, prompt.summary, prompt.room)
    try:
        text, usage = await summarize(model.client, question, longest(prompt.room))
    except ProviderError as error:
        # The answer matters more, and it can be had without.
        log.warning("a thread was truncated without a summary: %s", error.message)
        return request
    _spend(context, usage)
    recorder.note(waiting=None)
    prompt.uncount_turn()
    await prompt.store_summary(text)
    return await prompt.build(limits, last=last)
