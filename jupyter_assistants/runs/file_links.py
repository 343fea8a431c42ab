"""Links to files and citations in an answer (docs/internals/protocol.md, "Messages and annotations")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from urllib.parse import unquote

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

_LINK = re.compile(r"sandbox:/mnt/data/([^\s)\]>\"'`]+)")

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
    return any(_file_id(_name(match), files) is None for match in _LINK.finditer(text))


def file_paths(text: str, files: Mapping[str, str]) -> list[FilePathAnnotation]:
    """Return a ``file_path`` annotation for every link to a known file.

    Parameters
    ----------
    files
        File ids by name, as the names stand behind ``/mnt/data/``.
    """
    found: list[FilePathAnnotation] = []
    for match in _LINK.finditer(text):
        name = _name(match)
        file_id = _file_id(name, files)
        if file_id is None:
            continue
        if len(found) == MOST_ANNOTATIONS:
            break
        end = match.start(1) + len(name)
        found.append(
            FilePathAnnotation(
                text=text[match.start() : end],
                start_index=match.start(),
                end_index=end,
                file_path=FilePathTarget(file_id=file_id),
            )
        )
    return found


def _name(link: re.Match[str]) -> str:
    return link.group(1).rstrip(".,;:!?")


def _file_id(name: str, files: Mapping[str, str]) -> str | None:
    return files.get(name) or files.get(unquote(name)) or files.get(name.rpartition("/")[2])
