"""The page that a citation opens: a file's text by location, the quote highlighted.

The text comes from files that anybody may have written. So the page has no scripts and loads
nothing, everything in it is escaped, and the browser is told to keep it that way.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from itertools import groupby
from urllib.parse import urlencode

from jupyter_assistants.protocol.documents import DocumentBlock, DocumentText
from jupyter_assistants.server.responses import Response

MEDIA_TYPE = "text/html; charset=utf-8"

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 0 1rem 60vh; }
header { position: sticky; top: 0; z-index: 1; background: Canvas; border-bottom: 1px solid GrayText;
  padding: .6rem 0; }
h1 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
header p { margin: .1rem 0 0; font-size: .9rem; }
h2 { font-size: .85rem; font-weight: 600; opacity: .75; margin: 1.6rem 0 .3rem;
  border-bottom: 1px dotted GrayText; }
p.text, pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 .8rem; unicode-bidi: isolate; }
pre, ol { font: 13px/1.5 ui-monospace, monospace; }
ol { margin: 0 0 .8rem; padding-left: 4.5em; }
ol li { white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.5em; unicode-bidi: isolate; }
ol li::marker { color: GrayText; }
p.head { font: 600 13px/1.5 ui-monospace, monospace; margin: 0 0 .2rem; padding-left: 5.9em; }
mark { background: #ffe066; color: #000; padding: .05em 0; scroll-margin-top: 35vh; }
mark:target, .quote { outline: 2px solid #b8860b; outline-offset: 2px; }
nav { margin: 1rem 0; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-same-origin allow-downloads"
)
# Characters that do not belong in text, or that could make it look different from what is stored.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def set_headers(response: Response) -> None:
    """Set the headers that keep the page from doing anything."""
    response.set_header("Content-Security-Policy", POLICY)
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Cross-Origin-Resource-Policy", "same-origin")
    response.set_header("Referrer-Policy", "same-origin")
    response.set_header("Cache-Control", "private, no-cache")


def render(text: DocumentText) -> bytes:
    """Return the page as HTML."""
    name = _escaped(text.filename)
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name}</title><style>{_STYLE}</style></head><body>",
        f"<header><h1>{name}</h1><p>{_facts(text)}</p></header><main>",
        _other_part(text, earlier=True),
        *_sections(text),
        _other_part(text, earlier=False),
        "</main></body></html>\n",
    ]
    return "\n".join(part for part in parts if part).encode(errors="replace")


def _facts(text: DocumentText) -> str:
    facts = ["The text of the file, as it is searched"]
    if text.first or text.has_more:
        last = text.first + len(text.data)
        facts.append(f"parts {text.first + 1:,} to {last:,} of {text.total:,}")
    # Relative, so that it holds below any prefix.
    facts.append('<a href="content" download>Download the original</a>')
    if _cited(text) is not None:
        facts.append('<a href="#quote">Go to the quote</a>')
    return " · ".join(facts)


def _other_part(text: DocumentText, *, earlier: bool) -> str:
    """Return the link to the part before or after the one that is shown."""
    if earlier and text.first:
        first, words = max(0, text.first - len(text.data)), "Earlier parts"
    elif not earlier and text.has_more:
        first, words = text.first + len(text.data), "Later parts"
    else:
        return ""
    query = {"first": first, "start": text.quote_start, "end": text.quote_end}
    encoded = urlencode({name: value for name, value in query.items() if value is not None})
    return f'<nav><a href="view?{html.escape(encoded)}">{words}</a></nav>'


def _sections(text: DocumentText) -> Iterator[str]:
    """Yield a section for each page, slide, sheet …, with an id that links can name."""
    known: set[str] = set()
    marked = False
    for number, ((place, label), group) in enumerate(groupby(text.data, key=_section)):
        anchor = place if place and place not in known else f"part-{text.first + number + 1}"
        known.add(anchor)
        yield f'<section id="{html.escape(anchor)}">'
        if label:
            yield f'<h2 dir="auto">{_escaped(label)}</h2>'
        for block in group:
            quote = _quote_in(text, block)
            yield _body(block, quote, first=not marked)
            marked = marked or quote is not None
        yield "</section>"


def _section(block: DocumentBlock) -> tuple[str, str]:
    """Return an id and a title for the section that a block is in."""
    place = block.place
    for name in ("page", "slide", "cell"):
        if (number := getattr(place, name)) is not None:
            headings = " › ".join(place.headings or ())
            return f"{name}-{number}", f"{name} {number}{f' · {headings}' if headings else ''}"
    headings = " › ".join(place.headings or ())
    if place.sheet is not None:
        return "", place.sheet
    return "", headings


def _cited(text: DocumentText) -> tuple[int, int] | None:
    if text.quote_start is None or text.quote_end is None or text.quote_end <= text.quote_start:
        return None
    return text.quote_start, text.quote_end


def _quote_in(text: DocumentText, block: DocumentBlock) -> tuple[int, int] | None:
    """Return which characters of a block are cited."""
    cited = _cited(text)
    if cited is None:
        return None
    begin = max(cited[0] - block.start, 0)
    end = min(cited[1] - block.start, len(block.text))
    return (begin, end) if begin < end else None


def _body(block: DocumentBlock, quote: tuple[int, int] | None, *, first: bool) -> str:
    numbers = _first_number(block)
    if numbers is not None:
        head = f'<p class="head" dir="auto">{_escaped(block.head)}</p>' if block.head else ""
        return head + _lines(block.text, numbers, quote, first)
    marked = _marked(block.text, quote, first)
    if block.kind == "text":
        return f'<p class="text" dir="auto">{marked}</p>'
    return f'<pre dir="auto">{marked}</pre>'


def _first_number(block: DocumentBlock) -> int | None:
    """Return the number of the first line, or row, where lines have one."""
    if block.place.lines is not None:
        return block.place.lines[0]
    found = re.match(r"[A-Z]+(\d+)", block.place.cells or "")
    return int(found[1]) if found else None


def _lines(text: str, number: int, quote: tuple[int, int] | None, first: bool) -> str:
    items, at = [], 0
    for line in text.split("\n"):
        inside = None
        if quote is not None:
            begin, end = max(quote[0] - at, 0), min(quote[1] - at, len(line))
            inside = (begin, end) if begin < end else None
        items.append(f'<li dir="auto">{_marked(line, inside, first)}</li>')
        first = first and inside is None
        at += len(line) + 1
    return f'<ol start="{number}">{"".join(items)}</ol>'


def _marked(text: str, quote: tuple[int, int] | None, first: bool) -> str:
    if quote is None:
        return _escaped(text)
    begin, end = quote
    id = ' id="quote"' if first else ""
    inside = f'<mark{id} class="quote">{_escaped(text[begin:end])}</mark>'
    return f"{_escaped(text[:begin])}{inside}{_escaped(text[end:])}"


def _escaped(text: str) -> str:
    return html.escape(_ODD.sub("\ufffd", text))
