"""Data frames and series, saved by pandas' copy-on-write.

A shallow copy costs microseconds and shares every column; what a step then changes in place, pandas
copies first, column by column. So an unchanged column is known by its memory, without a look at the
data. Older pandas, where writing may go through a shallow copy, is copied in full up to a limit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

MAX_COPIED_BYTES = 64 * 1024 * 1024
MAX_COMPARED_BYTES = 64 * 1024 * 1024
MAX_CELLS = 20_000


class FrameKind:
    """Saves, compares and restores a DataFrame or a Series."""

    def takes(self, value: Any) -> bool:
        """Return whether this is one, and can be saved."""
        pandas = sys.modules.get("pandas")
        if pandas is None or type(value) not in (
            getattr(pandas, "DataFrame", None),
            getattr(pandas, "Series", None),
        ):
            return False
        return _copies_on_write(pandas) or _bytes(value) <= MAX_COPIED_BYTES

    def capture(self, value: Any) -> Any:
        """Return a copy that shares its columns for as long as nobody writes."""
        return value.copy(deep=not _copies_on_write(sys.modules["pandas"]))

    def is_same(self, value: Any, content: Any) -> bool:
        """Return whether no column, label or attribute has changed."""
        if value.shape != content.shape or value.attrs != content.attrs:
            return False
        if value.flags != content.flags or not _same_labels(value.index, content.index):
            return False
        if value.ndim == 1:
            named = value.name is content.name or (
                type(value.name) is type(content.name) and value.name == content.name
            )
            if not named:
                return False
        elif not _same_labels(value.columns, content.columns):
            return False
        blocks, saved = _blocks(value), _blocks(content)
        if blocks is not None and blocks == saved:
            return True
        size = _bytes(value) if blocks is None else sum(block[-1] for block in blocks)
        return size <= MAX_COMPARED_BYTES and bool(value.equals(content))

    def restore(self, value: Any, content: Any) -> None:
        """Make the same object have the saved columns again."""
        # The constructor takes over a frame's columns without a copy, and keeps the identity.
        type(value).__init__(value, content.copy(deep=False))
        if value.ndim == 1:
            value.name = content.name
        value.attrs = content.attrs
        labels = content.flags.allows_duplicate_labels
        if value.flags.allows_duplicate_labels != labels:
            value.flags.allows_duplicate_labels = labels

    def parts(self, content: Any) -> Iterable[Any]:
        """Return the cells of columns of objects, which may be lists and the like."""
        blocks = getattr(getattr(content, "_mgr", None), "blocks", ())
        if blocks and not any(_of_objects(block.dtype) for block in blocks):
            # Nearly all frames; asking each column would take a part of a millisecond.
            return []
        dtypes = [content.dtype] if content.ndim == 1 else list(content.dtypes)
        cells: list[Any] = []
        for place in [n for n, dtype in enumerate(dtypes) if _of_objects(dtype)]:
            column = content if content.ndim == 1 else content.iloc[:, place]
            if len(cells) + len(column) <= MAX_CELLS:
                cells += column.tolist()
        return cells

    def size(self, value: Any, content: Any) -> int:
        """Return the bytes of the columns that only the saved copy has."""
        current = set(_blocks(value) or ())
        saved = _blocks(content)
        if saved is None:
            return _bytes(content)
        return sum(block[-1] for block in saved if block not in current)


def _copies_on_write(pandas: Any) -> bool:
    if int(pandas.__version__.partition(".")[0]) >= 3:
        return True
    return bool(pandas.options.mode.copy_on_write is True)


def _bytes(value: Any) -> int:
    usage = value.memory_usage(deep=False)
    return int(usage if value.ndim == 1 else usage.sum())


def _same_labels(one: Any, other: Any) -> bool:
    if one is not other and not one.is_(other) and not one.identical(other):
        return False
    return list(one.names) == list(other.names)


def _blocks(value: Any) -> list[tuple[Any, ...]] | None:
    """Return the columns' place in memory; None where pandas keeps them in a way unknown here.

    pandas has no public name for this. Wherever it is missing, contents are compared instead.
    """
    found = []
    for block in getattr(getattr(value, "_mgr", None), "blocks", ()) or ():
        address = _address(getattr(block, "values", None))
        if address is None:
            return None
        places = tuple(getattr(block.mgr_locs, "indexer", slice(0)).__reduce__()[1:])
        size = int(getattr(block.values, "nbytes", 0))
        found.append((str(block.values.dtype), address, repr(places), size))
    return found or None


def _address(values: Any) -> tuple[Any, ...] | None:
    interface = getattr(values, "__array_interface__", None)
    if interface is not None:
        return (interface["data"][0], interface["shape"], interface.get("strides"))
    if hasattr(values, "_pa_array"):
        return ("arrow", id(values._pa_array))
    inner = getattr(values, "_ndarray", None)
    if inner is not None:
        return _address(inner)
    data, mask = getattr(values, "_data", None), getattr(values, "_mask", None)
    if data is not None and mask is not None:
        return (_address(data), _address(mask))
    return None


def _of_objects(dtype: Any) -> bool:
    # Text and categories say that their kind is O as well.
    return type(dtype).__module__.startswith("numpy") and dtype.kind == "O"
