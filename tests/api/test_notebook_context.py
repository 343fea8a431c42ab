"""What a run tells its model of the notebook, and what the thread does not let it tell."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from support.service_session import FUNCTION, Bench, bench, events

from jupyter_assistants.kernels.own_kernel import close_sockets
from jupyter_assistants.models.base import HistoryMessage
from jupyter_assistants.models.notebook_block import wrap_context
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.runs import CallerContext, Run
from jupyter_assistants.redaction import MASKED

pytestmark = pytest.mark.slow

CODE = {"type": "code_interpreter"}
KEY = "sk-" + "a1B2" * 10
SETUP = """
import pandas as pd
sales = pd.DataFrame({"city": ["Graz", "Wien"], "sold": [12, 31]})
threshold = 17
api_key = "correct horse battery"
"""
CONTEXT = {
    "cells": [
        "import pandas as pd",
        {"cell_type": "markdown", "source": "# Sales"},
        {
            "source": "password = 'correct horse'\nsales.sum()",
            "output": "43 sold",
            "execution_count": 3,
        },
    ],
    "selected": {"source": "sales.plot()"},
    "error": f"NameError: name 'x' is not defined {KEY}",
}


@asynccontextmanager
async def live(tmp_path: Path, *turns: Any) -> AsyncIterator[tuple[Bench, str]]:
    kernels = AsyncMultiKernelManager()
    kernel_id = await kernels.start_kernel(cwd=str(tmp_path))
    try:
        async with bench(tmp_path / "data", *turns, server_kernels=kernels) as b:
            interpreter = await b.service.executors.open("thread_x", kernel_id=kernel_id)
            result: Any = await interpreter.run(SETUP, lambda output: None)
            assert result.status == "ok"
            await b.begin(CODE)
            resources = {"code_interpreter": {"kernel_id": kernel_id}}
            await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=resources)
            yield b, kernel_id
    finally:
        await kernels.shutdown_all(now=True)
        close_sockets(kernels)


async def told(b: Bench, text: str, **context: Any) -> str:
    """Ask, and give what the model was told with the question."""
    await b.run(additional_messages=[{"role": "user", "content": text}], jupyter=context)
    said = [e.text for e in b.model.requests[-1].history if isinstance(e, HistoryMessage)]
    return said[-1]


async def choose(b: Bench, level: str) -> None:
    await b.ask("POST", f"/threads/{b.thread_id}", jupyter={"context": level})


async def test_the_notebook_is_told_as_far_as_the_thread_allows(tmp_path: Path) -> None:
    async with live(tmp_path, *["Hi."] * 5) as (b, _):
        text = await told(b, "why? @sales", context=CONTEXT)
        assert "- sales: DataFrame 2 rows x 2 columns: city" in text and "- threshold: int" in text
        assert "[@sales]" in text and "Graz" in text, "what is mentioned is shown"
        assert "[cell above]\ncode [3]:" in text and "[selected cell]\ncode:\nsales.plot()" in text
        assert text.index("# Sales") < text.index("sales.sum()"), "in the order of the notebook"
        assert "[last error]\nNameError" in text and "43 sold" not in text
        assert "correct horse" not in text and "api_key" not in text
        assert KEY not in text and text.count(MASKED) == 2

        await choose(b, "rows")
        text = await told(b, "why?", context=CONTEXT)
        assert "Graz" in text and "43 sold" in text and "[@" not in text

        await choose(b, "schema")
        text = await told(b, "why? @sales", context=CONTEXT)
        assert "sold (int64)" in text and "Graz" not in text and "43 sold" not in text

        await choose(b, "names")
        text = await told(b, "why? @sales", context=CONTEXT)
        assert "- sales: DataFrame\n" in text and "[@sales]\nDataFrame" in text
        assert "sold" not in text and "plot" not in text and "NameError" not in text

        await choose(b, "none")
        assert await told(b, "why? @sales", context=CONTEXT) == "why? @sales"


async def test_what_a_client_sends_of_a_notebook_is_stored_as_models_see_it_only(
    tmp_path: Path,
) -> None:
    context = {**CONTEXT, "kernel": {"python": "3.12"}, "mentions": {"a": KEY}}
    async with bench(tmp_path, "Hi.") as b:
        await b.begin(CODE)
        run = await b.run(jupyter={"place": "caller", "context": context})
        stored = b.service.storage.get(Run, run.id)
        assert stored.context == CallerContext(kernel={"python": "3.12"})
        items = b.service.storage.history(b.thread_id)
        assert KEY not in json.dumps([each.model_dump(mode="json") for each in items])


def seen_by(b: Bench) -> str:
    """Return all that the last request told the model."""
    entries = b.model.requests[-1].history
    return "\n".join(e.text for e in entries if isinstance(e, HistoryMessage))


async def test_context_of_a_time_when_a_thread_allowed_more_is_not_sent_again(
    tmp_path: Path,
) -> None:
    table = "- sales: DataFrame 1 row: city (str)\n      city\n    0 Graz"
    context = {"variables": table, "mentions": {"sales": "DataFrame 1 row\n0 Linz"}}
    async with bench(tmp_path, *["Hi."] * 8) as b:
        await b.begin(CODE)
        assert "Linz" in await told(b, "unchosen?", place="caller", context=context)
        await choose(b, "rows")
        assert "Graz" in await told(b, "rows?", place="caller", context=context)
        assert "Linz" in seen_by(b), "a higher level shows what lower ones allowed"

        await choose(b, "schema")
        await told(b, "schema?", place="caller", context=context)
        assert "city (str)" in seen_by(b)
        assert "Graz" not in seen_by(b) and "Linz" not in seen_by(b)
        await choose(b, "names")
        await told(b, "names?", place="caller", context=context)
        assert "- sales: DataFrame" in seen_by(b) and "city" not in seen_by(b)
        await choose(b, "none")
        await told(b, "none?", place="caller", context=context)
        assert "sales" not in seen_by(b)
        assert all(f"{each}?" in seen_by(b) for each in ("unchosen", "rows", "schema", "names"))

        copy = await b.ask("POST", f"/threads/{b.thread_id}/copy")
        preview = await b.ask(
            "POST", f"/threads/{copy.id}/runs/preview", assistant_id=b.assistant_id
        )
        assert "sales" not in json.dumps(preview.wire()["history"]), "nor by a copy"
        await choose(b, "rows")
        await told(b, "again?", place="caller", context=context)
        assert "Linz" in seen_by(b), "nothing was deleted"


async def test_a_level_that_is_lowered_while_a_run_waits_holds_for_the_rest_of_the_run(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, [call("weather", {})], "Done.") as b:
        await b.begin(CODE, FUNCTION)
        context = {"variables": "- sales: DataFrame 1 row: city (str)"}
        run = await b.run(
            additional_messages=[{"role": "user", "content": "why?"}],
            jupyter={"place": "caller", "context": context},
        )
        assert "sales" in seen_by(b)
        await choose(b, "none")
        (called,) = run.required_action.submit_tool_outputs.tool_calls
        await events(await b.submit(run, {"tool_call_id": called.id, "output": "seen"}))
        assert len(b.model.requests) == 2 and "sales" not in seen_by(b)


async def test_a_preview_shows_exactly_what_is_sent(tmp_path: Path) -> None:
    async with live(tmp_path, "Hi.") as (b, _):
        body = {
            "assistant_id": b.assistant_id,
            "additional_messages": [{"role": "user", "content": "plot @sales"}],
            "jupyter": {"context": CONTEXT},
        }
        preview = await b.ask("POST", f"/threads/{b.thread_id}/runs/preview", **body)
        body.pop("assistant_id")
        await b.run(**body)
        sent = b.model.requests[-1]
        shown = [entry["text"] for entry in preview.history if entry["type"] == "message"]
        assert shown == [entry.text for entry in sent.history if isinstance(entry, HistoryMessage)]
        assert "Graz" in shown[-1]


async def test_what_is_told_stays_within_its_budget_and_keeps_the_nearest_cells(
    tmp_path: Path,
) -> None:
    cells = [f"cell_{n} = {'x' * 3000!r}" for n in range(50)]
    async with live(tmp_path, "Hi.") as (b, _):
        text = await told(b, "why?", context={"cells": cells, "error": "e" * 90_000})
        assert len(text) < 26_000
        assert "cell_49" in text and "cell_48" in text and "cell_0 " not in text
        assert "- sales: DataFrame" in text


async def test_a_client_cannot_tell_more_than_the_thread_allows(tmp_path: Path) -> None:
    variables = "- sales: DataFrame 2 rows: city (str)\n      city\n    0 Graz\n- api_key: str, 9 characters"
    context = {
        "variables": variables,
        "mentions": {"sales": "DataFrame 2 rows\n0 Graz", "my_token": "1"},
    }
    async with bench(tmp_path, *["Hi."] * 3) as b:
        await b.begin(CODE)
        await choose(b, "schema")
        text = await told(b, "why?", place="caller", context=context)
        assert "city (str)" in text and "Graz" not in text
        assert "api_key" not in text and "my_token" not in text
        await choose(b, "names")
        text = await told(b, "why?", place="caller", context=context)
        block = wrap_context("[variables]\n- sales: DataFrame\n\n[@sales]\nDataFrame")
        assert text == f"{block}\n\nwhy?"
        await choose(b, "none")
        assert await told(b, "why?", place="caller", context=context) == "why?"


async def test_the_variables_of_a_kernel_can_be_listed_as_far_as_the_thread_allows(
    tmp_path: Path,
) -> None:
    async with live(tmp_path) as (b, kernel_id):
        path = f"/kernels/{kernel_id}/variables"
        found = (await b.ask("GET", path, query_name="sales")).wire()
        by_name = {each["name"]: each for each in found["data"]}
        assert by_name["sales"]["text"].startswith("DataFrame 2 rows") and "Graz" in found["value"]
        assert by_name["threshold"]["type"] == "int" and "api_key" not in by_name
        assert "correct horse" not in json.dumps(found) and found["state"] == "seen"
        await choose(b, "names")
        found = (await b.ask("GET", path, query_thread_id=b.thread_id)).wire()
        assert {each["text"] for each in found["data"]} >= {"DataFrame", "int"}
        assert "rows" not in json.dumps([each["text"] for each in found["data"]])
        await choose(b, "none")
        assert (await b.ask("GET", path, query_thread_id=b.thread_id)).data == []
        with pytest.raises(NotFound, match="No kernel"):
            await b.ask("GET", "/kernels/none/variables")
        with pytest.raises(NotFound):
            await b.ask("GET", path, query_thread_id=b.thread_id, owner="eve")


async def test_a_thread_says_what_was_shown_and_a_wrong_level_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hi.") as b:
        await b.begin()
        shown = await b.ask("POST", f"/threads/{b.thread_id}", jupyter={"context_shown": True})
        assert shown.wire()["jupyter"] == {"context_shown": True}
        again = await b.ask("POST", f"/threads/{b.thread_id}", metadata={"a": "b"})
        assert again.jupyter.context_shown is True
        with pytest.raises(Exception, match="Invalid value: 'everything'"):
            await choose(b, "everything")
        await events(await b.start())
