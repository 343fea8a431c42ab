"""What every store promises of lists (docs/internals/protocol.md, "Ids and pages")."""

from __future__ import annotations

from itertools import count
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.store_samples import entry, file, message, run, thread, vector_store

from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.vector_stores import VectorStoreFile
from jupyter_assistants.storage.base import Storage

Order = Literal["asc", "desc"]
_example = count()


@pytest.fixture
def ten(storage: Storage) -> Storage:
    """Return a storage with msg_0 … msg_9, all of the same second."""
    storage.save(*(message(id=f"msg_{number}") for number in range(10)), owner="me")
    return storage


@pytest.mark.parametrize(
    ("order", "after", "before", "limit", "numbers", "has_more"),
    [
        ("asc", None, None, 3, [0, 1, 2], True),
        ("desc", None, None, 3, [9, 8, 7], True),
        ("asc", 2, None, 3, [3, 4, 5], True),
        ("desc", 2, None, 3, [1, 0], False),
        ("asc", None, 5, 3, [2, 3, 4], True),
        ("asc", None, 3, 3, [0, 1, 2], False),
        ("desc", None, 5, 3, [8, 7, 6], True),
        ("desc", None, 6, 3, [9, 8, 7], False),
        ("asc", 2, 8, 3, [3, 4, 5], True),
        ("asc", 2, 5, 3, [3, 4], False),
        ("desc", 8, 2, 3, [7, 6, 5], True),
        ("desc", 5, 2, 3, [4, 3], False),
        ("asc", 5, 2, 3, [], False),
        ("asc", 9, None, 3, [], False),
        ("desc", None, None, 10, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], False),
    ],
)
def test_a_page_is_counted_from_its_cursors(
    ten: Storage,
    order: Order,
    after: int | None,
    before: int | None,
    limit: int,
    numbers: list[int],
    has_more: bool,
) -> None:
    page = ten.list(
        Message,
        parent="thread_1",
        limit=limit,
        order=order,
        after=None if after is None else f"msg_{after}",
        before=None if before is None else f"msg_{before}",
    )
    assert [each.id for each in page.data] == [f"msg_{number}" for number in numbers]
    assert page.has_more is has_more


def test_lists_are_of_twenty_newest_first_unless_asked(storage: Storage) -> None:
    storage.save(*(thread(f"thread_{number}") for number in range(25)), owner="me")
    page = storage.list(Thread)
    assert [each.id for each in page.data] == [f"thread_{number}" for number in range(24, 4, -1)]
    assert page.has_more


def test_a_walk_through_the_pages_meets_everything_once_while_others_write(
    storage: Storage,
) -> None:
    storage.save(*(message(id=f"msg_{number}") for number in range(10)), owner="me")
    seen: list[str] = []
    after = None
    while True:
        page = storage.list(Message, parent="thread_1", limit=3, order="asc", after=after)
        seen += [each.id for each in page.data]
        storage.delete(seen[0])
        storage.save(message("thread_2"), owner="me")
        if not page.has_more:
            break
        after = seen[-1]
    assert seen == [f"msg_{number}" for number in range(10)]


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(
    "stranger", ["msg_unknown", "thread_1", "msg_of_another_thread", "msg_of_another_owner"]
)
def test_a_cursor_that_is_not_in_the_list_is_not_found(
    storage: Storage, side: str, stranger: str
) -> None:
    storage.save(thread(), message(id="msg_1"), owner="me")
    storage.save(message("thread_2", id="msg_of_another_thread"), owner="me")
    storage.save(message(id="msg_of_another_owner"), owner="you")
    cursor: dict[str, Any] = {side: stranger}
    with pytest.raises(NotFound, match=f"No message found with id '{stranger}'"):
        storage.list(Message, parent="thread_1", owner="me", **cursor)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_is_emptied_page_by_page(ten: Storage, order: Order) -> None:
    deleted: list[str] = []
    after, more = None, True
    while more:
        page = ten.list(Message, parent="thread_1", limit=2, order=order, after=after)
        for each in page.data:
            ten.delete(each.id)
            deleted.append(each.id)
        after, more = deleted[-1], page.has_more
    numbers = range(10) if order == "asc" else range(9, -1, -1)
    assert deleted == [f"msg_{number}" for number in numbers]
    assert ten.list(Message, parent="thread_1", after=after, before=deleted[0]).data == []


@pytest.mark.parametrize(
    ("order", "cursors", "numbers"),
    [
        ("asc", {"after": "msg_4"}, [6, 7, 8]),
        ("desc", {"after": "msg_4"}, [3, 2, 1]),
        ("asc", {"before": "msg_4"}, [1, 2, 3]),
        ("desc", {"before": "msg_4"}, [8, 7, 6]),
        ("asc", {"after": "msg_4", "before": "msg_7"}, [6]),
        ("desc", {"after": "msg_7", "before": "msg_4"}, [6]),
    ],
)
def test_a_deleted_cursor_keeps_its_place(
    ten: Storage, order: Order, cursors: dict[str, str], numbers: list[int]
) -> None:
    ten.delete("msg_4", "msg_5")
    page = ten.list(Message, parent="thread_1", owner="me", limit=3, order=order, **cursors)
    assert [each.id for each in page.data] == [f"msg_{number}" for number in numbers]


def test_an_expired_cursor_keeps_its_place(storage: Storage) -> None:
    expired = file("file-2", expires_at=1)
    storage.save(file("file-1"), expired, file("file-3"), owner="me")
    page = storage.list(File, owner="me", after="file-2", order="asc")
    assert [each.id for each in page.data] == ["file-3"]
    storage.delete("file-2")
    assert storage.list(File, owner="me", after="file-2", order="asc") == page


@pytest.mark.parametrize("side", ["after", "before"])
def test_a_deleted_cursor_of_another_list_is_not_found(storage: Storage, side: str) -> None:
    storage.save(message("thread_2", id="msg_elsewhere"), owner="me")
    storage.save(message(id="msg_of_another_owner"), owner="you")
    storage.delete("msg_elsewhere", "msg_of_another_owner")
    for stranger in ("msg_elsewhere", "msg_of_another_owner"):
        cursor: dict[str, Any] = {side: stranger}
        with pytest.raises(NotFound, match=f"No message found with id '{stranger}'"):
            storage.list(Message, parent="thread_1", owner="me", **cursor)
    assert storage.list(Message, parent="thread_2", owner="me", after="msg_elsewhere").data == []
    with pytest.raises(NotFound):
        storage.list(Run, parent="thread_2", owner="me", after="msg_elsewhere")


def test_what_went_with_its_parent_keeps_its_place(storage: Storage) -> None:
    for store in ("vs_1", "vs_2", "vs_3"):
        storage.save(vector_store(store), entry("file-1", store), owner="me")
    storage.delete("vs_2")
    page = storage.list(VectorStoreFile, owner="me", order="asc", after="vs_2/file-1")
    assert [each.vector_store_id for each in page.data] == ["vs_3"]


def test_an_object_that_came_back_counts_where_it_is_now(storage: Storage) -> None:
    entries = [entry("file-1"), entry("file-2"), entry("file-3")]
    storage.save(vector_store("vs_1"), *entries, owner="me")
    for _ in range(2):
        storage.delete("vs_1/file-1")
        listed = storage.list(VectorStoreFile, parent="vs_1", after="vs_1/file-1", order="asc")
        assert "file-2" in [each.id for each in listed.data] or not listed.data
        storage.save(entries[0], owner="me")
        listed = storage.list(VectorStoreFile, parent="vs_1", after="vs_1/file-1", order="asc")
        assert listed.data == []


def test_places_are_forgotten_after_a_while(ten: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    ten.delete("msg_4")
    ten.collect_garbage()
    assert ten.list(Message, parent="thread_1", after="msg_4").data
    monkeypatch.setattr("jupyter_assistants.storage.sql.PLACE_SECONDS", -1.0)
    ten.collect_garbage()
    with pytest.raises(NotFound):
        ten.list(Message, parent="thread_1", after="msg_4")


def test_a_cursor_that_no_longer_passes_the_filter_still_marks_its_place(storage: Storage) -> None:
    storage.save(*(run(f"run_{number}", status="queued") for number in range(3)), owner="me")
    storage.save(run("run_1", status="completed"), owner="me")
    page = storage.list(Run, parent="thread_1", status="queued", after="run_1", order="desc")
    assert [each.id for each in page.data] == ["run_0"]


def test_a_list_can_be_kept_to_one_key(storage: Storage) -> None:
    storage.save(file("file-1"), file("file-2", purpose="vision"), owner="me")
    assert [each.id for each in storage.list(File, key="vision", owner="me").data] == ["file-2"]


def test_a_list_follows_a_change_of_status(storage: Storage) -> None:
    storage.save(run(status="queued"), owner="me")
    storage.save(run(status="in_progress"), owner="me")
    assert storage.list(Run, parent="thread_1", status="queued").data == []
    assert len(storage.list(Run, parent="thread_1", status="in_progress").data) == 1


def test_an_owner_sees_only_what_is_theirs(storage: Storage) -> None:
    storage.save(thread("thread_1"), owner="me")
    storage.save(thread("thread_2"), owner="you")
    assert [each.id for each in storage.list(Thread, owner="me").data] == ["thread_1"]
    assert len(storage.list(Thread).data) == 2


_entry = st.fixed_dictionaries(
    {
        "thread": st.sampled_from("ab"),
        "owner": st.sampled_from("xy"),
        "run_id": st.sampled_from([None, "run_1", "run_2"]),
        "status": st.sampled_from(["completed", "in_progress"]),
    }
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_entry, min_size=1, max_size=14), st.data())
def test_any_page_is_that_of_a_plain_list(
    storage: Storage, entries: list[dict[str, Any]], data: st.DataObject
) -> None:
    mark = f"{next(_example)}"  # one store serves every example, so each has names of its own
    entries = [
        {**each, "id": f"msg_{mark}_{number}", "thread": mark + each["thread"]}
        for number, each in enumerate(entries)
    ]
    for each in entries:
        stored = message(
            each["thread"], id=each["id"], run_id=each["run_id"], status=each["status"]
        )
        storage.save(stored, owner=mark + each["owner"])
    parent, owner = data.draw(st.sampled_from([("a", None), (None, "x"), ("a", "x")]))
    key = data.draw(st.sampled_from([None, "run_1"]))
    status = data.draw(st.sampled_from([None, "completed"]))
    order: Order = data.draw(st.sampled_from(["asc", "desc"]))
    limit = data.draw(st.integers(1, 6))
    plain = [
        each
        for each in (entries if order == "asc" else entries[::-1])
        if parent in (None, each["thread"][-1]) and owner in (None, each["owner"])
    ]
    cursors = st.sampled_from([None, *(each["id"] for each in plain)])
    after, before = data.draw(cursors), data.draw(cursors)
    place = {each["id"]: number for number, each in enumerate(plain)}
    between = [
        each["id"]
        for number, each in enumerate(plain)
        if (after is None or number > place[after])
        and (before is None or number < place[before])
        and key in (None, each["run_id"])
        and status in (None, each["status"])
    ]
    counted_back = after is None and before is not None
    page = storage.list(
        Message,
        parent=parent and mark + parent,
        owner=owner and mark + owner,
        key=key,
        status=status,
        limit=limit,
        order=order,
        after=after,
        before=before,
    )
    assert [each.id for each in page.data] == (
        between[-limit:] if counted_back else between[:limit]
    )
    assert page.has_more is (len(between) > limit)
