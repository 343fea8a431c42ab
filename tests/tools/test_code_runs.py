"""Runs that execute code: a real kernel of the thread's own, and code handed out to the caller."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from support.service_session import Bench, bench, events, names

from jupyter_assistants.models.base import FunctionOutput
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import Forbidden
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import ImageFileContent, TextContent
from jupyter_assistants.tools.code_interpreter.prompt import REJECTED_ADVICE

CODE = {"type": "code_interpreter"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n0000").decode()


def python(code: str, **kwargs: Any) -> Any:
    return call("run_python", {"code": code}, **kwargs)


async def upload(b: Bench, name: str, data: bytes) -> File:
    return await b.upload(name, data)


async def read(b: Bench, file_id: str) -> bytes:
    return await b.download(file_id)


async def test_code_runs_in_a_kernel_of_the_thread_and_leaves_plot_and_file(tmp_path: Path) -> None:
    code = (
        "import pandas as pd, matplotlib.pyplot as plt\n"
        "sales = pd.read_csv('/mnt/data/sales.csv')\n"
        "sales.plot(); plt.show()\n"
        "sales.sum().to_csv('/mnt/data/total.csv')\n"
        "print(sales.amount.sum())"
    )
    answer = "The total is in [total.csv](sandbox:/mnt/data/total.csv)."
    async with bench(tmp_path, [python(code)], [answer]) as b:
        file = await upload(b, "sales.csv", b"amount\n1\n2\n")
        await b.begin(CODE)
        attachment = {"file_id": file.id, "tools": [CODE]}
        path = f"/threads/{b.thread_id}/messages"
        await b.ask("POST", path, role="user", content="total?", attachments=[attachment])
        started = await b.start()
        found = await events(started)
        run = await b.get_run(started.run)
        assert run.status == "completed", run.last_error

        step, said = await b.steps(run)
        detail = step.wire()["step_details"]["tool_calls"][0]["code_interpreter"]
        assert detail["input"] == code
        assert [output["type"] for output in detail["outputs"]] == ["image", "logs"]
        assert detail["outputs"][1]["logs"].strip() == "3"
        assert said.type == "message_creation"

        image, text = (await b.messages())[-1].content
        assert isinstance(image, ImageFileContent) and isinstance(text, TextContent)
        assert image.image_file.file_id == detail["outputs"][0]["image"]["file_id"]
        assert (await read(b, image.image_file.file_id)).startswith(b"\x89PNG")
        (link,) = text.text.annotations
        assert text.text.value[link.start_index : link.end_index] == link.text
        assert link.text == "sandbox:/mnt/data/total.csv"
        assert b"amount,3" in await read(b, link.file_path.file_id)  # type: ignore[union-attr]

        pieces = [
            e.data["delta"]["step_details"]["tool_calls"][0]
            for e in found
            if e.event == "thread.run.step.delta"
        ]
        assert pieces[0]["id"] and all("id" not in piece for piece in pieces[1:])
        inputs = [p["code_interpreter"].get("input", "") for p in pieces]
        assert "".join(inputs) == code
        answered = b.model.requests[-1].history[-1]
        assert isinstance(answered, FunctionOutput) and "/mnt/data/total.csv" in answered.output


async def test_the_model_is_told_of_attached_files_by_their_names(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Seen."]) as b:
        file = await upload(b, "sales.csv", b"amount\n1\n2\n")
        await b.begin(CODE)
        attachment = {"file_id": file.id, "tools": [CODE]}
        extra = [{"role": "user", "content": "look", "attachments": [attachment]}]
        await b.run(additional_messages=extra)
        said = b.model.requests[0].history[-1].text  # type: ignore[union-attr]
        assert said == f"look\n\n[attached files]\n- /mnt/data/sales.csv (11 B, id {file.id})"
        thread = await b.ask("GET", f"/threads/{b.thread_id}")
        assert thread.tool_resources.code_interpreter.file_ids == [file.id]


async def test_names_live_on_between_runs_of_a_thread(tmp_path: Path) -> None:
    turns = [[python("x = 41")], ["Set."], [python("print(x + 1)", call_id="c2")], ["42."]]
    async with bench(tmp_path, *turns) as b:
        await b.begin(CODE)
        await b.run()
        run = await b.run()
        outputs = (await b.steps(run))[0].wire()["step_details"]["tool_calls"][0]
        assert outputs["code_interpreter"]["outputs"] == [{"type": "logs", "logs": "42\n"}]


async def test_an_error_in_the_code_goes_back_to_the_model(tmp_path: Path) -> None:
    async with bench(tmp_path, [python("1/0")], ["It divides by zero."]) as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "completed"
        answered = b.model.requests[-1].history[-1]
        assert isinstance(answered, FunctionOutput) and "ZeroDivisionError" in answered.output
        step = (await b.steps(run))[0]
        assert next(iter(step.jupyter.calls.values())).status == "error"


async def test_cancel_interrupts_running_code_and_keeps_what_it_gave(tmp_path: Path) -> None:
    code = "y = 1\nopen('out.txt', 'w').write('1')\nprint('begun', flush=True)\n"
    code += "import time; time.sleep(60)"
    after = [python("print(y)", call_id="c2")]
    async with bench(tmp_path, [python(code)], after, ["1."]) as b:
        await b.begin(CODE)
        started = await b.start()
        async for event in started.log.read(started.start):
            if "begun" in json.dumps(event.data) and "logs" in json.dumps(event.data):
                break
        await b.ask("POST", f"/threads/{b.thread_id}/runs/{started.run.id}/cancel")
        assert names(await events(started))[-4:] == [
            "run.step.cancelled",
            "run.cancelling",
            "run.cancelled",
            "done",
        ]
        (stopped,) = await b.steps(started.run)
        shown = stopped.wire()["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"]
        assert shown[0]["logs"].startswith("begun\n")
        (kept,) = stopped.jupyter.calls.values()
        assert kept.status == "interrupted" and [file.filename for file in kept.files] == [
            "out.txt"
        ]
        run = await b.run()
        outputs = (await b.steps(run))[0].wire()["step_details"]["tool_calls"][0]
        assert outputs["code_interpreter"]["outputs"] == [{"type": "logs", "logs": "1\n"}]
        told = [each for each in b.model.requests[-1].history if isinstance(each, FunctionOutput)]
        assert "begun" in told[0].output and "stopped" in told[0].output


async def test_code_of_a_caller_is_handed_out_and_its_outputs_are_taken(tmp_path: Path) -> None:
    async with bench(tmp_path, [python("show()")], ["Nice plot."]) as b:
        await b.begin(CODE)
        run = await b.run(jupyter={"place": "caller"})
        assert run.status == "requires_action" and run.required_action is not None
        (wanted,) = run.required_action.submit_tool_outputs.tool_calls
        assert wanted.function.name == "run_python"
        assert json.loads(wanted.function.arguments) == {"code": "show()"}
        outputs = [
            {"output_type": "stream", "name": "stdout", "text": "hi\n"},
            {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}},
        ]
        posted = {"status": "ok", "outputs": outputs, "note": "", "files": [], "seconds": 0.5}
        again = await b.submit(run, {"tool_call_id": wanted.id, "output": "", "jupyter": posted})
        assert names(await events(again))[0] == "run.step.completed"
        run = await b.get_run(run)
        assert run.status == "completed"
        step = (await b.steps(run))[0]
        kept = step.jupyter.calls[wanted.id]
        assert kept.outputs == outputs and kept.seconds == 0.5 and kept.place == "caller"
        wire = step.wire()["step_details"]["tool_calls"][0]["code_interpreter"]
        assert [o["type"] for o in wire["outputs"]] == ["logs", "image"]
        assert isinstance((await b.messages())[-1].content[0], ImageFileContent)


async def test_a_rejection_is_told_to_the_model_with_its_reason(tmp_path: Path) -> None:
    async with bench(tmp_path, [python("rm()")], ["As you wish."]) as b:
        await b.begin(CODE)
        run = await b.run(jupyter={"place": "caller"})
        assert run.required_action is not None
        call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
        posted = {"status": "rejected", "outputs": [], "note": "too dangerous"}
        await events(await b.submit(run, {"tool_call_id": call_id, "jupyter": posted}))
        answered = b.model.requests[-1].history[-1]
        assert isinstance(answered, FunctionOutput)
        assert answered.output == f"The user rejected this code: too dangerous\n{REJECTED_ADVICE}"


async def test_a_caller_may_give_only_its_own_files(tmp_path: Path) -> None:
    async with bench(tmp_path, [python("save()")], ["Saved."]) as b:
        await b.begin(CODE)
        mine = await upload(b, "mine.csv", b"a\n1\n")
        run = await b.run(jupyter={"place": "caller"})
        assert run.required_action is not None
        call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
        files = [
            {"name": "mine.csv", "file_id": mine.id},
            {"name": "other.csv", "file_id": "file-of-somebody-else"},
        ]
        posted = {"status": "ok", "outputs": [], "files": files}
        await events(await b.submit(run, {"tool_call_id": call_id, "jupyter": posted}))
        step = (await b.steps(run))[0]
        assert [f.filename for f in step.jupyter.calls[call_id].files] == ["mine.csv"]
        assert b.service.storage.get(File, mine.id).jupyter.thread_id == b.thread_id


async def test_the_administrator_can_forbid_running_unasked(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Hi."], max_approval="ask") as b:
        await b.begin(CODE)
        with pytest.raises(Forbidden, match="max_approval"):
            await b.start(jupyter={"place": "caller", "approval": "auto"})


async def test_a_deleted_file_leaves_the_resources_of_its_thread(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await upload(b, "sales.csv", b"amount\n1\n")
        resources = {"code_interpreter": {"file_ids": [file.id]}}
        thread = await b.ask("POST", "/threads", tool_resources=resources)
        await b.ask("DELETE", f"/files/{file.id}")
        thread = await b.ask("GET", f"/threads/{thread.id}")
        assert thread.tool_resources.code_interpreter.file_ids == []


async def test_code_of_an_assistant_with_a_sandbox_runs_in_one_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = {"code_interpreter": {"sandbox": True}}
    python = call("run_python", {"code": "open('/mnt/data/made.txt', 'w').write('1')"})
    async with bench(tmp_path, [python], "Done.") as b:
        await b.begin(CODE, tool_resources=resources)
        path = f"/threads/{b.thread_id}/runs/preview"
        preview = await b.ask("POST", path, assistant_id=b.assistant_id)
        assert "The kernel is a sandbox: it has no network" in preview.instructions
        # Nobody's code runs outside because the inside is missing.
        monkeypatch.setenv("PATH", str(tmp_path))
        run = await b.run()
        assert run.status == "failed" and run.last_error is not None
        assert "needs bubblewrap" in run.last_error.message
        assert not list(tmp_path.rglob("made.txt"))


async def test_a_table_is_told_as_csv_and_shown_as_it_was(tmp_path: Path) -> None:
    code = (
        "import pandas as pd\n"
        "frame = pd.DataFrame({'n': range(100), 'key': ['sk-' + 'a1B2' * 10] * 100})\n"
        "frame"
    )
    async with bench(tmp_path, [call("run_python", {"code": code})], "Done.") as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "completed", run.last_error
        (answer,) = [e for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)]
        lines = answer.output.splitlines()
        assert lines[0].startswith("[table: 100 rows x 2 columns; types: n int64, key ")
        assert lines[1] == "n,key" and lines[2].startswith("0,") and "90 rows left out" in lines[7]
        assert "a1B2" not in answer.output
        (step,) = [s for s in await b.steps(run) if s.type == "tool_calls"]
        (output,) = step.jupyter.calls["call_1"].outputs
        assert set(output["data"]) == {"text/plain", "text/html"}
        assert "[table" not in json.dumps(step.wire())


LOGS = {
    "display(12); display(34)": "12\n34",
    "print('a'); display(1); print('b')": "a\n1\nb\n",
    "print('a', end=''); display(1); 2": "a\n1\n2",
    "print('a', end=''); print('b')": "ab\n",
    "display('x'); 1 / 0": "'x'\n---------------------------------------------------------------------------\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", LOGS)
async def test_each_display_has_its_own_line_in_the_logs(tmp_path: Path, code: str) -> None:
    async with bench(tmp_path, [python(code)], ["Done."]) as b:
        await b.begin(CODE)
        started = await b.start()
        deltas = [
            event.data["delta"]
            for event in await events(started)
            if event.event.endswith("step.delta")
        ]
        run = await b.get_run(started.run)
        step, _ = await b.steps(run)
        [output] = step.wire()["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"]
        assert output["logs"].startswith(LOGS[code])
        live = "".join(
            part["logs"]
            for delta in deltas
            for called in delta["step_details"].get("tool_calls", ())
            for part in called["code_interpreter"].get("outputs", ())
        )
        assert live == output["logs"]
