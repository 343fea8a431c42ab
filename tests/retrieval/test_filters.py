"""Filters as clients send them: what is refused, and with which words."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.validation import parse
from jupyter_assistants.protocol.vector_stores import CreateVectorStoreFile, SearchVectorStore

LEAF = {"type": "eq", "key": "a", "value": 1}


def nested(levels: int) -> Any:
    found: Any = LEAF
    for _ in range(levels - 1):
        found = {"type": "and", "filters": [found]}
    return found


def refused(**body: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as error:
        parse(SearchVectorStore, {"query": "x", **body})
    return error.value


def test_ten_levels_are_taken() -> None:
    assert parse(SearchVectorStore, {"query": "x", "filters": nested(10)}).filters is not None


# JSON of a request has at most a hundred levels, of which each filter takes two.
@pytest.mark.parametrize("levels", [11, 40])
def test_more_than_ten_levels_are_refused(levels: int) -> None:
    error = refused(filters=nested(levels))
    assert error.message == "Invalid 'filters': nested too deeply. Expected at most 10 levels."
    assert error.param == "filters"


def test_an_unknown_operator_is_refused() -> None:
    error = refused(filters={"type": "like", "key": "a", "value": "x"})
    assert error.message.startswith("Invalid value: 'like'. Supported values are: 'eq', 'ne'")
    assert error.param == "filters.type"


def test_a_filter_deep_inside_is_named_by_its_path() -> None:
    error = refused(filters={"type": "or", "filters": [LEAF, {"type": "eq", "value": 1}]})
    assert error.message == "Missing required parameter: 'filters.filters[1].key'."


@pytest.mark.parametrize(
    "wrong", [{"type": "in", "key": "a", "value": 1}, {"type": "eq", "key": "a", "value": [1]}]
)
def test_lists_belong_to_in_and_nin(wrong: Any) -> None:
    assert "Invalid type for 'value'" in refused(filters=wrong).message


def test_the_other_limits_of_a_search() -> None:
    assert refused(query=["x"] * 51).code == "array_above_max_length"
    assert refused(max_num_results=51).code == "integer_above_max_value"
    assert refused(ranking_options={"score_threshold": 1.5}).code == "decimal_above_max_value"
    assert refused(ranking_options={"ranker": "x"}).code == "invalid_value"
    least = {"hybrid_search": {"text_weight": -1}}
    assert refused(ranking_options=least).code == "decimal_below_min_value"
    error = refused(ranking_options={"hybrid_search": {"text_weight": 0, "embedding_weight": 0}})
    assert error.param == "ranking_options.hybrid_search" and "both 0" in error.message


@pytest.mark.parametrize(
    ("attributes", "param", "code"),
    [
        ({"a": "x" * 513}, "attributes.a", "string_above_max_length"),
        ({"k" * 65: "x"}, "attributes." + "k" * 65, "string_above_max_length"),
        ({str(n): n for n in range(17)}, "attributes", "object_above_max_properties"),
        ({"a": ["x"]}, "attributes.a", "invalid_type"),
        ({"a": None}, "attributes.a", "invalid_type"),
    ],
)
def test_attributes_have_limits(attributes: Any, param: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        parse(CreateVectorStoreFile, {"file_id": "f", "attributes": attributes})
    assert (error.value.param, error.value.code) == (param, code)


def test_attributes_keep_their_types() -> None:
    given = {"s": "1", "i": 1, "f": 1.0, "b": True}
    body = parse(CreateVectorStoreFile, {"file_id": "f", "attributes": given})
    assert {k: type(v) for k, v in body.attributes.items()} == {
        "s": str,
        "i": int,
        "f": float,
        "b": bool,
    }


@pytest.mark.parametrize(
    ("sizes", "param"),
    [
        ({"max_chunk_size_tokens": 99, "chunk_overlap_tokens": 0}, "max_chunk_size_tokens"),
        ({"max_chunk_size_tokens": 4097, "chunk_overlap_tokens": 0}, "max_chunk_size_tokens"),
        ({"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 401}, "chunk_overlap_tokens"),
        ({"max_chunk_size_tokens": 800, "chunk_overlap_tokens": -1}, "chunk_overlap_tokens"),
        ({"max_chunk_size_tokens": 800}, "chunk_overlap_tokens"),
    ],
)
def test_chunks_have_limits(sizes: Any, param: str) -> None:
    body = {"file_id": "f", "chunking_strategy": {"type": "static", "static": sizes}}
    with pytest.raises(InvalidRequest) as error:
        parse(CreateVectorStoreFile, body)
    assert error.value.param == f"chunking_strategy.static.{param}"
