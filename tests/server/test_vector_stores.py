"""Vector stores and file_search with the stock ``openai`` package, against a real server."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from support.live_server import LiveServer, embedded
from support.paths import DOCUMENTS
from support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

DUCKS = b"Ducks eat bread and corn. They swim on the lake."
SHIPS = b"Ships carry corn over the sea."
SEARCH: Any = {"type": "file_search"}
CONTENT: Any = "step_details.tool_calls[*].file_search.results[*].content"


@pytest.fixture(scope="module")
def client(assistants_server: LiveServer) -> Iterator[OpenAI]:
    with assistants_server.client(max_retries=0, _strict_response_validation=True) as client:
        yield client


def upload(client: OpenAI, name: str = "ducks.txt", content: bytes = DUCKS) -> str:
    return client.files.create(file=(name, content), purpose="assistants").id


@pytest.fixture(scope="module")
def library(client: OpenAI) -> str:
    """A vector store with two files that say so in their attributes."""
    store = client.vector_stores.create(name="library", metadata={"a": "b"})
    files: Any = [
        {"file_id": upload(client), "attributes": {"about": "birds", "year": 2020}},
        {
            "file_id": upload(client, "ships.txt", SHIPS),
            "attributes": {"about": "ships", "year": 2025},
        },
    ]
    batch = client.vector_stores.file_batches.create_and_poll(store.id, files=files)
    assert batch.status == "completed" and batch.file_counts.completed == 2
    return store.id


# -- stores --------------------------------------------------------------------------------------


def test_a_new_store_is_completed_and_empty(client: OpenAI) -> None:
    store = client.vector_stores.create()
    assert (store.name, store.status, store.usage_bytes) == ("", "completed", 0)
    assert store.file_counts.total == 0 and store.metadata == {}
    assert store.last_active_at == store.created_at and store.expires_at is None


def test_a_store_can_be_changed_and_cleared(client: OpenAI) -> None:
    expires: Any = {"anchor": "last_active_at", "days": 3}
    store = client.vector_stores.create(name="a", expires_after=expires, metadata={"a": "b"})
    assert store.expires_at == store.created_at + 3 * 86400
    changed = client.vector_stores.update(store.id, name="b")
    assert (changed.name, changed.metadata) == ("b", {"a": "b"})
    assert changed.expires_after is not None and changed.expires_after.days == 3
    cleared = client.vector_stores.update(store.id, name=None, expires_after=None)
    assert cleared.name == "" and cleared.expires_after is None and cleared.expires_at is None


def test_stores_are_listed_page_by_page(client: OpenAI) -> None:
    made = [client.vector_stores.create(name=str(n)).id for n in range(3)]
    page = client.vector_stores.list(limit=2)
    assert [each.id for each in page.data] == made[:0:-1] and page.has_more
    found = [each.id for each in client.vector_stores.list(limit=2)]
    assert found[:3] == made[::-1] and len(found) == len(set(found))


def test_a_deleted_store_is_gone_and_its_files_stay(client: OpenAI) -> None:
    file_id = upload(client)
    store = client.vector_stores.create(file_ids=[file_id])
    deleted = client.vector_stores.delete(store.id)
    assert deleted.deleted and deleted.object == "vector_store.deleted"
    with pytest.raises(openai.NotFoundError, match=f"No vector store found with id '{store.id}'"):
        client.vector_stores.retrieve(store.id)
    assert client.files.retrieve(file_id).id == file_id


# -- files ---------------------------------------------------------------------------------------


def test_a_file_is_uploaded_and_polled(client: OpenAI) -> None:
    store = client.vector_stores.create()
    with (DOCUMENTS / "four_pages.pdf").open("rb") as file:
        found = client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=file)
    assert found.status == "completed" and found.usage_bytes > 0 and found.last_error is None
    assert found.chunking_strategy is not None
    assert found.chunking_strategy.to_dict() == {
        "type": "static",
        "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
    }
    shown = embedded(client, store.id)
    found = client.vector_stores.files.retrieve(found.id, vector_store_id=store.id)
    assert shown.status == "completed" and shown.usage_bytes == found.usage_bytes
    (listed,) = client.vector_stores.files.list(store.id)
    assert listed.usage_bytes == found.usage_bytes
    content = client.vector_stores.files.content(found.id, vector_store_id=store.id)
    assert content.object == "vector_store.file_content.page"  # type: ignore[attr-defined]
    assert len(content.data) == 4 and not content.has_next_page()
    assert content.data[0].text is not None
    assert content.data[0].text.startswith("Hello, here is some text without a meaning.")


def test_a_file_is_found_right_after_it_was_attached(client: OpenAI) -> None:
    store = client.vector_stores.create()
    static: Any = {
        "type": "static",
        "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50},
    }
    file_id = upload(client)
    made = client.vector_stores.files.create(
        store.id, file_id=file_id, chunking_strategy=static, attributes={"a": 1.5}
    )
    assert made.id == file_id and made.status == "in_progress" and made.attributes == {"a": 1.5}
    answer = client.vector_stores.files.with_raw_response.retrieve(
        file_id, vector_store_id=store.id
    )
    assert int(answer.headers["openai-poll-after-ms"]) > 0
    found = client.vector_stores.files.poll(file_id, vector_store_id=store.id)
    assert found.status == "completed" and found.chunking_strategy is not None
    assert found.chunking_strategy.to_dict() == static


def test_a_file_that_cannot_be_read_says_why(client: OpenAI) -> None:
    store = client.vector_stores.create()
    content = (DOCUMENTS / "password.pdf").read_bytes()
    found = client.vector_stores.files.create_and_poll(
        upload(client, "secret.pdf", content), vector_store_id=store.id
    )
    assert found.status == "failed" and found.last_error is not None
    assert found.last_error.code == "unsupported_file"
    assert "protected by a password" in found.last_error.message
    shown = client.vector_stores.retrieve(store.id)
    assert shown.status == "completed" and shown.file_counts.failed == 1
    assert client.vector_stores.files.content(found.id, vector_store_id=store.id).data == []


def test_files_are_listed_by_state_and_by_pages(client: OpenAI) -> None:
    bad = upload(client, "bad.pdf", b"no pdf")
    good = [upload(client), upload(client, "ships.txt", SHIPS)]
    store = client.vector_stores.create(file_ids=[bad, *good])
    settled(client, store.id)
    listing = client.vector_stores.files.list
    assert [each.id for each in listing(store.id, filter="failed")] == [bad]
    assert [each.id for each in listing(store.id, filter="completed", order="asc")] == good
    assert [each.id for each in listing(store.id, limit=1, order="asc")] == [bad, *good]
    page = listing(store.id, after=good[0], order="asc")
    assert [each.id for each in page.data] == [good[1]]
    page = listing(store.id, before=good[0], order="asc")
    assert [each.id for each in page.data] == [bad]
    with pytest.raises(openai.NotFoundError, match="No file found with id 'file-X'"):
        listing(store.id, after="file-X")


def settled(client: OpenAI, store_id: str) -> None:
    until(lambda: client.vector_stores.retrieve(store_id).status != "in_progress")


def test_attributes_can_be_changed_and_cleared(client: OpenAI) -> None:
    file_id = upload(client)
    store = client.vector_stores.create(file_ids=[file_id])
    settled(client, store.id)
    update = client.vector_stores.files.update
    changed = update(file_id, vector_store_id=store.id, attributes={"about": "birds"})
    assert changed.attributes == {"about": "birds"} and changed.status == "completed"
    wanted: Any = {"type": "eq", "key": "about", "value": "birds"}
    found = client.vector_stores.search(store.id, query="ducks", filters=wanted)
    assert [each.attributes for each in found.data] == [{"about": "birds"}]
    assert update(file_id, vector_store_id=store.id, attributes=None).attributes == {}
    assert client.vector_stores.search(store.id, query="ducks", filters=wanted).data == []


def test_a_file_that_is_taken_out_stays_a_file(client: OpenAI) -> None:
    file_id = upload(client)
    store = client.vector_stores.create(file_ids=[file_id])
    deleted = client.vector_stores.files.delete(file_id, vector_store_id=store.id)
    assert deleted.object == "vector_store.file.deleted" and deleted.id == file_id
    text = f"No file found with id '{file_id}' in vector store '{store.id}'."
    for ask in (client.vector_stores.files.retrieve, client.vector_stores.files.content):
        with pytest.raises(openai.NotFoundError, match=text):
            ask(file_id, vector_store_id=store.id)
    assert client.files.retrieve(file_id).id == file_id


def test_unsupported_and_unknown_files_are_refused_at_once(client: OpenAI) -> None:
    store = client.vector_stores.create()
    table = upload(client, "a.png", b"a,b")
    with pytest.raises(openai.BadRequestError) as refused:
        client.vector_stores.files.create(store.id, file_id=table)
    assert refused.value.body == {
        "message": "Files with extensions [.png] are not supported for retrieval. See "
        "https://platform.openai.com/docs/assistants/tools/file-search/supported-files",
        "type": "invalid_request_error",
        "param": "file_id",
        "code": "unsupported_file",
    }
    with pytest.raises(openai.NotFoundError) as unknown:
        client.vector_stores.file_batches.create(store.id, file_ids=["file-X"])
    assert unknown.value.param == "file_ids"  # type: ignore[attr-defined]
    assert "No such File object: file-X" in str(unknown.value)
    assert client.vector_stores.retrieve(store.id).file_counts.total == 0


# -- batches -------------------------------------------------------------------------------------


def test_files_are_uploaded_and_polled_together(client: OpenAI) -> None:
    store = client.vector_stores.create()
    streams = [io.BytesIO(DUCKS + str(n).encode()) for n in range(6)]
    for number, stream in enumerate(streams):
        stream.name = f"ducks-{number}.md"
    more = upload(client, "bad.pdf", b"no pdf")
    batch = client.vector_stores.file_batches.upload_and_poll(
        store.id, files=streams, file_ids=[more]
    )
    counts = batch.file_counts
    assert (counts.completed, counts.failed, counts.in_progress, counts.total) == (6, 1, 0, 7)
    assert batch.status == "completed" and batch.object == "vector_store.files_batch"
    listing = client.vector_stores.file_batches.list_files
    failed = listing(batch.id, vector_store_id=store.id, filter="failed")
    assert [each.id for each in failed] == [more]
    assert len(list(listing(batch.id, vector_store_id=store.id, limit=3))) == 7


def test_a_batch_counts_its_files_from_the_first_answer_on(client: OpenAI) -> None:
    store = client.vector_stores.create()
    ids = [upload(client, f"{n}.html", DUCKS) for n in range(3)]
    batch = client.vector_stores.file_batches.create(store.id, file_ids=ids)
    assert batch.file_counts.total == 3
    if batch.status == "in_progress":
        assert batch.file_counts.in_progress > 0
    answer = client.vector_stores.file_batches.with_raw_response.retrieve(
        batch.id, vector_store_id=store.id
    )
    assert "openai-poll-after-ms" in answer.headers
    done = client.vector_stores.file_batches.poll(batch.id, vector_store_id=store.id)
    assert done.status == "completed"


def test_a_batch_of_which_every_file_failed_has_failed(client: OpenAI) -> None:
    store = client.vector_stores.create()
    bad = upload(client, "bad.pdf", b"no pdf")
    batch = client.vector_stores.file_batches.create_and_poll(store.id, file_ids=[bad])
    assert batch.status == "failed" and batch.file_counts.failed == 1


def test_cancelling_leaves_what_is_done(client: OpenAI) -> None:
    store = client.vector_stores.create()
    ids = [upload(client, f"{n}.html", DUCKS) for n in range(30)]
    made = client.vector_stores.file_batches.create(store.id, file_ids=ids)
    batch = client.vector_stores.file_batches.cancel(made.id, vector_store_id=store.id)
    counts = batch.file_counts
    assert batch.status == "cancelled" and counts.in_progress == 0
    assert counts.cancelled > 0 and counts.cancelled + counts.completed == counts.total == 30
    # The queue has come to the end of another file: what was cancelled will not be taken up.
    settled(client, client.vector_stores.create(file_ids=[upload(client)]).id)
    again = client.vector_stores.file_batches.retrieve(made.id, vector_store_id=store.id)
    assert again == batch
    assert client.vector_stores.file_batches.cancel(made.id, vector_store_id=store.id) == batch
    shown = client.vector_stores.retrieve(store.id)
    assert shown.status == "completed" and shown.file_counts.cancelled == counts.cancelled


def test_a_batch_takes_ids_or_files_but_not_both(client: OpenAI) -> None:
    store = client.vector_stores.create()
    create: Any = client.vector_stores.file_batches.create
    both = {"file_ids": ["file-X"], "files": [{"file_id": "file-X"}]}
    for body, code in (
        (both, "mutually_exclusive_parameters"),
        ({}, "missing_required_parameter"),
        ({"file_ids": []}, "array_below_min_length"),
        ({"file_ids": ["x"] * 2001}, "array_above_max_length"),
    ):
        with pytest.raises(openai.BadRequestError) as refused:
            create(store.id, **body)
        assert refused.value.code == code


def test_a_batch_of_another_store_is_unknown(client: OpenAI) -> None:
    one, other = client.vector_stores.create(), client.vector_stores.create()
    batch = client.vector_stores.file_batches.create(one.id, file_ids=[upload(client)])
    text = f"No file batch found with id '{batch.id}' in vector store '{other.id}'."
    with pytest.raises(openai.NotFoundError, match=text):
        client.vector_stores.file_batches.retrieve(batch.id, vector_store_id=other.id)


# -- search --------------------------------------------------------------------------------------


def test_a_search_gives_passages_with_scores_and_attributes(client: OpenAI, library: str) -> None:
    # With an embedding model, ships are not far from ducks either.
    words: Any = {"hybrid_search": {"embedding_weight": 0, "text_weight": 1}}
    page = client.vector_stores.search(library, query="What do ducks eat?", ranking_options=words)
    assert page.search_query == ["What do ducks eat?"]  # type: ignore[attr-defined]
    (result,) = page.data
    assert result.filename == "ducks.txt" and 0 < result.score <= 1
    assert result.attributes == {"about": "birds", "year": 2020}
    assert result.content[0].text == DUCKS.decode() and not page.has_next_page()


def test_several_queries_and_limits(client: OpenAI, library: str) -> None:
    search = client.vector_stores.search
    names = [each.filename for each in search(library, query=["ducks", "ships"]).data]
    assert sorted(names) == ["ducks.txt", "ships.txt"]
    assert len(search(library, query="corn", max_num_results=1).data) == 1
    strict: Any = {"score_threshold": 0.9, "ranker": "auto"}
    found = search(library, query="corn sea", ranking_options=strict, rewrite_query=True)
    assert [each.filename for each in found.data] == ["ships.txt"]


def test_the_ranking_options_of_a_search_are_taken(client: OpenAI, library: str) -> None:
    for ranker in ("none", "auto", "default-2024-11-15"):
        options: Any = {"ranker": ranker, "score_threshold": 0.2}
        found = client.vector_stores.search(library, query="sea", ranking_options=options)
        assert found.data[0].filename == "ships.txt"
    words: Any = {"hybrid_search": {"embedding_weight": 0, "text_weight": 1}}
    found = client.vector_stores.search(library, query="sea", ranking_options=words)
    assert [each.filename for each in found.data] == ["ships.txt"]


def test_filters_act_on_attributes(client: OpenAI, library: str) -> None:
    recent: Any = {"type": "gte", "key": "year", "value": 2021}
    found = client.vector_stores.search(library, query="corn", filters=recent)
    assert [each.filename for each in found.data] == ["ships.txt"]
    both: Any = {"type": "and", "filters": [recent, {"type": "eq", "key": "about", "value": "x"}]}
    assert client.vector_stores.search(library, query="corn", filters=both).data == []
    with pytest.raises(openai.BadRequestError, match="Missing required parameter: 'filters.key'"):
        client.vector_stores.search(library, query="corn", filters={"type": "eq"})  # type: ignore[arg-type]


# -- the tool, with the demo model ---------------------------------------------------------------


@pytest.fixture
def question(client: OpenAI) -> str:
    """A thread that asks about an attached text."""
    file_id = upload(client)
    return client.beta.threads.create(
        messages=[
            {
                "role": "user",
                "content": "What do ducks eat?",
                "attachments": [{"file_id": file_id, "tools": [SEARCH]}],
            }
        ]
    ).id


def test_the_demo_model_quotes_and_cites_a_text(client: OpenAI, question: str) -> None:
    assistant = client.beta.assistants.create(model="demo", tools=[SEARCH])
    run = client.beta.threads.runs.create_and_poll(thread_id=question, assistant_id=assistant.id)
    assert run.status == "completed", run.last_error
    (message,) = client.beta.threads.messages.list(question, run_id=run.id).data
    part = message.content[0]
    assert part.type == "text" and "Ducks eat bread and corn." in part.text.value
    (annotation,) = part.text.annotations
    assert annotation.type == "file_citation"
    marked = part.text.value[annotation.start_index : annotation.end_index]
    assert marked == annotation.text == "【0:0†ducks.txt】"
    assert client.files.retrieve(annotation.file_citation.file_id).filename == "ducks.txt"
    steps = client.beta.threads.runs.steps.list(
        run.id, thread_id=question, include=[CONTENT], order="asc"
    )
    wire = json.loads(steps.data[0].to_json())["step_details"]["tool_calls"][0]
    assert wire["file_search"]["results"][0]["content"][0]["text"] == DUCKS.decode()


def test_a_search_streams_through_the_sdks_helper(client: OpenAI, question: str) -> None:
    assistant = client.beta.assistants.create(model="demo", tools=[SEARCH])
    with client.beta.threads.runs.stream(
        thread_id=question, assistant_id=assistant.id, tool_choice=SEARCH
    ) as stream:
        stream.until_done()
        (message,) = stream.get_final_messages()
        steps = stream.get_final_run_steps()
    part = message.content[0]
    assert part.type == "text" and len(part.text.annotations) == 1
    assert steps[0].step_details.type == "tool_calls"
    assert steps[0].step_details.tool_calls[0].type == "file_search"
