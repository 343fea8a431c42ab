"""Extensions on whole threads: search, edit, copy, export, import, totals, preview."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.service_session import FUNCTION, OWNER, Bench, bench

from jupyter_assistants.models.base import FunctionCall, FunctionOutput, HistoryMessage
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, ThreadLocked
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message

CODE = {"type": "code_interpreter"}


async def upload(b: Bench, data: bytes = b"a,b\n1,2\n", name: str = "data.csv") -> File:
    return await b.upload(name, data)


async def exported(b: Bench, **query: Any) -> bytes:
    given = {f"query_{name}": value for name, value in query.items()}
    found = await b.ask("GET", f"/threads/{b.thread_id}/export", **given)
    return bytes(found.read())


def texts(messages: list[Message]) -> list[str]:
    return [each.text for each in messages]


# -- search --------------------------------------------------------------------------------------


async def test_threads_are_found_by_text_and_by_metadata(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        said = [{"role": "user", "content": "How heavy is a Penguin?"}]
        one = await b.ask("POST", "/threads", messages=said, metadata={"course": "bio"})
        two = await b.ask("POST", "/threads", metadata={"course": "bio", "title": "Penguins"})
        await b.ask("POST", "/threads", metadata={"course": "art"})
        found = await b.ask("GET", "/threads", query_query="penguin")
        assert [t.id for t in found.data] == [two.id, one.id]
        pair = {"query_metadata[course]": "bio"}
        assert len((await b.ask("GET", "/threads", **pair)).data) == 2
        page = await b.ask("GET", "/threads", query_query="penguin", query_limit=1, **pair)
        assert ([t.id for t in page.data], page.has_more) == ([two.id], True)
        assert len((await b.ask("GET", "/threads")).data) == 3
        assert len((await b.ask("GET", "/threads", query_metadata=[""])).data) == 3
        assert (await b.ask("GET", "/threads", query_metadata=["bio"])).data == []
        unnamed = await b.ask("POST", "/threads", metadata={"": "bio"})
        assert (await b.ask("GET", "/threads", query_metadata=["bio"])).data[0].id == unnamed.id
        assert (await b.ask("GET", "/threads", query_query="zebra")).data == []
        with pytest.raises(InvalidRequest, match="string too long"):
            await b.ask("GET", "/threads", query_query="x" * 513)


async def test_an_edited_message_is_found_by_its_new_text_only(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.begin(text="lions")
        (message,) = await b.messages()
        path = f"/threads/{b.thread_id}/messages/{message.id}"
        await b.ask("POST", path, content="tigers")
        assert (await b.ask("GET", "/threads", query_query="lions")).data == []
        assert len((await b.ask("GET", "/threads", query_query="tigers")).data) == 1


# -- edit ----------------------------------------------------------------------------------------


async def test_the_model_is_told_the_edited_text(tmp_path: Path) -> None:
    async with bench(tmp_path, "Fine.") as b:
        await b.begin(text="old")
        (message,) = await b.messages()
        path = f"/threads/{b.thread_id}/messages/{message.id}"
        edited = await b.ask("POST", path, content="new", metadata={"a": "b"})
        assert (edited.text, edited.metadata, edited.id) == ("new", {"a": "b"}, message.id)
        kept = await b.ask("POST", path, metadata={"c": "d"})
        assert (kept.text, kept.metadata) == ("new", {"c": "d"})
        await b.run()
        assert b.model.requests[-1].history == [HistoryMessage("user", "new", [])]


async def test_what_a_run_wrote_cannot_be_edited(tmp_path: Path) -> None:
    async with bench(tmp_path, "Fine.") as b:
        await b.begin()
        await b.run()
        answer = (await b.messages())[-1]
        with pytest.raises(InvalidRequest, match="written by a run"):
            await b.ask("POST", f"/threads/{b.thread_id}/messages/{answer.id}", content="x")


async def test_nothing_is_edited_while_a_run_is_active(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})]) as b:
        await b.begin(FUNCTION)
        await b.run()
        (message,) = await b.messages()
        path = f"/threads/{b.thread_id}/messages/{message.id}"
        with pytest.raises(ThreadLocked):
            await b.ask("POST", path, content="x")
        assert (await b.ask("POST", path, metadata={"still": "allowed"})).text == "hello"


# -- copy ----------------------------------------------------------------------------------------


async def test_a_copy_goes_on_by_itself_with_what_the_model_knew(tmp_path: Path) -> None:
    turns = [[call("weather", {"city": "Oslo"})], "Cold.", "Still cold."]
    async with bench(tmp_path, *turns) as b:
        file = await upload(b)
        await b.begin(FUNCTION)
        attachments = [{"file_id": file.id, "tools": [CODE]}]
        path = f"/threads/{b.thread_id}"
        await b.ask("POST", path + "/messages", role="user", content="q", attachments=attachments)
        await b.ask("POST", path, metadata={"title": "Weather"})
        run = await b.run()
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        while (await b.get_run(run)).status != "completed":
            await b.ask("GET", f"{path}/runs/{run.id}", query_wait=5)
        original = await b.messages()
        copy = await b.ask("POST", path + "/copy")
        assert copy.metadata == {"title": "Weather"} and copy.id != b.thread_id
        assert copy.tool_resources.code_interpreter.file_ids == [file.id]
        first, b.thread_id = b.thread_id, copy.id
        copied = await b.messages()
        assert texts(copied) == texts(original)
        assert not {m.id for m in copied} & {m.id for m in original}
        assert {m.thread_id for m in copied} == {copy.id}
        await b.run()
        kinds = [type(entry) for entry in b.model.requests[-1].history]
        assert kinds == [
            HistoryMessage,
            HistoryMessage,
            FunctionCall,
            FunctionOutput,
            HistoryMessage,
        ]
        b.thread_id = first
        assert texts(await b.messages()) == texts(original)


async def test_a_branch_ends_at_the_named_message(tmp_path: Path) -> None:
    async with bench(tmp_path, "One.", "Two.") as b:
        await b.begin(text="first")
        await b.run()
        await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content="second")
        await b.run()
        until = (await b.messages())[1]
        body = {"until": until.id, "metadata": {"title": "Branch"}}
        branch = await b.ask("POST", f"/threads/{b.thread_id}/copy", **body)
        assert branch.metadata == {"title": "Branch"}
        other, b.thread_id = b.thread_id, branch.id
        assert texts(await b.messages()) == ["first", "One."]
        with pytest.raises(NotFound) as unknown:
            await b.ask("POST", f"/threads/{branch.id}/copy", until=until.id)
        assert unknown.value.param == "until"
        await b.ask("DELETE", f"/threads/{other}")
        assert texts(await b.messages()) == ["first", "One."]


async def test_a_copy_keeps_the_runs_and_their_steps_and_is_not_charged_for_them(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, [call("weather", {"city": "Oslo"})], "Cold.", "Warm.") as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        path = f"/threads/{b.thread_id}"
        while (await b.get_run(run)).status != "completed":
            await b.ask("GET", f"{path}/runs/{run.id}", query_wait=5)
        original = (await b.ask("GET", f"{path}/transcript")).wire()
        copy = await b.ask("POST", f"{path}/copy")
        copied = (await b.ask("GET", f"/threads/{copy.id}/transcript")).wire()
        (old,), (new,) = original["runs"], copied["runs"]
        assert new["id"] != old["id"] and new["thread_id"] == copy.id
        assert new["usage"] == old["usage"] and new["status"] == "completed"
        assert [each["run_id"] for each in copied["steps"]] == [new["id"]] * 2
        assert copied["messages"][-1]["run_id"] == new["id"]
        function, message = (each["step_details"] for each in copied["steps"])
        assert function == original["steps"][0]["step_details"]
        written = message["message_creation"]["message_id"]
        assert written == copied["messages"][-1]["id"] != original["messages"][-1]["id"]
        assert (await b.ask("GET", f"/threads/{copy.id}/usage")).runs == 0
        assert (await b.ask("GET", f"{path}/usage")).runs == 1


async def test_a_branch_within_a_run_has_its_steps_up_to_the_message(tmp_path: Path) -> None:
    turns = [["I look.", call("weather", {"city": "Oslo"})], "Cold."]
    async with bench(tmp_path, *turns) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        copy = await b.ask("POST", f"/threads/{b.thread_id}/copy")
        found = (await b.ask("GET", f"/threads/{copy.id}/transcript")).wire()
        assert found["runs"] == [], "what waits stays with the original"
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        path = f"/threads/{b.thread_id}"
        while (await b.get_run(run)).status != "completed":
            await b.ask("GET", f"{path}/runs/{run.id}", query_wait=5)
        (look,) = [each for each in await b.messages() if each.text == "I look."]
        branch = await b.ask("POST", f"{path}/copy", until=look.id)
        found = (await b.ask("GET", f"/threads/{branch.id}/transcript")).wire()
        assert [each["type"] for each in found["steps"]] == ["message_creation"]
        await b.ask("DELETE", f"{path}/messages/{look.id}")
        copy = await b.ask("POST", f"{path}/copy")
        found = (await b.ask("GET", f"/threads/{copy.id}/transcript")).wire()
        assert [each["type"] for each in found["steps"]] == ["tool_calls", "message_creation"]


# -- pages ---------------------------------------------------------------------------------------


async def test_a_transcript_has_the_runs_of_its_messages_page_by_page(tmp_path: Path) -> None:
    async with bench(tmp_path, "One.", "Two.", "Three.") as b:
        await b.begin(text="first")
        for words in ("second", "third", None):
            await b.run()
            if words:
                path = f"/threads/{b.thread_id}/messages"
                await b.ask("POST", path, role="user", content=words)
        path = f"/threads/{b.thread_id}/transcript"
        seen: list[str] = []
        runs: list[str] = []
        query: dict[str, Any] = {"query_limit": 2}
        while True:
            page = await b.ask("GET", path, **query)
            seen = texts(page.messages) + seen
            runs = [each.id for each in page.runs if each.id not in runs] + runs
            assert {each.run_id for each in page.steps} == {each.id for each in page.runs}
            if not page.has_more:
                break
            query |= {"query_after": page.messages[0].id, "query_runs_after": page.runs[0].id}
        assert seen == ["first", "One.", "second", "Two.", "third", "Three."]
        newest_first = (await b.ask("GET", f"/threads/{b.thread_id}/runs")).data
        assert runs == [each.id for each in newest_first][::-1]


async def test_runs_that_are_over_come_folded_and_whole_on_every_page(tmp_path: Path) -> None:
    turns = [["I look.", call("weather", {"city": "Oslo"})], "Cold."]
    async with bench(tmp_path, *turns) as b:
        await b.begin(FUNCTION, text="How cold is it?")
        run = await b.run()
        path = f"/threads/{b.thread_id}"
        live = (await b.ask("GET", f"{path}/transcript", query_fold="true")).wire()
        assert live["views"] == {} and len(live["steps"]) > 0, (
            "what goes on is folded by its reader"
        )
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        while (await b.get_run(run)).status != "completed":
            await b.ask("GET", f"{path}/runs/{run.id}", query_wait=5)
        page = await b.ask("GET", f"{path}/transcript", query_fold="true", query_limit=1)
        assert texts(page.messages) == ["Cold."]
        view = page.wire()["views"][run.id]
        assert page.steps == [] and view["run"]["status"] == "completed"
        look, weather, cold = view["entries"]
        assert (look["parts"][0]["text"], cold["parts"][0]["text"]) == ("I look.", "Cold.")
        assert (weather["name"], weather["output"]) == ("weather", "-3")
        await b.ask("DELETE", f"{path}/messages/{look['id']}")
        page = await b.ask("GET", f"{path}/transcript", query_fold="true")
        assert [each["type"] for each in page.views[run.id]["entries"]] == ["call", "message"]


# -- export and import ---------------------------------------------------------------------------


def of_code(b: Bench, file: File) -> list[Message | Item]:
    """Return a history as a run of code leaves it."""
    given: dict[str, Any] = {"created_at": 1, "thread_id": b.thread_id, "run_id": "run_gone"}
    text = f"See [x](sandbox:/mnt/data/{file.filename})"
    link = f"sandbox:/mnt/data/{file.filename}"
    at = text.index(link)
    annotation = {
        "type": "file_path",
        "text": link,
        "start_index": at,
        "end_index": at + len(link),
        "file_path": {"file_id": file.id},
    }
    content = [
        {"type": "image_file", "image_file": {"file_id": file.id}},
        {"type": "text", "text": {"value": text, "annotations": [annotation]}},
    ]
    called = {"type": "function_call", "call_id": "c", "name": "run_python"}
    answered = {"type": "function_call_output", "call_id": "c", "output": "2 ``` \ud83d"}
    return [
        Item(id="item_1", arguments=json.dumps({"code": "print(1 + 1)"}), **called, **given),
        Item(id="item_2", image_file_ids=[file.id], **answered, **given),
        Message.model_validate({"id": "msg_x", "role": "assistant", "content": content, **given}),
    ]


async def filled(b: Bench) -> File:
    file = await upload(b)
    await b.begin(CODE, text="Grüße")
    path = f"/threads/{b.thread_id}"
    attachments = [{"file_id": file.id, "tools": [CODE]}]
    await b.ask("POST", path + "/messages", role="user", content="look", attachments=attachments)
    await b.ask("POST", path, metadata={"title": "My thread"})
    b.service.storage.save(*of_code(b, file), owner=OWNER)
    return file


async def test_an_export_with_files_makes_the_same_thread_for_somebody_else(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await filled(b)
        export = json.loads(await exported(b, files=True))
        assert base64.b64decode(export["files"][0]["content"]) == b"a,b\n1,2\n"
        await b.ask("DELETE", f"/files/{file.id}")
        before = await b.messages()
        thread = await b.ask("POST", "/threads/import", owner="bob", **export)
        assert thread.metadata == {"title": "My thread"}
        (new,) = (await b.ask("GET", "/files", owner="bob")).data
        assert new.id != file.id and new.filename == "data.csv"
        assert await b.download(new.id, owner="bob") == b"a,b\n1,2\n"
        assert thread.tool_resources.code_interpreter.file_ids == [new.id]
        history = b.service.storage.history(thread.id)
        messages = [each for each in history if isinstance(each, Message)]
        items = [each for each in history if isinstance(each, Item)]
        assert texts(messages) == texts(before)
        assert [each.attachments[0].file_id for each in messages if each.attachments] == [new.id]
        image, text = messages[-1].wire()["content"]
        assert image["image_file"]["file_id"] == new.id
        assert text["text"]["annotations"][0]["file_path"]["file_id"] == new.id
        assert items[1].image_file_ids == [new.id]
        assert {each.thread_id for each in history} == {thread.id}
        assert not {each.id for each in history} & {each["id"] for each in export["entries"]}
        assert b.service.storage.collect_garbage() == 0


@pytest.mark.parametrize("level", ["none", "names", "schema", None])
async def test_a_thread_made_from_a_thread_shows_models_no_more_of_the_notebook(
    tmp_path: Path, level: str | None
) -> None:
    async with bench(tmp_path, "Hi.") as b:
        await b.begin(text="secret?")
        path = f"/threads/{b.thread_id}"
        await b.ask("POST", path, jupyter={"context": level, "context_shown": True})
        (message,) = await b.messages()
        copy = await b.ask("POST", path + "/copy")
        branch = await b.ask("POST", path + "/copy", until=message.id, metadata={"title": "b"})
        again = await b.ask("POST", f"/threads/{copy.id}/copy")
        for each in (copy, branch, again):
            assert (each.jupyter.context, each.jupyter.context_shown) == (level, True)
        export = json.loads(await exported(b))
        assert export["thread"]["jupyter"] == ({"context": level} if level else {})
        imported = await b.ask("POST", "/threads/import", owner="bob", **export)
        assert imported.jupyter.context == level
        assert imported.jupyter.context_shown is None, "bob was shown nothing"


async def test_an_import_never_shows_models_more_than_a_thread_without_a_choice(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        await b.begin()
        await b.ask("POST", f"/threads/{b.thread_id}", jupyter={"context": "rows"})
        export = json.loads(await exported(b))
        assert export["thread"]["jupyter"] == {"context": "rows"}
        export["thread"]["jupyter"] |= {"always": ["kernel-1"], "context_shown": True}
        imported = await b.ask("POST", "/threads/import", **export)
        assert imported.wire()["jupyter"] == {}
        # Exports of earlier versions have no level.
        del export["thread"]["jupyter"]
        assert (await b.ask("POST", "/threads/import", **export)).wire()["jupyter"] == {}


async def test_standing_approvals_stay_with_the_thread_they_were_given_to(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.begin()
        thread = await b.ask("GET", f"/threads/{b.thread_id}")
        trusting = thread.jupyter.model_copy(update={"always": ["kernel-1"]})
        b.service.storage.save(thread.changed(jupyter=trusting), owner=OWNER)
        copy = await b.ask("POST", f"/threads/{b.thread_id}/copy")
        assert copy.jupyter.always is None
        assert "kernel-1" not in (await exported(b)).decode()


async def test_an_imported_thread_does_not_pass_for_the_thread_of_an_open_notebook(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        await b.begin()
        places = {"kernel": "kernel-1", "notebook": "private/notes.ipynb"}
        metadata = {"title": "Mine", **places}
        await b.ask("POST", f"/threads/{b.thread_id}", metadata=metadata)
        export = json.loads(await exported(b))
        assert export["thread"]["metadata"] == {"title": "Mine"}
        export["thread"]["metadata"] |= places
        imported = await b.ask("POST", "/threads/import", **export)
        assert imported.metadata == {"title": "Mine"}
        found = await b.ask("GET", "/threads", **{"query_metadata[kernel]": "kernel-1"})
        assert [each.id for each in found.data] == [b.thread_id]


async def test_an_import_without_files_keeps_those_that_are_still_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await filled(b)
        export = json.loads(await exported(b))
        assert "content" not in export["files"][0]
        mine = await b.ask("POST", "/threads/import", **export)
        assert mine.tool_resources.code_interpreter.file_ids == [file.id]
        theirs = await b.ask("POST", "/threads/import", owner="bob", **export)
        assert theirs.tool_resources.code_interpreter is None
        last = b.service.storage.history(theirs.id)[-1].wire()["content"]
        assert last[0]["text"]["value"] == "[an image that was not exported]"
        assert last[1]["text"]["annotations"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"object": "thread"},
        {"version": 2},
        {"entries": [{"object": "thread.message"}]},
        {"files": [{"id": "f", "filename": "x", "purpose": "vision", "bytes": 1, "content": "%"}]},
    ],
)
async def test_what_is_no_export_is_refused_and_leaves_nothing(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(InvalidRequest):
            body = {"object": "thread.export", "version": 1, **change}
            await b.ask("POST", "/threads/import", **body)
        assert (await b.ask("GET", "/threads")).data == []
        assert b.service.storage.collect_garbage() == 0


async def test_files_beyond_the_limit_are_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_assistants.api.thread_exports.MAX_EXPORTED_BYTES", 4)
    async with bench(tmp_path) as b:
        await filled(b)
        with pytest.raises(InvalidRequest, match="more than 4 bytes"):
            await exported(b, files=True)
        assert json.loads(await exported(b))["files"][0]["bytes"] == 8


async def test_the_markdown_reads_as_the_conversation_went(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await filled(b)
        text = (await exported(b, format="markdown")).decode()
        assert text.startswith("# My thread\n\n**User**\n\nGrüße\n\n**User**\n\nlook")
        assert "```python\nprint(1 + 1)\n```\n\n````text\n2 ``` ?\n````" in text
        assert f"**Assistant**\n\n[image {file.id}]" in text


async def test_the_notebook_is_a_valid_one_with_the_code_in_cells(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await filled(b)
        notebook = nbformat.reads((await exported(b, format="notebook")).decode(), as_version=4)
        nbformat.validate(notebook)
        assert [cell.cell_type for cell in notebook.cells] == ["markdown"] * 3 + [
            "code",
            "markdown",
        ]
        assert notebook.cells[3].source == "print(1 + 1)"
        assert notebook.cells[3].outputs[0].text.startswith("2")


async def test_a_real_run_of_code_is_exported_with_its_outputs(tmp_path: Path) -> None:
    code = call("run_python", {"code": "print('seen'); 6 * 7"})
    async with bench(tmp_path, [code], "Done.") as b:
        await b.begin(CODE)
        assert (await b.run()).status == "completed"
        notebook = nbformat.reads((await exported(b, format="notebook")).decode(), as_version=4)
        nbformat.validate(notebook)
        (cell,) = [each for each in notebook.cells if each.cell_type == "code"]
        assert cell.outputs[0].text == "seen\n"
        assert cell.outputs[1].data["text/plain"] == "42"
        assert "seen" in (await exported(b, format="markdown")).decode()


async def test_messages_of_an_import_that_have_the_same_id_are_all_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        said: dict[str, Any] = {
            "id": "msg_1",
            "object": "thread.message",
            "created_at": 1,
            "thread_id": "thread_1",
            "role": "user",
        }
        entries = [
            {**said, "content": [{"type": "text", "text": {"value": text, "annotations": []}}]}
            for text in ("one", "two")
        ]
        body = {"object": "thread.export", "version": 1, "entries": entries}
        b.thread_id = (await b.ask("POST", "/threads/import", **body)).id
        assert texts(await b.messages()) == ["one", "two"]


# -- totals --------------------------------------------------------------------------------------


async def test_the_totals_are_those_of_all_runs_with_money_where_prices_are_known(
    tmp_path: Path,
) -> None:
    prices = {"scripted/it": {"input": 2.0, "output": 10.0}}
    async with bench(tmp_path, "One.", "Two.", prices=prices) as b:
        await b.begin()
        runs = [await b.run(), await b.run()]
        usage = [run.usage for run in runs if run.usage is not None]
        found = await b.ask("GET", f"/threads/{b.thread_id}/usage")
        assert (found.runs, found.thread_id) == (2, b.thread_id)
        assert found.total_tokens == sum(each.total_tokens for each in usage)
        (model,) = found.models
        spent = sum(2 * each.prompt_tokens + 10 * each.completion_tokens for each in usage)
        assert (model.model, model.runs) == ("scripted/it", 2)
        assert found.cost == model.cost == pytest.approx(spent / 1_000_000)


async def test_without_prices_there_is_no_cost(tmp_path: Path) -> None:
    async with bench(tmp_path, "One.") as b:
        await b.begin()
        empty = await b.ask("GET", f"/threads/{b.thread_id}/usage")
        assert (empty.runs, empty.cost, empty.models) == (0, None, [])
        await b.run()
        assert (await b.ask("GET", f"/threads/{b.thread_id}/usage")).cost is None


# -- preview -------------------------------------------------------------------------------------


async def test_a_preview_says_what_the_run_then_sends_and_stores_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, "Fine.") as b:
        await b.begin(FUNCTION, text="hello there", instructions="Be kind.")
        body = {
            "assistant_id": b.assistant_id,
            "additional_messages": [{"role": "user", "content": "and more"}],
            "additional_instructions": "Be brief.",
        }
        preview = await b.ask("POST", f"/threads/{b.thread_id}/runs/preview", **body)
        assert b.model.requests == []
        assert len(await b.messages()) == 1
        assert (await b.ask("GET", f"/threads/{b.thread_id}/runs")).data == []
        await b.run(**{k: v for k, v in body.items() if k != "assistant_id"})
        sent = b.model.requests[-1]
        assert preview.instructions == sent.instructions == "Be kind.\n\nBe brief."
        assert [each["text"] for each in preview.history] == ["hello there", "and more"]
        assert [each.name for each in preview.tools] == ["weather"]
        assert preview.model == "scripted/it" and preview.estimated_tokens > 10
        assert (preview.seen, preview.truncated) == ("2 of 2 messages", False)


async def test_a_preview_says_what_is_left_out(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.begin(text="one")
        await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content="two")
        preview = await b.ask(
            "POST",
            f"/threads/{b.thread_id}/runs/preview",
            assistant_id=b.assistant_id,
            truncation_strategy={"type": "last_messages", "last_messages": 1},
        )
        assert (preview.seen, preview.truncated) == ("1 of 2 messages", True)


async def test_the_files_of_an_import_are_set_apart_from_code_and_named(tmp_path: Path) -> None:
    turns = [
        [call("run_python", {"code": "import json; print(json.dumps(open('data.csv').read()))"})],
        ["Failed."],
        [
            call(
                "run_python",
                {
                    "code": "import json\n"
                    "print(open('/mnt/data/attached-files/data.csv').read(), json.__file__)"
                },
                call_id="c2",
            )
        ],
        ["Read."],
    ]
    content = base64.b64encode(b"raise SystemExit('loaded')").decode()
    names = {"file_1": "data.csv", "file_2": "json.py", "file_3": "helpers.py"}
    export = {
        "object": "thread.export",
        "version": 1,
        "thread": {"tool_resources": {"code_interpreter": {"file_ids": list(names)}}},
        "entries": [],
        "files": [
            {"id": id, "filename": name, "purpose": "assistants", "content": content, "bytes": 26}
            for id, name in names.items()
        ],
    }
    async with bench(tmp_path, *turns) as b:
        await b.begin(CODE)
        b.thread_id = (await b.ask("POST", "/threads/import", **export)).id
        said = [{"role": "user", "content": "go on"}]
        first = await b.run(additional_messages=said)
        told = b.model.requests[0].history[0]
        assert isinstance(told, HistoryMessage)
        assert all(f"- /mnt/data/attached-files/{name} " in told.text for name in names.values())
        (done,) = (await b.steps(first))[0].jupyter.calls.values()
        assert done.status == "error", "none of them lies where code looks first"
        assert done.note is not None
        assert "attached-files: data.csv, helpers.py, json.py" in done.note
        (done,) = (await b.steps(await b.run()))[0].jupyter.calls.values()
        assert done.status == "ok" and done.note is None
        assert "attached-files" not in str(done.outputs)


async def test_an_upload_that_shadows_a_module_is_set_apart_and_others_are_not(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        marked = {name: await upload(b, name=name) for name in ("pandas.py", "own.py", "data.csv")}
        apart = {name: file.wire()["jupyter"].get("apart") for name, file in marked.items()}
        assert apart == {"pandas.py": True, "own.py": None, "data.csv": None}
