"""How an answer's citations and a search are shown."""

from __future__ import annotations

from typing import Any

from jupyter_assistants.client.citations import sources_by_mark
from jupyter_assistants.client.http import HttpClient
from jupyter_assistants.client.text_view import TextView
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.render import render
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, TranscriptPart, View

MARK, OTHER = "【0:0†a_b.pdf】", "【0:1†c.txt】"


def annotation(text: str, mark: str, file_id: str, **ours: Any) -> dict[str, Any]:
    start = text.index(mark)
    return {
        "type": "file_citation",
        "text": mark,
        "start_index": start,
        "end_index": start + len(mark),
        "file_citation": {"file_id": file_id},
        **({"jupyter": ours} if ours else {}),
    }


def message(text: str, annotations: list[dict[str, Any]]) -> MessageEntry:
    part = TranscriptPart("text", text, annotations=annotations)
    return MessageEntry("msg_1", "assistant", "completed", None, [part], [])


def search(results: list[dict[str, Any]], status: str = "completed") -> CallEntry:
    found = {"queries": ["duck food"], "number": 0, "results": results}
    done = found if status == "completed" else None
    return CallEntry(
        *("call_1", "step_1", "file_search", status, "ok", "", "", [], None, []),
        *(0.1, None, None, None),
        search=done,
    )


RESULT = {
    "file_id": "file-1",
    "file_name": "a_b.pdf",
    "score": 0.83,
    "content": [{"type": "text", "text": "<b>Ducks</b> eat bread."}],
    "jupyter": {"places": [{"place": {"page": 3}, "label": "page 3", "start": 10, "end": 33}]},
}


def view_of(file_id: str, start: int | None, end: int | None) -> str | None:
    return f"/base/view/{file_id}?start={start}&end={end}#quote"


def drawn(*entries: Any, **options: Any) -> list[DisplayBlock]:
    return render(View(None, list(entries), [], None), Scene(ended="", **options))


def answer() -> MessageEntry:
    text = f"Ducks eat{MARK} bread{OTHER}, really{MARK}."
    first = annotation(text, MARK, "file-1", quote="Ducks *eat*", label="page 3", start=1, end=9)
    again = {**first, "start_index": text.rindex(MARK), "end_index": text.rindex(MARK) + len(MARK)}
    return message(text, [again, annotation(text, OTHER, "file-2"), first])


def test_marks_become_numbers_that_lead_to_the_place() -> None:
    shown = drawn(answer(), view_of=view_of)[0].data["text/markdown"]
    link = r"[\[1\]](/base/view/file-1?start=1&amp;end=9#quote)"
    assert shown.startswith(f"Ducks eat{link} bread[\\[2\\]](") and shown.count(link) == 2
    assert (
        "**Sources**\n\n1. [a\\_b.pdf, page 3](/base/view/file-1?start=1&amp;end=9#quote)" in shown
    )
    assert r": “Ducks \*eat\*”" in shown and "2. [c.txt]" in shown


def test_without_a_server_quote_and_place_stand_as_text() -> None:
    data = drawn(answer())[0].data
    assert "](" not in data["text/markdown"] and r"\[1\]" in data["text/markdown"]
    assert data["text/plain"] == (
        "Ducks eat[1] bread[2], really[1].\n\n"
        "Sources\n[1] a_b.pdf, page 3: “Ducks *eat*”\n[2] c.txt"
    )


def test_links_hold_below_a_prefix_and_name_the_host_of_another_server_only() -> None:
    path = "/user/ada/assistants/v1/files/file-1/view"
    here = HttpClient("http://127.0.0.1:8888/user/ada/", "secret", own=True)
    assert here.url_of_view("file-1", 3, 9) == f"{path}?start=3&end=9#quote"
    assert here.url_of_view("file-1", None, None) == path
    there = HttpClient("https://far.example/user/ada", "secret")
    assert there.url_of_view("file-1", 0, 9) == (
        f"https://far.example:443{path}?start=0&end=9#quote"
    )


def test_what_a_model_writes_in_place_of_a_mark_is_no_link() -> None:
    spoofed = message("see \ue0001\ue001 and 【0:0†x】", [])
    shown = drawn(spoofed, view_of=view_of)[0].data["text/markdown"]
    assert "](" not in shown and "\ue000" not in shown


def test_annotations_that_do_not_fit_the_text_are_passed_over() -> None:
    wrong = {**annotation(MARK, MARK, "file-1"), "start_index": 1, "end_index": 5}
    shown = drawn(message(f"x {MARK}", [wrong]), view_of=view_of)[0].data["text/markdown"]
    assert shown == f"x {MARK}"


def test_a_search_shows_its_passages_places_and_scores() -> None:
    data = drawn(search([RESULT]), view_of=view_of)[0].data
    page = data["text/html"]
    assert page.startswith(
        "<details><summary>Searched for “duck food” · 1 passage · 0.1 s</summary>"
    )
    assert (
        '<a href="/base/view/file-1?start=10&amp;end=33#quote" target="_blank">a_b.pdf, page 3</a>'
        in page
    )
    assert "mark 0:0 · score 0.83 · has duck" in page
    assert "&lt;b&gt;Ducks&lt;/b&gt; eat bread." in page and "<b>" not in page
    assert data["text/plain"].splitlines()[1].strip().startswith("a_b.pdf, page 3 · mark 0:0")


def test_a_search_that_goes_on_and_one_that_found_nothing_say_so() -> None:
    assert "Searching the files" in drawn(search([], "in_progress"))[0].data["text/plain"]
    assert "nothing found" in drawn(search([]))[0].data["text/plain"]


def test_a_long_passage_is_shown_where_the_words_stand() -> None:
    text = "filler " * 400 + "Ducks eat food." + " filler" * 400
    result = {**RESULT, "content": [{"type": "text", "text": text}]}
    shown = drawn(search([result]))[0].data["text/html"]
    assert "Ducks eat food." in shown and len(shown) < 1500


def test_a_menu_of_many_short_lines_is_shown_in_one() -> None:
    menu = "\n".join(["English", "Deutsch", "Polski"] * 4)
    result = {**RESULT, "content": [{"type": "text", "text": menu}]}
    assert "English · Deutsch · Polski · " in drawn(search([result]))[0].data["text/html"]


def test_a_terminal_prints_the_passages_and_the_sources_below_the_answer() -> None:
    written: list[str] = []
    text = TextView(written.append)
    text.show(View(None, [search([RESULT]), answer()], [], None))
    text.close()
    out = "".join(written)
    assert "Searched for “duck food” · 1 passage" in out and "score 0.83" in out
    assert out.endswith(f"\nSources\n{MARK} a_b.pdf, page 3: “Ducks *eat*”\n{OTHER} c.txt\n")
    assert sources_by_mark(message("no marks", []), {}) == ""
