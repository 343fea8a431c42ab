"""Citations of an answer: numbers in its text, and a list of the quotes with their locations."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.client.text import one_line, plain, plain_line, with_controls_named
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, TranscriptPart, View

Json = dict[str, Any]

ViewOf = Callable[[str, int | None, int | None], str | None]
"""Returns the address at which a file's text is shown, from one character to another."""

# Private-use characters stand for a number while the text around them is made safe, so that no
# Markdown of the model can be taken for a link of ours.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACEHOLDER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def no_view(file_id: str, start: int | None, end: int | None) -> str | None:
    """Return None: nothing shows files."""
    return None


@dataclass(frozen=True)
class CitedSource:
    """One entry of the list of sources.

    Parameters
    ----------
    where
        The file's name and the location in it.
    href
        Where it is shown; None if nothing shows it.
    """

    where: str
    quote: str
    href: str | None


class Citations:
    """The citations of one message, numbered in the order of their first mention.

    Parameters
    ----------
    names
        File names by id, as far as they are known.
    """

    def __init__(self, names: Mapping[str, str], view_of: ViewOf = no_view) -> None:
        self._names = names
        self._view_of = view_of
        self._known: dict[tuple[Any, ...], int] = {}
        self.sources: list[CitedSource] = []

    def with_placeholders(self, part: TranscriptPart) -> str:
        """Return a part's text with a placeholder for each mark; :meth:`with_links` replaces them."""
        pieces, at = [], 0
        for annotation in _citations(part):
            start, end = annotation["start_index"], annotation["end_index"]
            if start < at or part.text[start:end] != annotation.get("text"):
                continue
            pieces.append(_own_text(part.text[at:start]))
            pieces.append(f"{_OPEN}{self._number(annotation)}{_CLOSE}")
            at = end
        return "".join([*pieces, _own_text(part.text[at:])])

    def with_links(self, markdown: str) -> str:
        """Return Markdown with a link in the place of each placeholder."""
        return _PLACEHOLDER.sub(lambda match: self._link(int(match[1])), markdown)

    def plain(self, part: TranscriptPart) -> str:
        """Return a part's text with bare numbers."""
        return _PLACEHOLDER.sub(lambda match: f"[{match[1]}]", plain(self.with_placeholders(part)))

    def add(self, annotation: Json) -> list[CitedSource]:
        """Number one more citation; return all sources so far."""
        self._number(annotation)
        return self.sources

    def _number(self, annotation: Json) -> int:
        file_id = str((annotation.get("file_citation") or {}).get("file_id") or "")
        ours = annotation.get("jupyter") or {}
        key = (file_id, ours.get("start"), ours.get("end"))
        if key not in self._known:
            self._known[key] = len(self.sources) + 1
            name = self._names.get(file_id) or _named(annotation) or file_id
            where = f"{name}, {ours['label']}" if ours.get("label") else name
            href = self._view_of(file_id, ours.get("start"), ours.get("end"))
            self.sources.append(CitedSource(where, str(ours.get("quote") or ""), href))
        return self._known[key]

    def _link(self, number: int) -> str:
        shown = rf"\[{number}\]"
        if not 0 < number <= len(self.sources):
            return shown
        href = self.sources[number - 1].href
        return f"[{shown}]({html.escape(href)})" if href else shown

    def list_markdown(self) -> str:
        """Return the list of the sources; empty if nothing is cited."""
        if not self.sources:
            return ""
        lines = ["**Sources**", ""]
        for number, source in enumerate(self.sources, 1):
            where = one_line(source.where)
            where = f"[{where}]({html.escape(source.href)})" if source.href else where
            quote = f": “{one_line(source.quote)}”" if source.quote else ""
            lines.append(f"{number}. {where}{quote}")
        return "\n".join(lines)

    def list_plain(self) -> str:
        """Return the list for terminals."""
        lines = ["Sources"] if self.sources else []
        for number, source in enumerate(self.sources, 1):
            quote = f": “{plain_line(source.quote)}”" if source.quote else ""
            lines.append(f"[{number}] {plain(source.where)}{quote}")
        return "\n".join(lines)


def where(filename: str, result: Json) -> str:
    """Return a passage's file and location in a few words."""
    locations = (result.get("jupyter") or {}).get("places") or []
    labels = list(dict.fromkeys(each["label"] for each in locations if each.get("label")))
    label = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}" if labels else ""
    return f"{filename}, {label}" if label else filename


def sources_by_mark(entry: MessageEntry, names: Mapping[str, str]) -> str:
    """Return the sources of a message that was printed with its marks in it."""
    lines: dict[str, None] = {}
    for part in entry.parts:
        for annotation in _citations(part):
            (source,) = Citations(names).add(annotation)
            quote = f": “{plain_line(source.quote)}”" if source.quote else ""
            mark = plain(str(annotation.get("text") or ""))
            lines[f"{mark} {plain(source.where)}{quote}"] = None
    return "\n".join(["Sources", *lines]) if lines else ""


def file_names_of(view: View) -> dict[str, str]:
    """Return the names of the files that a view's searches found, by id."""
    return {
        result["file_id"]: result["file_name"]
        for entry in view.entries
        if isinstance(entry, CallEntry) and entry.search
        for result in entry.search["results"]
    }


def plain_message(entry: MessageEntry, citations: Citations) -> str:
    """Return a message for terminals, its sources below it."""
    texts = [citations.plain(part) for part in entry.parts if part.type in ("text", "refusal")]
    return "\n\n".join(filter(None, ["".join(texts), citations.list_plain()]))


def _citations(part: TranscriptPart) -> Sequence[Json]:
    cited = [each for each in part.annotations if each.get("type") == "file_citation"]
    return sorted(cited, key=lambda each: int(each.get("start_index") or 0))


def _named(annotation: Json) -> str:
    name = str(annotation.get("text") or "").partition("†")[2].rstrip("】")
    return "" if name == "source" else name


def _own_text(text: str) -> str:
    """Return text of an answer: it cannot forge a placeholder, and hides no control character."""
    return with_controls_named(re.sub(f"[{_OPEN}{_CLOSE}]", "", text))
