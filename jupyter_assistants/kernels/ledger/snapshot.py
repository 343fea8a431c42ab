"""A picture of a namespace: its names, and the content of every object that they lead to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.kernels.ledger.saved_objects import Kind, all_atoms, kind_of, never_changes

MAX_ELEMENTS = 1_000_000
MAX_BYTES = 128 * 1024 * 1024
SECONDS = 1.0

# What an odd object of a library may answer with; it is left out then, and the rest goes on.
ODD = (
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
class Kept:
    """One object and its content at a moment."""

    value: Any
    kind: Kind
    content: Any

    @property
    def same(self) -> bool:
        """Whether the object still has this content."""
        try:
            return self.kind.is_same(self.value, self.content)
        except ODD:
            return False

    def put(self) -> bool:
        """Return the object its content back; False if it does not take it."""
        try:
            self.kind.put(self.value, self.content)
        except ODD:
            return False
        return self.same


@dataclass
class Picture:
    """A namespace at a moment.

    Parameters
    ----------
    kept
        Contents by the ids of their objects, which stay alive with this picture.
    opaque
        Objects of which only the reference is held, by id: nobody can tell what changes in them.
    """

    names: dict[str, Any]
    kept: dict[int, Kept] = field(default_factory=dict)
    opaque: dict[int, Any] = field(default_factory=dict)

    def changed(self) -> list[Kept]:
        """Return the objects whose content is another one by now."""
        return [each for each in self.kept.values() if not each.same]

    def leading_to(self, ids: set[int]) -> set[str]:
        """Return the names through which one of these objects was reached."""
        if not ids:
            return set()
        above: dict[int, list[int]] = {}
        for id_, kept in self.kept.items():
            for part in kept.kind.parts(kept.content):
                above.setdefault(id(part), []).append(id_)
        found, open_ = set(ids), list(ids)
        while open_:
            for parent in above.get(open_.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    open_.append(parent)
        return {name for name, value in self.names.items() if id(value) in found}

    def holds(self, value: Any, other: Any) -> bool:
        """Return whether another object of the same kind has the content that this one had."""
        kept = self.kept.get(id(value))
        if kept is None or type(value) is not type(other):
            return False
        try:
            return kept.kind.is_same(other, kept.content)
        except ODD:
            return False

    def only(self, names: set[str], *more: Any) -> Picture:
        """Return the part of the picture that these names and further objects lead to."""
        kept: dict[int, Kept] = {}
        open_ = [*more, *(value for name, value in self.names.items() if name in names)]
        while open_:
            found = self.kept.get(id(open_.pop()))
            if found is not None and id(found.value) not in kept:
                kept[id(found.value)] = found
                open_ += found.kind.parts(found.content)
        return Picture({n: v for n, v in self.names.items() if n in names}, kept)


def take(names: Mapping[str, Any], *more: Any) -> Picture:
    """Take a picture of these names, and of further objects.

    The content of what comes after a million elements, 128 MB of copies or a second is not kept;
    such objects count as opaque.
    """
    picture = Picture(dict(names))
    room = _Room()
    # Small things first would need a sort; the order of the names is that of their making.
    open_: list[Any] = [*more, *reversed(list(picture.names.values()))]
    while open_:
        value = open_.pop()
        if id(value) in picture.kept or id(value) in picture.opaque or never_changes(value):
            continue
        kept = _kept(value, room)
        if kept is None:
            picture.opaque[id(value)] = value
            continue
        picture.kept[id(value)] = kept
        parts = kept.kind.parts(kept.content)
        if not all_atoms(parts):
            open_ += parts
    return picture


@dataclass
class _Room:
    """What a picture may still cost."""

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


def _kept(value: Any, room: _Room) -> Kept | None:
    try:
        kind = kind_of(value)
        if kind is None or not room.takes(value):
            return None
        return Kept(value, kind, kind.keep(value))
    except ODD:
        return None
