"""JSON that is nearly right: what it plainly means is read, everything else is refused."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_assistants.models.lenient_json import (
    LONGEST,
    UnclearJson,
    decode_lenient,
    parse_lenient,
)
from jupyter_assistants.models.loose_json import is_truncated, split_objects
from jupyter_assistants.protocol.json_text import NestedTooDeep

PLAIN = {
    "quotes escaped as in JavaScript": (r"""{"a":"print(\'hi\')"}""", {"a": "print('hi')"}),
    "Python's repr": ("""{'a': 'x', 'b': [True, None]}""", {"a": "x", "b": [True, None]}),
    "Python's repr with both quotes": (r"""{'a': "it's", 'b': '"\n'}""", {"a": "it's", "b": '"\n'}),
    "a comma at the end": ('{"a": [1, 2,],}', {"a": [1, 2]}),
    "triple quotes": ('{"a": """say "x"\n\\t!"""}', {"a": 'say "x"\n\t!'}),
    "triple single quotes": ("{'a': '''it's'''}", {"a": "it's"}),
    "backticks": ("{a: `x\ny`}", {"a": "x\ny"}),
    "a pattern": (r"""{"a": "r'\b\d+\.\w'"}""", {"a": r"r'\b\d+\.\w'"}),
    "a path": (r"""{"a": "C:\users\x41"}""", {"a": r"C:\users\x41"}),
    "JSON's escapes beside a pattern": (r"""{"a": "\u00e9\ud83d\ude00\\\d"}""", {"a": "é😀\\\\d"}),
    "a raw line break and a tab": ('{"a": "1\n\t2"}', {"a": "1\n\t2"}),
    "a line that goes on": ('{"a": "1 + \\\n2"}', {"a": "1 + \\\n2"}),
    "keys without quotes": ("{a: 1, b_2: -1.5e3}", {"a": 1, "b_2": -1500.0}),
    "comments": ('{"a": 1, // one\n# two\n/* three */ "b": 2}', {"a": 1, "b": 2}),
    "signs of comments in a string": ("{'a': '# // /* '}", {"a": "# // /* "}),
    "a fence": ('```json\n{"a": 1}\n```', {"a": 1}),
    "a tag behind it": ('{"a": 1}</tool_call>', {"a": 1}),
    "a bracket too many": ('{"a": 1}}', {"a": 1}),
}

UNCLEAR = {
    "cut in a string": ('{"a": "print(1); pri', "in the middle of the string at character 7"),
    "cut behind a string": ('{"a": "x"', "stops in the middle"),
    "cut behind a key": ('{"a"', "stops in the middle"),
    "cut in triple quotes": ('{"a": """x', "stops in the middle"),
    "cut in a list": ("{'a': ['x', ", "stops in the middle"),
    "a quote in a string": ('{"a": "print("hi")"}', "character 15 should be a comma or }"),
    "two objects": ('{"a": 1} {"a": 2}', "something follows the JSON"),
    "two objects with a comma": ('{"a": 1,}, {"a": 2,}', "something follows the JSON"),
    "words behind it": ('{"a": 1} I will run this.', "something follows the JSON"),
    "words": ("hello", "character 1 should be a value"),
    "nothing": (" ", "stops in the middle"),
    "no value": ('{"a": }', "should be a value"),
    "a name as a value": ('{"a": x}', "should be a value"),
    "strings that are glued": ("{'a': 'x' 'y'}", "a comma or }"),
    "two fences": ('```\n{"a": 1,}\n```\n```\n{"a": 2}\n```', "something follows the JSON"),
}


@pytest.mark.parametrize("case", PLAIN)
def test_what_is_plainly_meant_is_read(case: str) -> None:
    text, value = PLAIN[case]
    assert parse_lenient(text) == value
    with pytest.raises(ValueError):
        json.loads(text)


@pytest.mark.parametrize("case", UNCLEAR)
def test_what_is_not_plain_is_refused_with_the_reason(case: str) -> None:
    text, reason = UNCLEAR[case]
    with pytest.raises(UnclearJson, match=reason):
        parse_lenient(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_valid_json_means_what_it_means(value: Any, ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    assert parse_lenient(text) == value
    assert decode_lenient(f"{text} ")[0] == value


TAME = st.text(st.characters(exclude_characters="\b\f", exclude_categories=["Cs"]))


@given(st.dictionaries(TAME, TAME | st.integers() | st.none() | st.lists(TAME | st.booleans())))
def test_what_the_lenient_way_reads_agrees_with_json(value: dict[str, Any]) -> None:
    # A comma at the end makes it invalid, and changes nothing of what stands before it.
    text = json.dumps({**value, "last": 1})
    assert parse_lenient(f"{text[:-1]},}}") == {**value, "last": 1}
    # No beginning of it can be read.
    assert all(is_truncated(text[:end]) for end in range(1, len(text)))


@given(st.text(st.sampled_from("{}[]\"'`\\,:a1/*#\n ")))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_lenient(text)


@pytest.mark.parametrize("text", ['{"a": [' * 200, "[" * 100_000, "{a:" * 50_000])
def test_depth_is_limited(text: str) -> None:
    with pytest.raises(NestedTooDeep):
        parse_lenient(text)


def test_length_is_limited_only_where_the_text_is_no_json() -> None:
    text = "x" * LONGEST
    assert parse_lenient(f'{{"a": "{text}"}}') == {"a": text}
    with pytest.raises(UnclearJson, match="more than"):
        parse_lenient(f"{{'a': '{text}'}}")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"a": 1,} {"a": 2,}', ['{"a": 1,}', '{"a": 2,}']),
        ("{'a': 1}\n{'a': '}{'}", ["{'a': 1}", "{'a': '}{'}"]),
        (r"""{"a": "\'"}{"a": 2}""", [r"""{"a": "\'"}""", '{"a": 2}']),
        ('{"a": 1}{"a": "cut', ['{"a": 1}{"a": "cut']),
        ("{1, 2}{3}", ["{1, 2}{3}"]),
        ("[" * 100_000, ["[" * 100_000]),
    ],
)
def test_objects_that_are_nearly_json_are_split_as_well(text: str, parts: list[str]) -> None:
    assert split_objects(text) == parts
