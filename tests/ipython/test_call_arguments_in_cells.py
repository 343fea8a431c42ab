"""Arguments that are nearly JSON, in a cell: the person sees and runs the code that is meant."""

from __future__ import annotations

import json

import pytest
from support.kernel_session import KernelSession
from support.upstream import Upstream

pytestmark = pytest.mark.slow

SENT = {
    r"""{"code":"one = len(\'abc\')\nprint(one)"}""": "3",
    "{'code': 'two = one + 1; print(two)',}": "4",
    '{"code": """three = two + 1\nprint(three)"""}': "5",
    json.dumps(json.dumps({"code": "print(three + 1)"})): "6",
    '{"code": "print(three); four = ': "stops in the middle",
    '{"input": "four = 4"}': 'there is no "code"',
}


def test_code_that_is_plainly_meant_runs_and_the_rest_is_answered(
    coder_kernel: KernelSession, coder: Upstream
) -> None:
    sent = [f"```arguments\n{each}\n```" for each in SENT]
    ran = coder_kernel.run("%%assistant --new --yes\n" + "\n".join(sent) + "\nIt is done.")
    assert ran.status == "ok", ran.outputs
    assert "It is done." in ran.saved()[-1] + ran.saved()[-2]
    told = [m["content"] for m in coder.body["messages"] if m["role"] == "tool"]
    assert len(told) == len(SENT)
    for output, expected in zip(told, SENT.values(), strict=True):
        assert expected in output
    assert coder_kernel.run("print(two, three, 'four' in globals())").text == "4 5 False\n"
    assert "one = len" in str(ran.outputs)
