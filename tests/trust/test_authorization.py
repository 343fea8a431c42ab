"""Nobody gets at an operation or an object without the right to."""

from __future__ import annotations

import pytest

from benchmarks.trust.authorization import Authorization
from benchmarks.trust.campaign import Deadline

pytestmark = pytest.mark.slow


def test_callers_who_may_not_are_refused_and_change_nothing() -> None:
    outcome = Authorization().run(Authorization.small, 0, Deadline(90))
    assert outcome.failures == []
    assert outcome.cases == Authorization.small
