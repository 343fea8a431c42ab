"""How the index of file_search scales: rates, queries, memory, recall; and a page of PDF.

    python benchmarks/index_scale.py [--chunks 10000 100000 1000000] [--keep FOLDER] [--postgresql URL]

Texts and vectors are synthetic: sentences from a vocabulary with Zipf's distribution, and vectors of
384 numbers clustered around centres, as vectors of texts are. One database grows from one size to the
next. A query is searched by its words and by a vector, whose computation does not count. With the
address of a PostgreSQL server, the same index is also built in a schema of its own there.

The time of a query is reported three times: its computing time, its duration without waits for a core,
and its whole duration.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

# One core, so that computing time equals the duration on an idle machine.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from figures import machine, postgresql, table, verdict, waited
from numpy.typing import NDArray

from jupyter_assistants.retrieval.base import Chunk, IndexedDocument
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.sqlite import SqliteRows

DIMENSION = 384
QUERIES = 200
DOCUMENT_CHUNKS = 20
AIMS_MS = {10_000: 40.0, 100_000: 40.0, 1_000_000: 100.0}
RECALL = 0.97
PDF = Path(__file__).parent.parent / "tests" / "data" / "documents" / "four_pages.pdf"


class Texts:
    """Synthetic texts: 20,000 sentences of 20 words, four in each chunk."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        words = [f"{a}{b}{c}" for a in _ONE for b in _TWO for c in _THREE]
        self.chance.shuffle(words)
        weights = [1 / (rank + 3) for rank in range(len(words))]
        drawn = self.chance.choices(words, weights, k=400_000)
        self.sentences = [" ".join(drawn[at : at + 20]) for at in range(0, len(drawn), 20)]

    def chunk(self) -> str:
        return ". ".join(self.chance.choices(self.sentences, k=4))

    def query(self) -> str:
        # Like a person's query: a few words of one passage.
        return " ".join(self.chance.sample(self.chance.choice(self.sentences).split(), 8))


_ONE = ("ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu")
_TWO = ("lan", "mer", "nid", "pos", "rut", "san", "tel", "vin", "wor", "zu", "gra", "ble", "cri")
_THREE = ("", "a", "ex", "ik", "ot", "um", "dan", "fel", "gis", "hop", "kur", "lam", "net", "pix")


class Vectors:
    """Made-up vectors around 3,000 centres; as an embedder it gives those of queries."""

    name = "made-up"

    def __init__(self) -> None:
        self.random = np.random.default_rng(7)
        self.centres = self.random.standard_normal((3000, DIMENSION)).astype(np.float32)

    def some(self, number: int) -> NDArray[np.float32]:
        near = self.centres[self.random.integers(0, len(self.centres), number)]
        found = near + self.random.standard_normal(near.shape).astype(np.float32)
        lengths: NDArray[np.float32] = np.linalg.norm(found, axis=1, keepdims=True)
        return found / lengths

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        return [self.prepared[None, :] for _ in texts]

    prepared: NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description="How the index of file_search scales.")
    sizes = [10_000, 100_000, 1_000_000]
    parser.add_argument("--chunks", type=int, nargs="*", default=sizes, help="sizes to measure")
    parser.add_argument("--keep", type=Path, help="keep the database here, to grow it later")
    parser.add_argument("--postgresql", metavar="URL", help="measure PostgreSQL as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        asyncio.run(pages(folder / "pages"))
        scale("SQLite", SqliteRows(folder / "search.db"), arguments.chunks)
        if arguments.postgresql:
            with postgresql(arguments.postgresql) as rows:
                scale("PostgreSQL", rows, arguments.chunks)


def scale(name: str, rows: Rows, sizes: Sequence[int]) -> None:
    """Grow an index from one size to the next, and measure each."""
    vectors, texts = Vectors(), Texts()
    index = HybridIndex(rows, vectors)
    have = index.state("vs_1").chunks
    for size in sorted(each for each in sizes if each >= have):
        rate = grow(index, have, size, texts, vectors) if size > have else None
        have = size
        measure(f"{name}, {size:,} chunks", index, size, rate, texts, vectors)
    index.close()


# -- the index ----------------------------------------------------------------------------------


def grow(
    index: HybridIndex, have: int, size: int, texts: Texts, vectors: Vectors
) -> tuple[float, float]:
    """Add chunks, and return the rates per second for words and for vectors."""
    rows = index._rows
    spent = 0.0
    for number in range(have, size, DOCUMENT_CHUNKS):
        document = made(number, texts)
        began = time.perf_counter()
        index.add(document)
        spent += time.perf_counter() - began
    adding = (size - have) / spent
    model = rows.model(vectors.name, DIMENSION)
    spent = 0.0
    while waiting := rows.waiting(model, 5000):
        found = vectors.some(len(waiting)).astype(np.float16)
        began = time.perf_counter()
        numbers = [number for number, _ in waiting]
        rows.put_vectors(model, {n: found[at : at + 1] for at, n in enumerate(numbers)})
        spent += time.perf_counter() - began
        print(f"\r{numbers[-1]:,} of {size:,} chunks ", end="", file=sys.stderr, flush=True)
    return adding, (size - have) / spent


def made(number: int, texts: Texts) -> IndexedDocument:
    parts = [texts.chunk() for _ in range(DOCUMENT_CHUNKS)]
    cut = [Chunk(f"chunk_{number}_{at}", text) for at, text in enumerate(parts)]
    blocks = [Block("\n\n".join(parts))]
    return IndexedDocument(
        "vs_1", f"file-{number}", f"{number}.txt", blocks, cut, source=f"{number}.txt"
    )


def measure(
    title: str,
    index: HybridIndex,
    size: int,
    rate: tuple[float, float] | None,
    texts: Texts,
    vectors: Vectors,
) -> None:
    began = time.perf_counter()
    nearest = index.load()
    loading = time.perf_counter() - began
    assert nearest is not None
    began = time.perf_counter()
    if size > nearest._exact_up_to:
        nearest.build()
    building = time.perf_counter() - began
    asked = [texts.query() for _ in range(QUERIES)]
    directions = vectors.some(QUERIES)
    seconds = list(timed(index, asked, directions, vectors))[QUERIES // 10 :]
    p50, p95 = np.percentile(seconds, (50, 95), axis=0) * 1000
    recall = recalled(index, directions[:100])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    aim = AIMS_MS.get(size, 100.0)
    print("\r", end="", file=sys.stderr)
    added = [f"{each:10,.0f}" for each in rate or ()] or ["  kept"] * 2
    met = "   ".join(f"{verdict(each <= aim):>10}" for each in p95)
    table(
        f"{title} ({machine()})",
        [
            ("chunks a second, with their words", added[0]),
            ("vectors a second", added[1]),
            ("vectors loaded, sorted into cells", f"{loading:10.1f} s {building:10.1f} s"),
            ("query: computing, less waits, in all", ""),
            ("  p50", " ".join(f"{each:10.1f} ms" for each in p50)),
            ("  p95", " ".join(f"{each:10.1f} ms" for each in p95)),
            (f"  target of p95: {aim:g} ms", met),
            (
                "recall@10 of vectors",
                f"{recall:10.3f}  {verdict(recall >= RECALL)} (target: {RECALL})",
            ),
            ("memory at most", f"{memory:10,.0f} MB"),
        ],
    )


def timed(
    index: HybridIndex,
    asked: Sequence[str],
    directions: NDArray[np.float32],
    vectors: Vectors,
) -> Iterator[tuple[float, float, float]]:
    """Yield the seconds of computing, without waits for a core, and in total."""
    for query, direction in zip(asked, directions, strict=True):
        vectors.prepared = direction
        waits, computing, began = waited(), time.process_time(), time.perf_counter()
        index.search([query], ["vs_1"], limit=20)
        taken = time.perf_counter() - began
        yield time.process_time() - computing, taken - (waited() - waits), taken


def recalled(index: HybridIndex, directions: NDArray[np.float32]) -> float:
    """Return the share of the ten nearest vectors that the vector index finds."""
    nearest = index.load()
    assert nearest is not None
    contents = index._rows.contents(["vs_1"], None)
    matrix, owners = nearest._matrix[: len(nearest)], nearest._chunks
    found = 0
    for direction in directions:
        exact = owners[np.argpartition(-(matrix @ direction), 10)[:10]].tolist()
        near = nearest.search(direction, contents, 10, scope="all")
        found += len(set(exact) & {chunk for chunk, _ in near})
    return found / (10 * len(directions))


# -- files --------------------------------------------------------------------------------------


async def pages(folder: Path) -> None:
    """Measure how long a page of PDF takes until it can be found by its words."""
    index = HybridIndex(SqliteRows(folder / "search.db"))
    reader = FileReader()
    spent = []
    for round in range(21):
        began = time.perf_counter()
        with PDF.open("rb") as stream:
            blocks = await reader.read(PDF.name, stream)
        document = IndexedDocument("vs_1", f"file-{round}", PDF.name, blocks, chunks(blocks, None))
        index.add(document)
        spent.append((time.perf_counter() - began) / len(blocks))
        index.remove("vs_1")
    reader.close()
    page = float(np.median(spent[1:])) * 1000
    row = ("a page of PDF, to be found", f"{page:10.1f} ms  {verdict(page <= 50)} (target: 50 ms)")
    table(f"Files ({machine()})", [row])


if __name__ == "__main__":
    main()
