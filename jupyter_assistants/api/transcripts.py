"""Transcripts: a page of a thread's messages with the runs that wrote them and their steps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.thread_exports import ThreadTranscript, TranscriptQuery
from jupyter_assistants.protocol.transcript import stored_view, written_by
from jupyter_assistants.runs.states import is_over

Json = dict[str, Any]


@dataclass(frozen=True)
class Transcripts:
    """Reader of what would otherwise take a request for each run."""

    objects: Objects

    async def get(self, owner: str, thread_id: str, query: TranscriptQuery) -> ThreadTranscript:
        """Return the newest messages of a thread, or those before one, with runs and steps. Extension.

        Runs are those that wrote the messages, and those of that time that wrote none.
        """
        return await asyncio.to_thread(self._transcript, owner, thread_id, query)

    def _transcript(self, owner: str, thread_id: str, query: TranscriptQuery) -> ThreadTranscript:
        page = self.objects.storage.list(
            Message, owner=owner, parent=thread_id, limit=query.limit, after=query.after
        )
        messages = page.data[::-1]
        oldest = messages[0].created_at if messages and page.has_more else 0
        runs = self._runs_of(owner, thread_id, messages, oldest, query.runs_after)
        steps = [step.without_passages() for run in runs for step in self.objects.steps_of(run.id)]
        transcript = ThreadTranscript(
            messages=messages, runs=runs, steps=steps, has_more=page.has_more
        )
        return self._folded(owner, transcript) if query.fold else transcript

    def _folded(self, owner: str, transcript: ThreadTranscript) -> ThreadTranscript:
        """Replace the steps of runs that are over by views of them."""
        over = {run.id: run for run in transcript.runs if is_over(run)}
        messages = {each.id: each.wire() for each in transcript.messages}
        steps: dict[str, list[Json]] = {id: [] for id in over}
        for step in transcript.steps:
            if step.run_id in over:
                steps[step.run_id].append(step.wire())
        for id in written_by(chain.from_iterable(steps.values())) - messages.keys():
            # A run that wrote messages on both sides of a page's edge is folded whole.
            with suppress(NotFound):
                messages[id] = self.objects.storage.get(Message, id, owner=owner).wire()
        views = {
            id: asdict(stored_view(run.wire(), steps[id], messages)) for id, run in over.items()
        }
        running = [step for step in transcript.steps if step.run_id not in over]
        return transcript.model_copy(update={"steps": running, "views": views})

    def _runs_of(
        self,
        owner: str,
        thread_id: str,
        messages: Sequence[Message],
        oldest: int,
        after: str | None,
    ) -> list[Run]:
        """Return the runs that wrote messages, and those older than ``after`` down to a time."""
        wrote = {each.run_id for each in messages if each.run_id}
        found: list[Run] = []
        while True:
            page = self.objects.storage.list(
                Run, owner=owner, parent=thread_id, limit=50, after=after
            )
            found += [each for each in page.data if each.created_at >= oldest or each.id in wrote]
            wrote -= {each.id for each in page.data}
            if not page.has_more or page.data[-1].created_at < oldest:
                break
            after = page.data[-1].id
        # A run that wrote messages on both sides of a page's edge came with the newer page.
        found += [self.objects.storage.get(Run, id, owner=owner) for id in wrote]
        return sorted(found[::-1], key=lambda run: run.created_at)
