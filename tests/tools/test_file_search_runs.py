"""file_search in runs, over the storage in memory and the scripted model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.service_session import (
    ANSWERED,
    FUNCTION,
    OWNER,
    Bench,
    bench,
    events,
    names,
    storage_on_disk,
)
from support.waiting import eventually

from jupyter_assistants.models.base import FunctionOutput, ModelRequest
from jupyter_assistants.models.scripted import call
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.vector_stores import VectorStore

SEARCH: dict[str, Any] = {"type": "file_search"}
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"
DUCKS = "Ducks eat bread and corn."
SHIPS = "Ships carry bread over the sea."


async def upload(b: Bench, name: str, text: str) -> str:
    return (await b.upload(name, text.encode())).id


async def ready(b: Bench, vector_store_id: str) -> Any:
    """Wait until a vector store has read its files."""

    async def settled() -> Any:
        found = await b.ask("GET", f"/vector_stores/{vector_store_id}")
        return None if found.status == "in_progress" else found

    return await eventually(settled)


async def store_with(b: Bench, name: str, text: str, **body: Any) -> tuple[str, str]:
    """Return the ids of a vector store and of the one file in it."""
    file_id = await upload(b, name, text)
    made = await b.ask("POST", "/vector_stores", file_ids=[file_id], **body)
    await ready(b, made.id)
    return made.id, file_id


def resources(vector_store_id: str) -> dict[str, Any]:
    return {"file_search": {"vector_store_ids": [vector_store_id]}}


def attachment(file_id: str) -> dict[str, Any]:
    return {"file_id": file_id, "tools": [SEARCH]}


def search(*queries: str) -> list[Any]:
    return [call("file_search", {"queries": list(queries)})]


def results(request: ModelRequest) -> str:
    """Return what the model was told of its last search."""
    last = request.history[-1]
    assert isinstance(last, FunctionOutput)
    return last.output


def citing(sentence: str) -> Callable[[ModelRequest], list[Any]]:
    """Answer with a sentence in which ``#`` stands for the mark of the best result."""
    return lambda request: [sentence.replace("#", results(request).partition("】")[0] + "】")]


async def test_a_search_is_a_step_and_its_citation_an_annotation(tmp_path: Path) -> None:
    async with bench(tmp_path, search("duck food"), citing("Ünïcode 🦆: bread#, corn #.")) as b:
        vector_store, file_id = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        found = await events(await b.start())
        searched = ["created", "in_progress", "delta", "completed"]
        assert names(found)[3:] == [*(f"run.step.{each}" for each in searched), *ANSWERED]
        (delta,) = [e.data["delta"] for e in found if e.event.endswith("step.delta")]
        (told,) = delta["step_details"]["tool_calls"]
        assert told == {"index": 0, "id": "call_1", "type": "file_search", "file_search": {}}
        message = next(e.data for e in found if e.event.endswith("message.completed"))
        text = message["content"][0]["text"]
        assert len(text["annotations"]) == 2
        for annotation in text["annotations"]:
            assert annotation["type"] == "file_citation"
            assert annotation["file_citation"] == {"file_id": file_id}
            assert annotation["text"] == "【0:0†ducks.txt】"
            start, end = annotation["start_index"], annotation["end_index"]
            assert text["value"][start:end] == annotation["text"]
            assert annotation["jupyter"]["quote"] == DUCKS
        deltas = [e.data["delta"]["content"][0] for e in found if e.event.endswith("message.delta")]
        told = deltas[-1]["text"]["annotations"][0]["file_citation"]
        assert told == {"file_id": file_id, "quote": DUCKS}
        assert [a["index"] for a in deltas[-1]["text"]["annotations"]] == [0, 1]


async def test_the_step_has_the_results_and_their_texts_only_on_request(tmp_path: Path) -> None:
    async with bench(tmp_path, search("ducks"), ["Bread."]) as b:
        vector_store, file_id = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        run = await b.run()
        path = f"/threads/{run.thread_id}/runs/{run.id}/steps"
        plain = (await b.ask("GET", path, query_order="asc")).wire()["data"][0]
        (told,) = plain["step_details"]["tool_calls"]
        assert told["file_search"]["ranking_options"] == {
            "ranker": "default_2024_08_21",
            "score_threshold": 0.0,
        }
        (result,) = told["file_search"]["results"]
        (place,) = result.pop("jupyter")["places"]
        assert result == {"file_id": file_id, "file_name": "ducks.txt", "score": 1.0}
        assert DUCKS[place["start"] : place["end"]] == DUCKS and "text" not in place
        assert plain["jupyter"]["calls"]["call_1"]["queries"] == ["ducks"]
        for query in ([CONTENT], CONTENT):
            full = (await b.ask("GET", f"{path}/{plain['id']}", query_include=query)).wire()
            (result,) = full["step_details"]["tool_calls"][0]["file_search"]["results"]
            assert result["content"] == [{"type": "text", "text": DUCKS}]
        listed = (await b.ask("GET", path, query_include=[CONTENT])).wire()["data"][-1]
        assert "content" in listed["step_details"]["tool_calls"][0]["file_search"]["results"][0]
        with pytest.raises(InvalidRequest, match="Invalid value: 'x'"):
            await b.ask("GET", path, query_include=["x"])


async def test_a_stream_has_the_texts_if_the_run_was_created_so(tmp_path: Path) -> None:
    async with bench(tmp_path, search("ducks"), ["1"], search("ducks"), ["2"]) as b:
        vector_store, _ = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        for query, expected in (({}, False), ({"query_include": [CONTENT]}, True)):
            found = await events(await b.start(**query))
            step = next(e.data for e in found if e.event == "thread.run.step.completed")
            (result,) = step["step_details"]["tool_calls"][0]["file_search"]["results"]
            assert ("content" in result) is expected


async def test_both_the_assistants_and_the_threads_stores_are_searched(tmp_path: Path) -> None:
    async with bench(tmp_path, search("bread"), ["Fine."]) as b:
        vector_store, ducks = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        ships = await upload(b, "ships.txt", SHIPS)
        path = f"/threads/{b.thread_id}/messages"
        await b.ask("POST", path, role="user", content="?", attachments=[attachment(ships)])
        run = await b.run()
        (told,) = (await b.steps(run))[0].wire()["step_details"]["tool_calls"]
        assert {r["file_id"] for r in told["file_search"]["results"]} == {ducks, ships}
        text = results(b.model.requests[-1])
        assert "【0:0†" in text and "【0:1†" in text and DUCKS in text and SHIPS in text


async def test_the_model_is_told_of_files_and_marks(tmp_path: Path) -> None:
    async with bench(tmp_path, ["No need."]) as b:
        vector_store, _ = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store), instructions="Be kind.")
        await b.run()
        (request,) = b.model.requests
        assert request.instructions.startswith("Be kind.") and '"ducks.txt"' in request.instructions
        assert [tool.name for tool in request.tools] == ["file_search"]


async def test_marks_differ_between_calls_and_old_ones_stay_known(tmp_path: Path) -> None:
    async with bench(
        tmp_path, search("ducks"), ["One."], search("ducks"), ["A【0:0†x】 B【1:0†y】 C【7:0†z】."]
    ) as b:
        vector_store, file_id = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        await b.run()
        assert "【0:0†ducks.txt】" in results(b.model.requests[-1])
        await b.run()
        assert "【1:0†ducks.txt】" in results(b.model.requests[-1])
        content = (await b.messages())[-1].wire()["content"][0]["text"]
        assert [a["text"] for a in content["annotations"]] == ["【0:0†x】", "【1:0†y】"]
        assert {a["file_citation"]["file_id"] for a in content["annotations"]} == {file_id}


async def test_a_search_beside_a_function_is_kept_until_the_function_is_answered(
    tmp_path: Path,
) -> None:
    turns = [*search("ducks"), call("weather", {"city": "Oslo"})]
    async with bench(tmp_path, turns, ["Bread【0:0†source】."]) as b:
        vector_store, file_id = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, FUNCTION, tool_resources=resources(vector_store))
        run = await b.run()
        assert run.required_action is not None
        (waiting,) = run.required_action.submit_tool_outputs.tool_calls
        await events(await b.submit(run, {"tool_call_id": waiting.id, "output": "cold"}))
        (annotation,) = (await b.messages())[-1].wire()["content"][0]["text"]["annotations"]
        assert annotation["file_citation"]["file_id"] == file_id


@pytest.mark.parametrize("arguments", ['{"query": "ducks"}', "ducks"])
async def test_other_spellings_of_a_query_are_understood(tmp_path: Path, arguments: str) -> None:
    async with bench(tmp_path, [call("file_search", arguments)], ["Fine."]) as b:
        vector_store, _ = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        await b.run()
        assert DUCKS in results(b.model.requests[-1])


async def test_a_call_without_a_query_is_told_to_the_model(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("file_search", {"queries": []})], ["Sorry."]) as b:
        await b.begin(SEARCH)
        run = await b.run()
        assert run.status == "completed"
        assert "at least one query" in results(b.model.requests[-1])


async def test_a_search_that_finds_nothing_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path, search("volcano"), ["Nothing."]) as b:
        await b.begin(SEARCH)
        run = await b.run()
        assert run.status == "completed" and "Nothing was found" in results(b.model.requests[-1])
        (told,) = (await b.steps(run))[0].wire()["step_details"]["tool_calls"]
        assert told["file_search"]["results"] == []


async def test_the_options_of_the_tool_hold(tmp_path: Path) -> None:
    options = {"max_num_results": 1, "ranking_options": {"score_threshold": 0.9}}
    tool = {"type": "file_search", "file_search": options}
    async with bench(tmp_path, search("bread ducks"), ["Fine."], search("ducks sea"), ["."]) as b:
        ids = [await upload(b, "ducks.txt", DUCKS), await upload(b, "ships.txt", SHIPS)]
        made = await b.ask("POST", "/vector_stores", file_ids=ids)
        await ready(b, made.id)
        await b.begin(tool, tool_resources=resources(made.id))
        for count in (1, 0):
            run = await b.run()
            (told,) = (await b.steps(run))[0].wire()["step_details"]["tool_calls"]
            assert len(told["file_search"]["results"]) == count
        assistant = await b.ask("GET", f"/assistants/{b.assistant_id}")
        ranking = {"score_threshold": 0.9, "ranker": "auto"}
        shown = {"max_num_results": 1, "ranking_options": ranking}
        assert assistant.wire()["tools"] == [{"type": "file_search", "file_search": shown}]


async def test_the_weights_of_the_tool_reach_the_search_and_are_shown(tmp_path: Path) -> None:
    weights = {"embedding_weight": 1.0, "text_weight": 0.0}
    ranking = {"score_threshold": 0.0, "ranker": "auto", "hybrid_search": weights}
    tool = {"type": "file_search", "file_search": {"ranking_options": ranking}}
    async with bench(tmp_path, search("ducks"), ["."], embedding_model="none") as b:
        vector_store, _ = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(tool, tool_resources=resources(vector_store))
        run = await b.run()
        (told,) = (await b.steps(run))[0].wire()["step_details"]["tool_calls"]
        # There is no model, and words are left out.
        assert told["file_search"] == {"ranking_options": ranking, "results": []}
        assert run.wire()["tools"] == [tool]


async def test_results_leave_room_in_a_small_window(tmp_path: Path) -> None:
    sizes: dict[int, int] = {}
    for budget in (3_000, 100_000):
        async with bench(
            tmp_path / str(budget), search("ducks"), ["Fine."], prompt_budget=budget
        ) as b:
            files = [
                await upload(b, f"{n}.txt", f"Ducks number {n}. " + f"Word{n} stands. " * 600)
                for n in range(8)
            ]
            made = await b.ask("POST", "/vector_stores", file_ids=files)
            await ready(b, made.id)
            await b.begin(SEARCH, tool_resources=resources(made.id))
            run = await b.run()
            assert run.status == "completed"
            sizes[budget] = estimate(results(b.model.requests[-1]))
    assert sizes[3_000] <= 1_500 < sizes[100_000]


async def test_file_search_is_stored_with_its_default_ranking(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.begin(SEARCH)
        assistant = await b.ask("GET", f"/assistants/{b.assistant_id}")
        ranking = {"score_threshold": 0.0, "ranker": "default_2024_08_21"}
        assert assistant.wire()["tools"] == [
            {"type": "file_search", "file_search": {"ranking_options": ranking}}
        ]


async def test_the_tool_can_be_forced_once(tmp_path: Path) -> None:
    async with bench(tmp_path, search("ducks"), ["Fine."]) as b:
        await b.begin(SEARCH)
        await b.run(tool_choice={"type": "file_search"})
        first, second = (request.tool_choice for request in b.model.requests)
        assert getattr(first, "type", None) == "file_search" and second == "auto"


async def test_a_run_waits_for_the_files_of_its_thread(tmp_path: Path) -> None:
    async with bench(tmp_path, search("bread"), citing("See #.")) as b:
        await b.begin(SEARCH)
        file_id = await upload(b, "page.html", f"<p>{DUCKS}</p>")
        path = f"/threads/{b.thread_id}/messages"
        await b.ask("POST", path, role="user", content="?", attachments=[attachment(file_id)])
        await b.run()
        (annotation,) = (await b.messages())[-1].wire()["content"][0]["text"]["annotations"]
        assert annotation["file_citation"]["file_id"] == file_id


async def test_a_run_that_uses_an_expired_store_fails(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Never."]) as b:
        expires_after = {"anchor": "last_active_at", "days": 1}
        vector_store, _ = await store_with(b, "ducks.txt", DUCKS, expires_after=expires_after)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        await age(b, vector_store, days=2)
        run = await b.run()
        assert run.status == "failed" and run.last_error is not None
        assert run.last_error.code == "server_error"
        assert run.last_error.message == f"Vector store {vector_store} has expired."
        found = await b.ask("GET", f"/vector_stores/{vector_store}")
        assert found.status == "expired" and found.expires_at < found.created_at
        for path, body in (("search", {"query": "x"}), ("files", {"file_id": "file-x"})):
            with pytest.raises(InvalidRequest):
                await b.ask("POST", f"/vector_stores/{vector_store}/{path}", **body)


async def age(b: Bench, vector_store_id: str, *, days: int) -> None:
    """Make a vector store as if it was last used so many days ago."""
    old = b.service.storage.get(VectorStore, vector_store_id)
    old = old.changed(last_active_at=old.last_active_at - days * 86400)
    b.service.storage.save(old, owner=OWNER)


async def test_a_run_keeps_its_stores_alive(tmp_path: Path) -> None:
    async with bench(tmp_path, ["Fine."]) as b:
        expires_after = {"anchor": "last_active_at", "days": 7}
        vector_store, _ = await store_with(b, "ducks.txt", DUCKS, expires_after=expires_after)
        await age(b, vector_store, days=2)
        before = await b.ask("GET", f"/vector_stores/{vector_store}")
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        await b.run()
        after = await b.ask("GET", f"/vector_stores/{vector_store}")
        assert after.last_active_at - before.last_active_at >= 2 * 86400
        assert after.expires_at == after.last_active_at + 7 * 86400


# -- what threads, messages and assistants bring -------------------------------------------------


async def test_an_attachment_makes_a_store_of_its_thread_that_expires(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        one, two = await upload(b, "one.txt", DUCKS), await upload(b, "two.txt", SHIPS)
        message = {"role": "user", "content": "?", "attachments": [attachment(one)]}
        thread = await b.ask("POST", "/threads", messages=[message])
        (vector_store,) = thread.wire()["tool_resources"]["file_search"]["vector_store_ids"]
        found = await ready(b, vector_store)
        assert found.expires_after.days == 7 and found.file_counts.completed == 1
        path = f"/threads/{thread.id}/messages"
        added = await b.ask("POST", path, role="user", content="?", attachments=[attachment(two)])
        assert added.wire()["attachments"] == [attachment(two)]
        assert (await b.ask("GET", f"/threads/{thread.id}")).tool_resources == thread.tool_resources
        assert (await ready(b, vector_store)).file_counts.total == 2


async def test_additional_messages_bring_files_too(tmp_path: Path) -> None:
    async with bench(tmp_path, search("bread"), ["Fine."]) as b:
        await b.begin(SEARCH)
        more = {
            "role": "user",
            "content": "?",
            "attachments": [attachment(await upload(b, "a.md", DUCKS))],
        }
        run = await b.run(additional_messages=[more])
        assert run.status == "completed" and DUCKS in results(b.model.requests[-1])


@pytest.mark.parametrize("holder", ["assistants", "threads", "threads/runs"])
async def test_a_store_can_be_made_along(tmp_path: Path, holder: str) -> None:
    async with bench(tmp_path, ["Fine."]) as b:
        await b.begin()
        static = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}
        helper = {
            "file_ids": [await upload(b, "a.txt", DUCKS)],
            "chunking_strategy": {"type": "static", "static": static},
            "metadata": {"a": "b"},
        }
        given: dict[str, Any] = {"tool_resources": {"file_search": {"vector_stores": [helper]}}}
        if holder == "threads/runs":
            given = {"assistant_id": b.assistant_id, "thread": given}
            started = await b.ask("POST", "/threads/runs", **given)
            made = await b.ask("GET", f"/threads/{started.run.thread_id}")
        else:
            made = await b.ask(
                "POST",
                f"/{holder}",
                **given,
                **({"model": "scripted/it"} if holder == "assistants" else {}),
            )
        shown = made.wire()["tool_resources"]["file_search"]
        assert list(shown) == ["vector_store_ids"]
        found = await ready(b, shown["vector_store_ids"][0])
        assert found.metadata == {"a": "b"} and found.file_counts.completed == 1
        assert (found.expires_after is None) is (holder == "assistants")
        (entry,) = (await b.ask("GET", f"/vector_stores/{found.id}/files")).data
        assert entry.chunking_strategy.static.model_dump() == static


async def test_ids_and_a_new_store_exclude_each_other(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        both = {"vector_store_ids": ["vs_X"], "vector_stores": [{}]}
        with pytest.raises(InvalidRequest) as error:
            await b.ask("POST", "/threads", tool_resources={"file_search": both})
        first = "tool_resources.file_search.vector_store_ids"
        second = "tool_resources.file_search.vector_stores"
        assert error.value.message == (
            f"Mutually exclusive parameters: '{first}' and '{second}'. Ensure you are only "
            f"providing one of: '{first}' or '{second}'."
        )
        assert error.value.code == "mutually_exclusive_parameters"


async def test_an_unknown_store_or_an_unsupported_file_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(NotFound, match="No vector store found with id 'vs_X'.") as error:
            await b.ask("POST", "/threads", tool_resources=resources("vs_X"))
        assert error.value.param == "vector_store_ids"
        message = {"role": "user", "content": "?"}
        message["attachments"] = [attachment(await upload(b, "a.png", "a,b"))]  # type: ignore[assignment]
        with pytest.raises(InvalidRequest, match=r"extensions \[\.png\]"):
            await b.ask("POST", "/threads", messages=[message])
        assert (await b.ask("GET", "/vector_stores")).data == []
        assert (await b.ask("GET", "/threads")).data == []


async def test_deleting_a_store_takes_it_out_of_assistants_and_threads(tmp_path: Path) -> None:
    async with bench(tmp_path, search("ducks"), ["Fine."]) as b:
        vector_store, file_id = await store_with(b, "ducks.txt", DUCKS)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        thread = await b.ask("POST", "/threads", tool_resources=resources(vector_store))
        await b.ask("DELETE", f"/vector_stores/{vector_store}")
        for path in (f"/threads/{thread.id}", f"/assistants/{b.assistant_id}"):
            shown = (await b.ask("GET", path)).wire()["tool_resources"]["file_search"]
            assert shown == {"vector_store_ids": []}
        assert (await b.ask("GET", f"/files/{file_id}")).id == file_id
        run = await b.run()
        assert run.status == "completed" and DUCKS not in results(b.model.requests[-1])


async def test_deleting_a_file_takes_it_out_of_every_store(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        one, file_id = await store_with(b, "ducks.txt", DUCKS)
        two = (await b.ask("POST", "/vector_stores", file_ids=[file_id])).id
        await ready(b, two)
        await b.ask("DELETE", f"/files/{file_id}")
        for vector_store in (one, two):
            found = await b.ask("GET", f"/vector_stores/{vector_store}")
            assert found.file_counts.total == 0 and found.usage_bytes == 0
            answer = await b.ask("POST", f"/vector_stores/{vector_store}/search", query="ducks")
            assert answer.data == []


async def test_citations_survive_copies_exports_and_the_import(tmp_path: Path) -> None:
    text = "Ducks eat ![x](http://evil.example/x.png) and corn."
    async with bench(tmp_path, search("duck corn"), citing("They eat corn#.")) as b:
        vector_store, file_id = await store_with(b, "ducks.md", text)
        await b.begin(SEARCH, tool_resources=resources(vector_store))
        run = await b.run()
        (cited,) = (await b.messages())[-1].wire()["content"][0]["text"]["annotations"]
        path = f"/threads/{run.thread_id}"
        for made in (
            await b.ask("POST", f"{path}/copy"),
            await b.ask(
                "POST",
                "/threads/import",
                **json.loads((await b.ask("GET", f"{path}/export")).read()),
            ),
        ):
            found = (await b.ask("GET", f"/threads/{made.id}/messages")).wire()["data"]
            (kept,) = found[0]["content"][0]["text"]["annotations"]
            assert kept == cited and kept["jupyter"]["quote"] in text
        for kind in ("markdown", "notebook"):
            exported = (await b.ask("GET", f"{path}/export", query_format=kind)).read().decode()
            if kind == "notebook":
                cells = json.loads(exported)["cells"]
                exported = "\n\n".join(cell["source"] for cell in cells)
            assert "They eat corn\\[1\\]." in exported
            sources = exported.split("Sources:\n\n")[1]
            assert sources.startswith("1. ducks.md") and "and corn.”" in sources
            assert "![" not in sources and file_id not in sources


# -- ingestion and restarts ----------------------------------------------------------------------


async def test_files_in_progress_at_the_end_are_ingested_by_the_next_process(
    tmp_path: Path,
) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, storage=storage) as b:
        file_id = await upload(b, "page.html", f"<p>{DUCKS}</p>")
        made = await b.ask("POST", "/vector_stores", file_ids=[file_id])
        assert made.status == "in_progress" and made.file_counts.in_progress == 1
    async with bench(tmp_path, storage=storage) as b:
        found = await ready(b, made.id)
        assert found.file_counts.completed == 1 and found.usage_bytes > 0


async def test_a_file_that_is_attached_twice_is_ingested_anew(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        vector_store, file_id = await store_with(b, "ducks.txt", DUCKS)
        path = f"/vector_stores/{vector_store}/files"
        again = await b.ask("POST", path, file_id=file_id, attributes={"a": 1})
        assert again.status == "in_progress" and again.attributes == {"a": 1}
        found = await ready(b, vector_store)
        assert found.file_counts.total == 1 and found.file_counts.completed == 1
        query = {"query": "ducks", "filters": {"key": "a", "value": 1}}
        assert (
            len((await b.ask("POST", f"/vector_stores/{vector_store}/search", **query)).data) == 1
        )


async def test_what_is_deleted_while_it_is_read_does_not_come_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file_id = await upload(b, "page.html", f"<p>{DUCKS}</p>")
        made = await b.ask("POST", "/vector_stores", file_ids=[file_id])
        await b.ask("DELETE", f"/vector_stores/{made.id}/files/{file_id}")
        ingestion = b.service.ingestion
        await eventually(lambda: not ingestion._tasks and not ingestion._stopping)
        found = await b.ask("GET", f"/vector_stores/{made.id}")
        assert found.file_counts.total == 0 and found.usage_bytes == 0


async def test_a_file_that_cannot_be_read_fails_alone(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        ids = [await upload(b, "bad.pdf", "no pdf"), await upload(b, "ducks.txt", DUCKS)]
        made = await b.ask("POST", "/vector_stores", file_ids=ids)
        found = await ready(b, made.id)
        assert found.status == "completed"
        assert found.file_counts.failed == found.file_counts.completed == 1
        entry = await b.ask("GET", f"/vector_stores/{made.id}/files/{ids[0]}")
        assert entry.status == "failed" and entry.last_error.code == "invalid_file"
        assert entry.last_error.message == "The file is no readable PDF."
