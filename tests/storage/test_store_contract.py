"""What every store promises of objects (jupyter_assistants/store/base.py)."""

from __future__ import annotations

import pytest
from support.store_samples import (
    assistant,
    entry,
    file,
    item,
    message,
    one_of_each_kind,
    run,
    step,
    thread,
)

from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.vector_stores import VectorStoreFile
from jupyter_assistants.storage.base import Store


def test_every_kind_comes_back_as_it_was(store: Store) -> None:
    samples = one_of_each_kind()
    assert {type(each) for each in samples} == set(WireObject.__subclasses__())
    store.put(*samples, owner="me")
    for each in samples:
        assert store.get(type(each), each.store_id) == each


def test_objects_of_one_id_are_kept_apart_by_their_store_ids(store: Store) -> None:
    one, other = entry(vector_store_id="vs_1"), entry(vector_store_id="vs_2")
    store.put(file(id="file-1"), one, other, owner="me")
    assert store.get(File, "file-1").id == one.id == other.id
    assert store.list(VectorStoreFile, parent="vs_2").data == [other]
    assert store.owner_of("vs_1/file-1") == "me"
    store.delete("vs_1/file-1")
    assert store.list(VectorStoreFile).data == [other]
    assert store.list(VectorStoreFile, after="vs_2/file-1").data == []
    store.delete("vs_2")
    assert store.list(VectorStoreFile).data == [] and store.get(File, "file-1")


def test_objects_of_a_parent_are_counted_by_status(store: Store) -> None:
    statuses = ["completed", "failed", "completed", "in_progress"]
    entries = [
        entry(f"file-{at}", status=status, batch_id="vsfb_1" if at < 2 else None)
        for at, status in enumerate(statuses)
    ]
    store.put(*entries, entry("file-9", "vs_2", status="cancelled"), owner="me")
    counts = store.count(VectorStoreFile, parent="vs_1")
    assert dict(counts) == {"completed": 2, "failed": 1, "in_progress": 1}
    batch = store.count(VectorStoreFile, parent="vs_1", key="vsfb_1")
    assert dict(batch) == {"completed": 1, "failed": 1}
    assert dict(store.count(VectorStoreFile, parent="vs_3")) == {}


def test_an_object_is_replaced_only_as_it_was_read(store: Store) -> None:
    store.put(entry(), entry("file-2"), owner="me")
    (second, first) = store.list(VectorStoreFile).data
    assert store.replace(first, first.changed(status="completed"))
    assert not store.replace(first, first.changed(status="cancelled"))
    fresh = store.get(VectorStoreFile, first.store_id)
    assert fresh.status == "completed"
    assert [each.id for each in store.list(VectorStoreFile).data] == [second.id, first.id]
    assert store.owner_of(first.store_id) == "me"
    assert store.count(VectorStoreFile, parent="vs_1")["completed"] == 1
    store.delete(fresh.store_id)
    assert not store.replace(fresh, fresh.changed(status="failed"))


@pytest.mark.parametrize("text", ["\x00", "\ud800", "🎉", "'; --"])
def test_any_text_comes_back_as_it_was(store: Store, text: str) -> None:
    store.put(item(id="item_odd", output=text, extras={"a": text}), owner="me")
    (found,) = store.history("thread_1")
    assert found == item(id="item_odd", output=text, extras={"a": text})


def test_a_stored_object_does_not_change_with_the_callers_copy(store: Store) -> None:
    mine = item(extras={"a": 1})
    store.put(mine, owner="me")
    mine.extras["a"] = 2
    store.get(type(mine), mine.id).extras["a"] = 3
    assert store.get(type(mine), mine.id).extras == {"a": 1}


def test_a_replaced_object_keeps_its_place_and_its_owner(store: Store) -> None:
    first, second = message(), message()
    store.put(first, second, owner="me")
    store.put(first.changed(metadata={"a": "b"}), owner="somebody else")
    page = store.list(Message, parent="thread_1", order="asc")
    assert [each.id for each in page.data] == [first.id, second.id]
    assert page.data[0].metadata == {"a": "b"}
    assert store.owner_of(first.id) == "me"


def test_an_object_twice_in_one_put_is_stored_once_as_it_was_last(store: Store) -> None:
    store.put(run(), run(status="completed"), owner="me")
    assert [each.status for each in store.list(Run).data] == ["completed"]


def test_objects_of_one_put_are_in_the_order_given(store: Store) -> None:
    objects = [message() for _ in range(5)]
    store.put(*objects, owner="me")
    found = store.list(Message, parent="thread_1", order="asc").data
    assert [each.id for each in found] == [each.id for each in objects]


def test_a_put_of_which_one_object_cannot_be_stored_stores_none(store: Store) -> None:
    bad = item(extras={"a": object()})
    with pytest.raises(Exception, match="serializ"):
        store.put(thread(), bad, owner="me")
    with pytest.raises(NotFound):
        store.get(Thread, "thread_1")


def test_an_id_that_names_nothing_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match=r"No thread found with id 'thread_9'\."):
        store.get(Thread, "thread_9")


@pytest.mark.parametrize("id", ["", "thread_\x00", "thread_\udcff"])
def test_an_id_that_no_database_can_hold_is_not_found(store: Store, id: str) -> None:
    with pytest.raises(NotFound):
        store.get(Thread, id)
    with pytest.raises(NotFound):
        store.list(Thread, after=id)
    assert store.list(Message, key=id).data == []
    store.delete(id)


def test_an_id_of_another_kind_is_not_found(store: Store) -> None:
    store.put(thread(), owner="me")
    with pytest.raises(NotFound, match="No assistant found"):
        store.get(Assistant, "thread_1")


def test_an_object_of_somebody_else_is_not_found(store: Store) -> None:
    store.put(thread(), owner="me")
    assert store.get(Thread, "thread_1", owner="me") == thread()
    with pytest.raises(NotFound, match="No thread found"):
        store.get(Thread, "thread_1", owner="you")


def test_the_owner_of_nothing_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.owner_of("thread_9")


def test_a_deletion_takes_everything_below_to_any_depth(store: Store) -> None:
    kept = message(thread_id="thread_2")
    store.put(thread(), message(), item(), run(), step(), thread("thread_2"), kept, owner="me")
    store.delete("thread_1")
    for kind in (Message, Run, RunStep):
        assert store.list(kind, owner="me").data == ([kept] if kind is Message else [])
    assert store.history("thread_1") == []
    assert store.get(Thread, "thread_2") == thread("thread_2")


def test_a_deletion_passes_over_unknown_ids(store: Store) -> None:
    store.put(assistant(), file(), owner="me")
    store.delete("asst_9", "asst_1")
    store.delete()
    assert store.list(Assistant).data == []
    assert store.list(File).data == [file()]


def test_a_deleted_object_can_be_put_again_at_the_end(store: Store) -> None:
    store.put(thread(), thread("thread_2"), owner="me")
    store.delete("thread_1")
    store.put(thread(), owner="you")
    assert [each.id for each in store.list(Thread, order="asc").data] == ["thread_2", "thread_1"]
    assert store.owner_of("thread_1") == "you"


def test_history_is_messages_and_items_oldest_first(store: Store) -> None:
    entries = [message(), item(), item(), message(), item()]
    store.put(thread(), run(), step(), message("thread_2"), *entries, owner="me")
    assert store.history("thread_1") == entries


def test_a_limited_history_is_its_newest_entries(store: Store) -> None:
    entries = [message(), item(), item(), message(), item()]
    store.put(*entries, owner="me")
    for limit in range(7):
        assert store.history("thread_1", limit=limit) == entries[max(5 - limit, 0) :]
