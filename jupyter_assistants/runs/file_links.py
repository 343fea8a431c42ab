"""Links to files and citations in an answer (docs/internals/protocol.md, "Messages and annotations")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from urllib.parse import quote, unquote

from jupyter_assistants.protocol.messages import (
    Annotation,
    FileCitationAnnotation,
    FileCitationTarget,
    FilePathAnnotation,
    FilePathTarget,
)
from jupyter_assistants.runs.citations import CitedPassage, citation, statement

MOST_ANNOTATIONS = 1_000
"""Of one kind in one answer: each costs more than the twenty characters that make it."""

_LINK = re.compile(r"sandbox:/mnt/data/([^\s)\]>\"'`]*)")
# What may stand behind a name. Anything else would make another name of it.
_NAME_ENDS = re.compile(r"(?![\w-])(?!\.\w)")

_MARK = re.compile(r"【(\d+:\d+)†[^【】]*】")


def annotate(
    text: str, files: Mapping[str, str], sources: Mapping[str, CitedPassage]
) -> list[Annotation]:
    """Return the annotations of a text in their order, of each kind the first thousand.

    Parameters
    ----------
    files
        Ids of files that code has written, by name.
    sources
        Passages that were found, by the numbers of their marks (``4:0``).
    """
    found: list[Annotation] = [*file_paths(text, files), *citations(text, sources)]
    return sorted(found, key=lambda each: each.start_index)


def unknown_marks(text: str, sources: Mapping[str, CitedPassage]) -> bool:
    """Return whether the text cites with a mark that is not among these."""
    return any(match.group(1) not in sources for match in _MARK.finditer(text))


def citations(text: str, sources: Mapping[str, CitedPassage]) -> list[FileCitationAnnotation]:
    """Return a ``file_citation`` annotation for every mark ``【4:0†name】`` of a known source."""
    known = (match for match in _MARK.finditer(text) if match.group(1) in sources)
    return [
        FileCitationAnnotation(
            text=match.group(),
            start_index=match.start(),
            end_index=match.end(),
            file_citation=FileCitationTarget(file_id=sources[match.group(1)].file_id),
            jupyter=citation(statement(text, match.start()), sources[match.group(1)]),
        )
        for match in islice(known, MOST_ANNOTATIONS)
    ]


def unknown_links(text: str, files: Mapping[str, str]) -> bool:
    """Return whether the text links to a file that is not among these."""
    names = LinkNames(files)
    return any(names.find(text, match) is None for match in _LINK.finditer(text))


def file_paths(text: str, files: Mapping[str, str]) -> list[FilePathAnnotation]:
    """Return a ``file_path`` annotation for every link to a known file.

    Parameters
    ----------
    files
        File ids by name, as the names stand behind ``/mnt/data/``.
    """
    found: list[FilePathAnnotation] = []
    names = LinkNames(files)
    for match in _LINK.finditer(text):
        link = names.find(text, match)
        if link is None:
            continue
        if len(found) == MOST_ANNOTATIONS:
            break
        end, file_id = link
        found.append(
            FilePathAnnotation(
                text=text[match.start() : end],
                start_index=match.start(),
                end_index=end,
                file_path=FilePathTarget(file_id=file_id),
            )
        )
    return found


class LinkNames:
    """Names of files, as they stand in links.

    A name with a blank, a bracket or an apostrophe has no end that could be seen in the text. So such
    names are looked for as they are known, the longest first.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._odd = {
            form: file_id
            for name, file_id in files.items()
            for form in _forms(name)
            if _plain_part(form) != form
        }
        # By their lengths, so that no link is compared with each name.
        self._lengths = sorted({len(form) for form in self._odd}, reverse=True)

    def find(self, text: str, link: re.Match[str]) -> tuple[int, str] | None:
        """Return where the file's name in a link ends, and the file's id; None for an unknown name."""
        start = link.start(1)
        name = _plain_part(link.group(1))
        for length in self._lengths:
            if length <= len(name):
                break
            file_id = self._odd.get(text[start : start + length])
            if file_id is not None and _NAME_ENDS.match(text, start + length):
                return start + length, file_id
        file_id = _file_id(name, self._files) if name else None
        return None if file_id is None else (start + len(name), file_id)


def _forms(name: str) -> set[str]:
    """Return how a name may stand in a link: as it is, with a part of it encoded, or escaped."""
    escaped = re.sub(r"([()\[\]])", r"\\\1", name)
    return {name, name.replace(" ", "%20"), quote(name, safe="/()[]'"), escaped}


def _plain_part(text: str) -> str:
    """Return the part of a text that is a name wherever it stands."""
    found = re.match(r"[^\s)\]>\"'`]*", text)
    return found.group().rstrip(".,;:!?") if found else ""


def _file_id(name: str, files: Mapping[str, str]) -> str | None:
    return files.get(name) or files.get(unquote(name)) or files.get(name.rpartition("/")[2])
