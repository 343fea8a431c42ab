"""HTML as a reader of the page sees it. No link is followed, no script is run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, PartCount, PartsRead
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.text import read_text

_HIDDEN = frozenset(["head", "noscript", "script", "style", "svg", "template"])
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
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PART_CHARACTERS = 200_000
_FED_CHARACTERS = 20_000
_DEEPEST = 1000
_LONGEST_TITLE = 300


class HtmlReader(Reader):
    """Pages: a block for each heading with what stands under it; all are found by the page's title."""

    extensions = ("html", "htm")
    libraries = ("lxml.etree",)

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """See :meth:`.base.Reader.read`."""
        text = read_text(stream)
        yield PartCount(-(-len(text) // _PART_CHARACTERS))
        page = _Page()
        parser = _parser(page)
        part = 0
        for start, end in _slices(text):
            parser.feed(text[start:end])
            if page.depth > _DEEPEST:
                # An end tag that closes nothing is compared with every open element. A fresh parser
                # has none, which keeps hostile nesting linear. Real pages do not nest so deep.
                _close(parser)
                parser = _parser(page)
            if end // _PART_CHARACTERS > part or end == len(text):
                part = -(-end // _PART_CHARACTERS)
                yield PartsRead(part)
        _close(parser)
        title = " ".join("".join(page.title).split())[:_LONGEST_TITLE]
        found = False
        for headings, pieces in page.sections:
            lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
            text = "\n".join(line for line in lines if line)
            if text:
                found = True
                yield Block(text, Location(headings=headings), head=title)
        if title and not found:
            yield Block(title)


def _parser(page: _Page) -> Any:
    """Return a parser that hands tags and text to the page as they come.

    Of a tree, libxml2 drops what lies deeper than 256 elements.
    """
    from lxml import etree

    return etree.HTMLParser(target=page, no_network=True, huge_tree=True)


def _close(parser: Any) -> None:
    """End a parser; one that was fed nothing but white space says so, which is no error here."""
    from lxml import etree

    with contextlib.suppress(etree.LxmlError):
        parser.close()


def _slices(text: str) -> Iterator[tuple[int, int]]:
    """Yield where to cut a page: before a tag, as far as there is one."""
    start = 0
    while start < len(text):
        end = min(start + _FED_CHARACTERS, len(text))
        if end < len(text):
            end = max(text.rfind("<", start + 1, end), 0) or end
        yield start, end
        start = end


class _Page:
    """The text of a page by sections; its methods are those of a target of lxml's parsers."""

    def __init__(self) -> None:
        self.depth = 0
        self.sections: list[tuple[tuple[str, ...], list[str]]] = [((), [])]
        self.title: list[str] = []
        self._in_title = False
        self._hidden: list[str] = []
        self._path: list[tuple[int, str]] = []
        self._heading: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        # A drawing has titles as well, which are not the page's.
        self._in_title = tag == "title" and self._hidden in ([], ["head"]) and not self.title
        if tag == "meta" and attributes.get("name", "").lower() == "description":
            self.title += [" ", attributes.get("content", "")]
        elif tag == "img":
            self._add(f" {attributes.get('alt', '')} ")
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag == "body":
            # An unclosed head ends here at the latest.
            self._hidden.clear()
        if tag in _HEADINGS and not self._hidden:
            self._heading = []
            self.sections.append(((), []))
        self._separate(tag, " " if tag in ("td", "th") else "")

    def close_element(self, tag: str) -> None:
        self.depth -= 1
        self._in_title = self._in_title and tag != "title"
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        if tag in _HEADINGS and self._heading is not None:
            name = " ".join("".join(self._heading).split())[:200]
            level = _HEADINGS[tag]
            self._path = [each for each in self._path if each[0] < level] + [(level, name)]
            names = tuple(each for _, each in self._path if each)
            self.sections[-1] = (names, self.sections[-1][1])
            self._heading = None
        self._separate(tag, "")

    end = close_element  # as lxml calls it

    def _separate(self, tag: str, otherwise: str) -> None:
        mark = "\n" if tag in _LINES else otherwise
        if mark:
            self.sections[-1][1].append(mark)

    def data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        else:
            self._add(data)

    def _add(self, data: str) -> None:
        if self._hidden:
            return
        self.sections[-1][1].append(data)
        if self._heading is not None:
            self._heading.append(data)

    def close(self) -> None:
        """End the page."""
