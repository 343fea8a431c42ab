"""What a citation opens: a file's text as a page and as JSON, against a real server."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests
from openai import OpenAI
from support.live_server import LiveServer
from support.paths import DOCUMENTS

from jupyter_assistants.retrieval.file_reader import FileReader

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

READABLE = [
    path
    for path in sorted(DOCUMENTS.iterdir())
    if "password" not in path.name and FileReader().supports(path.name)
]
HOSTILE = (
    "<script>alert(1)</script>\n<img src=//evil.example/x onerror=alert(2)>\n"
    "\x07 \u202e </mark></p><a href='javascript:alert(3)'>x</a> & \"quoted\"\n"
)


@pytest.fixture(scope="module")
def client(assistants_server: LiveServer) -> Iterator[OpenAI]:
    with assistants_server.client(max_retries=0) as client:
        yield client


def upload(client: OpenAI, name: str, content: bytes) -> str:
    return client.files.create(file=(name, content), purpose="assistants").id


def get(server: LiveServer, path: str, **query: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {server.token}"}
    return requests.get(f"{server.url}{path}", headers=headers, params=query, timeout=60)


class Seen(HTMLParser):
    """What is in a page: its tags, the text, and what is highlighted."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = self.marked = ""
        self._inside = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside += tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside:
            self.marked += data

    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.tags if "id" in attrs]


@pytest.mark.parametrize(
    "path",
    READABLE,
    ids=lambda p: p.name,
)
def test_every_type_of_document_is_shown_with_a_quote_highlighted(
    assistants_server: LiveServer, client: OpenAI, path: Path
) -> None:
    file_id = upload(client, path.name, path.read_bytes())
    text = get(assistants_server, f"/files/{file_id}/text").json()
    assert text["object"] == "file.text" and text["filename"] == path.name
    block = max(text["data"], key=lambda each: len(each["text"]))
    start = block["start"] + len(block["text"]) // 2
    quote = block["text"][start - block["start"] :][:40]
    answer = get(assistants_server, f"/files/{file_id}/view", start=start, end=start + len(quote))
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    seen = Seen(answer.text)
    assert seen.marked == "".join(re.split("\n", quote)) or seen.marked == quote
    assert seen.ids().count("quote") == 1
    if "page" in block["place"]:
        assert f"page-{block['place']['page']}" in seen.ids()
    if "slide" in block["place"]:
        assert f"slide-{block['place']['slide']}" in seen.ids()


def test_what_a_file_says_is_text_and_nothing_else(
    assistants_server: LiveServer, client: OpenAI
) -> None:
    file_id = upload(client, "<b>x.txt", HOSTILE.encode())
    answer = get(assistants_server, f"/files/{file_id}/view", start=3, end=30)
    assert answer.status_code == 200
    seen = Seen(answer.text)
    allowed = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "a"}
    allowed |= {"main", "section", "mark", "ol", "li", "pre"}
    assert {tag for tag, _ in seen.tags} <= allowed
    assert {attrs["href"] for tag, attrs in seen.tags if tag == "a"} == {"content", "#quote"}
    assert "<script>alert(1)</script>" in seen.text and "\u202e" not in answer.text
    assert seen.marked == HOSTILE[3:30].replace("\n", "") or seen.marked == HOSTILE[3:30]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_quote_over_several_parts_is_highlighted_in_each(
    assistants_server: LiveServer, client: OpenAI
) -> None:
    path = DOCUMENTS / "four_pages.pdf"
    file_id = upload(client, path.name, path.read_bytes())
    first, second = get(assistants_server, f"/files/{file_id}/text").json()["data"][:2]
    start, end = second["start"] - 12, second["start"] + 10
    seen = Seen(get(assistants_server, f"/files/{file_id}/view", start=start, end=end).text)
    assert seen.marked == (first["text"][-10:] + second["text"][:10])
    assert seen.ids().count("quote") == 1


def test_a_long_file_is_shown_around_the_quote_with_links_to_the_rest(
    assistants_server: LiveServer, client: OpenAI
) -> None:
    sections = "".join(f"<h2>Part {n}</h2><p>Text number {n}.</p>" for n in range(3000))
    file_id = upload(client, "long.html", sections.encode())
    path = f"/files/{file_id}"
    text = get(assistants_server, f"{path}/text").json()
    assert len(text["data"]) == 1000 and text["has_more"]
    late = get(assistants_server, f"{path}/text", first=2500).json()["data"][0]
    page = get(assistants_server, f"{path}/view", start=late["start"], end=late["start"] + 4).text
    seen = Seen(page)
    assert seen.marked == late["text"][:4]
    links = [attrs["href"] or "" for tag, attrs in seen.tags if tag == "a"]
    (earlier,) = [link for link in links if link.startswith("view?")]
    assert "first=" in earlier
    assert get(assistants_server, f"{path}/{earlier}").ok


def test_a_place_outside_the_file_shows_the_file(
    assistants_server: LiveServer, client: OpenAI
) -> None:
    file_id = upload(client, "a.txt", b"Ducks.")
    seen = Seen(get(assistants_server, f"/files/{file_id}/view", start=10**9, end=10**9 + 5).text)
    assert "Ducks." in seen.text and seen.marked == ""
    assert get(assistants_server, f"/files/{file_id}/view", start="x").status_code == 400


def test_a_file_without_text_says_so(assistants_server: LiveServer, client: OpenAI) -> None:
    for name, content, words in (
        ("a.png", b"x", "no text to be shown"),
        ("bad.pdf", b"x", "no readable PDF"),
    ):
        file_id = upload(client, name, content)
        answer = get(assistants_server, f"/files/{file_id}/view")
        assert answer.status_code == 400 and words in answer.json()["error"]["message"]


def test_the_page_needs_a_key_and_a_browser_is_sent_to_the_login(
    assistants_server: LiveServer, client: OpenAI
) -> None:
    file_id = upload(client, "a.txt", b"Ducks.")
    url = f"{assistants_server.url}/files/{file_id}/view?start=0&end=3"
    assert requests.get(url, timeout=20).status_code == 401

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any) -> None:
            return None

    request = urllib.request.Request(url, headers={"Accept": "text/html,*/*"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(Stay).open(request, timeout=20)
    headers: Message = caught.value.headers
    assert caught.value.code == 302
    assert headers["Location"].startswith("/login?next=%2Fassistants%2Fv1%2Ffiles%2F")
