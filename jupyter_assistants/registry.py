"""The registry of plug-ins: everything that an entry point can add to this package.

A room that other packages can extend declares a :class:`Group` and asks it by name; our own
adapters are entries of the same groups. Rules that every group keeps:

- A plug-in that cannot be loaded is logged once, remembered for the doctor (:func:`failures`), and
  skipped. One broken package must not stop the service.
- Nothing is imported before somebody asks for it, because a group may name heavy libraries.
- An entry of another package replaces ours of the same name; between two other packages the first
  one by name wins, and the second is a failure.

See docs/internals/decisions.md, "One registry for plug-ins".
"""

from __future__ import annotations

import functools
import importlib
import logging
import re
import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")

TOOLS = "jupyter_assistants.tools"
MODEL_PROVIDERS = "jupyter_assistants.model_providers"
READERS = "jupyter_assistants.readers"
EMBEDDERS = "jupyter_assistants.embedders"
KERNEL_LANGUAGES = "jupyter_assistants.kernel_languages"
STEP_RENDERERS = "jupyter_assistants.step_renderers"

DISTRIBUTION = "jupyter-assistants"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PluginEntry:
    """One entry point, not loaded yet.

    Parameters
    ----------
    reference
        ``module:attribute`` of the object.
    distribution
        The package that declares it.
    """

    group: str
    name: str
    reference: str
    distribution: str

    @property
    def is_ours(self) -> bool:
        """Return whether this package declares the entry itself."""
        return self.distribution == DISTRIBUTION

    def load(self) -> Any:
        """Import the object. May raise whatever its module raises."""
        module, _, path = self.reference.partition(":")
        # Entry points may name extras in brackets behind the object; they say nothing to us.
        attributes = filter(None, path.partition("[")[0].strip().split("."))
        return functools.reduce(getattr, attributes, importlib.import_module(module.strip()))


@dataclass(frozen=True)
class PluginFailure:
    """A plug-in that was skipped, and why."""

    entry: PluginEntry
    error: str


class Group(Generic[T]):
    """The plug-ins of one kind, by name.

    Parameters
    ----------
    name
        The entry point group.
    convert
        Checks a loaded object and returns it as this group keeps it; raises TypeError, with a text
        that names what is missing, for an object of another kind.
    former_names
        Groups of earlier versions that are still read.
    """

    def __init__(
        self,
        name: str,
        convert: Callable[[PluginEntry, Any], T],
        *,
        former_names: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._convert = convert
        self._former_names = tuple(former_names)
        # Reentrant: a plug-in's module may ask for other plug-ins while it is imported.
        self._lock = threading.RLock()
        self._entries: Mapping[str, PluginEntry] | None = None
        self._loaded: dict[str, T] = {}
        self._failures: dict[tuple[str, str], PluginFailure] = {}
        _groups[name] = self

    def entries(self) -> Mapping[str, PluginEntry]:
        """Return the entries by name, ours first. Imports nothing."""
        with self._lock:
            if self._entries is None:
                self._entries = MappingProxyType(self._find())
            return self._entries

    def get(self, name: str) -> T | None:
        """Return the plug-in of this name; None if there is none or it cannot be loaded."""
        with self._lock:
            entry = self.entries().get(name)
            if entry is None or name in self._loaded:
                return self._loaded.get(name)
            if (name, entry.distribution) in self._failures:
                return None
            try:
                self._loaded[name] = self._convert(entry, entry.load())
            # A plug-in's module may raise anything, also call sys.exit().
            except (Exception, SystemExit) as error:
                self.report_failure(entry, error)
            return self._loaded.get(name)

    def load_all(self) -> Mapping[str, T]:
        """Return every plug-in that can be loaded, by name."""
        found = {name: self.get(name) for name in self.entries()}
        return {name: plugin for name, plugin in found.items() if plugin is not None}

    def report_failure(self, entry: PluginEntry, error: BaseException | str) -> None:
        """Remember that a plug-in does not work, for the doctor, and log it the first time."""
        text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        with self._lock:
            key = (entry.name, entry.distribution)
            if key in self._failures:
                return
            self._failures[key] = PluginFailure(entry, text)
        log.warning(
            "The plug-in '%s' (%s) of the package '%s' in the group %s is skipped: %s",
            *(entry.name, entry.reference, entry.distribution, entry.group, text),
        )

    def failures(self) -> list[PluginFailure]:
        """Return the plug-ins that were skipped so far."""
        with self._lock:
            return list(self._failures.values())

    def forget(self) -> None:
        """Read the installed packages again with the next lookup."""
        with self._lock:
            self._entries = None
            self._loaded.clear()
            self._failures.clear()

    def _find(self) -> dict[str, PluginEntry]:
        found: dict[str, PluginEntry] = {}
        for group in (*self._former_names, self.name):
            for entry in _declared(group):
                taken = found.get(entry.name)
                if (
                    taken is not None
                    and not taken.is_ours
                    and taken.distribution != entry.distribution
                ):
                    self.report_failure(
                        entry, f"the package '{taken.distribution}' has a plug-in of that name"
                    )
                    continue
                found[entry.name] = entry
        return found


_groups: dict[str, Group[Any]] = {}


def groups() -> Sequence[Group[Any]]:
    """Return the groups that the imported rooms have declared."""
    return list(_groups.values())


def failures() -> list[PluginFailure]:
    """Return the plug-ins of all groups that were skipped so far."""
    return [failure for group in groups() for failure in group.failures()]


def forget() -> None:
    """Read the installed packages again with the next lookup, in every group."""
    _from_checkout.cache_clear()
    for group in groups():
        group.forget()


def _declared(group: str) -> list[PluginEntry]:
    """Return the entries of a group: ours first, then those of other packages by name."""
    ours = _from_checkout()
    found = []
    for point in metadata.entry_points(group=group):
        package = _normalized(point.dist.name if point.dist is not None else "")
        if package != DISTRIBUTION or ours is None:
            found.append(PluginEntry(group, point.name, point.value, package))
    for name, reference in (ours or {}).get(group, {}).items():
        found.append(PluginEntry(group, name, reference, DISTRIBUTION))
    return sorted(found, key=lambda entry: (not entry.is_ours, entry.distribution))


@functools.cache
def _from_checkout() -> Mapping[str, Mapping[str, str]] | None:
    """Return our own entries from ``pyproject.toml``; None where this is an installed package.

    An editable installation has the entries of the day when it was made. In a checkout the file
    beside the package is the truth, so that a pulled change does not lose adapters.
    """
    try:
        text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text).get("project", {})
    except (OSError, ValueError):
        return None
    if _normalized(str(project.get("name", ""))) != DISTRIBUTION:
        return None
    entries: Mapping[str, Mapping[str, str]] = project.get("entry-points", {})
    return entries


def _normalized(name: str) -> str:
    """Return the name of a distribution as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
