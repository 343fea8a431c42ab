"""Saved objects: kinds of objects that are saved, compared and restored without user code.

Only types whose behaviour is known exactly are touched. pandas and numpy are used where the kernel
has imported them already, and never imported.
"""

from __future__ import annotations

import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from typing import Any, Protocol

from jupyter_assistants.kernels.ledger.frames import FrameKind

MAX_ARRAY_BYTES = 64 * 1024 * 1024
_EXACT = (int, str, bytes, bool, types.NoneType)


class ObjectKind(Protocol):
    """How the objects of one kind are saved, compared and restored."""

    def capture(self, value: Any) -> Any:
        """Return a copy of the content that :meth:`restore` takes."""

    def is_same(self, value: Any, content: Any) -> bool:
        """Return whether the object still has this content."""

    def restore(self, value: Any, content: Any) -> None:
        """Replace the content of the object."""

    def parts(self, content: Any) -> Iterable[Any]:
        """Return the objects that the content holds."""

    def size(self, value: Any, content: Any) -> int:
        """Return about how many bytes are held for the content alone."""


def alike(one: Any, other: Any) -> bool:
    """Return whether two values are the same, or plain values that cannot be told apart."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if type(one) in _EXACT:
        return bool(one == other)
    if type(one) in (float, complex):
        return repr(one) == repr(other)
    if type(one) is tuple:
        return len(one) == len(other) and all(map(alike, one, other))
    return False


class _Fixed:
    """Tuples and frozen sets: never changed themselves, but what they hold may be."""

    def capture(self, value: Any) -> Any:
        return value

    def is_same(self, value: Any, content: Any) -> bool:
        return True

    def restore(self, value: Any, content: Any) -> None:
        return

    def parts(self, content: Any) -> Iterable[Any]:
        return tuple(content)

    def size(self, value: Any, content: Any) -> int:
        return 0


class _Listed:
    """Lists and queues."""

    def capture(self, value: Any) -> Any:
        return list(value)

    def is_same(self, value: Any, content: Any) -> bool:
        return len(value) == len(content) and all(map(alike, value, content))

    def restore(self, value: Any, content: Any) -> None:
        value.clear()
        value.extend(content)

    def parts(self, content: Any) -> Iterable[Any]:
        return tuple(content)

    def size(self, value: Any, content: Any) -> int:
        return 8 * len(content)


class _Keyed:
    """Dictionaries; the order counts."""

    def capture(self, value: Any) -> Any:
        return list(value.items())

    def is_same(self, value: Any, content: Any) -> bool:
        if len(value) != len(content):
            return False
        return all(
            alike(key, old_key) and alike(item, old)
            for (key, item), (old_key, old) in zip(value.items(), content, strict=True)
        )

    def restore(self, value: Any, content: Any) -> None:
        value.clear()
        # Not update(): a Counter would count.
        for key, item in content:
            value[key] = item

    def parts(self, content: Any) -> Iterable[Any]:
        return [each for pair in content for each in pair]

    def size(self, value: Any, content: Any) -> int:
        return 72 * len(content)


class _Unordered:
    """Sets."""

    def capture(self, value: Any) -> Any:
        return set(value)

    def is_same(self, value: Any, content: Any) -> bool:
        # The types count: True equals 1.
        return bool(value == content) and set(map(_typed, value)) == set(map(_typed, content))

    def restore(self, value: Any, content: Any) -> None:
        value.clear()
        value.update(content)

    def parts(self, content: Any) -> Iterable[Any]:
        return tuple(content)

    def size(self, value: Any, content: Any) -> int:
        return 32 * len(content)


def _typed(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value


class _Bytes:
    """Bytearrays."""

    def capture(self, value: Any) -> Any:
        return bytes(value)

    def is_same(self, value: Any, content: Any) -> bool:
        return bool(value == content)

    def restore(self, value: Any, content: Any) -> None:
        value[:] = content

    def parts(self, content: Any) -> Iterable[Any]:
        return ()

    def size(self, value: Any, content: Any) -> int:
        return len(content)


class _Array:
    """Arrays of numpy. One whose shape was changed in place gets its elements in a new shape."""

    def capture(self, value: Any) -> Any:
        return value.copy(order="K")

    def is_same(self, value: Any, content: Any) -> bool:
        if value.shape != content.shape or value.dtype != content.dtype:
            return False
        if value.dtype.hasobject:
            return all(map(alike, value.ravel().tolist(), content.ravel().tolist()))
        # Byte by byte: NaN equals NaN here, and 0.0 is not -0.0.
        one, other = value.reshape(-1), content.reshape(-1)
        return bool((one.view("u1") == other.view("u1")).all()) if one.size else True

    def restore(self, value: Any, content: Any) -> None:
        if value.shape != content.shape:
            value.resize(content.shape, refcheck=False)
        frozen = not value.flags.writeable
        if frozen:
            value.flags.writeable = True
        value[...] = content
        if frozen:
            value.flags.writeable = False

    def parts(self, content: Any) -> Iterable[Any]:
        return content.ravel().tolist() if content.dtype.hasobject else ()

    def size(self, value: Any, content: Any) -> int:
        return int(content.nbytes)


class _Instance:
    """Objects of the notebook's own plain classes: all that they are is in their ``__dict__``."""

    def capture(self, value: Any) -> Any:
        return list(_attributes(value).items())

    def is_same(self, value: Any, content: Any) -> bool:
        return _KEYED.is_same(_attributes(value), content)

    def restore(self, value: Any, content: Any) -> None:
        _KEYED.restore(_attributes(value), content)

    def parts(self, content: Any) -> Iterable[Any]:
        return _KEYED.parts(content)

    def size(self, value: Any, content: Any) -> int:
        return _KEYED.size(value, content)


def _attributes(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = object.__getattribute__(value, "__dict__")
    return found


_KEYED = _Keyed()
_FRAME = FrameKind()
_ARRAY = _Array()
_INSTANCE = _Instance()
_BUILTIN: dict[type, ObjectKind] = {
    tuple: _Fixed(),
    frozenset: _Fixed(),
    list: _Listed(),
    deque: _Listed(),
    dict: _KEYED,
    OrderedDict: _KEYED,
    defaultdict: _KEYED,
    Counter: _KEYED,
    set: _Unordered(),
    bytearray: _Bytes(),
}


def kind_of(value: Any) -> ObjectKind | None:
    """Return how an object is saved; None if nothing of it can be, or nothing has to be."""
    found = _BUILTIN.get(type(value))
    if found is not None:
        return found
    if _FRAME.takes(value):
        return _FRAME
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is getattr(numpy, "ndarray", None):
        return _ARRAY if _is_simple(value) else None
    return _INSTANCE if _is_plain_instance(value) else None


def _is_simple(array: Any) -> bool:
    if array.dtype.hasobject and array.dtype.kind != "O":
        return False
    return bool(array.nbytes <= MAX_ARRAY_BYTES)


def _is_plain_instance(value: Any) -> bool:
    """Return whether a class of the notebook says all of its objects in ``__dict__``."""
    kind = type(value)
    if kind.__module__ != "__main__" or isinstance(value, type):
        return False
    bases = [each for each in kind.__mro__ if each is not object]
    if any("__slots__" in vars(each) for each in bases):
        return False
    # One that inherits from a built-in type has state of its own in C.
    return kind.__dictoffset__ != 0 and all(each.__module__ == "__main__" for each in bases)


def never_changes(value: Any) -> bool:
    """Return whether an object of this kind cannot be changed in place, or is nobody's data."""
    kind = type(value)
    if kind in _ATOMS or isinstance(value, _CODE):
        return True
    library = str(kind.__module__).partition(".")[0]
    if library in ("datetime", "decimal", "fractions", "uuid", "pathlib", "re", "zoneinfo", "enum"):
        return True
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, getattr(numpy, "generic", ())):
        return True
    return library == "pandas" and kind.__name__ in _OF_PANDAS


_ATOMS = frozenset(
    {int, float, complex, str, bytes, bool, types.NoneType, range, slice, type(...), type}
)
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, type)
_OF_PANDAS = frozenset(
    {"Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType", "Index", "RangeIndex"}
    | {"DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "MultiIndex", "CategoricalIndex"}
    | {"IntervalIndex", "DateOffset"}
)


def all_atoms(values: Iterable[Any]) -> bool:
    """Return whether nothing in here can be changed in place, at the speed of C."""
    return set(map(type, values)) <= _ATOMS
