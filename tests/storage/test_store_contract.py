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
from jupyter_assistants.storage.base import Storage


def test_every_kind_comes_back_as_it_was(storage: Storage) -> None:
    samples = one_of_each_kind()
    assert {type(each) for each in samples} == set(WireObject.__subclasses__())
    storage.save(*samples, owner="me")
    for each in samples:
        assert storage.get(type(each), each.storage_id) == each


def test_objects_of_one_id_are_kept_apart_by_their_store_ids(storage: Storage) -> None:
    one, other = entry(vector_store_id="vs_1"), entry(vector_store_id="vs_2")
    storage.save(file(id="file-1"), one, other, owner="me")
    assert storage.get(File, "file-1").id == one.id == other.id
    assert storage.list(VectorStoreFile, parent="vs_2").data == [other]
    assert storage.owner_of("vs_1/file-1") == "me"
    storage.delete("vs_1/file-1")
    assert storage.list(VectorStoreFile).data == [other]
    assert storage.list(VectorStoreFile, after="vs_2/file-1").data == []
    storage.delete("vs_2")
    assert storage.list(VectorStoreFile).data == [] and storage.get(File, "file-1")


def test_objects_of_a_parent_are_counted_by_status(storage: Storage) -> None:
    statuses = ["completed", "failed", "completed", "in_progress"]
    entries = [
        entry(f"file-{at}", status=status, batch_id="vsfb_1" if at < 2 else None)
        for at, status in enumerate(statuses)
    ]
    storage.save(*entries, entry("file-9", "vs_2", status="cancelled"), owner="me")
    counts = storage.count(VectorStoreFile, parent="vs_1")
    assert dict(counts) == {"completed": 2, "failed": 1, "in_progress": 1}
    batch = storage.count(VectorStoreFile, parent="vs_1", key="vsfb_1")
    assert dict(batch) == {"completed": 1, "failed": 1}
    assert dict(storage.count(VectorStoreFile, parent="vs_3")) == {}


def test_an_object_is_replaced_only_as_it_was_read(storage: Storage) -> None:
    storage.save(entry(), entry("file-2"), owner="me")
    (second, first) = storage.list(VectorStoreFile).data
    assert storage.replace(first, first.changed(status="completed"))
    assert not storage.replace(first, first.changed(status="cancelled"))
    fresh = storage.get(VectorStoreFile, first.storage_id)
    assert fresh.status == "completed"
    assert [each.id for each in storage.list(VectorStoreFile).data] == [second.id, first.id]
    assert storage.owner_of(first.storage_id) == "me"
    assert storage.count(VectorStoreFile, parent="vs_1")["completed"] == 1
    storage.delete(fresh.storage_id)
    assert not storage.replace(fresh, fresh.changed(status="failed"))


@pytest.mark.parametrize("text", ["\x00", "\ud800", "🎉", "'; --"])
def test_any_text_comes_back_as_it_was(storage: Storage, text: str) -> None:
    storage.save(item(id="item_odd", output=text, extras={"a": text}), owner="me")
    (found,) = storage.history("thread_1")
    assert found == item(id="item_odd", output=text, extras={"a": text})


def test_a_stored_object_does_not_change_with_the_callers_copy(storage: Storage) -> None:
    mine = item(extras={"a": 1})
    storage.save(mine, owner="me")
    mine.extras["a"] = 2
    storage.get(type(mine), mine.id).extras["a"] = 3
    assert storage.get(type(mine), mine.id).extras == {"a": 1}


def test_a_replaced_object_keeps_its_place_and_its_owner(storage: Storage) -> None:
    first, second = message(), message()
    storage.save(first, second, owner="me")
    storage.save(first.changed(metadata={"a": "b"}), owner="somebody else")
    page = storage.list(Message, parent="thread_1", order="asc")
    assert [each.id for each in page.data] == [first.id, second.id]
    assert page.data[0].metadata == {"a": "b"}
    assert storage.owner_of(first.id) == "me"


def test_an_object_twice_in_one_put_is_stored_once_as_it_was_last(storage: Storage) -> None:
    storage.save(run(), run(status="completed"), owner="me")
    assert [each.status for each in storage.list(Run).data] == ["completed"]


def test_objects_of_one_put_are_in_the_order_given(storage: Storage) -> None:
    objects = [message() for _ in range(5)]
    storage.save(*objects, owner="me")
    found = storage.list(Message, parent="thread_1", order="asc").data
    assert [each.id for each in found] == [each.id for each in objects]


def test_a_put_of_which_one_object_cannot_be_stored_stores_none(storage: Storage) -> None:
    bad = item(extras={"a": object()})
    with pytest.raises(Exception, match="serializ"):
        storage.save(thread(), bad, owner="me")
    with pytest.raises(NotFound):
        storage.get(Thread, "thread_1")


def test_an_id_that_names_nothing_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound, match=r"No thread found with id 'thread_9'\."):
        storage.get(Thread, "thread_9")


@pytest.mark.parametrize("id", ["", "thread_\x00", "thread_\udcff"])
def test_an_id_that_no_database_can_hold_is_not_found(storage: Storage, id: str) -> None:
    with pytest.raises(NotFound):
        storage.get(Thread, id)
    with pytest.raises(NotFound):
        storage.list(Thread, after=id)
    assert storage.list(Message, key=id).data == []
    storage.delete(id)


def test_an_id_of_another_kind_is_not_found(storage: Storage) -> None:
    storage.save(thread(), owner="me")
    with pytest.raises(NotFound, match="No assistant found"):
        storage.get(Assistant, "thread_1")


def test_an_object_of_somebody_else_is_not_found(storage: Storage) -> None:
    storage.save(thread(), owner="me")
    assert storage.get(Thread, "thread_1", owner="me") == thread()
    with pytest.raises(NotFound, match="No thread found"):
        storage.get(Thread, "thread_1", owner="you")


def test_the_owner_of_nothing_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound):
        storage.owner_of("thread_9")


def test_a_deletion_takes_everything_below_to_any_depth(storage: Storage) -> None:
    kept = message(thread_id="thread_2")
    storage.save(thread(), message(), item(), run(), step(), thread("thread_2"), kept, owner="me")
    storage.delete("thread_1")
    for kind in (Message, Run, RunStep):
        assert storage.list(kind, owner="me").data == ([kept] if kind is Message else [])
    assert storage.history("thread_1") == []
    assert storage.get(Thread, "thread_2") == thread("thread_2")


def test_a_deletion_passes_over_unknown_ids(storage: Storage) -> None:
    storage.save(assistant(), file(), owner="me")
    storage.delete("asst_9", "asst_1")
    storage.delete()
    assert storage.list(Assistant).data == []
    assert storage.list(File).data == [file()]


def test_a_deleted_object_can_be_put_again_at_the_end(storage: Storage) -> None:
    storage.save(thread(), thread("thread_2"), owner="me")
    storage.delete("thread_1")
    storage.save(thread(), owner="you")
    assert [each.id for each in storage.list(Thread, order="asc").data] == ["thread_2", "thread_1"]
    assert storage.owner_of("thread_1") == "you"


def test_history_is_messages_and_items_oldest_first(storage: Storage) -> None:
    entries = [message(), item(), item(), message(), item()]
    storage.save(thread(), run(), step(), message("thread_2"), *entries, owner="me")
    assert storage.history("thread_1") == entries


def test_a_limited_history_is_its_newest_entries(storage: Storage) -> None:
    entries = [message(), item(), item(), message(), item()]
    storage.save(*entries, owner="me")
    for limit in range(7):
        assert storage.history("thread_1", limit=limit) == entries[max(5 - limit, 0) :]
