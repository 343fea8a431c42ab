"""Terms: what texts and queries are found by, the same in every database.

A text becomes terms here; a database only stores them and compares them byte by byte
(docs/internals/retrieval.md, "Words").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jupyter_assistants.retrieval.languages import (
    ENGLISH,
    MARKS,
    fold,
    function_words,
    is_latin,
    recognise,
    stem,
)

MOST_WORDS = 64
"""Of a query."""

_EVERYWHERE = (
    "a about above after again against all am an and any are as at be because been before "
    "being below between both but by can cannot could did do does doing down during each few "
    "find for from further give had has have having he her here hers herself him himself his "
    "how i if in interested into is it its itself know like may me might me more most must my "
    "myself no nor not of off on once only or other our ours ourselves out over own please "
    "same say says shall she should so some such tell than that the their theirs them "
    "themselves then there these they this those through to too under until up us very want "
    "was we were what when where which while who whom why will with would you your yours "
    "yourself yourselves"
)
STOP_WORDS = frozenset(_EVERYWHERE.split())

_LONGEST = 64
"""Characters of a term: what is longer is no word, and PostgreSQL's index has a limit."""
_REMEMBERED = 100_000
"""Words whose terms are remembered, for each language. Stemming one takes as long as reading hundreds."""
_SAMPLES, _SAMPLE_CHARACTERS = 8, 500
"""Of a document's chunks, to recognise its language: a page or so."""
_TAG = "·"
"""Between a language and a stem: what is one stem in two languages may be two words."""

# Scripts that are written without spaces, and how many characters one of their terms has. A letter of
# Thai says less than a character of Chinese or a syllable of Korean.
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3021-\u302f\u3031-\u3035\u303b\u303c\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb\uf900-\ufaff\U00020000-\U0003fffd"
)
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u109f\u1780-\u17d3"
)
_CJK_TERM, _UNSPACED_TERM = 2, 3

# Marks of Indic scripts are parts of syllables, which \w leaves out.
_ASCII_WORD = re.compile(r"[a-z0-9_]+")
_WORD = re.compile(f"[\\w{MARKS}\u0900-\u0963\u0966-\u0dff{_UNSPACED}]+")
_RUN = re.compile(f"[{_CJK}]+|[{_UNSPACED}]+|[^{_CJK}{_UNSPACED}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# What stands in every sentence of Japanese and Chinese, as function words do elsewhere.
_TELLS_LITTLE = re.compile("[\u3041-\u3096]+|.?[的了吗呢吧么].?|如何|哪里|为何|多少|何時|何処")

_known: dict[str, dict[str, tuple[str, ...]]] = {}


@dataclass(frozen=True)
class QueryWord:
    """A word of a query, as it may stand in the index.

    Parameters
    ----------
    terms
        Any of them will do: a stem for each language in which the index has texts.
    is_prefix
        Whether longer terms that begin so will do as well.
    """

    terms: tuple[str, ...]
    is_prefix: bool = False

    @property
    def ranges(self) -> Sequence[tuple[str, str]]:
        """Return the first and the last term that each one stands for, by code points."""
        return [(term, f"{term}\U0010ffff" if self.is_prefix else term) for term in self.terms]

    def count_in(self, terms: Sequence[str]) -> int:
        """Return how often a text with these terms has the word, in the language that has it most."""
        if self.is_prefix:
            return sum(each.startswith(self.terms) for each in terms)
        return max(map(terms.count, self.terms))

    def is_in(self, terms: frozenset[str]) -> bool:
        """Return whether a text with these terms has the word."""
        if not self.is_prefix:
            return not terms.isdisjoint(self.terms)
        return any(each.startswith(self.terms) for each in terms)


def index_terms(text: str, language: str = ENGLISH) -> list[str]:
    """Return the terms by which a text is found, in its order.

    Every word in Latin script has its English stem, in any language, and the stem in its own one besides:
    nothing is lost where a language is recognised wrongly.
    """
    known = _known.setdefault(language, {})
    if len(known) > _REMEMBERED:
        known.clear()
    found: list[str] = []
    for word in _words(text):
        terms = known.get(word)
        if terms is None:
            terms = tuple(_index_forms(word, language))
            if len(word) <= _LONGEST:
                known[word] = terms
        found += terms
    return found


def language_of(texts: Sequence[str]) -> str:
    """Return the language of a document by a few samples of its chunks."""
    step = -(-len(texts) // _SAMPLES) or 1
    return recognise(text[:_SAMPLE_CHARACTERS] for text in texts[::step])


def query_words(query: str, languages: Sequence[str] = ()) -> list[QueryWord]:
    """Return each word of a query once; what stands in every text only if there is nothing else.

    Parameters
    ----------
    languages
        Those of the texts to search, besides English.
    """
    others = sorted({*languages} - {ENGLISH})
    spoken = recognise([query], others, least=1)
    common = STOP_WORDS if spoken == ENGLISH else STOP_WORDS | function_words(spoken)
    # A word in two forms counts twice: whoever repeats it means it.
    words = [
        (form, tells and fold(word) not in common)
        for word in dict.fromkeys(_words(query))
        for form, tells in _query_forms(word, others)
    ]
    telling = [word for word, tells in words if tells]
    return (telling or [word for word, _ in words])[:MOST_WORDS]


def split_words(text: str) -> Iterator[str]:
    """Yield a text's words in lower case without accents; parts of runs that have no spaces."""
    for word in _words(text):
        for part in filter(None, word.split("_")):
            for run in _RUN.findall(part):
                size = _term_size(run)
                yield from _grams(run, size) if size else filter(None, [fold(run)])


def storable_text(text: str) -> str:
    """Return a text that every database accepts: names and UTF-16 files can hold half a character."""
    return text.encode(errors="replace").decode().replace("\0", " ")


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    # Forms that only look different, such as wide letters, come together. İ is an i, not one with two dots.
    plain = unicodedata.normalize("NFKC", text.casefold()).replace("i\u0307", "i")
    return _WORD.findall(plain)


def _index_forms(word: str, language: str) -> Iterator[str]:
    if "_" in word:
        yield from _identifier(word)
    for part in filter(None, word.split("_")):
        for run in _RUN.findall(part):
            size = _term_size(run)
            if size:
                # To the last character, so that each one begins a term: a shorter query is a prefix.
                yield from (run[at : at + size] for at in range(len(run)))
                continue
            cut = run[:_LONGEST]
            if fold(cut):
                yield stem(cut)
                if language != ENGLISH and _has_stem(cut):
                    yield f"{language}{_TAG}{stem(cut, language)}"


def _query_forms(word: str, languages: Sequence[str]) -> Iterator[tuple[QueryWord, bool]]:
    """Yield what stands for a word, and whether it tells anything."""
    yield from ((QueryWord((whole,)), True) for whole in _identifier(word))
    for part in filter(None, word.split("_")):
        for run in _RUN.findall(part):
            size = _term_size(run)
            if size:
                for gram in _grams(run, size):
                    is_prefix = len(gram) < size
                    yield QueryWord((gram,), is_prefix), not _TELLS_LITTLE.fullmatch(gram)
                continue
            cut = run[:_LONGEST]
            if fold(cut):
                tagged = [f"{each}{_TAG}{stem(cut, each)}" for each in languages if _has_stem(cut)]
                yield QueryWord((stem(cut), *tagged)), True


def _identifier(word: str) -> Iterator[str]:
    """Yield a name with underscores as a whole: it says more than its parts."""
    parts = [fold(part) for part in word[:_LONGEST].split("_") if part]
    if len(parts) > 1:
        yield "_".join(parts)


def _grams(run: str, size: int) -> list[str]:
    return [run[at : at + size] for at in range(max(1, len(run) - size + 1))]


def _term_size(run: str) -> int:
    """Return how many characters a term of a run has; 0 for a script that has spaces."""
    if _IS_CJK.match(run):
        return _CJK_TERM
    return _UNSPACED_TERM if _IS_UNSPACED.match(run) else 0


def _has_stem(word: str) -> bool:
    return is_latin(word) and word.isalpha()
