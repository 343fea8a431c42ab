"""Totals of threads: tokens by model, and money where prices are known. Extension."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.runs import Run, Usage
from jupyter_assistants.protocol.thread_exports import ModelUsage, ThreadUsage
from jupyter_assistants.storage.pages import every


@dataclass(frozen=True)
class ThreadUsages:
    """Operations on totals.

    Parameters
    ----------
    prices
        Dollars for a million tokens, by model: ``input`` and ``output``.
    """

    objects: Objects
    prices: Mapping[str, Mapping[str, float]]

    async def get(self, thread_id: str) -> ThreadUsage:
        """Return what the runs of a thread used: tokens by model, and money where prices are known.

        Extension. Runs that are not over count with what they used so far; those that came with a
        copy count in the original.
        """
        return await asyncio.to_thread(self._usage, thread_id)

    def _usage(self, thread_id: str) -> ThreadUsage:
        models: dict[str, tuple[int, Usage]] = {}
        for run in every(self.objects.storage, Run, parent=thread_id, order="asc"):
            if not run.copied:
                name = run.jupyter.resolved_model or run.model
                count, usage = models.get(name, (0, Usage()))
                models[name] = (count + 1, usage + (run.usage or run.spent))
        found = [self._model_usage(name, *models[name]) for name in sorted(models)]
        costs = [each.cost for each in found]
        known = [cost for cost in costs if cost is not None]
        return ThreadUsage(
            thread_id=thread_id,
            runs=sum(each.runs for each in found),
            prompt_tokens=sum(each.prompt_tokens for each in found),
            completion_tokens=sum(each.completion_tokens for each in found),
            total_tokens=sum(each.total_tokens for each in found),
            cost=sum(known) if len(known) == len(costs) and known else None,
            models=found,
        )

    def _model_usage(self, name: str, runs: int, usage: Usage) -> ModelUsage:
        price = self.prices.get(name) or self.prices.get(name.partition("/")[2])
        cost = None
        if price is not None:
            spent = usage.prompt_tokens * price["input"] + usage.completion_tokens * price["output"]
            cost = spent / 1_000_000
        return ModelUsage(model=name, runs=runs, cost=cost, **usage.model_dump())
