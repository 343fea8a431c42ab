"""Gets InfiAgent-DABench when it is wanted. Its data are CC BY-NC 4.0 and no part of this package.

One commit is pinned, and every file is checked against the hash that git has of it. What is there
and right is not fetched again, so an interrupted fetch goes on where it was.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from jupyter_assistants.protocol.errors import AssistantsError

COMMIT = "d02d18a64da23f9dcc8f5a529f6203e0010c2072"
SOURCE = f"https://raw.githubusercontent.com/InfiAgent/InfiAgent/{COMMIT}/examples/DA-Agent/data/"
LICENCE = "InfiAgent-DABench, github.com/InfiAgent/InfiAgent, data under CC BY-NC 4.0: not for sale"
SECONDS = 30.0

Report = Callable[[str], None]


def wanted() -> dict[str, str]:
    """Return the files and the hash that git has of each."""
    lines = files("jupyter_assistants.bench").joinpath("dabench.txt").read_text("utf-8")
    pairs = [line.split(" ", 1) for line in lines.splitlines()]
    return {name: digest for digest, name in pairs}


def fetch(
    folder: Path, report: Report, *, source: str = SOURCE, known: Mapping[str, str] | None = None
) -> Path:
    """Bring all files into a folder; give the folder. Blocking.

    Parameters
    ----------
    report
        Told what happens, a line each.
    source
        Where the files are, with a slash at the end.
    known
        The hash of each file by its name; None for those of the pinned commit.

    Raises
    ------
    AssistantsError
        If a file cannot be had; the text says what to do.
    """
    known = wanted() if known is None else known
    missing = [name for name, digest in known.items() if not _is_there(folder / name, digest)]
    if not missing:
        return folder
    report(f"{LICENCE}.")
    report(f"Fetching {len(missing)} of {len(known)} files into {folder}")
    for number, name in enumerate(missing, 1):
        data = _get(source + quote(name), folder)
        if git_hash(data) != known[name]:
            raise AssistantsError(
                f"{source}{name} is not the file that was expected ({len(data):,} bytes; a login "
                f"page of a proxy?). {_by_hand(folder)}"
            )
        _keep(folder / name, data)
        report(f"  {number}/{len(missing)}  {name}  {len(data):,} bytes")
    return folder


def git_hash(data: bytes) -> str:
    """Return the hash under which git keeps these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _is_there(path: Path, digest: str) -> bool:
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
        text = f"{address} cannot be fetched: {why}. Run the same command again later; what is there stays. "
        raise AssistantsError(text + _by_hand(folder)) from None
    return data


def _by_hand(folder: Path) -> str:
    return (
        "Without a network, bring the folder examples/DA-Agent/data of github.com/InfiAgent/InfiAgent "
        f"here by other means and give it by --data, or put its files into {folder}."
    )


def _keep(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        raise AssistantsError(f"Cannot write {path}: {error.strerror}.") from None
