"""A model's Markdown made safe to show, whichever Markdown renderer shows it.

The text may be written by an attacker who knows that renderers disagree. So nothing here depends on
guessing right where code begins: what could become raw HTML, an image, a link definition or a
dangerous TeX command is taken apart everywhere, and code is written anew in a form that every
renderer reads alike. Links keep harmless schemes only, and remote images become links. The notebook
is read by renderers that are not ours, so their sanitizers are no protection (see
docs/internals/security.md, "Untrusted text").
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote, urlsplit

from jupyter_assistants.kernels.outputs.untrusted_text import (
    DANGEROUS_TEX,
    INVISIBLE,
    entity,
    fenced,
    one_line,
)

Link = Callable[[str], str | None]
"""Returns the address of a produced file by its name; None if there is none."""

SANDBOX = "sandbox:/mnt/data/"

_FENCE = re.compile(r"^( *)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_BLANK_LINE = re.compile(r"\n(?=[ \t]*\n)")
_DANGER = re.compile(r"<(?=[A-Za-z/!?])|<$|!\[|\]\s*[(:]|" + DANGEROUS_TEX)
# The text may be hostile and a megabyte long, so a label may have only so many escapes and brackets:
# each opening bracket would be read to the end. With more it is no link here, and taken apart as text.
_LABEL = r"\[((?:[^\[\]\\]++|\\.|\[[^\[\]]{0,200}+\]){0,60}+)\]"
_TITLE = r"(?:\s{1,8}(?:\"[^\"]{0,400}\"|'[^']{0,400}'))?"
_TARGET = r"\(\s{0,8}(?:<([^<>\n]*)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))" + _TITLE + r"\s{0,8}\)"
_LINK = re.compile(rf"(!?){_LABEL}{_TARGET}|<(https?://[^\s<>]+)>|(<br ?/?>)", re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9_+#-]*")


def safe_markdown(text: str, link: Link) -> str:
    """Return Markdown that shows the text and nothing but the text.

    Parameters
    ----------
    link
        Resolves names of produced files, for ``sandbox:`` and relative links.
    """
    source = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    blocks = []
    for language, block in _blocks(source):
        blocks.append(_prose(block, link) if language is None else fenced(block, language))
    return "\n\n".join(filter(str.strip, blocks))


def _blocks(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield (None, prose) and (language, code), in order."""
    prose: list[str] = []
    lines = iter(text.split("\n"))
    for line in lines:
        opening = _FENCE.match(line)
        if opening is None:
            prose.append(line)
            continue
        yield None, "\n".join(prose)
        prose = []
        indent, mark, info = opening.groups()
        language = _LANGUAGE.match(info.strip())
        # Mermaid sources are drawn, and drawings can load images.
        name = "" if language is None or language[0].lower() == "mermaid" else language[0]
        yield name, "\n".join(_inside(lines, len(indent), mark))
    yield None, "\n".join(prose)


def _inside(lines: Iterator[str], indent: int, mark: str) -> Iterator[str]:
    closing = re.compile(rf"^ *{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    for line in lines:
        if closing.match(line):
            return
        lead = len(line) - len(line.lstrip(" "))
        yield line[min(lead, indent) :]


def _prose(text: str, link: Link) -> str:
    pieces, at = [], 0
    for start, end, ticks in _code_spans(text):
        pieces.append(_links(text[at:start], link))
        pieces.append(_code(text[start:end], text[start + ticks : end - ticks]))
        at = end
    pieces.append(_links(text[at:], link))
    return "".join(pieces)


def _code_spans(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and number of backticks of each code span, in linear time."""
    runs = [(run.start(), run.end()) for run in re.finditer("`+", text)]
    blank_lines = [match.start() for match in _BLANK_LINE.finditer(text)]
    same_length: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        same_length.setdefault(end - start, []).append(index)
    index = 0
    while index < len(runs):
        start, inside = runs[index]
        candidates = same_length[inside - start]
        following = bisect_right(candidates, index)
        blank = bisect_left(blank_lines, inside)
        index += 1
        if following == len(candidates):
            continue
        close, end = runs[candidates[following]]
        if blank < len(blank_lines) and blank_lines[blank] < close:
            continue  # a code span ends with its paragraph
        yield start, end, inside - start
        index = candidates[following] + 1


def _code(source: str, code: str) -> str:
    if _DANGER.search(source) is None:
        return source
    # As HTML of ours, in which no character of the model's means anything.
    words = " ".join(code.split("\n")).strip(" ")
    return f"<code>{re.sub(r'[^A-Za-z0-9 ]', entity, words)}</code>"


def _links(text: str, link: Link) -> str:
    pieces, at = [], 0
    for found in _LINK.finditer(text):
        pieces.append(_text(text[at : found.start()]))
        bang, label, bracketed, bare, autolink, newline = found.groups()
        if newline:
            pieces.append("<br>")
        elif autolink:
            pieces.append(_text(autolink))
        else:
            target = bracketed if bracketed is not None else bare
            if pieces[-1].endswith("!"):
                # It would make an image of the link behind it.
                pieces[-1] = pieces[-1][:-1] + entity("!")
            pieces.append(_link(_label(label or ""), target or "", bool(bang), link))
        at = found.end()
    pieces.append(_text(text[at:]))
    return "".join(pieces)


def _text(text: str) -> str:
    """Escape markup that could mean more than text."""
    text = re.sub(r"<(?=[A-Za-z/!?])|<$", "&lt;", text)
    text = re.sub(r"!(?=\[)", "&#33;", text)
    text = re.sub(r"\](\s*)([(:])", lambda m: f"]{m[1]}{entity(m[2])}", text)
    return re.sub(DANGEROUS_TEX, "\\\\\u2060", text)


def _label(label: str) -> str:
    """Return a link's text without links and images in it."""
    inner = re.sub(rf"!?{_LABEL}{_TARGET}", lambda m: m[1], label)
    return _text(re.sub(r"[\[\]]", entity, " ".join(inner.split())))


def _link(label: str, target: str, image: bool, link: Link) -> str:
    address, host = _address(target, link)
    shown = label or ("image" if image else _text(host or "link"))
    if address is None:
        return shown
    if image or (host and "://" in html.unescape(label) and host not in label):
        shown = f"{'image: ' if image else ''}{shown}{f' ({host})' if host else ''}"
    return f"[{shown}]({address})"


def _address(target: str, link: Link) -> tuple[str | None, str]:
    """Return the address that a link may have, and the host that it leads to."""
    url = re.sub(r"\\([^\w\s])", r"\1", html.unescape(html.unescape(target)))
    url = re.sub(r"[\x00-\x20\x7f-\x9f]", "", url)
    if url.startswith("sandbox:"):
        return link(unquote(url.removeprefix(SANDBOX))), ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None, ""
    if parts.scheme in ("http", "https") and host:
        return quote(url, safe="/:?#@!$&*+,;=%~-._").replace("&", "&amp;"), one_line(host)
    if parts.scheme == "mailto":
        return quote(url, safe="/:?@!$*+,;=%~-._"), ""
    if parts.scheme or parts.netloc:
        return None, ""
    return link(unquote(url).removeprefix("/mnt/data/")), ""
