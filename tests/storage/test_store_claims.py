"""What every store promises of claims: one driver a run, one run a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.store_samples import message, run, thread

from jupyter_assistants.protocol.errors import ClaimLost, NotFound, ThreadLocked
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.storage.base import Claim, Lock, Store

RUN_OUT = 0.0  # seconds of a lease that is over as soon as it is taken


def take(store: Store, run_id: str = "run_1", *, seconds: float = 60) -> Claim:
    return store.claim("thread_1", run_id, holder="process", seconds=seconds)


def test_a_claim_locks_the_thread(store: Store) -> None:
    take(store)
    assert store.lock("thread_1") == Lock("thread_1", "run_1", True, "process")
    assert store.locks() == [Lock("thread_1", "run_1", True, "process")]
    assert store.lock("thread_2") is None


def test_a_locked_thread_takes_no_other_run_even_when_the_lease_has_run_out(store: Store) -> None:
    take(store, seconds=RUN_OUT)
    with pytest.raises(ThreadLocked, match=r"thread_1 already has an active run run_1\."):
        take(store, "run_2")


def test_a_driven_run_cannot_be_claimed_again(store: Store) -> None:
    claim = take(store)
    with pytest.raises(ThreadLocked):
        take(store)
    store.put(run(), owner="me", claim=claim)


def test_an_expired_lease_can_be_taken_over(store: Store) -> None:
    old = take(store, seconds=RUN_OUT)
    assert not store.locks()[0].driven
    new = take(store)
    assert new.epoch > old.epoch
    assert store.locks()[0].driven


def test_a_stale_claim_is_refused_and_nothing_is_written(store: Store) -> None:
    old = take(store, seconds=RUN_OUT)
    new = take(store)
    with pytest.raises(ClaimLost, match="run_1 is no longer driven from here"):
        store.put(message(), run(), owner="me", claim=old)
    assert store.list(Message).data == []
    with pytest.raises(NotFound):
        store.get(Run, "run_1")
    store.put(run(), owner="me", claim=new)
    assert store.get(Run, "run_1") == run()


def test_a_lease_that_ran_out_unnoticed_still_writes(store: Store) -> None:
    claim = take(store, seconds=RUN_OUT)
    store.put(run(), owner="me", claim=claim)
    assert store.get(Run, "run_1") == run()


def test_a_claim_on_another_thread_does_not_help(store: Store) -> None:
    take(store)
    store.claim("thread_2", "run_2", holder="process", seconds=60)
    with pytest.raises(ClaimLost):
        store.put(run(), owner="me", claim=Claim("thread_1", "run_2", epoch=1))


def test_a_renewed_lease_holds_again(store: Store) -> None:
    claim = take(store, seconds=RUN_OUT)
    store.renew(claim, seconds=60)
    assert store.locks()[0].driven
    with pytest.raises(ThreadLocked):
        take(store)


def test_a_stale_claim_cannot_be_renewed(store: Store) -> None:
    old = take(store, seconds=RUN_OUT)
    take(store)
    with pytest.raises(ClaimLost):
        store.renew(old, seconds=60)


def test_a_parked_claim_keeps_the_lock_and_lets_the_same_run_go_on(store: Store) -> None:
    store.park(take(store))
    assert store.lock("thread_1") == Lock("thread_1", "run_1", driven=False)
    with pytest.raises(ThreadLocked):
        take(store, "run_2")
    take(store)
    assert store.lock("thread_1") == Lock("thread_1", "run_1", True, "process")


def test_a_release_frees_the_thread(store: Store) -> None:
    store.release(take(store))
    assert store.lock("thread_1") is None
    assert store.locks() == []
    take(store, "run_2")


def test_a_released_claim_writes_no_more(store: Store) -> None:
    claim = take(store)
    store.release(claim)
    with pytest.raises(ClaimLost):
        store.put(run(), owner="me", claim=claim)
    with pytest.raises(ClaimLost):
        store.renew(claim, seconds=60)


def test_epochs_grow_over_releases_and_deletions(store: Store) -> None:
    epochs = []
    for _ in range(3):
        claim = take(store)
        epochs.append(claim.epoch)
        store.release(claim)
    store.put(thread(), owner="me")
    take(store)
    store.delete("thread_1")
    epochs.append(take(store).epoch)
    assert epochs == sorted(set(epochs))


@pytest.mark.parametrize("give_back", ["release", "park"])
def test_a_stale_claim_gives_nothing_back(store: Store, give_back: str) -> None:
    old = take(store, seconds=RUN_OUT)
    take(store)
    getattr(store, give_back)(old)
    assert store.lock("thread_1") == Lock("thread_1", "run_1", True, "process")


def test_the_lock_goes_with_the_thread(store: Store) -> None:
    store.put(thread(), run(), owner="me")
    claim = take(store)
    store.delete("thread_1")
    assert store.locks() == []
    with pytest.raises(ClaimLost):
        store.put(message(), owner="me", claim=claim)


def at_once(number: int, act: Callable[[int], bool]) -> list[bool]:
    """Run ``act`` in so many threads, which begin together."""
    start = threading.Barrier(number)

    def begin(index: int) -> bool:
        start.wait()
        return act(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))


def test_of_many_threads_that_claim_at_once_exactly_one_wins(store: Store) -> None:
    def claim(index: int) -> bool:
        try:
            take(store, f"run_{index}")
        except ThreadLocked:
            return False
        return True

    for _ in range(10):
        assert at_once(8, claim).count(True) == 1
        store.delete("thread_1")


def test_of_many_threads_that_take_over_at_once_exactly_one_wins(store: Store) -> None:
    def claim(_index: int) -> bool:
        try:
            take(store)
        except ThreadLocked:
            return False
        return True

    for _ in range(10):
        assert at_once(8, claim).count(True) == 1
        lock = store.lock("thread_1")
        assert lock is not None and lock.driven
        store.delete("thread_1")
        store.park(take(store))


def test_something_is_new_exactly_once_over_many_threads(store: Store) -> None:
    def ask(_index: int) -> bool:
        return store.first_time("call_1")

    assert at_once(8, ask).count(True) == 1
    assert not store.first_time("call_1")
    assert store.first_time("call_2")


def test_many_threads_can_write_and_read_at_once(store: Store) -> None:
    def work(index: int) -> bool:
        mine = [message(f"thread_{index}") for _ in range(20)]
        for each in mine:
            store.put(each, owner="me")
        return store.history(f"thread_{index}") == mine

    assert at_once(8, work) == [True] * 8


def test_a_dead_holder_can_be_evicted_and_a_living_one_stays(store: Store) -> None:
    store.claim("thread_1", "run_1", holder="dead", seconds=60)
    (lock,) = store.locks()
    assert lock.driven and lock.holder == "dead"
    store.evict(Lock("thread_1", "run_1", True, "another"))
    with pytest.raises(ThreadLocked):
        store.claim("thread_1", "run_1", holder="me", seconds=60)
    store.evict(lock)
    assert store.claim("thread_1", "run_1", holder="me", seconds=60).epoch == 2
