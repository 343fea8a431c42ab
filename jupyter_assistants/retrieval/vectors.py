"""Search for the nearest of many vectors: exact, or by cells when there are many.

The table is a copy in memory of what the database keeps. It is filled from there, added to as the
database grows, and never the only place of anything. Rows of deleted chunks stay until the next
filling; whoever searches names the contents that count.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

EXACT_UP_TO = 50_000
"""So many vectors are compared one by one: about 7 ms."""
RECALL = 0.985
"""What share of the nearest ten is to be found with cells, on a sample of stored vectors."""
_PROBES = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
_TRAINED_ON = 40_000
_ROUNDS = 8
_TAIL = 0.25
_BLOCK = 20_000
_WINDOWS = 4
_GATHER_COST = 5


@dataclass(frozen=True)
class _Cells:
    """Rows ``[0, size)`` of the table, ordered by the centre that is nearest to them."""

    centres: Vectors
    starts: Numbers
    size: int
    probes: int


class VectorTable:
    """The vectors of one model, each of length 1, by the chunks that they belong to.

    A chunk may have several vectors; the nearest one counts.

    Parameters
    ----------
    exact_up_to
        With more vectors than these, cells are built.
    """

    def __init__(self, dimension: int, *, exact_up_to: int = EXACT_UP_TO) -> None:
        self._exact_up_to = exact_up_to
        self._matrix = np.empty((0, dimension), np.float32)
        self._chunks = np.empty(0, np.int64)
        self._contents = np.empty(0, np.int64)
        self._size = 0
        self._cells: _Cells | None = None
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None
        self._masks: dict[object, NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return self._size

    def append(self, chunks: Numbers, contents: Numbers, vectors: NDArray[np.floating]) -> None:
        """Add vectors."""
        with self._lock:
            needed = self._size + len(chunks)
            if needed > len(self._matrix):
                self._grow(max(needed, len(self._matrix) * 3 // 2))
            self._matrix[self._size : needed] = vectors
            self._chunks[self._size : needed] = chunks
            self._contents[self._size : needed] = contents
            self._size = needed
            self._masks.clear()

    def _grow(self, capacity: int) -> None:
        matrix = np.empty((capacity, self._matrix.shape[1]), np.float32)
        matrix[: self._size] = self._matrix[: self._size]
        self._matrix = matrix
        for name in ("_chunks", "_contents"):
            numbers = np.empty(capacity, np.int64)
            numbers[: self._size] = getattr(self, name)[: self._size]
            setattr(self, name, numbers)

    def search(
        self, query: Vectors, contents: Numbers, limit: int, *, scope: object = None
    ) -> list[tuple[int, float]]:
        """Return the chunks whose vectors are nearest, with their cosines, the nearest first.

        Parameters
        ----------
        contents
            Only chunks of these.
        scope
            The same whenever ``contents`` are the same: which rows count is then remembered.
        """
        with self._lock:
            counts = self._mask(contents, scope)
            rows, cosines = self._nearest_rows(query, counts, limit * _WINDOWS)
            best: dict[int, float] = {}
            for chunk, cosine in zip(self._chunks[rows].tolist(), cosines.tolist(), strict=True):
                best.setdefault(chunk, cosine)
                if len(best) == limit:
                    break
        self.build_if_due()
        return list(best.items())

    def _mask(self, contents: Numbers, scope: object) -> NDArray[np.bool_]:
        mask = self._masks.get(scope) if scope is not None else None
        if mask is None:
            mask = np.isin(self._contents[: self._size], contents)
            if scope is not None:
                self._masks = {scope: mask}
        return mask

    def _nearest_rows(
        self, query: Vectors, counts: NDArray[np.bool_], limit: int
    ) -> tuple[Numbers, Vectors]:
        cells = self._cells
        total = int(np.count_nonzero(counts))
        # To gather rows costs more than to multiply those that do not count as well.
        if total < self._size // (_GATHER_COST * 4 if cells else _GATHER_COST):
            rows = np.flatnonzero(counts)
            cosines = self._matrix[rows] @ query
        elif cells is None:
            rows = np.arange(self._size)
            cosines = self._matrix[: self._size] @ query
        else:
            rows, cosines = self._probe(cells, query)
        if len(rows) > total or cells is not None:
            cosines = np.where(counts[rows], cosines, -2.0)
        return _best_rows(rows, cosines, limit)

    def _probe(self, cells: _Cells, query: Vectors) -> tuple[Numbers, Vectors]:
        near = np.argpartition(-(cells.centres @ query), min(cells.probes, len(cells.centres) - 1))
        spans = [(int(cells.starts[at]), int(cells.starts[at + 1])) for at in near[: cells.probes]]
        spans.append((cells.size, self._size))
        rows = np.concatenate([np.arange(start, end) for start, end in spans])
        cosines = np.concatenate([self._matrix[start:end] @ query for start, end in spans])
        return rows, cosines

    # -- cells ----------------------------------------------------------------------------------

    def build_if_due(self) -> None:
        """Begin to sort the vectors into cells, if there are many that are in none."""
        built = self._cells.size if self._cells else 0
        due = self._size > self._exact_up_to and self._size - built > _TAIL * self._size
        if due and (self._building is None or not self._building.is_alive()):
            self._building = threading.Thread(target=self.build, name="vector cells", daemon=True)
            self._building.start()

    def build(self) -> None:
        """Sort the vectors into cells. Searches go on meanwhile, with what there was before."""
        with self._lock:
            size, matrix = self._size, self._matrix
        centres = _centres(matrix, size)
        nearest = np.empty(size, np.int32)
        for start in range(0, size, _BLOCK):
            block = matrix[start : min(start + _BLOCK, size)]
            nearest[start : start + len(block)] = np.argmax(block @ centres.T, axis=1)
        order = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[order], np.arange(len(centres) + 1)).astype(np.int64)
        del matrix, block
        with self._lock:
            self._reorder(order)
            self._masks.clear()
            self._cells = _Cells(centres, starts, size, _PROBES[0])
            self._cells = _Cells(centres, starts, size, self._probes_for(self._cells))

    def _reorder(self, order: Numbers) -> None:
        matrix = np.empty_like(self._matrix)
        # In its usual mode it would make one more copy of all vectors.
        np.take(self._matrix, order, axis=0, out=matrix[: len(order)], mode="clip")
        matrix[len(order) : self._size] = self._matrix[len(order) : self._size]
        self._matrix = matrix
        self._chunks[: len(order)] = self._chunks[order]
        self._contents[: len(order)] = self._contents[order]

    def _probes_for(self, cells: _Cells) -> int:
        """Return how many cells must be looked into for the recall that is wanted."""
        random = np.random.default_rng(0)
        sample = self._matrix[random.choice(cells.size, 64, replace=False)]
        # A query is near a passage, never one of the passages.
        noise = random.standard_normal(sample.shape).astype(np.float32)
        sample = sample + noise * (0.5 / np.sqrt(sample.shape[1]))
        sample /= np.linalg.norm(sample, axis=1, keepdims=True)
        cosines = sample @ self._matrix[: cells.size].T
        exact = [set(np.argpartition(-row, 10)[:10].tolist()) for row in cosines]
        for probes in _PROBES:
            tried = _Cells(cells.centres, cells.starts, cells.size, min(probes, len(cells.centres)))
            found = 0
            for query, wanted in zip(sample, exact, strict=True):
                rows, near = self._probe(tried, query)
                found += len(wanted & set(_best_rows(rows, near, 10)[0].tolist()))
            if found >= RECALL * 10 * len(exact):
                break
        return tried.probes


def _best_rows(rows: Numbers, cosines: Vectors, limit: int) -> tuple[Numbers, Vectors]:
    if len(rows) > limit:
        best = np.argpartition(-cosines, limit)[:limit]
        rows, cosines = rows[best], cosines[best]
    order = np.argsort(-cosines, kind="stable")
    rows, cosines = rows[order], cosines[order]
    counts = cosines > -1.5
    return rows[counts], cosines[counts]


def _centres(matrix: Vectors, size: int) -> Vectors:
    """Return the centres of about the square root of the number of cells, by k-means."""
    random = np.random.default_rng(0)
    number = max(16, int(np.sqrt(size)))
    sample = matrix[np.sort(random.choice(size, min(size, _TRAINED_ON), replace=False))]
    centres = sample[random.choice(len(sample), number, replace=False)].copy()
    for _ in range(_ROUNDS):
        nearest = np.argmax(sample @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        # A centre that nothing is near to moves to a vector of its own.
        lonely = np.flatnonzero(lengths[:, 0] < 1e-6)
        sums[lonely] = sample[random.choice(len(sample), len(lonely))]
        lengths[lonely] = 1.0
        centres = (sums / lengths).astype(np.float32)
    return centres
