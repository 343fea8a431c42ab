"""Finds the produced files that a text links to (protocol.md section 7.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from jupyter_assistants.schema.messages import FilePathAnnotation, FilePathTarget

_LINK = re.compile(r"sandbox:/mnt/data/([^\s)\]>\"'`]+)")


def unknown_links(text: str, files: Mapping[str, str]) -> bool:
    """Say whether the text links to a file that is not among these."""
    return len(_LINK.findall(text)) > len(file_paths(text, files))


def file_paths(text: str, files: Mapping[str, str]) -> list[FilePathAnnotation]:
    """Give a ``file_path`` annotation for every link to a known file.

    Parameters
    ----------
    files
        File ids by name, as the names stand behind ``/mnt/data/``.
    """
    found = []
    for match in _LINK.finditer(text):
        name = match.group(1).rstrip(".,;:!?")
        file_id = files.get(name) or files.get(unquote(name)) or files.get(name.rpartition("/")[2])
        if file_id is None:
            continue
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
