"""Every regular expression of the package takes time in proportion to its text, whatever the text.

The expressions are collected from the source, and their worst cases made from the expressions, so
a new one is tested as soon as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from support.expressions import Expression, expressions, worst_cases
from support.paths import PACKAGE

from jupyter_assistants.api.routes import ROUTES
from jupyter_assistants.data_files import numbers
from jupyter_assistants.kernels.languages.shell import _WORDS
from jupyter_assistants.models.demo.answers import _ADVICE
from jupyter_assistants.models.demo.question import _FILTERS, _GROUPS
from jupyter_assistants.models.demo.words import _TOKEN, LONGEST_QUESTION
from jupyter_assistants.redaction.formats import _FORMS, _VALUES
from jupyter_assistants.runs.citations import _STATEMENT

SAMPLES: dict[str, list[dict[str, Any]]] = {
    r"re.sub('\\{(\\w+)\\}', '(?P<\\1>[^/]+)', self.path) + '/?$'": [
        {"self": route} for route in ROUTES
    ],
    r"f'%assistant[ \\t]+(?P<line>(?:{named})(?:[ \\t].*)?)$'": [{"named": "status|index"}],
    r"f'^ *{re.escape(mark[0])}{{{len(mark)},}}[ \\t]*$'": [{"mark": "```"}, {"mark": "~~~~"}],
    "words": [{"words": words} for words in _ADVICE if words],
    r"f'\\b{name}\\.'": [{"name": "plt"}],
    r"re.escape(json.dumps(name, ensure_ascii=False)) + '\\s*+:\\s*+'": [{"name": "rows"}],
    r"f'(?<!\\w){re.escape(name[:100])}(?!\\w)'": [{"name": "facts.csv"}],
    "'|'.join(map(re.escape, tags))": [{"tags": ["</think>", "[/THINK]", "<channel|>"]}],
    "literal": [{"literal": "hunter2-hunter2|correct horse"}],
    # These are matched where a key or a name was found, never searched for.
    "rest": [{"rest": rf"\A(?:{form.pattern})"} for form in _FORMS.values()],
    r"'\\s+'.join(map(re.escape, words))": [{"words": ["aa", "aa", "aa"]}],
    "pattern": [
        *({"pattern": pattern, "kind": ""} for _, pattern in _WORDS),
        *({"pattern": rf"\A(?:{value})", "kind": kind} for kind, value in _VALUES.items()),
        *({"pattern": p, "kind": ""} for p in (_GROUPS, *_FILTERS, "wH?f", r"\^n?")),
    ],
}
"""Values for the names in expressions that are built while the program runs."""

BOUNDED = {
    r"(?:【[^【】]*】\s*)+$": _STATEMENT,
    _TOKEN.pattern: LONGEST_QUESTION,
    **{
        each.pattern: numbers.LONGEST_VALUE
        for each in vars(numbers).values()
        if isinstance(each, re.Pattern)
    },
}
"""Expressions that are more than linear, and how many characters they are given at most."""

SMALL, LARGE = 2_000, 16_000
EXPONENTIAL = 0.1
"""Seconds for a few hundred or thousand characters that no other growth explains."""
GROWTH = 2.5
"""How many times more than in proportion a text that is eight times as long may take."""
MEASURABLE = 0.002
"""Seconds below which a clock says nothing."""
HARMLESS = 0.1
"""Seconds for a megabyte that are no harm, however they grow: caches alone make a factor of two."""
MEGABYTE = 1_000_000


def worst(each: Expression, size: int, number: int = 3) -> list[Callable[[int], str]]:
    """Return the worst cases of an expression; fail at once where one is out of all proportion."""
    costs = []
    for case in worst_cases(each.pattern):
        for length in (size // 10, size):
            seconds = each.seconds(case(length))
            if seconds >= EXPONENTIAL:
                # What else this process does at the moment only adds to a time.
                seconds = min(seconds, each.seconds(case(length)))
            # More characters would not end.
            assert seconds < EXPONENTIAL, f"{length} of {case(30)!r} take {seconds:.2f} s"
        costs.append((seconds, len(costs), case))
    return [case for _, _, case in sorted(costs, reverse=True)[:number]]


def check_growth(each: Expression, case: Callable[[int], str], small: int, large: int) -> None:
    before, after = each.seconds(case(small)), each.seconds(case(large))
    for _ in range(3):
        bearable = HARMLESS if large == MEGABYTE else MEASURABLE
        if after <= max(bearable, GROWTH * large / small * before):
            return
        # What else the machine does only adds to a time.
        before, after = each.seconds(case(small)), min(after, each.seconds(case(large)))
    raise AssertionError(
        f"{each.place}: {each.source} takes {before:.4f} s for {small} and {after:.4f} s for {large} "
        f"characters of {case(30)!r}"
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_each_expression_is_linear_or_its_text_is_bounded() -> None:
    for each in expressions(SAMPLES):
        if most := BOUNDED.get(each.pattern.pattern):
            assert all(each.seconds(case(most)) < 0.05 for case in worst(each, most)), each
            continue
        cases = worst(each, SMALL)
        for case in cases:
            check_growth(each, case, SMALL, LARGE)
        check_growth(each, cases[0], MEGABYTE // 8, MEGABYTE)


@pytest.mark.slow
def test_an_expression_that_is_not_linear_is_noticed() -> None:
    for pattern in (
        r"\S{1,2000}\Z",
        r"a+b",
        r"\[.*?\]x",
        r"^\s*[\w ]+=",
        r"<!--.*?-->",
    ):
        each = Expression("here", pattern, re.compile(pattern, re.DOTALL), anchored=False)
        with pytest.raises(AssertionError):
            for case in worst(each, SMALL):
                check_growth(each, case, SMALL, LARGE)


OWN_JSON = {
    "protocol/json_text.py": "the one place that parses what strangers wrote",
    "models/lenient_json.py": "single numbers and escapes that its scanner found",
    "data_files/json_text.py": "the head of a file, where too many levels are no records",
    "api/programs.py": "a program for people, as text",
    "retrieval/embedders/fastembed.py": "the files of a model that the administrator chose",
    "retrieval/reader_process.py": "what the server asks its own process to do",
    "retrieval/index_storage.py": "rows that the index wrote",
    "storage/sql.py": "objects that the storage wrote",
    "storage/migrations/versions/0002_blobs_gone_words.py": "objects that the storage wrote",
    "client/discovery.py": "files of Jupyter servers",
    "client/doctor.py": "files of Jupyter servers",
    "client/http.py": "answers of our server, whose values were checked when they came in",
    "client/sse.py": "answers of our server, whose values were checked when they came in",
}
"""Where JSON is parsed without a limit on its depth, and why that is no stranger's."""


def test_json_of_strangers_is_parsed_in_one_place() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "json.loads" in path.read_text()
    }
    assert found == set(OWN_JSON)
