"""New runs: the settings of an assistant, and what a request changes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_assistants.api.model_catalog import ModelCatalog
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.config import Settings
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import MAX_PAIRS, MAX_VALUE
from jupyter_assistants.protocol.errors import Forbidden, NotFound
from jupyter_assistants.protocol.ids import RUN, new_id, now
from jupyter_assistants.protocol.runs import Run, RunExtension, RunOptions
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import TruncationStrategy
from jupyter_assistants.runs.context import ResolvedModel

_INHERITED = (
    "model",
    "instructions",
    "tools",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
)


@dataclass(frozen=True)
class RunBuilder:
    """Builder of runs that are neither stored nor started."""

    objects: Objects
    models: ModelCatalog
    settings: Settings

    async def assistant_of(self, owner: str, assistant_id: str) -> Assistant:
        """Return the assistant that a body names."""
        try:
            return await self.objects.get(Assistant, assistant_id, owner)
        except NotFound as error:
            raise NotFound(error.message, param="assistant_id") from None

    async def build(
        self, body: RunOptions, assistant: Assistant, thread: Thread
    ) -> tuple[Run, ResolvedModel]:
        """Check and build a run without persisting it; return it with the model that it gets."""
        sent = body.provided_fields()
        fields: dict[str, Any] = {}
        for name in _INHERITED:
            value = sent.get(name, getattr(assistant, name))
            if value is not None:
                fields[name] = value
        instructions = fields.get("instructions", "")
        follows_defaults = not instructions.strip()
        if body.additional_instructions:
            joint = "\n\n" if instructions else ""
            instructions += joint + body.additional_instructions
        run = Run(
            id=new_id(RUN),
            created_at=now(),
            thread_id=thread.id,
            assistant_id=assistant.id,
            expires_at=now() + self.settings.run_expiry,
            tool_resources=assistant.tool_resources,
            metadata=body.metadata,
            max_prompt_tokens=body.max_prompt_tokens,
            max_completion_tokens=body.max_completion_tokens,
            truncation_strategy=body.truncation_strategy or TruncationStrategy(),
            tool_choice=body.tool_choice or "auto",
            parallel_tool_calls=body.parallel_tool_calls,
            jupyter=RunExtension.model_validate(body.jupyter.model_dump()),
            context=body.jupyter.context,
            follows_defaults=follows_defaults,
            **fields | {"instructions": instructions},
        )
        self._check_approval(run)
        model = await self.models.resolve(run.model)
        return run.changed(metadata=_noted(run.metadata, model.note)), model

    def _check_approval(self, run: Run) -> None:
        most = self.settings.max_approval
        if run.jupyter.approval == "auto" and most != "auto":
            raise Forbidden(
                "Running code unasked is switched off here (c.JupyterAssistantsApp.max_approval "
                f"is '{most}'). Leave the approval at 'ask' and approve each piece of code.",
                param="jupyter.approval",
            )


def _noted(metadata: dict[str, str], note: str | None) -> dict[str, str]:
    """Return metadata that name the answering model where it is not the one that was asked for.

    Programs of the hosted API know metadata and not our extension field. The user's own pairs
    stay, and come first where there is no room.
    """
    if not note or "model_note" in metadata or len(metadata) >= MAX_PAIRS:
        return metadata
    return {**metadata, "model_note": note[:MAX_VALUE]}
