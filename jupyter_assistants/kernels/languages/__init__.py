"""The languages that kernels speak: one object each, found by its name."""

from __future__ import annotations

from typing import Any

from jupyter_assistants import registry
from jupyter_assistants.kernels.languages.appearance import find_oddities
from jupyter_assistants.kernels.languages.base import KernelLanguage
from jupyter_assistants.kernels.languages.hints import Hint, collect_hints
from jupyter_assistants.registry import Group, PluginEntry

__all__ = ["LANGUAGES", "Hint", "KernelLanguage", "find_hints", "find_language", "hint_texts"]


def _language(entry: PluginEntry, plugin: Any) -> KernelLanguage:
    language = plugin() if isinstance(plugin, type) else plugin
    if not isinstance(language, KernelLanguage):
        raise TypeError(
            f"{entry.reference} is not a jupyter_assistants.kernels.languages.KernelLanguage"
        )
    return language


LANGUAGES: Group[KernelLanguage] = Group(registry.KERNEL_LANGUAGES, _language)


def find_language(name: str) -> KernelLanguage:
    """Return the language of a kernel by the name that the kernel reports.

    A language that nobody has registered works, too: its code runs, without hints and without a
    look at its variables.
    """
    known = LANGUAGES.get(name.lower())
    return known or KernelLanguage(name=name.lower(), title=name[:1].upper() + name[1:])


def find_hints(code: str, language: str = "python") -> list[Hint]:
    """Return how code misleads and what it seems to do, the gravest first."""
    return collect_hints([*find_oddities(code), *find_language(language).hints(code)])


def hint_texts(code: str, language: str = "python") -> list[str]:
    """Return the hints as an approval card shows them."""
    return [hint.text for hint in find_hints(code, language)]
