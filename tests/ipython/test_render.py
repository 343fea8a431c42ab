"""How a run is drawn, from the golden streams."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from support.paths import GOLDEN

from jupyter_assistants.client.call_progress import CallProgress
from jupyter_assistants.client.text_view import TextView
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.display_updates import Screen
from jupyter_assistants.ipython.render import render
from jupyter_assistants.ipython.scene import FileLink, Scene
from jupyter_assistants.protocol.transcript import Transcript, View

STREAMS = sorted(path.stem for path in GOLDEN.glob("*.jsonl"))
PAYLOAD = "</code></pre><script>alert(1)</script>\n\n![x](https://evil.example/x.png)\n"


def views(name: str) -> list[View]:
    transcript, found = Transcript(), []
    for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines():
        event = json.loads(line)
        transcript.fold(event["event"], event["data"])
        found.append(transcript.view())
    return found


def code_view(code: str, **extension: Any) -> View:
    call = {"id": "call_1", "type": "code_interpreter", "code_interpreter": {"input": code}}
    step = {
        "id": "step_1",
        "status": "completed",
        "step_details": {"type": "tool_calls", "tool_calls": [call]},
        "jupyter": {"calls": {"call_1": {"status": "ok", "seconds": 0.42, **extension}}},
    }
    transcript = Transcript()
    transcript.fold("thread.run.step.completed", step)
    return transcript.view()


def titles(blocks: list[DisplayBlock]) -> list[str]:
    return [block.data["text/plain"].split("\n")[0] for block in blocks]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


@pytest.mark.parametrize("name", STREAMS)
def test_every_block_reads_in_a_terminal_and_in_a_page(name: str) -> None:
    for view in views(name):
        for block in render(view, Scene(ended="")):
            assert set(block.data) - {"text/plain"} <= {"text/markdown", "text/html", "image/png"}
            assert "text/plain" in block.data


def test_a_card_folds_code_and_output_under_one_line() -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": "1 < 2\n"}]
    [card, _] = render(code_view("print('1 < 2')", outputs=outputs), Scene(ended=""))
    page = card.data["text/html"]
    assert page.startswith("<details><summary>Ran Python · 0.4 s · ok</summary>")
    assert "<pre>1 &lt; 2</pre>" in page
    assert "```python\nprint('1 < 2')\n```" in card.data["text/markdown"]


@pytest.mark.parametrize("place", ["code", "stream", "error", "note", "traceback"])
def test_nothing_in_a_card_becomes_markup(place: str) -> None:
    text = PAYLOAD if place != "code" else ""
    error = {"output_type": "error", "ename": "E", "evalue": text, "traceback": [text]}
    outputs: dict[str, list[dict[str, Any]]] = {
        "stream": [{"output_type": "stream", "name": "stdout", "text": text}],
        "error": [{**error, "traceback": []}],
        "traceback": [error],
    }
    view = code_view(PAYLOAD, outputs=outputs.get(place, []), note=text)
    for block in render(view, Scene(ended="", notes=[text])):
        tags = Tags()
        tags.feed(block.data["text/html"])
        assert set(tags.found) <= {"details", "summary", "pre", "code", "p", "small"}


def test_a_card_has_no_empty_line_that_would_end_it_in_markdown() -> None:
    [card, _] = render(code_view("a = 1\n\n\n  \nb = 2\n\n"), Scene(ended=""))
    assert all(line.strip() for line in card.data["text/html"].split("\n"))


def test_plots_and_tables_of_the_users_code_stand_beside_the_card_as_they_are() -> None:
    table = {"text/html": "<table></table>", "text/plain": "t"}
    plot = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
    outputs = [
        {"output_type": "execute_result", "data": table, "metadata": {}, "execution_count": 1},
        {"output_type": "display_data", "data": plot, "metadata": {}},
        {"output_type": "display_data", "data": {"text/plain": "only text"}, "metadata": {}},
    ]
    blocks = render(code_view("x", outputs=outputs), Scene(ended=""))
    assert [block.data for block in blocks[1:3]] == [table, plot]
    assert "only text" in blocks[0].data["text/plain"]


def test_the_last_block_says_what_is_waited_for() -> None:
    [waiting] = render(views("text_answer")[2], Scene())
    assert waiting.data["text/plain"] == "Waiting for the model …"


def test_the_small_print_names_files_model_and_tokens() -> None:
    scene = Scene(ended="", files=[FileLink("a b.csv", 1234, "a%20b.csv")], facts=["1.0 s"])
    last = render(views("text_answer")[-1], scene)[-1].data
    assert '<a href="a%20b.csv" download="a b.csv">a b.csv</a> (1.2 kB)' in last["text/html"]
    assert "<small>demo · 24 tokens · 1.0 s</small>" in last["text/html"]
    assert last["text/plain"] == "Files: a b.csv (1.2 kB)\ndemo · 24 tokens · 1.0 s"


def test_a_sandbox_link_leads_to_the_file() -> None:
    view = views("code_with_image_and_file")[-1]
    blocks = render(view, Scene(link=lambda name: f"here/{name}", ended=""))
    assert "[the table](here/summary.csv)" in blocks[2].data["text/markdown"]


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("waiting", "Python waits for your approval"),
        ("running", "Running Python …"),
        ("rejected", "Did not run Python · rejected"),
        ("interrupted", "Ran Python · stopped"),
    ],
)
def test_what_this_kernel_knows_comes_before_what_the_server_says(status: str, title: str) -> None:
    view = views("code_waiting_for_the_caller")[-1]
    [call] = view.entries
    assert titles(render(view, Scene(progress={call.id: CallProgress(status)})))[0] == title


def test_only_what_changed_is_published() -> None:
    published: list[tuple[bool, str]] = []

    def publish(
        data: Any, metadata: Any = None, *, transient: Any = None, update: bool = False
    ) -> None:
        published.append((update, data["text/plain"]))

    screen = Screen(publish)
    one, two, three = (DisplayBlock({"text/plain": text}) for text in "123")
    screen.draw([one, two])
    screen.draw([one, three])
    screen.draw([one])
    assert published == [(False, "1"), (False, "2"), (True, "3"), (True, "")]


def test_updates_come_at_most_ten_times_a_second() -> None:
    now = 0.0
    screen = Screen(lambda *_, **__: None, clock=lambda: now)
    assert screen.due
    screen.draw([])
    now = 0.09
    assert not screen.due
    now = 0.11
    assert screen.due


@pytest.mark.parametrize("name", STREAMS)
def test_a_terminal_gets_every_text_once(name: str) -> None:
    written: list[str] = []
    text = TextView(written.append)
    found = views(name)
    for view in found:
        text.show(view)
    text.close()
    for entry in found[-1].entries:
        if entry.type == "message":
            assert "".join(written).count(entry.text) == 1
