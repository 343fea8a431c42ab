"""Outputs: folded as in a notebook, bounded, and read as text and images."""

from __future__ import annotations

import base64
import struct
import time
from typing import Any

import nbformat
import pytest

from jupyter_assistants.kernels.outputs import (
    Output,
    OutputList,
    checked,
    from_message,
    images,
    logs_text,
    model_text,
)

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 3, 4) + b"\0"
JPEG = b"\xff\xd8\xff\xe0\0\x10" + b"\0" * 14 + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 20, 30)


def stream(text: str, name: str = "stdout") -> Output:
    return {"output_type": "stream", "name": name, "text": text}


def display(text: str = "", *, id: str | None = None, **mimes: Any) -> Output:
    data = {"text/plain": text, **{k.replace("__", "/"): v for k, v in mimes.items()}}
    output: Output = {"output_type": "display_data", "data": data, "metadata": {}}
    return {**output, "transient": {"display_id": id}} if id else output


def error(traceback: list[str], ename: str = "ValueError", evalue: str = "bad") -> Output:
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": traceback}


def folded(*outputs: Output, **limits: int) -> OutputList:
    kept = OutputList(**limits)
    for output in outputs:
        kept.add(output)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(outputs=kept.outputs)]
    nbformat.validate(nbformat.from_dict(notebook))
    return kept


def image(content: bytes) -> str:
    return base64.b64encode(content).decode() + "\n"


def test_pieces_of_one_stream_are_one_output() -> None:
    kept = folded(stream("a"), stream("b"), stream("c", "stderr"), stream("d"))
    assert kept.outputs == [stream("ab"), stream("c", "stderr"), stream("d")]


def test_a_display_between_keeps_streams_apart_and_in_order() -> None:
    kept = folded(stream("a"), display("x"), stream("b"))
    assert kept.outputs == [stream("a"), display("x"), stream("b")]


def test_clear_empties_at_once() -> None:
    kept = folded(stream("a"))
    kept.clear(wait=False)
    assert kept.outputs == []


def test_clear_that_waits_empties_when_the_next_output_comes() -> None:
    kept = folded(stream("a"))
    kept.clear(wait=True)
    assert kept.outputs == [stream("a")]
    kept.add(stream("b"))
    kept.add(stream("c"))
    assert kept.outputs == [stream("bc")]


def test_an_update_replaces_every_display_of_its_id_where_it_stands() -> None:
    kept = folded(display("1", id="p"), stream("a"), display("1", id="p"), display("1", id="q"))
    kept.update_display(display("2", id="p"))
    texts = [o["data"]["text/plain"] for o in kept.outputs if o["output_type"] != "stream"]
    assert texts == ["2", "2", "1"]
    assert not any("transient" in output for output in kept.outputs)


def test_an_update_of_an_unknown_display_is_ignored() -> None:
    kept = folded(display("1"))
    kept.update_display(display("2", id="p"))
    kept.update_display(display("2"))
    assert kept.outputs == [display("1")]


def test_an_updated_result_stays_a_result() -> None:
    result = {**display("1", id="p"), "output_type": "execute_result", "execution_count": 3}
    kept = folded(result)
    kept.update_display(display("2", id="p"))
    assert kept.outputs[0]["output_type"] == "execute_result"
    assert kept.outputs[0]["execution_count"] == 3


def test_of_a_flood_the_beginning_and_the_end_are_kept() -> None:
    kept = OutputList()
    kept.add(stream("first\n"))
    for _ in range(20):
        kept.add(stream("x" * 1_000_000))
    kept.add(stream("\nlast"))
    (output,) = kept.outputs
    text = output["text"]
    assert text.startswith("first\nx") and text.endswith("x\nlast")
    assert "[… 19,000,011 characters left out …]" in text
    assert len(text) < 1_000_100
    assert kept.full
    assert kept.note == "19,000,011 characters of output were left out."


def test_the_limit_holds_for_all_texts_together() -> None:
    flood = [output for _ in range(50) for output in (stream("a" * 99), display("b" * 99))]
    kept = folded(*flood, error(["c" * 99]), max_text=1_000)
    assert len(str([o for o in kept.outputs if o["output_type"] == "stream"])) < 8_000
    assert sum(text.count("a") + text.count("b") for text in map(logs, kept.outputs)) < 1_900
    assert kept.outputs[-1]["traceback"] == ["c" * 99]


def logs(output: Output) -> str:
    return logs_text([output]).replace("characters left out", "")


def test_an_animation_does_not_use_up_the_limit() -> None:
    kept = folded(display("start", id="p"), max_text=1_000)
    for number in range(1_000):
        kept.update_display(display(f"{number:>100}", id="p"))
    kept.add(stream("the end"))
    assert kept.outputs[0]["data"]["text/plain"].strip() == "999"
    assert kept.outputs[1] == stream("the end")
    assert not kept.full


def test_of_too_many_outputs_the_first_and_the_last_are_kept() -> None:
    kept = folded(*(display(str(number)) for number in range(1_000)))
    numbers = [int(output["data"]["text/plain"]) for output in kept.outputs]
    assert numbers == [*range(100), *range(900, 1_000)]
    assert kept.note == "800 outputs were left out."


def test_a_bundle_that_is_too_big_is_dropped_and_the_rest_of_the_output_stays() -> None:
    kept = folded(display("a figure", image__png="x" * 10_000_001))
    assert kept.outputs == [display("a figure")]
    assert kept.note == "An output of type image/png was left out: it has 10.0 MB."


def test_an_output_that_loses_all_it_has_says_so() -> None:
    output = display(image__png="x" * 10_000_001)
    del output["data"]["text/plain"]
    assert "left out" in model_text(folded(output).outputs)


def test_a_list_leaves_the_dicts_that_it_was_given_as_they_were() -> None:
    output = display("x", id="p", image__png="x" * 10_000_001)
    folded(output)
    assert output["transient"] == {"display_id": "p"}
    assert "image/png" in output["data"]


@pytest.mark.parametrize(
    ("msg_type", "content", "expected"),
    [
        ("stream", {"name": "stdout", "text": "a"}, stream("a")),
        ("display_data", {"data": {"text/plain": "x"}, "metadata": {}}, display("x")),
        (
            "execute_result",
            {"data": {}, "metadata": {}, "execution_count": 3},
            {"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": 3},
        ),
        (
            "error",
            {"ename": "E", "evalue": "v", "traceback": ["t"], "extra": 1},
            error(["t"], "E", "v"),
        ),
        ("status", {"execution_state": "idle"}, None),
        ("comm_msg", {}, None),
    ],
)
def test_messages_of_a_kernel_become_outputs(
    msg_type: str, content: dict[str, Any], expected: Output | None
) -> None:
    assert from_message(msg_type, content) == expected


@pytest.mark.parametrize(
    ("msg_type", "content"),
    [
        ("stream", {}),
        ("stream", {"name": 1, "text": None}),
        ("error", {"traceback": 3}),
        ("display_data", {"data": [1], "metadata": 2, "transient": 3}),
        ("update_display_data", {"data": {"text/plain": {"no": "text"}, 3: "x"}}),
        ("execute_result", {"data": {"text/plain": [1, "x"]}, "execution_count": "one"}),
    ],
)
def test_nonsense_that_code_publishes_does_no_harm(msg_type: str, content: dict[str, Any]) -> None:
    output = from_message(msg_type, content)
    assert output is not None
    model_text(folded(output).outputs)


def test_a_display_keeps_its_id_until_it_is_in_a_list() -> None:
    content = {"data": {"text/plain": "x"}, "transient": {"display_id": "p"}}
    output = from_message("update_display_data", content)
    assert output == display("x", id="p")


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        (None, None),
        ("text", None),
        ({}, None),
        ({"output_type": "unknown"}, None),
        ({"output_type": "stream", "text": ["a\n", "b"], "x": 1}, stream("a\nb")),
        ({"output_type": "stream", "name": "evil", "text": 1}, stream("")),
        ({"output_type": "error", "traceback": "no list"}, error([], "Error", "")),
        ({"output_type": "display_data", "data": {"nomime": "x"}}, None),
        ({"output_type": "display_data", "data": {"text/plain": {"a": 1}}}, None),
        ({"output_type": "display_data", "data": {"text/plain": ["a", "b"]}}, display("ab")),
        (
            {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": [1]},
            display("x"),
        ),
    ],
)
def test_of_untrusted_outputs_only_what_is_valid_stays(posted: object, kept: Output | None) -> None:
    assert checked(posted) == kept
    if kept:
        folded(kept)


def test_json_that_is_not_a_number_is_no_json() -> None:
    output = {"output_type": "display_data", "data": {"application/json": float("nan")}}
    assert checked(output) is None


def test_no_output_is_said_so() -> None:
    assert model_text([]) == "(no output)"
    assert model_text([], "The code was interrupted.") == "(no output)\nThe code was interrupted."


def test_the_model_reads_streams_and_results_in_order_without_colours() -> None:
    outputs = [stream("\x1b[31mred\x1b[0m"), display("42"), stream("oops\n", "stderr")]
    assert model_text(outputs) == "red\n42\noops"


def test_the_model_never_reads_html() -> None:
    assert model_text([display("  a\n0 1", text__html="<table>…")]) == "  a\n0 1"
    only = {"output_type": "display_data", "data": {"text/html": "<b>x</b>"}, "metadata": {}}
    assert model_text([only]) == "[output of type text/html]"


@pytest.mark.parametrize(
    ("mime", "content", "text"),
    [
        ("image__png", PNG, "[image 640x480 png]"),
        ("image__gif", GIF, "[image 3x4 gif]"),
        ("image__jpeg", JPEG, "[image 30x20 jpeg]"),
        ("image__webp", b"RIFF", "[image webp]"),
        ("image__png", b"no png", "[image png]"),
    ],
)
def test_the_model_reads_a_placeholder_for_an_image(mime: str, content: bytes, text: str) -> None:
    output = display("<Figure size 640x480 with 1 Axes>", **{mime: image(content)})
    assert model_text([output]) == text


def test_an_image_with_a_telling_text_keeps_it() -> None:
    assert model_text([display("Map of Rome", image__png=image(PNG))]).startswith("Map of Rome\n[")


def test_a_long_answer_keeps_its_beginning_its_end_and_the_note() -> None:
    text = model_text([stream("a" * 10_000 + "z" * 10_000)], "Cut.", limit=1_000)
    assert text.startswith("a" * 600 + "\n[… 19,000 characters left out …]\n" + "z" * 400)
    assert text.endswith("\nCut.")


def test_of_a_long_data_frame_the_model_reads_the_first_and_the_last_rows() -> None:
    rows = "\n".join(["    a", *(f"{n:>2} {n:>3}" for n in range(50))])
    text = model_text([display(rows, text__html="<table>")])
    assert "[… 30 rows left out …]" in text
    assert "\n 9   9\n" in text and "\n40  40" in text and "\n25  25" not in text


LIBRARY = "File /v/lib/python3.11/site-packages/pandas/x.py:1, in get(self)\n      1 code\n"
OWN = "Cell In[1], line 4\n      3 x = 1\n----> 4 f(x)\n"
HEADER = ["-" * 75, "\x1b[31mValueError\x1b[0m     Traceback (most recent call last)"]


def test_a_traceback_shows_own_frames_and_the_exception() -> None:
    text = model_text([error([*HEADER, OWN, LIBRARY, LIBRARY, "\x1b[31mValueError\x1b[0m: bad"])])
    assert text == OWN.rstrip() + "\n[frames in libraries: 2]\nValueError: bad"


def test_a_traceback_is_short_however_deep_it_is() -> None:
    frames = [f"File ~/own.py:{n}, in f()\n----> {n} f({n})\n" for n in range(3_000)]
    text = model_text([error([*HEADER, *frames, "ValueError: bad"])])
    assert len(text) <= 2_500
    assert "f(2999)" in text and text.endswith("ValueError: bad")


def test_a_frame_that_repeats_is_shown_once() -> None:
    text = model_text([error([*HEADER, *[OWN] * 1_000, "ValueError: bad"])])
    assert text == OWN.rstrip() + "\n[the same frame again: 999 times]\nValueError: bad"


def test_a_huge_exception_text_is_cut_and_the_frames_stay() -> None:
    text = model_text([error([*HEADER, OWN, "ValueError: " + "x" * 9_000])])
    assert len(text) <= 2_500
    assert text.startswith("Cell In[1], line 4") and "left out" in text


def test_an_error_without_a_traceback_is_its_name_and_text() -> None:
    assert model_text([error([])]) == "ValueError: bad"
    assert model_text([error([], "KeyboardInterrupt", "")]) == "KeyboardInterrupt"


def test_logs_are_what_a_terminal_would_show() -> None:
    outputs = [
        stream("\r 10%|#   |\r 50%|##  |\r100%|####|\n", "stderr"),
        stream("ab\x08c\r\nlong line\rshort\n"),
        display("<Figure size 1x1>", image__png=image(PNG)),
        display("42"),
    ]
    assert logs_text(outputs) == "100%|####|\nac\nshortline\n42"


@pytest.mark.parametrize("text", ["a" * 500_000 + c * 500_000 for c in ("\r", "\x08")])
def test_hostile_control_characters_take_no_long_time(text: str) -> None:
    start = time.process_time()
    logs_text([stream(text)])
    assert time.process_time() - start < 2


def test_logs_show_the_whole_traceback() -> None:
    text = logs_text([error([*HEADER, OWN, LIBRARY, "ValueError: bad"])])
    assert "site-packages" in text and "\x1b" not in text


def test_images_are_given_as_bytes_the_best_type_first() -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    outputs = [
        stream("x"),
        display(image__jpeg=image(JPEG), image__png=image(PNG)),
        display(**{"image/svg+xml": [svg[:5], svg[5:]]}),
        display(image__png="not base64!"),
        display("no image"),
    ]
    assert images(outputs) == [("image/png", PNG), ("image/svg+xml", svg.encode())]
