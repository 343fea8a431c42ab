"""HTML as a reader of the page sees it. No link is followed, no script is run."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, PartCount, PartsRead, Unreadable
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.plain import read_text

_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head"})
_LINES = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_AT_A_TIME = 200_000
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


class _Page(HTMLParser):
    """Collects text by sections."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[tuple[tuple[str, ...], list[str]]] = [((), [])]
        self._silent: list[str] = []
        self._path: list[tuple[int, str]] = []
        self._heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":
            # An unclosed head ends here at the latest.
            self._silent.clear()
        if tag in _HEADINGS and not self._silent:
            self._heading = []
            self.sections.append(((), []))
        self._separate(tag, " " if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        if tag in _HEADINGS and self._heading is not None:
            name = " ".join("".join(self._heading).split())[:200]
            level = _HEADINGS[tag]
            self._path = [each for each in self._path if each[0] < level] + [(level, name)]
            names = tuple(each for _, each in self._path if each)
            self.sections[-1] = (names, self.sections[-1][1])
            self._heading = None
        self._separate(tag, "")

    def _separate(self, tag: str, otherwise: str) -> None:
        mark = "\n" if tag in _LINES else otherwise
        if mark:
            self.sections[-1][1].append(mark)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.sections[-1][1].append(data)
        if self._heading is not None:
            self._heading.append(data)


def html(stream: BinaryIO) -> Iterator[Parsed]:
    """Yield a block for each heading with what stands under it."""
    page = _Page()
    text = read_text(stream)
    yield PartCount(-(-len(text) // _AT_A_TIME))
    try:
        for start in range(0, len(text), _AT_A_TIME):
            page.feed(text[start : start + _AT_A_TIME])
            yield PartsRead(start // _AT_A_TIME + 1)
        page.close()
    except AssertionError:
        # What the standard library says to some broken declarations.
        raise Unreadable("invalid_file", "The file is no readable HTML.") from None
    for headings, pieces in page.sections:
        lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
        text = "\n".join(line for line in lines if line)
        if text:
            yield Block(text, Location(headings=headings))
