"""How well file_search ranks: nDCG@10 and recall@100 on judged queries, beside bm25s.

    python benchmarks/retrieval.py [--data FOLDER] [--keep FOLDER]

The data are Cranfield (1,400 abstracts, 225 queries) and CACM (3,204, 52), one folder each with
``corpus.jsonl.gz``, ``queries.test.jsonl`` and ``qrels/test.tsv``. Everything goes through the
index that the server uses. Without `pip install 'jupyter-assistants[embeddings]'` the columns that
need vectors are left out; without `pip install bm25s PyStemmer` the column of bm25s is.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import json
import math
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_assistants.search.base import Chunk, Document, Ranking
from jupyter_assistants.search.blocks import Block
from jupyter_assistants.search.index import HybridIndex
from jupyter_assistants.search.minilm import MiniLM
from jupyter_assistants.search.sqlite import SqliteRows
from jupyter_assistants.search.weights import weights_folder

SETS = ("cranfield", "cacm")
GOALS = {"keywords": (0.375, 0.45), "fusion": (0.43, 0.52)}
FOUND = 100
Judged = Mapping[str, Mapping[str, int]]
Search = Callable[[str], Sequence[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description="How well file_search ranks.")
    default = Path(__file__).parent.parent.parent / "shared" / "data" / "retrieval"
    parser.add_argument("--data", type=Path, default=default, help="the folder of the data")
    parser.add_argument("--keep", type=Path, help="keep the indexes here, to be used again")
    arguments = parser.parse_args()
    missing = [name for name in SETS if not (arguments.data / name / "corpus.jsonl.gz").is_file()]
    if missing:
        sys.exit(
            f"There is no {missing[0]}/corpus.jsonl.gz in {arguments.data}. Say where the data "
            "are: python benchmarks/retrieval.py --data FOLDER"
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        results = [measure(arguments.data / name, folder) for name in SETS]
    show(results)


def measure(data: Path, folder: Path) -> dict[str, tuple[float, float]]:
    with gzip.open(data / "corpus.jsonl.gz", "rt") as lines:
        corpus = [json.loads(line) for line in lines]
    queries = [json.loads(line) for line in (data / "queries.test.jsonl").open()]
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    with (data / "qrels" / "test.tsv").open() as table:
        for query, document, grade in csv.reader(table, delimiter="\t"):
            if grade.isdigit():
                judged[query][document] = int(grade)
    index = indexed(folder / f"{data.name}.db", corpus)
    searches: dict[str, Search] = {
        "keywords": lambda query: found(index, query, Ranking(embedding_weight=0.0))
    }
    if weights_folder() is not None:
        searches["dense"] = lambda query: found(index, query, Ranking(text_weight=0.0))
        searches["fusion"] = lambda query: found(index, query, Ranking())
    if importlib.util.find_spec("bm25s") and importlib.util.find_spec("Stemmer"):
        searches["bm25s"] = other(corpus)
    results = {}
    for name, search in searches.items():
        began = time.perf_counter()
        lists = {query["_id"]: search(query["text"]) for query in queries}
        results[name] = scores(lists, judged)
        seconds = time.perf_counter() - began
        print(f"{data.name}: {name}, {seconds / len(queries) * 1000:.1f} ms a query", flush=True)
    index.close()
    return results


def indexed(path: Path, corpus: Sequence[Mapping[str, str]]) -> HybridIndex:
    """Give an index with one chunk for each text, whose title is its heading."""
    folder = weights_folder()
    index = HybridIndex(SqliteRows(path), MiniLM(folder) if folder else None)
    if not index.documents():
        for each in corpus:
            chunk = Chunk("chunk", each["text"], head=each.get("title", ""), end=len(each["text"]))
            name, source = each["_id"], f"{path.stem} {each['_id']}"
            blocks = [Block(each["text"])]
            index.add(Document("vs_1", name, "", blocks, [chunk], source=source))
    began = time.monotonic()
    while left := index.embed(most=64):
        print(f"\r{path.stem}: {left} texts to embed ", end="", file=sys.stderr)
        if time.monotonic() - began > 3600:
            sys.exit("Embedding takes more than an hour.")
    return index


def found(index: HybridIndex, query: str, ranking: Ranking) -> list[str]:
    hits = index.search([query], ["vs_1"], limit=FOUND, ranking=ranking)
    return [hit.file_id for hit in hits]


def other(corpus: Sequence[Mapping[str, str]]) -> Search:
    """Give the search of bm25s, with its stemmer and stop words."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    texts = [f"{each.get('title', '')} {each['text']}" for each in corpus]

    def tokens(text: Any) -> Any:
        return bm25s.tokenize(text, stopwords="en", stemmer=stemmer, show_progress=False)

    retriever = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    retriever.index(tokens(texts), show_progress=False)

    def search(query: str) -> Sequence[str]:
        numbers, _ = retriever.retrieve(tokens([query]), k=FOUND, show_progress=False)
        return [corpus[int(number)]["_id"] for number in numbers[0]]

    return search


def scores(lists: Mapping[str, Sequence[str]], judged: Judged) -> tuple[float, float]:
    """Give the means of nDCG@10 and recall@100 over the queries that were judged."""
    gains, recalls = [], []
    for query, ranked in lists.items():
        grades = {document: grade for document, grade in judged[query].items() if grade > 0}
        if not grades:
            continue
        ideal = gain(sorted(grades.values(), reverse=True))
        gains.append(gain([grades.get(each, 0) for each in ranked]) / ideal)
        recalls.append(len(grades.keys() & set(ranked)) / len(grades))
    return sum(gains) / len(gains), sum(recalls) / len(recalls)


def gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(at + 2) for at, grade in enumerate(grades[:10]))


def show(results: Sequence[Mapping[str, tuple[float, float]]]) -> None:
    print()
    print(f"{'nDCG@10 / recall@100':24}" + "".join(f"{name:>18}" for name in SETS))
    for name in results[0]:
        figures = "".join(f"{each[name][0]:>10.3f} / {each[name][1]:.3f}" for each in results)
        print(f"{name:24}{figures}")
    for name, goals in GOALS.items():
        if name not in results[0]:
            print(f"goal of {name}: not measured, there is no embedding model")
            continue
        for data, each, goal in zip(SETS, results, goals, strict=True):
            met = "met" if round(each[name][0], 3) >= goal else "MISSED"
            print(f"goal: {name} on {data} ≥ {goal:.3f}: {met} ({each[name][0]:.3f})")


if __name__ == "__main__":
    main()
