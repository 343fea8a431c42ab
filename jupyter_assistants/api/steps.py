"""Steps of runs (docs/internals/protocol.md, "Run steps")."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.pages import IncludeQuery, Page, StepPageQuery
from jupyter_assistants.protocol.steps import RunStep


@dataclass(frozen=True)
class Steps:
    """Operations on run steps."""

    objects: Objects

    async def list(self, owner: str, run_id: str, query: StepPageQuery) -> Page[RunStep]:
        """Return a page of a run's steps."""
        page = await self.objects.page(RunStep, owner, query, parent=run_id)
        if query.include:
            return page
        return Page(data=[each.without_passages() for each in page.data], has_more=page.has_more)

    async def get(self, step: RunStep, query: IncludeQuery) -> RunStep:
        """Return one step."""
        return step if query.include else step.without_passages()
