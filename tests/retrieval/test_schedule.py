"""In which order files are ingested."""

from __future__ import annotations

from jupyter_assistants.protocol.vector_stores import VectorStoreFile
from jupyter_assistants.retrieval.ingestion.schedule import (
    LARGE_BYTES,
    QUICK_SECONDS,
    FileSchedule,
    slots,
)


def small(name: str, size: int = 10) -> VectorStoreFile:
    return VectorStoreFile(id=name, created_at=1, vector_store_id="vs_1", size=size)


def large(name: str) -> VectorStoreFile:
    return small(name, LARGE_BYTES + 1)


def taken(queue: FileSchedule, number: int = 100) -> list[str]:
    """Take what may be taken now; give the ids."""
    found = []
    for _ in range(number):
        if (each := queue.next_file()) is None:
            break
        found.append(each.id)
    return found


def one_by_one(queue: FileSchedule) -> list[str]:
    """Take everything, each when the one before it is done."""
    found = []
    while (each := queue.next_file()) is not None:
        found.append(each.id)
        queue.release(each.storage_id)
    return found


def test_files_of_one_owner_are_taken_in_their_order_and_not_too_many_at_once() -> None:
    queue = FileSchedule(2)
    for name in "abc":
        queue.add(small(name), "ada")
    assert taken(queue) == ["a", "b"]
    queue.release("vs_1/a")
    assert taken(queue) == ["c"]


def test_owners_take_turns_whoever_came_first_with_many() -> None:
    queue = FileSchedule(1)
    for number in range(100):
        queue.add(small(f"a{number}"), "ada")
    assert taken(queue) == ["a0"]
    queue.add(small("b0"), "bob")
    queue.add(small("b1"), "bob")
    queue.release("vs_1/a0")
    assert set(one_by_one(queue)[:4]) == {"a1", "b0", "a2", "b1"}


def test_who_comes_late_does_not_get_what_others_had_before() -> None:
    queue = FileSchedule(1)
    for number in range(50):
        queue.add(small(f"a{number}"), "ada")
    for _ in range(30):
        each = queue.next_file()
        assert each is not None
        queue.release(each.storage_id)
    for number in range(50):
        queue.add(small(f"b{number}"), "bob")
    first = one_by_one(queue)[:10]
    assert 4 <= sum(name.startswith("a") for name in first) <= 6


def test_large_files_leave_room_for_small_ones() -> None:
    queue = FileSchedule(4)
    for name in "ABCD":
        queue.add(large(name), "ada")
    assert taken(queue) == ["A", "B", "C"]
    queue.add(small("x"), "ada")
    assert taken(queue) == ["x"]


def test_one_large_file_goes_on_among_many_small_ones() -> None:
    queue = FileSchedule(4)
    for number in range(10):
        queue.add(small(str(number)), "ada")
    queue.add(large("A"), "ada")
    queue.add(large("B"), "ada")
    assert taken(queue) == ["A", "0", "1", "2"]


def test_what_is_discarded_is_not_taken() -> None:
    queue = FileSchedule(4)
    for name in "abc":
        queue.add(small(name), "ada")
    queue.discard("vs_1/b")
    queue.discard("vs_1/never")
    assert [each.id for each in queue] == ["a", "c"]
    assert "vs_1/a" in queue and "vs_1/b" not in queue
    assert taken(queue) == ["a", "c"]


def test_an_owner_whose_files_take_all_slots_holds_up_nobody_else() -> None:
    queue = FileSchedule(2)
    for number in range(9):
        queue.add(small(f"a{number}"), "ada")
    assert taken(queue) == ["a0", "a1"]
    queue.add(small("b0"), "bob")
    queue.add(small("b1"), "bob")
    queue.add(large("c0"), "cyd")
    assert taken(queue) == ["b0", "c0"], "one for each owner of whom nothing is ingested"
    queue.add(small("d0"), "dan")
    assert taken(queue) == [], "and never more than twice as many as at once"
    queue.release("vs_1/a0")
    assert taken(queue) == ["d0"]


class Clock:
    """A clock that the test moves."""

    def __init__(self, queue: FileSchedule) -> None:
        self.seconds = 0.0
        queue.clock = lambda: self.seconds

    def pass_quick_time(self) -> None:
        self.seconds += QUICK_SECONDS


def test_a_machine_reads_at_least_two_files_at_a_time() -> None:
    assert 2 <= slots() <= 4


def test_files_that_take_long_make_way_for_others_of_the_same_owner() -> None:
    queue = FileSchedule(2)
    clock = Clock(queue)
    for name in "abcdefg":
        queue.add(small(name), "ada")
    assert taken(queue) == ["a", "b"]
    clock.pass_quick_time()
    assert taken(queue) == ["c", "d"], "the first two go on beside them"
    clock.pass_quick_time()
    assert taken(queue) == [], "and never more than twice as many as at once"


def test_when_all_take_long_one_slot_is_freed_again_and_again() -> None:
    queue = FileSchedule(2)
    clock = Clock(queue)
    for name in "abcdef":
        queue.add(small(name), "ada")
    assert taken(queue) == ["a", "b"]
    clock.pass_quick_time()
    assert taken(queue) == ["c", "d"]
    assert queue.in_the_way() == [], "those that came last still have their time"
    clock.pass_quick_time()
    assert [each.id for each in queue.in_the_way()] == ["c", "d", "a", "b"], "least is lost"
    queue.set_back("vs_1/c")
    assert taken(queue) == ["e"]
    assert queue.in_the_way() == []
    clock.pass_quick_time()
    queue.set_back("vs_1/e")
    assert taken(queue) == ["f"]
    clock.pass_quick_time()
    assert queue.in_the_way() == [], "nothing but slow files waits"


def test_what_is_set_back_begins_again_behind_others_and_is_not_set_back_twice() -> None:
    queue = FileSchedule(1)
    clock = Clock(queue)
    queue.add(small("a"), "ada")
    queue.add(small("b"), "ada")
    queue.add(small("c"), "ada")
    assert taken(queue) == ["a"]
    clock.pass_quick_time()
    assert taken(queue) == ["b"]
    clock.pass_quick_time()
    queue.set_back("vs_1/b")
    assert "vs_1/b" in queue
    assert taken(queue) == ["c"]
    queue.release("vs_1/a")
    queue.release("vs_1/c")
    assert taken(queue) == ["b"]
    queue.add(small("d"), "ada")
    assert taken(queue) == []
    clock.pass_quick_time()
    assert taken(queue) == ["d"]
    clock.pass_quick_time()
    queue.add(small("e"), "ada")
    assert [each.id for each in queue.in_the_way()] == ["d"]


def test_large_files_do_not_make_way_for_ever_more_large_files() -> None:
    queue = FileSchedule(2)
    clock = Clock(queue)
    for name in "ABC":
        queue.add(large(name), "ada")
    assert taken(queue) == ["A"]
    clock.pass_quick_time()
    assert taken(queue) == []
    queue.add(small("x"), "ada")
    queue.add(small("y"), "ada")
    assert taken(queue) == ["x", "y"]
