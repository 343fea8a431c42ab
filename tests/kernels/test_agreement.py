"""When outputs agree: numbers nearly, text exactly, images by being there."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_assistants.kernels.outputs.agreement import compare, facts

PNG = b"\x89PNG\r\n\x1a\n"


def text(value: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": value}


def image(tail: bytes) -> dict[str, Any]:
    data = base64.b64encode(PNG + tail).decode()
    return {"output_type": "display_data", "data": {"image/png": data, "text/plain": "<Figure>"}}


def differences(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    return compare(facts(old), facts(new)).differences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mean 3.1415926", "mean 3.1415927"),
        ("a   1.0\nb  22.0", "a  1.0\nb    22.0"),
        ("1,234.5 rows", "1234.5 rows"),
        ("<Model object at 0x7f0d083c2610>", "<Model object at 0x55d2a1b2c3d4>"),
        ("12.5%", "12.500000001%"),
        ("nothing", "nothing"),
    ],
)
def test_outputs_that_agree(old: str, new: str) -> None:
    assert differences([text(old)], [text(new)]) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mean 3.14", "mean 3.15", "'3.15' now, '3.14' when it was recorded"),
        ("species Gentoo", "species Adelie", "'species Adelie' now, 'species Gentoo' when"),
        ("12.5", "12.5%", "'12.5%' now"),
        ("a 1", "a 1\nb 2", "'b' is only there now"),
        ("a 1 b", "a 1", "'b' is only recorded"),
    ],
)
def test_outputs_that_differ_say_where(old: str, new: str, said: str) -> None:
    [found] = differences([text(old)], [text(new)])
    assert said in found


def test_an_image_agrees_with_an_image_and_other_bytes_are_noted() -> None:
    assert differences([image(b"1")], [image(b"1")]) == []
    found = compare(facts([image(b"1")]), facts([image(b"2")]))
    assert found.agrees and found.notes == ["1 image differs in the bytes"]
    assert differences([image(b"1")], []) == ["0 images now, 1 image when it was recorded"]


def test_an_error_is_a_difference_and_a_warning_is_none() -> None:
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []}
    assert differences([text("1")], [text("1"), error]) == [
        "the error \"KeyError: 'x'\" now, no error when it was recorded"
    ]
    assert differences([text("1")], [text("1"), text("careful!", "stderr")]) == []


@given(st.text(max_size=200))
def test_any_text_agrees_with_itself(value: str) -> None:
    assert differences([text(value)], [text(value)]) == []


@given(st.text(max_size=100), st.text(max_size=100))
def test_comparing_any_texts_gives_sentences(one: str, two: str) -> None:
    assert all(isinstance(each, str) for each in differences([text(one)], [text(two)]))
