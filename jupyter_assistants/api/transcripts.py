"""Transcripts: a page of a thread's messages with the runs that wrote them and their steps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.thread_exports import ThreadTranscript, TranscriptQuery


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
        return ThreadTranscript(messages=messages, runs=runs, steps=steps, has_more=page.has_more)

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
