"""The hybrid index: chunks are searched by words and by meaning together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jupyter_assistants.protocol.errors import AssistantsError, StorageError
from jupyter_assistants.protocol.filters import ComparisonFilter, CompoundFilter, Scalar, matches
from jupyter_assistants.retrieval.base import (
    Chunk,
    Generation,
    Hit,
    IndexedDocument,
    IndexEntry,
    IndexState,
    Ranking,
)
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.embedders.base import Embedder
from jupyter_assistants.retrieval.fusion import falling, fused
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.words import QueryWord, query_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jupyter_assistants.retrieval.index_storage import Numbers
    from jupyter_assistants.retrieval.vectors import VectorTable

log = logging.getLogger(__name__)

CANDIDATES = 200
"""So many chunks of each list are fused."""
_SPARE = 5
"""Chunks beyond the limit, for those that are removed meanwhile."""
_LEAST_COSINE = 0.1
"""Below it, texts have nothing to do with each other."""


class HybridIndex:
    """See :class:`.base.SearchIndex`.

    Parameters
    ----------
    rows
        Where everything is kept.
    embedder
        Makes the vectors; None to find files by their words alone.
    exact_up_to
        With more vectors than these, an approximate search is built; None for the usual number.
    """

    def __init__(
        self, rows: Rows, embedder: Embedder | None = None, *, exact_up_to: int | None = None
    ) -> None:
        self._rows = rows
        self._embedder = embedder
        self._exact_up_to = exact_up_to
        self._filling = threading.Lock()
        self._seen: Generation | None = None
        self._table: tuple[int, VectorTable] | None = None
        self._loaded = 0
        self._scopes: dict[tuple[str, ...], tuple[Generation, Numbers, Sequence[str]]] = {}

    # -- documents ------------------------------------------------------------------------------

    def add(self, document: IndexedDocument) -> int:
        """See :meth:`.base.SearchIndex.add`."""
        return self._rows.add(document)

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """See :meth:`.base.SearchIndex.describe`."""
        self._rows.describe(vector_store_id, file_id, attributes)

    def remove(self, vector_store_id: str, file_id: str | None = None) -> None:
        """See :meth:`.base.SearchIndex.remove`."""
        self._rows.remove(vector_store_id, file_id)

    def tidy(self) -> None:
        """See :meth:`.base.SearchIndex.tidy`."""
        self._rows.tidy()

    def documents(self) -> Sequence[tuple[str, str]]:
        """See :meth:`.base.SearchIndex.documents`."""
        return self._rows.documents()

    def entries(
        self, vector_store_id: str | None = None, file_id: str | None = None
    ) -> Sequence[IndexEntry]:
        """See :meth:`.base.SearchIndex.entries`."""
        return self._rows.entries(vector_store_id, file_id)

    def count_documents(self, vector_store_id: str) -> int:
        """See :meth:`.base.SearchIndex.count_documents`."""
        return self._rows.count_documents(vector_store_id)

    def generation(self) -> Generation:
        """See :meth:`.base.SearchIndex.generation`."""
        return self._rows.generation()

    def find_damage(self, *, whole: bool = True) -> str:
        """See :meth:`.base.SearchIndex.find_damage`."""
        return self._rows.find_damage(whole=whole)

    def vector_stores(self) -> Sequence[str]:
        """See :meth:`.base.SearchIndex.vector_stores`."""
        return self._rows.vector_stores()

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """See :meth:`.base.SearchIndex.blocks`."""
        return self._rows.blocks(vector_store_id, file_id)

    def parsed(self, source: str) -> Sequence[Block]:
        """See :meth:`.base.SearchIndex.parsed`."""
        return self._rows.parsed(source)

    def filenames(self, vector_store_id: str, *, limit: int) -> Sequence[str]:
        """See :meth:`.base.SearchIndex.filenames`."""
        return self._rows.filenames(vector_store_id, limit)

    def bytes_of(self, vector_store_id: str) -> int:
        """See :meth:`.base.SearchIndex.bytes_of`."""
        return self._rows.bytes_of(vector_store_id)

    def sizes(self, vector_store_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """See :meth:`.base.SearchIndex.sizes`."""
        return self._rows.sizes(vector_store_id, file_ids)

    def close(self) -> None:
        """See :meth:`.base.SearchIndex.close`."""
        self._rows.close()

    # -- vectors --------------------------------------------------------------------------------

    def state(self, vector_store_id: str) -> IndexState:
        """See :meth:`.base.SearchIndex.state`."""
        model = self._model()
        chunks, embedded = self._rows.embedded(vector_store_id, model[0] if model else None)
        if self._embedder is None:
            return IndexState(chunks, 0, None, None)
        return IndexState(chunks, embedded, self._embedder.name, model[1] if model else None)

    def embed(self, *, most: int = 64) -> int:
        """See :meth:`.base.SearchIndex.embed`."""
        if self._embedder is None:
            return 0
        model = self._model()
        number = model[0] if model else None
        waiting = self._rows.waiting(number, most)
        if not waiting:
            return 0
        made = self._embedder.embed([text for _, text in waiting])
        dimension = int(made[0].shape[1])
        if model is None or model[1] != dimension:
            number = self._rows.model(self._embedder.name, dimension)
        assert number is not None
        vectors = {
            chunk: each.astype("float16") for (chunk, _), each in zip(waiting, made, strict=True)
        }
        self._rows.put_vectors(number, vectors)
        return self._rows.count_waiting(number)

    def _model(self) -> tuple[int, int] | None:
        """Return number and dimension of our model, if it has made any vectors yet."""
        return self._rows.models().get(self._embedder.name) if self._embedder else None

    def load(self) -> VectorTable | None:
        """Load the vectors that the database has and memory lacks; None if there are none."""
        model = self._model()
        if model is None:
            return None
        number, dimension = model
        self._current()
        with self._filling:
            if self._table is None or self._table[0] != number:
                # NumPy comes with the first search: it takes a tenth of a server's start.
                from jupyter_assistants.retrieval.vectors import EXACT_UP_TO, VectorTable

                limit = EXACT_UP_TO if self._exact_up_to is None else self._exact_up_to
                table = VectorTable(dimension, exact_up_to=limit)
                self._table, self._loaded = (number, table), 0
            table = self._table[1]
            for batch in self._rows.vectors(number, self._loaded):
                table.append(batch.chunks, batch.contents, batch.vectors)
                self._loaded = int(batch.numbers[-1])
            return table

    def _current(self) -> Generation:
        """Return the index's generation; drop what is in memory of another or a later index.

        Their rows have the numbers of other rows.
        """
        with self._filling:
            generation = self._rows.generation()
            if not generation.follows(self._seen):
                self._table, self._scopes = None, {}
            self._seen = generation
            return generation

    @property
    def loaded(self) -> int:
        """Return how many vectors are in memory."""
        return len(self._table[1]) if self._table else 0

    def warm(self) -> None:
        """See :meth:`.base.SearchIndex.warm`."""
        table = self.load()
        if table is not None:
            table.build_if_due()

    # -- searching ------------------------------------------------------------------------------

    def search(
        self,
        queries: Sequence[str],
        vector_store_ids: Sequence[str],
        *,
        limit: int,
        threshold: float = 0.0,
        filters: ComparisonFilter | CompoundFilter | None = None,
        ranking: Ranking = Ranking(),  # noqa: B008 -- it is frozen
    ) -> Sequence[Hit]:
        """See :meth:`.base.SearchIndex.search`."""
        stores = tuple(dict.fromkeys(vector_store_ids))
        asked = [query for query in dict.fromkeys(queries) if query.strip()]
        if not stores or not asked:
            return []
        scope = self._scope(stores, filters)
        directions = self._embed_queries(asked) if ranking.embedding_weight else [None] * len(asked)
        best: dict[int, float] = {}
        for query, direction in zip(asked, directions, strict=True):
            for number, score in self._score_chunks(
                query, direction, scope, limit, ranking
            ).items():
                best[number] = max(score, best.get(number, 0.0))
        wanted = [number for number, score in best.items() if score >= threshold]
        wanted.sort(key=lambda number: -best[number])
        return self._build_hits(wanted, best, scope, limit)

    def _scope(
        self, stores: tuple[str, ...], filters: ComparisonFilter | CompoundFilter | None
    ) -> _Scope:
        """Return what to search, known from an earlier search as long as no document has changed."""
        generation = self._current()
        kept = self._scopes.get(stores)
        if kept is None or kept[0] != generation:
            contents = self._rows.contents(stores, None)
            kept = generation, contents, self._rows.languages(stores)
            self._scopes = {**dict(list(self._scopes.items())[-7:]), stores: kept}
        _, contents, languages = kept
        if filters is None:
            return _Scope(stores, None, contents, languages, (stores, generation))
        return _Scope(stores, filters, self._rows.contents(stores, filters), languages, None)

    def _embed_queries(self, queries: Sequence[str]) -> Sequence[NDArray[np.float32] | None]:
        if self._embedder is None or self._model() is None:
            return [None] * len(queries)
        try:
            return [found[0] for found in self._embedder.embed(queries)]
        except StorageError:
            raise
        except AssistantsError as error:
            # What shares words is better than nothing.
            log.warning("the queries have no vectors: %s", error.message)
            return [None] * len(queries)

    def _score_chunks(
        self,
        query: str,
        direction: NDArray[np.float32] | None,
        scope: _Scope,
        limit: int,
        ranking: Ranking,
    ) -> dict[int, float]:
        """Return the best chunks for one query, with scores that fall along their order.

        By its words a chunk fits as the share of the query's words that it has, lessened by how
        far its rank is behind the best one's; by its meaning, as its vector's cosine.
        """
        words = query_words(query, scope.languages) if ranking.text_weight else []
        most = max(CANDIDATES, 3 * limit)
        by_words = scope.keyword(self._rows, words, most) if words else {}
        by_meaning = self._nearest_chunks(direction, scope, most)
        order = fused(
            [(list(by_words), ranking.text_weight), (list(by_meaning), ranking.embedding_weight)]
        )
        if ranking.fusing:
            order = order[: limit + _SPARE]
        shares = self._rows.shares(words, [each for each in order if each in by_words])
        top = max(by_words.values(), default=0.0)
        fits: dict[int, float] = {}
        for each in order:
            relative = by_words.get(each, 0.0) / top if top else 1.0
            by_word = shares.get(each, 0.0) * (0.5 + 0.5 * relative)
            fits[each] = max(by_word, by_meaning.get(each, 0.0))
        scores = falling(order, fits) if ranking.fusing else fits
        return {each: round(min(1.0, fit), 4) for each, fit in scores.items()}

    def _nearest_chunks(
        self, direction: NDArray[np.float32] | None, scope: _Scope, most: int
    ) -> dict[int, float]:
        table = self.load() if direction is not None else None
        if table is None or direction is None or not len(scope.contents):
            return {}
        found = table.search(direction, scope.contents, most, scope=scope.name)
        return {chunk: cosine for chunk, cosine in found if cosine >= _LEAST_COSINE}

    def _build_hits(
        self, wanted: Sequence[int], best: Mapping[int, float], scope: _Scope, limit: int
    ) -> list[Hit]:
        chunks = self._rows.chunks(wanted[: 2 * limit])
        contents = list(dict.fromkeys(content for content, _ in chunks.values()))
        owners = self._rows.owners(contents, scope.stores)
        hits: list[Hit] = []
        for number in wanted:
            # One that is not there was removed since it was found.
            content, chunk = chunks.get(number, (0, Chunk("", "")))
            for owner in owners.get(content, ()):
                if scope.filters is None or matches(scope.filters, owner.attributes):
                    names = owner.vector_store_id, owner.file_id, owner.filename
                    hits.append(Hit(*names, chunk, best[number], owner.attributes))
        return hits[:limit]


class _Scope:
    """The contents that one search covers.

    Parameters
    ----------
    languages
        Those of the vector stores' contents.
    name
        Names the contents as long as they are the same; None if they were chosen for this search.
    """

    def __init__(
        self,
        stores: tuple[str, ...],
        filters: ComparisonFilter | CompoundFilter | None,
        contents: Numbers,
        languages: Sequence[str],
        name: object,
    ) -> None:
        self.stores, self.filters, self.contents, self.name = stores, filters, contents, name
        self.languages = languages

    def keyword(self, rows: Rows, words: Sequence[QueryWord], most: int) -> dict[int, float]:
        """Return the chunks that share words with the query, with their ranks, the best first."""
        if not len(self.contents):
            return {}
        only = self.contents if self.filters is not None else None
        found = rows.keyword(words, self.stores, only, most)
        contents = [each.content for each in found]
        at = self.contents.searchsorted(contents).clip(max=len(self.contents) - 1)
        inside = (self.contents[at] == contents).tolist()
        return {each.number: each.rank for each, ours in zip(found, inside, strict=True) if ours}
