"""Default instructions: for assistants that have none, and for those with a text of earlier versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.service_session import FUNCTION, OWNER, bench

from jupyter_assistants.protocol.assistants import EARLIER_DEFAULTS
from jupyter_assistants.tools.code_interpreter.prompt import DEFAULT_INSTRUCTIONS

CODE = {"type": "code_interpreter"}
HI = [{"role": "user", "content": "hi"}]


async def told(tmp_path: Path, *tools: dict[str, Any], run: Any = None, **assistant: Any) -> str:
    """Return the instructions of a run's first request."""
    async with bench(tmp_path, "Hi.") as b:
        await b.begin(*tools, **assistant)
        preview = await b.ask(
            "POST",
            f"/threads/{b.thread_id}/runs/preview",
            assistant_id=b.assistant_id,
            **(run or {}),
        )
        return str(preview.instructions)


@pytest.mark.parametrize("instructions", [None, "", "  ", *EARLIER_DEFAULTS])
async def test_an_assistant_without_its_own_follows_the_default_ones(
    tmp_path: Path, instructions: str | None
) -> None:
    text = await told(tmp_path, CODE, instructions=instructions)
    assert text.startswith(DEFAULT_INSTRUCTIONS)
    assert not any(earlier in text for earlier in EARLIER_DEFAULTS)


async def test_additional_instructions_are_added_to_the_default_ones(tmp_path: Path) -> None:
    text = await told(tmp_path, CODE, run={"additional_instructions": "In German."})
    assert text.startswith(f"{DEFAULT_INSTRUCTIONS}\n\nIn German.\n\n")


@pytest.mark.parametrize(
    ("tools", "assistant", "run"),
    [
        ([CODE], {"instructions": "Be kind."}, {}),
        ([CODE], {}, {"instructions": "Be kind."}),
        ([FUNCTION], {}, {}),
        ([], {}, {}),
    ],
)
async def test_nobody_else_is_told_them(
    tmp_path: Path, tools: list[Any], assistant: dict[str, Any], run: dict[str, Any]
) -> None:
    assert DEFAULT_INSTRUCTIONS not in await told(tmp_path, *tools, run=run, **assistant)


async def test_a_stored_text_of_an_earlier_version_is_none_any_more(tmp_path: Path) -> None:
    (earlier,) = EARLIER_DEFAULTS
    async with bench(tmp_path, "Hi.") as b:
        made = await b.ask("POST", "/assistants", model="scripted/it", instructions=earlier)
        assert made.wire()["instructions"] is None
        b.service.storage.save(made.changed(instructions=earlier), owner=OWNER)
        assert (await b.ask("GET", f"/assistants/{made.id}")).wire()["instructions"] is None
        changed = await b.ask("POST", f"/assistants/{made.id}", instructions=earlier)
        assert changed.wire()["instructions"] is None
        run = await b.ask("POST", "/threads/runs", assistant_id=made.id, thread={"messages": HI})
        assert run.run.wire()["instructions"] == "", "as the hosted API has it"
