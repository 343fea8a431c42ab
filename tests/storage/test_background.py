"""Background work survives whatever fails in it, says so once, and is counted."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator

import pytest
from support.waiting import eventually

from jupyter_assistants.protocol.errors import ClaimLost, StorageUnavailable
from jupyter_assistants.storage import background
from jupyter_assistants.storage.background import FAULTS, BackgroundLoop, outlast, repeat


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FIRST_RETRY_SECONDS", 0.0)


class Work:
    """Work that fails as it is told, then succeeds for ever."""

    def __init__(self, *errors: Exception) -> None:
        self.errors: Iterator[Exception] = iter(errors)
        self.successes = 0

    async def __call__(self) -> None:
        for error in self.errors:
            raise error
        self.successes += 1


@pytest.mark.parametrize(
    "error",
    [
        StorageUnavailable("The database is away."),
        OSError(28, "No space left on device"),
        ValueError("a mistake of ours"),
        ClaimLost("of another loop"),
    ],
)
async def test_a_loop_goes_on_after_any_error(error: Exception) -> None:
    work = Work(error, error)
    loop = BackgroundLoop("a test's work", work, seconds=0.0)
    before = FAULTS.failures["a test's work"]
    loop.start()
    await eventually(lambda: work.successes > 2)
    await loop.close()
    assert FAULTS.failures["a test's work"] == before + 2
    assert "a test's work" not in FAULTS.failing


async def test_a_fault_is_logged_once_for_each_cause_and_once_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    away, full = StorageUnavailable("It is away."), StorageUnavailable("It is full.")
    work = Work(away, away, away, full, full)
    loop = BackgroundLoop("logged work", work, seconds=0.0)
    loop.start()
    await eventually(lambda: work.successes > 2)
    await loop.close()
    said = [record.getMessage() for record in caplog.records if "logged work" in record.message]
    assert said == [
        "logged work: It is away. It is tried again until it works.",
        "logged work: It is full. It is tried again until it works.",
        "logged work: it works again",
    ]


def test_each_failure_in_a_row_is_waited_for_longer_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "FIRST_RETRY_SECONDS", 0.25)
    waits = [background.retry_seconds(number, 10.0) for number in range(1, 9)]
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert background.retry_seconds(10**6, 10.0) == 10.0


async def test_a_loop_ends_only_with_the_errors_that_it_is_told() -> None:
    work = Work(StorageUnavailable("away"), ClaimLost("taken over"))
    await repeat("renewal in a test", work, seconds=0.0, ends_with=(ClaimLost,))
    assert work.successes == 0
    FAULTS.clear("renewal in a test")


async def test_a_round_says_when_the_next_one_is_due() -> None:
    rounds: list[int] = []

    async def work() -> float:
        rounds.append(1)
        return 0.0 if len(rounds) < 3 else math.inf

    loop = BackgroundLoop("counted rounds", work, seconds=60.0, delay=0.0)
    loop.start()
    loop.start()  # it runs already
    await eventually(lambda: len(rounds) == 3)
    await loop.close()
    await loop.close()


async def test_a_call_is_repeated_until_the_database_is_back() -> None:
    faults = [StorageUnavailable("away")] * 3

    def call() -> str:
        if faults:
            raise faults.pop()
        return "stored"

    assert await outlast(call) == "stored"


async def test_a_call_that_can_never_succeed_is_not_repeated() -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise ClaimLost("taken over")

    with pytest.raises(ClaimLost):
        await outlast(call)
    assert len(calls) == 1


async def test_waiting_for_the_database_can_be_cancelled() -> None:
    def call() -> None:
        raise StorageUnavailable("away")

    waiting = asyncio.create_task(outlast(call))
    await eventually(lambda: "a write of a run" in FAULTS.failing)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    FAULTS.clear("a write of a run")
