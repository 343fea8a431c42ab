"""The victim of the attacks: a real server of two users, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.victim import CANARY, FILE_CANARY, Victim, open_victim


@pytest.fixture(scope="session")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    with open_victim(tmp_path_factory.mktemp("victim"), tmp_path_factory.mktemp("ran")) as victim:
        yield victim


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each attack: nothing ran unapproved, nothing was fetched, no secret went anywhere."""
    if "victim" not in request.fixturenames:
        yield
        return
    victim: Victim = request.getfixturevalue("victim")
    victim.seen.clear()
    told, traces = len(victim.model.bodies), victim.traces
    victim.allowed = 0
    yield
    assert victim.traces == traces + victim.allowed, "code ran that nobody approved"
    assert victim.trap.visits == 0, "something was fetched"
    for text in [*victim.model.bodies[told:], *victim.seen]:
        assert CANARY not in text and FILE_CANARY not in text, "a secret went out"
