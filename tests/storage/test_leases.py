"""What every storage promises of leases: one worker for a resource, and a fence for the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.store_samples import message, run, thread

from jupyter_assistants.protocol.errors import ClaimLost, NotFound
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.storage.base import Claim, Lease, LeaseHeld, Storage

RUN_OUT = 0.0  # seconds of a lease that is over as soon as it is taken


def take(storage: Storage, run_id: str = "run_1", *, seconds: float = 60) -> Claim:
    return acquire(storage, "thread_1", run_id, "process", seconds)


def acquire(
    storage: Storage, resource: str, subject: str, process: str, seconds: float = 60
) -> Claim:
    return storage.acquire(resource, subject, kind="thread", process=process, seconds=seconds)


def test_a_lease_is_seen_by_everybody(storage: Storage) -> None:
    take(storage)
    assert storage.lease("thread_1") == Lease("thread_1", "run_1", 1, True, "process")
    assert storage.leases("thread") == [Lease("thread_1", "run_1", 1, True, "process")]
    assert storage.leases("request") == []
    assert storage.lease("thread_2") is None


def test_a_resource_takes_no_other_subject_even_when_the_lease_has_run_out(
    storage: Storage,
) -> None:
    take(storage, seconds=RUN_OUT)
    with pytest.raises(LeaseHeld, match="thread_1 is leased to run_1 by process"):
        take(storage, "run_2")


def test_an_active_lease_cannot_be_acquired_again(storage: Storage) -> None:
    claim = take(storage)
    with pytest.raises(LeaseHeld):
        take(storage)
    storage.save(run(), owner="me", claim=claim)


def test_an_expired_lease_can_be_taken_over(storage: Storage) -> None:
    old = take(storage, seconds=RUN_OUT)
    assert not storage.leases("thread")[0].active
    new = take(storage)
    assert new.epoch > old.epoch
    assert storage.leases("thread")[0].active


def test_a_stale_claim_is_refused_and_nothing_is_written(storage: Storage) -> None:
    old = take(storage, seconds=RUN_OUT)
    new = take(storage)
    with pytest.raises(ClaimLost, match="run_1 is no longer worked on from here"):
        storage.save(message(), run(), owner="me", claim=old)
    assert storage.list(Message).data == []
    with pytest.raises(NotFound):
        storage.get(Run, "run_1")
    storage.save(run(), owner="me", claim=new)
    assert storage.get(Run, "run_1") == run()


def test_a_lease_that_ran_out_unnoticed_still_writes(storage: Storage) -> None:
    claim = take(storage, seconds=RUN_OUT)
    storage.save(run(), owner="me", claim=claim)
    assert storage.get(Run, "run_1") == run()


def test_a_claim_on_another_resource_does_not_help(storage: Storage) -> None:
    take(storage)
    acquire(storage, "thread_2", "run_2", "process")
    with pytest.raises(ClaimLost):
        storage.save(run(), owner="me", claim=Claim("thread_1", "run_2", epoch=1))


def test_a_renewed_lease_holds_again(storage: Storage) -> None:
    claim = take(storage, seconds=RUN_OUT)
    storage.renew(claim, seconds=60)
    assert storage.leases("thread")[0].active
    with pytest.raises(LeaseHeld):
        take(storage)


def test_a_stale_claim_cannot_be_renewed(storage: Storage) -> None:
    old = take(storage, seconds=RUN_OUT)
    take(storage)
    with pytest.raises(ClaimLost):
        storage.renew(old, seconds=60)


def test_a_suspended_lease_keeps_the_resource_for_its_subject(storage: Storage) -> None:
    storage.suspend(take(storage))
    assert storage.lease("thread_1") == Lease("thread_1", "run_1", 1, active=False)
    with pytest.raises(LeaseHeld):
        take(storage, "run_2")
    take(storage)
    assert storage.lease("thread_1") == Lease("thread_1", "run_1", 2, True, "process")


def test_objects_and_the_end_of_a_lease_are_written_together(storage: Storage) -> None:
    claim = take(storage)
    storage.save(run(), owner="me", claim=claim, suspend=True)
    assert storage.get(Run, run().id) == run()
    assert storage.lease("thread_1") == Lease("thread_1", "run_1", 1, active=False)


def test_objects_and_the_release_of_a_resource_are_written_together(storage: Storage) -> None:
    claim = take(storage)
    storage.save(run(), owner="me", claim=claim, release=True)
    assert storage.get(Run, run().id) == run()
    assert storage.lease("thread_1") is None
    with pytest.raises(ClaimLost):
        storage.save(run(), owner="me", claim=claim, release=True)


def test_a_renewal_that_comes_late_does_not_wake_a_suspended_lease(storage: Storage) -> None:
    claim = take(storage)
    storage.suspend(claim)
    with pytest.raises(ClaimLost):
        storage.renew(claim, seconds=60)
    assert storage.lease("thread_1") == Lease("thread_1", "run_1", 1, active=False)


def test_a_release_frees_the_resource(storage: Storage) -> None:
    storage.release(take(storage))
    assert storage.lease("thread_1") is None
    assert storage.leases("thread") == []
    take(storage, "run_2")


def test_a_released_claim_writes_no_more(storage: Storage) -> None:
    claim = take(storage)
    storage.release(claim)
    with pytest.raises(ClaimLost):
        storage.save(run(), owner="me", claim=claim)
    with pytest.raises(ClaimLost):
        storage.renew(claim, seconds=60)


def test_epochs_grow_over_releases_and_deletions(storage: Storage) -> None:
    epochs = []
    for _ in range(3):
        claim = take(storage)
        epochs.append(claim.epoch)
        storage.release(claim)
    storage.save(thread(), owner="me")
    take(storage)
    storage.delete("thread_1")
    epochs.append(take(storage).epoch)
    assert epochs == sorted(set(epochs))


@pytest.mark.parametrize("give_back", ["release", "suspend"])
def test_a_stale_claim_gives_nothing_back(storage: Storage, give_back: str) -> None:
    old = take(storage, seconds=RUN_OUT)
    take(storage)
    getattr(storage, give_back)(old)
    assert storage.lease("thread_1") == Lease("thread_1", "run_1", 2, True, "process")


def test_the_lease_goes_with_the_thread(storage: Storage) -> None:
    storage.save(thread(), run(), owner="me")
    claim = take(storage)
    storage.delete("thread_1")
    assert storage.leases("thread") == []
    with pytest.raises(ClaimLost):
        storage.save(message(), owner="me", claim=claim)


def at_once(number: int, act: Callable[[int], bool]) -> list[bool]:
    """Run ``act`` in so many threads, which begin together."""
    start = threading.Barrier(number)

    def begin(index: int) -> bool:
        start.wait()
        return act(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))


def test_of_many_threads_that_claim_at_once_exactly_one_wins(storage: Storage) -> None:
    def claim(index: int) -> bool:
        try:
            take(storage, f"run_{index}")
        except LeaseHeld:
            return False
        return True

    for _ in range(10):
        assert at_once(8, claim).count(True) == 1
        storage.delete("thread_1")


def test_of_many_threads_that_take_over_at_once_exactly_one_wins(storage: Storage) -> None:
    def claim(_index: int) -> bool:
        try:
            take(storage)
        except LeaseHeld:
            return False
        return True

    for _ in range(10):
        assert at_once(8, claim).count(True) == 1
        lease = storage.lease("thread_1")
        assert lease is not None and lease.active
        storage.delete("thread_1")
        storage.suspend(take(storage))


def test_something_is_new_exactly_once_over_many_threads(storage: Storage) -> None:
    def ask(_index: int) -> bool:
        return storage.claim_once("call_1")

    assert at_once(8, ask).count(True) == 1
    assert not storage.claim_once("call_1")
    assert storage.claim_once("call_2")


def test_many_threads_can_write_and_read_at_once(storage: Storage) -> None:
    def work(index: int) -> bool:
        mine = [message(f"thread_{index}") for _ in range(20)]
        for each in mine:
            storage.save(each, owner="me")
        return storage.history(f"thread_{index}") == mine

    assert at_once(8, work) == [True] * 8


def test_the_lease_of_a_dead_process_can_be_ended_and_that_of_a_living_one_stays(
    storage: Storage,
) -> None:
    take(storage)
    (seen,) = storage.leases("thread")
    assert seen.active and seen.process == "process"
    storage.suspend(Claim("thread_1", "run_1", epoch=7))
    with pytest.raises(LeaseHeld):
        take(storage)
    storage.suspend(seen.claim)
    again = take(storage)
    assert again.epoch == 2
    # Whoever saw the dead one too, and comes later, ends nothing.
    storage.suspend(seen.claim)
    with pytest.raises(LeaseHeld):
        take(storage)


def test_a_replacement_under_a_stale_claim_is_refused(storage: Storage) -> None:
    storage.save(run(), owner="me")
    old = take(storage, seconds=RUN_OUT)
    new = take(storage)
    changed = run().changed(metadata={"a": "b"})
    with pytest.raises(ClaimLost):
        storage.replace(run(), changed, claim=old)
    assert storage.get(Run, "run_1") == run()
    assert storage.replace(run(), changed, claim=new)


def test_leases_do_not_depend_on_the_clock_of_this_process(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(storage, seconds=60)
    tomorrow = time.time() + 24 * 3600
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert storage.leases("thread")[0].active
    with pytest.raises(LeaseHeld):
        take(storage)


def test_free_resources_are_forgotten_only_after_long(storage: Storage) -> None:
    storage.release(take(storage))
    storage.collect_garbage()
    assert take(storage).epoch == 2
