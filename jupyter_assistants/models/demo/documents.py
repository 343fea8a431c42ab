"""Quotes from the passages that a search of files returned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from jupyter_assistants.models.sentences import sentence_ends

NOTHING = (
    "I searched the files and found no passage that shares a word with your question. The demo "
    "model compares words only; ask in the words of the files."
)
_RESULT = re.compile(r"^(?P<mark>【\d+:\d+†(?P<name>[^【】]*)】)(?: (?P<place>[^\n]+))?\n", re.M)
_LOCATION = re.compile(
    r"\[((?:page|slide|cell) \d+(?:, \w+)?|[^\[\]]*![A-Z]+\d+:[A-Z]+\d+(?:, [\w ]+)?)\]"
)
# A long line that goes on in small letters was only wrapped by its page.
_LINE_END = re.compile(r"(?<![^\n]{40})\n+|\n+(?![a-z])")
_LONGEST = 400


def quote(question: str, output: str) -> str:
    """Return the sentence of the passages that fits best, with its place and its mark."""
    results = list(_RESULT.finditer(output))
    if not results:
        return NOTHING
    ends = [*(each.start() for each in results[1:]), output.rfind("\n\n")]
    asked = _stems(question)
    sentences = [
        (result, place, sentence)
        for result, end in zip(results, ends, strict=True)
        for place, sentence in _sentences(result["place"] or "", output[result.end() : end])
    ]
    if not sentences:
        return NOTHING
    # Of sentences that fit alike, the one of the better passage.
    result, place, best = max(sentences, key=lambda each: len(asked & _stems(each[2])))
    where = f"{result['name']}, {place}" if place else result["name"]
    return f"{where}: “{best[:_LONGEST]}” {result['mark']}"


def _sentences(place: str, passage: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of a passage, each with the page that it stands on."""
    for line in _LINE_END.split(passage):
        if (location := _LOCATION.fullmatch(line.strip())) is not None:
            place = location[1]
            continue
        ends = [0, *sentence_ends(line), len(line)]
        for begin, end in pairwise(ends):
            if sentence := " ".join(line[begin:end].split()):
                yield place, sentence


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w{3,}", text.lower())}
