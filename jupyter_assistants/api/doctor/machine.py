"""Checks of the machine: disk, database, and exposed keys. All of them block."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from jupyter_core.paths import jupyter_config_path

from jupyter_assistants.protocol.doctor import Check, CheckStatus, check
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.redaction import Masker
from jupyter_assistants.storage.base import Storage

LEAST_SPACE, ENOUGH_SPACE = 100_000_000, 1_000_000_000
MOST_FILES = 200
LARGEST = 5_000_000
LOOK_SECONDS = 3.0
MOUNTS = Path("/proc/mounts")
NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "lustre",
        "beegfs",
        "gpfs",
        "glusterfs",
        "panfs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.s3fs",
        "fuse.rclone",
    ]
)


def check_disk(folder: Path) -> Check:
    """Check that files can be written to the data folder, and that there is room."""
    title = "Disk"
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x")
            file.flush()
        free = shutil.disk_usage(folder).free
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError as error:
        detail = f"{folder} takes no file: {error.strerror}."
        remedy = "Make it writable, or set c.JupyterAssistantsApp.data_dir to another folder."
        return check("disk", title, "problem", detail, remedy)
    detail = f"{folder}: {free / 1e9:.1f} GB are free."
    if free < ENOUGH_SPACE:
        status: CheckStatus = "problem" if free < LEAST_SPACE else "warning"
        remedy = "Free some space, or set c.JupyterAssistantsApp.data_dir to another disk."
        return check("disk", title, status, detail, remedy)
    if os.name == "posix" and mode & 0o022:
        detail, remedy = f"Others can write in {folder} (mode {mode:04o}).", f"chmod 700 {folder}"
        return check("disk", title, "warning", detail, remedy)
    return check("disk", title, "ok", detail)


def check_database(storage: Storage) -> Check:
    """Check that the database is intact, of this version, and configured for its file system."""
    title = "Database"
    try:
        found = storage.check_health()
    except AssistantsError as error:
        remedy = "See docs/api.md, Settings: database_url."
        return check("database", title, "problem", error.message, remedy)
    detail = f"{found.name}: {found.facts}."
    if found.fault:
        remedy = "Stop every process that uses it and restore the file from a backup."
        detail = f"{found.name}: {found.fault}."
        return check("database", title, "problem", detail, remedy)
    kind = file_system(found.path) if found.path else ""
    if found.journal_mode == "wal" and kind in NETWORK:
        detail = f"{found.name} is on a network file system ({kind}) and in journal mode wal."
        remedy = "Set c.JupyterAssistantsApp.journal_mode = 'delete' and restart the server."
        return check("database", title, "problem", detail, remedy)
    return check("database", title, "ok", detail)


def file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of file system that a path is on; empty if it is unknown."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    where = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        _, point, of, *_ = [*line.split(), "", "", ""]
        point = point.replace("\\040", " ")
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, of
    return kind


def check_secrets(keys: Mapping[str, str], folder: Path) -> Check:
    """Check that no key lies in a notebook or in a configuration that others can read.

    Parameters
    ----------
    keys
        The keys that the server has, by endpoint. No check ever names one.
    folder
        The folder that is searched for notebooks, with its direct subfolders.
    """
    title = "Keys that lie about"
    masker = Masker({})
    deadline = time.monotonic() + LOOK_SECONDS
    sure: list[str] = []
    likely: list[str] = []
    looked = 0
    for path in (*_configuration(), *islice(_notebooks(folder), MOST_FILES)):
        if time.monotonic() > deadline:
            break
        text = _text(path)
        looked += 1
        if text is None:
            continue
        if any(key in text for key in keys.values()):
            sure.append(str(path))
        elif masker.text(text) != text:
            likely.append(str(path))
    if sure or likely:
        named = ", ".join((sure + likely)[:5])
        detail = f"{'A key of this server is' if sure else 'What looks like a key is'} in {named}."
        remedy = (
            "Take it out, replace the key at its vendor if others may have seen the file, and put "
            "the new one into the server's environment, the keyring or keys.json."
        )
        return check("secrets", title, "problem" if sure else "warning", detail, remedy)
    detail = f"None was found in {looked} notebooks and configuration files."
    return check("secrets", title, "ok", detail)


def _configuration() -> Sequence[Path]:
    """Return the configuration files that others on this machine can read."""
    folders = [Path(each) for each in jupyter_config_path()]
    files = [
        path for each in folders if each.is_dir() for path in sorted(each.glob("jupyter*_config.*"))
    ]
    return [path for path in files if _open_to_others(path)]


def _open_to_others(path: Path) -> bool:
    try:
        return os.name != "posix" or bool(path.stat().st_mode & 0o044)
    except OSError:
        return False


def _notebooks(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.ipynb"))
    yield from folder.glob("*/*.ipynb")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace") if path.stat().st_size <= LARGEST else None
    except OSError:
        return None
