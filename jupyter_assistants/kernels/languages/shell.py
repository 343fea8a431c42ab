"""Shells: their kernels, and the lines for them in cells of Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jupyter_assistants.kernels.languages.base import LONGEST_READ, KernelLanguage
from jupyter_assistants.kernels.languages.hint_kinds import (
    DELETES,
    ENDS,
    ENVIRONMENT,
    INSTALLS,
    NETWORK,
    WRITES,
)

_WORDS: tuple[tuple[str, str], ...] = (
    (NETWORK, r"\b(curl|wget|ssh|scp|rsync|nc|ncat|telnet|ftp|git\s+(clone|pull|push|fetch))\b"),
    (DELETES, r"\b(rm|rmdir|unlink|shred|truncate|git\s+clean)\b"),
    (WRITES, r">|\b(tee|cp|mv|mkdir|touch|ln|dd|unzip|tar|chmod|chown|sed\s+-i)\b"),
    (ENVIRONMENT, r"\b(env|printenv|export)\b|\$\{?[A-Z_]{3,}"),
    (ENDS, r"\b(kill|pkill|killall|shutdown|reboot)\b"),
)
_MANAGER = re.compile(
    r"\b(?:pip3?|conda|mamba|uv|poetry|npm|yarn|apt(?:-get)?|brew|gem|cargo|R CMD)\b"
)
_CHANGE = re.compile(r"\b(?:install|add|remove|uninstall|update|upgrade|sync)\b")
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _WORDS)
SHELL_CELLS = frozenset(["bash", "sh", "script", "system", "sx", "!", "cmd", "perl", "ruby"])
"""Cell magics whose text is for a shell, or for another program."""


def shell_kinds(line: str) -> Iterator[str]:
    """Return what one line for a shell seems to do."""
    if installs(line):
        yield INSTALLS
    yield from (kind for kind, pattern in _PATTERNS if pattern.search(line))


def shell_lines(code: str) -> Iterator[tuple[str, int]]:
    """Return what a text for a shell seems to do, with the lines."""
    for number, line in enumerate(code.splitlines(), 1):
        yield from ((kind, number) for kind in shell_kinds(line))


def installs(text: str) -> bool:
    """Return whether a command installs packages."""
    # Command by command: one expression over the line would read on to its end from each "pip".
    for command in re.split("[|;&]", text):
        manager = _MANAGER.search(command)
        if manager is not None and _CHANGE.search(command, manager.end()):
            return True
    return "install.packages" in text


@dataclass(frozen=True)
class Shell(KernelLanguage):
    """A shell; one that nobody knows is highlighted as Bash."""

    highlighter: str = "bash"

    def hints(self, code: str) -> Iterable[tuple[str, int]]:
        """Yield what the commands seem to do."""
        return shell_lines(code[:LONGEST_READ])


BASH = Shell("bash", "Bash")
SH = Shell("sh", "sh", "sh")
ZSH = Shell("zsh", "Zsh", "zsh")
FISH = Shell("fish", "fish", "fish")
