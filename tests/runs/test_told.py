"""What the model is told of the kernel, and what of long outputs and secrets it is not."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from support.service_session import OWNER, Bench, bench, events

from jupyter_assistants.api.context_changes import CHANGED
from jupyter_assistants.models.base import (
    FunctionOutput,
    HistoryMessage,
    Limits,
    ModelRequest,
    StreamEnd,
)
from jupyter_assistants.models.notebook_block import wrap_context
from jupyter_assistants.models.scripted import Turn, call
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.runs import Run, Usage
from jupyter_assistants.protocol.truncation import Truncation
from jupyter_assistants.redaction import MASKED

pytestmark = pytest.mark.slow

CODE = {"type": "code_interpreter"}
VARIABLES = "- sales: DataFrame 3 rows x 1 columns: amount (int64)"
KEY = "sk-" + "a1B2" * 10
CONTEXT = {"kernel": {"python": "3.99.1", "packages": "pandas 9.1"}, "variables": VARIABLES}


def python(code: str) -> Any:
    return call("run_python", {"code": code})


def said(request: ModelRequest) -> list[str]:
    return [entry.text for entry in request.history if isinstance(entry, HistoryMessage)]


async def ask(b: Bench, text: str, **jupyter: Any) -> Run:
    message = {"role": "user", "content": text}
    return await b.run(additional_messages=[message], jupyter={"place": "caller", **jupyter})


async def test_the_callers_variables_stand_above_its_message_and_stay_there(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, "One.", "Two.") as b:
        await b.begin(CODE)
        run = await ask(b, "first", context=CONTEXT)
        await ask(b, "second", context={"variables": "- other: int"})
        first, second = b.model.requests
        assert said(first)[-1] == wrap_context(f"[variables]\n{VARIABLES}") + "\n\nfirst"
        assert said(second)[: len(said(first))] == said(first), "the next prompt begins alike"
        whole = wrap_context("[variables]\n- other: int")
        assert said(second)[-1] == f"{whole}\n\nsecond", "the changes would be no shorter"
        assert "Python 3.99.1" in first.instructions and "pandas 9.1" in first.instructions
        messages = json.dumps([m.wire() for m in await b.messages()])
        assert "sales" not in messages and "sales" not in json.dumps(run.wire())


MANY = [f"- name_{n}: DataFrame {n} rows x 2 columns" for n in range(20)]


def listing(*lines: str) -> dict[str, Any]:
    return {"variables": "\n".join([*MANY, *lines])}


async def test_variables_are_sent_once_and_then_what_changed_of_them(tmp_path: Path) -> None:
    async with bench(tmp_path, *"12345678") as b:
        await b.begin(CODE)
        await ask(b, "a", context=listing())
        await ask(b, "b", context=listing())
        assert said(b.model.requests[-1])[-1] == "b", "nothing has changed"
        await ask(b, "c", context=listing("- new: int", "- df: DataFrame 1 row\n    x\n    1"))
        told = said(b.model.requests[-1])[-1]
        assert told == wrap_context(f"[{CHANGED}]\n- new: int\n- df: DataFrame 1 row") + "\n\nc"
        await ask(b, "d", context=listing("- new: str"))
        told = said(b.model.requests[-1])[-1]
        assert told == wrap_context(f"[{CHANGED}]\n- new: str\n- gone: df") + "\n\nd"
        await ask(b, "e", context={})
        assert said(b.model.requests[-1])[-1] == "e", "nobody could look"
        await ask(b, "f", context=listing("- last: int"))
        told = said(b.model.requests[-1])[-1]
        assert told == wrap_context(f"[{CHANGED}]\n- last: int\n- gone: new") + "\n\nf"
        await ask(b, "g", context={"variables": ""})
        assert said(b.model.requests[-1])[-1].count("\n- gone: name_0, name_1") == 1
        await ask(b, "h", context=listing("- and 7 more"))
        assert said(b.model.requests[-1])[-1].count("name_") == 20


async def test_a_long_list_without_room_for_a_variable_does_not_say_that_it_is_gone(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, "1", "2") as b:
        await b.begin(CODE)
        await ask(b, "a", context=listing("- last: int"))
        await ask(b, "b", context=listing("- and 1 more"))
        told = said(b.model.requests[-1])[-1]
        assert told == wrap_context(f"[{CHANGED}]\n- and 1 more") + "\n\nb"


async def test_cells_above_are_sent_once_and_the_selected_one_every_time(tmp_path: Path) -> None:
    async with bench(tmp_path, *"123") as b:
        await b.begin(CODE)
        cells = ["import pandas as pd", "df = pd.read_csv('a.csv')"]
        await ask(b, "a", context={"cells": cells, "selected": "df.plot()"})
        await ask(b, "b", context={"cells": [*cells, "df.head()"], "selected": "df.plot()"})
        told = said(b.model.requests[-1])[-1]
        assert "df.head()" in told and "df.plot()" in told and "import pandas" not in told
        await ask(b, "c", context={"cells": [cells[0], "df = 1"], "selected": "df.plot()"})
        told = said(b.model.requests[-1])[-1]
        assert "df = 1" in told and "import pandas" not in told


async def test_a_list_whose_beginning_is_not_shown_any_more_is_sent_whole_again(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, *"1234", prompt_budget=100_000) as b:
        await b.begin(CODE)
        await ask(b, "a", context=listing())
        more = {"truncation_strategy": {"type": "last_messages", "last_messages": 1}}
        context = {"place": "caller", "context": listing("- new: int")}
        text = [{"role": "user", "content": "b"}]
        await b.run(additional_messages=text, jupyter=context, **more)
        (told,) = said(b.model.requests[-1])
        assert "- name_0: " in told and "- new: int" in told and CHANGED not in told
        text = [{"role": "user", "content": "c"}]
        await b.run(additional_messages=text, jupyter=context)
        assert CHANGED in said(b.model.requests[-1])[-3], "with its beginning the changes do"
        assert said(b.model.requests[-1])[-1] == "c"


async def test_a_truncated_thread_still_has_one_whole_list(tmp_path: Path) -> None:
    async with bench(tmp_path, *["Answer."] * 12, prompt_budget=2_500) as b:
        await b.begin(CODE)
        for n in range(12):
            await ask(b, f"question {n} " + "word " * 150, context=listing(f"- turn_{n}: int"))
            texts = "\n".join(said(b.model.requests[-1]))
            assert "- name_0: " in texts and "- name_19: " in texts, n
            assert f"- turn_{n}: int" in texts


async def test_the_model_is_told_what_the_threads_own_kernel_has(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hi.", code_timeout=33.0) as b:
        await b.begin(CODE)
        await b.run()
        version = ".".join(map(str, sys.version_info[:3]))
        told = b.model.requests[0].instructions
        assert f"Python {version}" in told and "pandas " in told
        assert "A call may take 33 seconds." in b.model.requests[0].tools[0].description
        assert "/mnt/data" in told and str(tmp_path) not in told


async def test_a_long_output_can_be_read_whole_by_the_path_that_the_model_is_told(
    tmp_path: Path,
) -> None:
    def read_again(request: ModelRequest) -> Turn:
        (answer,) = [e for e in request.history if isinstance(e, FunctionOutput)]
        path = answer.output.rpartition("[the whole output: ")[2].rstrip("]")
        return [python(f"text = open({path!r}).read(); print(text[30_000:30_040], len(text))")]

    printing = "print('x' * 30_000 + ' the fact is 12345 ' + 'y' * 30_000)"
    async with bench(tmp_path, [python(printing)], read_again, "Done.") as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "completed", run.last_error
        first, second = [e for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)]
        assert "12345" not in first.output and len(first.output) < 9_000
        assert "the fact is 12345" in second.output and "60019" in second.output
        step = (await b.steps(run))[0]
        assert step.jupyter.calls["call_1"].files == [], "it is no file that the code wrote"


async def test_what_a_thread_has_lost_is_remembered_and_can_be_read_again(tmp_path: Path) -> None:
    turns = [[python(f"print('fact {n}', 'word ' * 1500)")] for n in range(6)]
    async with bench(tmp_path, *turns, "Done.", prompt_budget=9_000) as b:
        await b.begin(CODE, text="the task")
        run = await b.run()
        assert run.status == "completed", run.last_error
        answers = [e.output for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)]
        assert answers[0].startswith("[output removed to save space; ")
        assert answers[-1].startswith("fact 5")
        path = answers[0].rpartition("read /mnt/data/.jupyter_assistants/outputs/")[2].rstrip("]")
        kept = b.service.executors.outputs_folder(b.thread_id) / path
        assert kept.read_text().startswith("fact 0 word")
        state = Truncation.of(b.thread_id, "auto").id
        found = await asyncio.to_thread(b.service.storage.get, Truncation, state)
        assert len(found.cleared) >= 2
        await b.ask("DELETE", f"/threads/{b.thread_id}")
        assert b.service.storage.list(Truncation, owner=OWNER).data == []


async def test_what_comes_before_the_history_is_the_same_in_every_prompt(tmp_path: Path) -> None:
    attached: list[dict[str, Any]] = []
    async with bench(tmp_path, "One.", [python("1")], "Two.") as b:
        await b.begin(CODE)
        for name in ("b.csv", "a.csv"):
            file = await b.upload(name, name.encode())
            attached.append({"file_id": file.id, "tools": [CODE]})
        resources = {"code_interpreter": {"file_ids": [each["file_id"] for each in attached]}}
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=resources)
        await b.run()
        await b.run(additional_messages=[{"role": "user", "content": "more"}])
        first, second, third = b.model.requests
        assert first.instructions == second.instructions == third.instructions
        assert json.dumps([asdict(s) for s in first.tools]) == json.dumps(
            [asdict(s) for s in third.tools]
        )
        assert said(first)[0] == said(second)[0] == said(third)[0]
        ids = re.findall(r"id (file-\w+)", said(first)[0])
        assert len(ids) == 2 and ids == sorted(ids)


async def test_every_step_says_what_the_model_saw(tmp_path: Path) -> None:
    async with bench(tmp_path, [python("1")], "One.", "Two.") as b:
        await b.begin(CODE, text="hello")
        run = await b.run()
        assert [step.jupyter.seen for step in await b.steps(run)] == ["1 of 1 messages"] * 2
        strategy = {"type": "last_messages", "last_messages": 1}
        more = [{"role": "user", "content": "more"}]
        run = await b.run(additional_messages=more, truncation_strategy=strategy)
        assert (await b.steps(run))[0].jupyter.seen == "1 of 3 messages"


@pytest.mark.parametrize(
    ("model", "limits", "most"),
    [("it", Limits(8_000), 7_000), ("it", Limits(8_000, max_output=8_000), 6_000)],
)
async def test_a_prompt_stays_below_the_models_window(
    tmp_path: Path, model: str, limits: Limits, most: int
) -> None:
    counted = StreamEnd("stop", usage=Usage(prompt_tokens=9_000, completion_tokens=1))
    async with bench(tmp_path, ["Hi.", counted], "Hi.") as b:
        b.model._limits = limits
        await b.begin(text="task " * 2_000)
        path = f"/threads/{b.thread_id}/messages"
        for _ in range(6):
            await b.ask("POST", path, role="user", content="word " * 2_000)
        await b.run()
        first = sum(len(text.split()) for text in said(b.model.requests[0]))
        assert 0.5 * most < first < most
        await b.run()
        second = sum(len(text.split()) for text in said(b.model.requests[1]))
        assert second < first, "the endpoint counted more than we did"


async def test_secrets_in_files_and_variables_reach_no_model_no_event_and_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "correct-horse-battery")
    code = (
        f"open('.env', 'w').write('key = sk-' + {KEY[3:]!r})\n"
        "import sys\n"
        "text = open('.env').read()\n"
        "print(text[:12], end='', flush=True); print(text[12:])\n"
        "word = '-'.join(['correct', 'horse', 'battery'])\n"
        "print(word, file=sys.stderr)\n"
        "from IPython.display import display, HTML\n"
        "display(HTML(f'<b>{word}</b>'))\n"
        "raise ValueError(text)"
    )
    async with bench(tmp_path, [python(code)], "Done.") as b:
        await b.begin(CODE)
        started = await b.start()
        found = await events(started)
        run = await b.get_run(started.run)
        assert run.status == "completed", run.last_error
        history = await asyncio.to_thread(b.service.storage.history, b.thread_id, limit=100)
        stored = [each.stored() for each in [*history, *(await b.steps(run)), run]]
        files = [p.read_text() for p in (tmp_path / "threads").rglob("outputs/*.txt")]
        texts: Sequence[Any] = [
            *(e.data for e in found),
            *stored,
            *files,
            b.model.requests,
            caplog.text,
        ]
        told = str(texts)
        # The model itself wrote part of the key into its code.
        assert KEY not in told and "correct-horse-battery" not in told
        (answer,) = [e for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)]
        assert answer.output.count(MASKED) >= 3
        assert any(isinstance(each, Item) and MASKED in each.output for each in history)
