"""Requests made from the OpenAPI document are answered as it says, and never by a failure."""

from __future__ import annotations

import pytest

from benchmarks.trust.api_requests import TRIED, Requests
from benchmarks.trust.campaign import Deadline

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_requests_of_every_operation_get_the_answer_that_the_document_names() -> None:
    outcome = Requests().run(Requests.small, 0, Deadline(3600))
    assert outcome.failures == [], outcome.note
    assert outcome.cases > 10 * len(TRIED)
