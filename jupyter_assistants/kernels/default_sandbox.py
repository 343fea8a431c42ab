"""The sandbox of own kernels for which nobody asked for one: what it shows of the person's machine.

What it hides is docs/internals/sandbox.md, "Two grades"; what it shows so that the kernel works as it
would outside is "What a kernel needs to see" there.
"""

from __future__ import annotations

import contextlib
import os
import re
import site
import sys
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from jupyter_assistants.kernels.environment import CREDENTIALS
from jupyter_assistants.kernels.sandbox import Sandbox

# Variables whose values are places that programs read: certificates, packages, libraries. Those that
# name the person's own folders (HOME, TMPDIR, XDG_*) are none of them.
_NAMING = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"),
    *("PIP_FIND_LINKS", "PIP_CONSTRAINT", "PIP_CONFIG_FILE", "PYTHONPATH", "LD_LIBRARY_PATH"),
    *("CONDA_PREFIX", "CUDA_HOME", "CUDA_PATH", "JAVA_HOME", "SPARK_HOME", "R_HOME", "R_LIBS*"),
    *("GDAL_DATA", "PROJ_LIB", "PROJ_DATA", "MATPLOTLIBRC", "JUPYTER_PATH"),
)
_PIP_OF_THE_SYSTEM = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf")
_LARGEST_CONFIGURATION = 100_000
_PLACE = re.compile(r"(?:[\s=]|file://)(/[^\s/][^\s]*)")
_SECRET_OPTION = re.compile(r"(?im)^[ \t]{0,100}(client-cert|keyring-provider|password|token)\b")


def default_sandbox(
    environment: Mapping[str, str],
    readable: Sequence[Path],
    hidden: Sequence[Path],
    program: str = "",
) -> Sandbox:
    """Return the sandbox of own kernels for which nobody asked for one. Blocking.

    Parameters
    ----------
    environment
        The variables that kernels may see.
    readable
        Folders of the person. Hidden files directly in them stay hidden.
    hidden
        Folders with secrets, wherever they are.
    program
        What the kernelspec starts.
    """
    variables = {n: v for n, v in environment.items() if n not in ("TMPDIR", "TEMP", "TMP")}
    folders = [each.resolve() for each in readable if _can_be_shown(each)]
    needed = [*_environment_of(program), *_import_folders(), *_named_places(variables)]
    configurations = [Path(each) for each in _PIP_OF_THE_SYSTEM]
    own = _person_configuration()
    if "PIP_CONFIG_FILE" not in variables and own is not None:
        # The kernel's home is the thread's folder, so pip would not find it.
        variables["PIP_CONFIG_FILE"] = str(own)
        configurations.append(own)
    if "PYTHONUSERBASE" not in variables and Path(site.getuserbase()).is_dir():
        # Likewise what was installed with `pip install --user`, perhaps ipykernel itself.
        variables["PYTHONUSERBASE"] = site.getuserbase()
    for each in filter(_is_harmless, configurations):
        needed += [each, *_places_in(each)]
    return Sandbox(
        network=True,
        readable=tuple(dict.fromkeys(folders)),
        needed=tuple(dict.fromkeys(each for each in needed if _can_be_shown(each))),
        masked=tuple(entry for folder in folders for entry in _hidden_entries(folder)),
        hidden=tuple(dict.fromkeys(each.resolve() for each in hidden)),
        variables=variables,
    )


def _can_be_shown(place: Path) -> bool:
    """Return whether a place exists and is not the root folder, which holds everything."""
    if not place.exists():
        return False
    return len(place.resolve().parts) > 1


def _hidden_entries(folder: Path) -> Iterator[Path]:
    """Yield hidden files and folders: keys, tokens and configuration are in them."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # What a link leads to is seen under its own name, or not at all.
            if entry.name.startswith(".") and not entry.is_symlink():
                yield Path(entry.path)


def _environment_of(program: str) -> Iterator[Path]:
    """Yield the environment whose Python a kernelspec starts, and the one that it was made from."""
    path = Path(program)
    if not path.is_absolute():
        return
    for each in (path, path.resolve()):
        if each.parent.name == "bin" and not _holds_a_person(each.parent.parent):
            yield each.parent.parent


def _import_folders() -> Iterator[Path]:
    """Yield where packages lie outside of environments: those in development, those of the user."""
    for each in (*map(Path, sys.path), Path(site.getuserbase(), "lib")):
        if each.is_absolute() and not _holds_a_person(each):
            yield each


def _named_places(variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files and folders that variables name."""
    for name, value in variables.items():
        if any(fnmatchcase(name, pattern) for pattern in _NAMING):
            # pip separates them by blanks, and a path may have blanks.
            for word in {value, *value.split(os.pathsep), *value.split()}:
                path = Path(word)
                if path.is_absolute() and not _holds_a_person(path) and _is_no_secret(name, path):
                    yield path


def _is_no_secret(name: str, path: Path) -> bool:
    return name != "PIP_CONFIG_FILE" or _is_harmless(path)


def _person_configuration() -> Path | None:
    """Return pip's configuration of the person, if they have one that may be shown."""
    known = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    places = (Path(known, "pip", "pip.conf"), Path.home() / ".pip" / "pip.conf")
    return next((each for each in places if _is_harmless(each)), None)


def _places_in(configuration: Path) -> Iterator[Path]:
    """Yield what a configuration names in turn: certificates, constraints, folders of packages."""
    for word in _PLACE.findall(configuration.read_text(encoding="utf-8")):
        if not _holds_a_person(Path(word)):
            yield Path(word)


def _is_harmless(configuration: Path) -> bool:
    """Return whether a configuration of pip can be read and has no credentials: indexes often do."""
    try:
        with configuration.open(encoding="utf-8") as file:
            text = file.read(_LARGEST_CONFIGURATION + 1)
    except (OSError, UnicodeDecodeError):
        return False
    secret = CREDENTIALS.search(text) or _SECRET_OPTION.search(text)
    return len(text) <= _LARGEST_CONFIGURATION and not secret


def _holds_a_person(folder: Path) -> bool:
    """Return whether a folder is the person's home, or their home lies in it."""
    return Path.home().resolve().is_relative_to(folder.resolve())
