"""How the index of file_search scales: rates, queries, memory, recall; and how files get in.

    python benchmarks/index_scale.py [--chunks 10000 100000 1000000] [--files 1000] [--keep FOLDER]

Texts and vectors are made up: sentences of a vocabulary as frequent as Zipf says, and vectors of
384 numbers around centres, which is how vectors of texts lie. One database grows from one size to
the next. A query is searched by its words and by a vector of its own; making that is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

# One core: then computing time is what a machine that does nothing else takes.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from figures import table
from numpy.typing import NDArray

from jupyter_assistants.config import Settings
from jupyter_assistants.schema.files import CreateFile
from jupyter_assistants.schema.vector_stores import CreateVectorStore, CreateVectorStoreFileBatch
from jupyter_assistants.search.base import Chunk, Document
from jupyter_assistants.search.blocks import Block
from jupyter_assistants.search.chunking import chunks
from jupyter_assistants.search.index import HybridIndex
from jupyter_assistants.search.reading import FileReader
from jupyter_assistants.search.sqlite import SqliteRows
from jupyter_assistants.service import build

DIMENSION = 384
QUERIES = 200
DOCUMENT_CHUNKS = 20
GOALS_MS = {10_000: 40.0, 100_000: 40.0, 1_000_000: 100.0}
RECALL = 0.97
PDF = Path(__file__).parent.parent / "tests" / "data" / "documents" / "four_pages.pdf"


class Texts:
    """Made-up texts: 20,000 sentences of 20 words, four of them in each chunk."""

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
        # What people ask: a few words of one passage.
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
    parser.add_argument("--files", type=int, default=1000, help="files to index; 0 to leave out")
    parser.add_argument("--keep", type=Path, help="keep the database here, to grow it later")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        if arguments.files:
            asyncio.run(pages(folder / "pages"))
            asyncio.run(files(folder / "files", arguments.files))
        vectors, texts = Vectors(), Texts()
        index = HybridIndex(SqliteRows(folder / "search.db"), vectors)
        have = index.state("vs_1").chunks
        for size in sorted(each for each in arguments.chunks if each > have):
            rate = grow(index, have, size, texts, vectors)
            have = size
            measure(index, size, rate, texts, vectors)
        index.close()


# -- the index ----------------------------------------------------------------------------------


def grow(
    index: HybridIndex, have: int, size: int, texts: Texts, vectors: Vectors
) -> tuple[float, float]:
    """Add chunks; give how many a second went in with their words, and with their vectors."""
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


def made(number: int, texts: Texts) -> Document:
    parts = [texts.chunk() for _ in range(DOCUMENT_CHUNKS)]
    cut = [Chunk(f"chunk_{number}_{at}", text) for at, text in enumerate(parts)]
    blocks = [Block("\n\n".join(parts))]
    return Document("vs_1", f"file-{number}", f"{number}.txt", blocks, cut, source=f"{number}.txt")


def measure(
    index: HybridIndex, size: int, rate: tuple[float, float], texts: Texts, vectors: Vectors
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
    (p50, wall50), (p95, wall95) = np.percentile(seconds, (50, 95), axis=0) * 1000
    recall = recalled(index, directions[:100])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    goal = GOALS_MS.get(size, 100.0)
    print("\r", end="", file=sys.stderr)
    table(
        f"{size:,} chunks",
        [
            ("chunks a second, with their words", f"{rate[0]:10,.0f}"),
            ("vectors a second", f"{rate[1]:10,.0f}"),
            ("vectors loaded, sorted into cells", f"{loading:10.1f} s {building:10.1f} s"),
            ("query, p50: computing, in all", f"{p50:10.1f} ms {wall50:10.1f} ms"),
            ("query, p95: computing, in all", f"{p95:10.1f} ms {wall95:10.1f} ms"),
            (f"  goal: {goal:g} ms", f"{verdict(p95 <= goal):>10} {verdict(wall95 <= goal):>13}"),
            (
                "recall@10 of vectors",
                f"{recall:10.3f}  {verdict(recall >= RECALL)} (goal: {RECALL})",
            ),
            ("memory at most", f"{memory:10,.0f} MB"),
        ],
    )


def timed(
    index: HybridIndex,
    asked: Sequence[str],
    directions: NDArray[np.float32],
    vectors: Vectors,
) -> Iterator[tuple[float, float]]:
    """Yield seconds of computing and in all: they differ when others use the machine."""
    for query, direction in zip(asked, directions, strict=True):
        vectors.prepared = direction
        computing, began = time.process_time(), time.perf_counter()
        index.search([query], ["vs_1"], limit=20)
        yield time.process_time() - computing, time.perf_counter() - began


def recalled(index: HybridIndex, directions: NDArray[np.float32]) -> float:
    """Give which share of the really nearest ten the vector part finds."""
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
    """Measure a page of PDF on its way to being found by its words."""
    index = HybridIndex(SqliteRows(folder / "search.db"))
    reader = FileReader()
    spent = []
    for round in range(21):
        began = time.perf_counter()
        with PDF.open("rb") as stream:
            blocks = await reader.read(PDF.name, stream)
        document = Document("vs_1", f"file-{round}", PDF.name, blocks, chunks(blocks, None))
        index.add(document)
        spent.append((time.perf_counter() - began) / len(blocks))
        index.remove("vs_1")
    reader.close()
    page = float(np.median(spent[1:])) * 1000
    row = ("a page of PDF, to be found", f"{page:10.1f} ms  {verdict(page <= 50)} (goal: 50 ms)")
    table("Files", [row])


async def files(folder: Path, number: int) -> None:
    """Index files by the service, and watch whether the event loop goes on."""
    service = build(Settings(data_dir=folder, embedding_model="none"))
    await service.start()
    texts = Texts()
    ids = []
    for at in range(number):
        with service.write_file() as writer:
            writer.write(f"# File {at}\n\n{texts.chunk()}\n\n{texts.chunk()}".encode())
            body = CreateFile(purpose="assistants")
            ids.append((await service.create_file("me", f"{at}.md", body, writer.commit())).id)
    store = await service.create_vector_store("me", CreateVectorStore())
    lags: list[float] = []
    watching = asyncio.create_task(watch(lags))
    beside = subprocess.Popen(
        [sys.executable, "-c", _BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    began = time.perf_counter()
    body = CreateVectorStoreFileBatch(file_ids=ids)
    batch = await service.create_file_batch("me", store.id, body)
    while (await service.get_file_batch("me", store.id, batch.id)).file_counts.in_progress:
        await asyncio.sleep(0.2)
    seconds = time.perf_counter() - began
    watching.cancel()
    bare = float((await asyncio.to_thread(beside.communicate, "\n"))[0]) * 1000
    await service.close()
    longest = max(lags) * 1000
    blocked = f"{longest:10.1f} ms  {verdict(longest <= 50)} (goal: 50 ms)"
    late = f"{float(np.percentile(lags, 99)) * 1000:10.1f} ms"
    rate = f"{number / seconds:10.0f}"
    rows = [("files a second", rate), ("event loop blocked, longest", blocked), ("  p99", late)]
    rows.append(("a loop of nothing, beside it", f"{bare:10.1f} ms"))
    table(f"{number:,} files by the service", rows)


_BARE = """
import select, sys, time
longest = 0.0
while not select.select([sys.stdin], [], [], 0)[0]:
    began = time.perf_counter()
    time.sleep(0.005)
    longest = max(longest, time.perf_counter() - began - 0.005)
print(longest)
"""
"""What the machine does to a process that only waits: no more than that can be met."""


async def watch(lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        lags.append(time.perf_counter() - began - 0.005)


def verdict(met: bool) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    main()
