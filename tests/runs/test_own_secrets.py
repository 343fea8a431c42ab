"""Prompts hold no secret of this server, whoever wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.service_session import FUNCTION, bench

from jupyter_assistants.models.scripted import call
from jupyter_assistants.redaction import MASKED

SECRET = "hunter2-hunter2"
THEIRS = "sk-" + "a1B2" * 10


@pytest.fixture(autouse=True)
def secret_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DB_PASSWORD", SECRET)


async def test_a_prompt_has_no_value_of_a_secret_variable_and_its_message_stays(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, [call("weather", {"city": SECRET})], "Fine.", "Bye.") as b:
        tool: Any = {**FUNCTION, "function": {**FUNCTION["function"], "description": SECRET}}
        await b.begin(tool, text=f"use {SECRET} and {THEIRS}")
        run = await b.run(additional_instructions=f"The password is {SECRET}.")
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": f"it is {SECRET}"})
        while (await b.get_run(run)).status != "completed":
            await b.ask("GET", f"/threads/{b.thread_id}/runs/{run.id}", query_wait=5)
        sent = repr(b.model.requests)
        assert len(b.model.requests) == 2
        assert SECRET not in sent and MASKED in sent
        assert THEIRS in sent, "a key that the person chose to send is not this server's"
        assert (await b.messages())[0].text == f"use {SECRET} and {THEIRS}"
