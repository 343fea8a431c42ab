"""Downloads of InfiAgent-DABench, whose data are CC BY-NC 4.0 and no part of this project.

One commit is pinned, and every file is checked against the hash that git has of it. Files that are
complete are not downloaded again, so an interrupted download resumes.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from jupyter_assistants.protocol.errors import AssistantsError

COMMIT = "d02d18a64da23f9dcc8f5a529f6203e0010c2072"
SOURCE = f"https://raw.githubusercontent.com/InfiAgent/InfiAgent/{COMMIT}/examples/DA-Agent/data/"
LICENCE = "InfiAgent-DABench, github.com/InfiAgent/InfiAgent, data under CC BY-NC 4.0: not for sale"
SECONDS = 30.0

Report = Callable[[str], None]


def pinned_hashes() -> dict[str, str]:
    """Return the hash that git has of each file, by file name."""
    lines = Path(__file__).with_name("files.txt").read_text("utf-8")
    pairs = [line.split(" ", 1) for line in lines.splitlines()]
    return {name: digest for digest, name in pairs}


def download(
    folder: Path, report: Report, *, source: str = SOURCE, known: Mapping[str, str] | None = None
) -> Path:
    """Download the missing files into a folder and return it; blocks.

    Parameters
    ----------
    report
        Called with each line of progress.
    source
        Address of the folder with the files, ending in a slash.
    known
        Hashes by file name; None stands for those of the pinned commit.

    Raises
    ------
    AssistantsError
        If a file cannot be downloaded or is not the expected one.
    """
    known = pinned_hashes() if known is None else known
    missing = [name for name, digest in known.items() if not _is_complete(folder / name, digest)]
    if not missing:
        return folder
    report(f"{LICENCE}.")
    report(f"Downloading {len(missing)} of {len(known)} files into {folder}")
    for number, name in enumerate(missing, 1):
        data = _get(source + quote(name), folder)
        if git_hash(data) != known[name]:
            raise AssistantsError(
                f"{source}{name} is not the expected file ({len(data):,} bytes; a login "
                f"page of a proxy?). {_manual_steps(folder)}"
            )
        _write(folder / name, data)
        report(f"  {number}/{len(missing)}  {name}  {len(data):,} bytes")
    return folder


def git_hash(data: bytes) -> str:
    """Return the hash of these bytes as a git blob."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _is_complete(path: Path, digest: str) -> bool:
    try:
        return git_hash(path.read_bytes()) == digest
    except OSError:
        return False


def _get(address: str, folder: Path) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            data: bytes = answer.read()
    except (OSError, http.client.HTTPException) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        text = f"{address} cannot be downloaded: {why}. Run the same command again to resume. "
        raise AssistantsError(text + _manual_steps(folder)) from None
    return data


def _manual_steps(folder: Path) -> str:
    return (
        "Without a network, copy the folder examples/DA-Agent/data of github.com/InfiAgent/InfiAgent "
        f"to this machine and name it with --data, or put its files into {folder}."
    )


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        raise AssistantsError(f"Cannot write {path}: {error.strerror}.") from None
