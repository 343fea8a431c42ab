"""A snapshot of a namespace: its names, and the content of every object that they lead to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.kernels.ledger.saved_objects import (
    ObjectKind,
    all_atoms,
    kind_of,
    never_changes,
)

MAX_ELEMENTS = 1_000_000
MAX_BYTES = 128 * 1024 * 1024
SECONDS = 1.0

# Errors that objects of libraries raise on ordinary questions; such an object counts as opaque.
LIBRARY_ERRORS = (
    AttributeError,
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    RuntimeError,
    NotImplementedError,
    MemoryError,
)


@dataclass
class SavedObject:
    """One object and its content at a moment."""

    value: Any
    kind: ObjectKind
    content: Any

    @property
    def same(self) -> bool:
        """Whether the object still has this content."""
        try:
            return self.kind.is_same(self.value, self.content)
        except LIBRARY_ERRORS:
            return False

    def restore(self) -> bool:
        """Restore the content of the object; return False if that fails."""
        try:
            self.kind.restore(self.value, self.content)
        except LIBRARY_ERRORS:
            return False
        return self.same


@dataclass
class NamespaceSnapshot:
    """A namespace at a moment.

    Parameters
    ----------
    saved
        Contents by the ids of their objects, which stay alive with this snapshot.
    opaque
        Objects of which only the reference is held, by id: nobody can tell what changes in them.
    """

    names: dict[str, Any]
    saved: dict[int, SavedObject] = field(default_factory=dict)
    opaque: dict[int, Any] = field(default_factory=dict)

    def changed(self) -> list[SavedObject]:
        """Return the objects whose content is another one by now."""
        return [each for each in self.saved.values() if not each.same]

    def names_leading_to(self, ids: set[int]) -> set[str]:
        """Return the names through which one of these objects was reached."""
        if not ids:
            return set()
        above: dict[int, list[int]] = {}
        for id_, saved in self.saved.items():
            for part in saved.kind.parts(saved.content):
                above.setdefault(id(part), []).append(id_)
        found, open_ = set(ids), list(ids)
        while open_:
            for parent in above.get(open_.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    open_.append(parent)
        return {name for name, value in self.names.items() if id(value) in found}

    def has_equal(self, value: Any, other: Any) -> bool:
        """Return whether another object of the same kind has the content that this one had."""
        saved = self.saved.get(id(value))
        if saved is None or type(value) is not type(other):
            return False
        try:
            return saved.kind.is_same(other, saved.content)
        except LIBRARY_ERRORS:
            return False

    def part(self, names: set[str], *more: Any) -> NamespaceSnapshot:
        """Return the part of the snapshot that these names and further objects lead to."""
        saved: dict[int, SavedObject] = {}
        open_ = [*more, *(value for name, value in self.names.items() if name in names)]
        while open_:
            found = self.saved.get(id(open_.pop()))
            if found is not None and id(found.value) not in saved:
                saved[id(found.value)] = found
                open_ += found.kind.parts(found.content)
        return NamespaceSnapshot({n: v for n, v in self.names.items() if n in names}, saved)


def take_snapshot(names: Mapping[str, Any], *more: Any) -> NamespaceSnapshot:
    """Return a snapshot of these names, and of further objects.

    The content of what comes after a million elements, 128 MB of copies or a second is not saved;
    such objects count as opaque.
    """
    snapshot = NamespaceSnapshot(dict(names))
    room = _Room()
    # Small things first would need a sort; the order of the names is that of their making.
    open_: list[Any] = [*more, *reversed(list(snapshot.names.values()))]
    while open_:
        value = open_.pop()
        if id(value) in snapshot.saved or id(value) in snapshot.opaque or never_changes(value):
            continue
        saved = _saved_object(value, room)
        if saved is None:
            snapshot.opaque[id(value)] = value
            continue
        snapshot.saved[id(value)] = saved
        parts = saved.kind.parts(saved.content)
        if not all_atoms(parts):
            open_ += parts
    return snapshot


@dataclass
class _Room:
    """The rest of the budget of a snapshot."""

    elements: int = MAX_ELEMENTS
    bytes: int = MAX_BYTES
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    def takes(self, value: Any) -> bool:
        """Return whether there is room for this object, and set it aside."""
        library = type(value).__module__
        if library == "numpy":
            if value.nbytes > self.bytes:
                return False
            self.bytes -= value.nbytes
        elif library in ("builtins", "collections"):
            if len(value) > self.elements:
                return False
            self.elements -= len(value)
        return time.monotonic() < self.until


def _saved_object(value: Any, room: _Room) -> SavedObject | None:
    try:
        kind = kind_of(value)
        if kind is None or not room.takes(value):
            return None
        return SavedObject(value, kind, kind.capture(value))
    except LIBRARY_ERRORS:
        return None
