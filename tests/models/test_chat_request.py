"""What is sent, as the endpoint received it, and for hosts that tests cannot reach, as built."""

from __future__ import annotations

from typing import Any

import pytest
from support.conversations import CODE, LOOK, answer_of, client, sample_request
from support.upstream import Upstream, plain, refused, streamed

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
    ModelRequest,
)
from jupyter_assistants.models.chat.request import ChatWire
from jupyter_assistants.models.dialects import dialect_named
from jupyter_assistants.models.history import wire_id
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.tools import (
    FunctionName,
    JsonObjectFormat,
    JsonSchema,
    JsonSchemaFormat,
    NamedToolChoice,
)

GOOD = streamed({"content": "Hello"})
PIXEL = Image(b"\x89PNG", "image/png")
URL = "data:image/png;base64,iVBORw=="
FAMILIES = ["openai", "azure", "mistral", "ollama", "deepseek", "openrouter", "other"]


def sent(**more: Any) -> dict[str, Any]:
    """Return the body that the endpoint got."""
    with Upstream(GOOD) as upstream:
        answer_of(client(upstream.url), sample_request(**more))
    return upstream.body


def built(family: str, request: ModelRequest | None = None) -> dict[str, Any]:
    return ChatWire("mine", dialect_named(family)).body(
        request or sample_request(), frozenset(), stream=True
    )


def history(*entries: HistoryEntry) -> list[dict[str, Any]]:
    """Return the messages after the system message and the question."""
    messages: list[dict[str, Any]] = sent(history=[HistoryMessage("user", "Go"), *entries])[
        "messages"
    ]
    assert messages[0]["role"] == "system"
    return messages[2:]


def calling(*ids: str) -> list[dict[str, Any]]:
    function = {"name": "look", "arguments": "{}"}
    return [{"id": wire_id(each), "type": "function", "function": function} for each in ids]


def call(call_id: str) -> FunctionCall:
    return FunctionCall(call_id, "look", "{}")


def test_a_small_request_is_exactly_this() -> None:
    assert sent(tools=[]) == {
        "model": "some-model",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_without_instructions_there_is_no_system_message() -> None:
    assert [m["role"] for m in sent(instructions="")["messages"]] == ["user"]


def test_the_same_request_gives_the_same_bytes() -> None:
    """Endpoints cache the prompt by its prefix."""
    assert repr(built("openai")) == repr(built("openai"))


def test_calls_of_one_turn_share_one_message() -> None:
    entries = [HistoryMessage("assistant", "I look."), call("call_a"), call("call_b")]
    answers = [FunctionOutput("call_b", "two"), FunctionOutput("call_a", "one")]
    assert history(*entries, *answers) == [
        {"role": "assistant", "content": "I look.", "tool_calls": calling("call_a", "call_b")},
        {"role": "tool", "tool_call_id": wire_id("call_a"), "content": "one"},
        {"role": "tool", "tool_call_id": wire_id("call_b"), "content": "two"},
    ]


def test_calls_of_two_turns_stay_apart() -> None:
    entries = [
        call("call_a"),
        FunctionOutput("call_a", "1"),
        call("call_b"),
        FunctionOutput("call_b", "2"),
    ]
    roles = [message["role"] for message in history(*entries)]
    assert roles == ["assistant", "tool", "assistant", "tool"]


def test_a_call_without_an_answer_gets_one() -> None:
    [_, answer, _] = history(call("call_a"), HistoryMessage("user", "And?"))
    assert answer == {"role": "tool", "tool_call_id": wire_id("call_a"), "content": "no output"}


def test_an_answer_without_a_call_is_left_out() -> None:
    assert history(FunctionOutput("call_lost", "1"), HistoryMessage("assistant", "One.")) == [
        {"role": "assistant", "content": "One."}
    ]


def test_an_empty_answer_of_the_model_is_left_out() -> None:
    assert history(HistoryMessage("assistant", "")) == []


def test_images_of_the_user_go_along() -> None:
    [_, message] = sent(history=[HistoryMessage("user", "See", [PIXEL])])["messages"]
    assert message["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": URL}},
    ]


def test_images_of_tools_follow_all_the_answers() -> None:
    entries = [call("call_a"), call("call_b")]
    answers = [FunctionOutput("call_a", "1", [PIXEL]), FunctionOutput("call_b", "2")]
    messages = history(*entries, *answers)
    assert [message["role"] for message in messages] == ["assistant", "tool", "tool", "user"]
    assert messages[-1]["content"][1] == {"type": "image_url", "image_url": {"url": URL}}


def test_images_of_the_model_follow_its_text() -> None:
    messages = history(HistoryMessage("assistant", "Here.", [PIXEL]))
    assert [message["role"] for message in messages] == ["assistant", "user"]


def test_raw_code_of_an_earlier_turn_is_sent_as_json() -> None:
    """Ollama and vLLM parse the arguments of the history and refuse what is no object."""
    [message, _] = history(FunctionCall("call_a", "run_python", "print(1)"))
    assert message["tool_calls"][0]["function"]["arguments"] == '{"code": "print(1)"}'


def test_extras_go_back_to_their_own_endpoint_only() -> None:
    extras = {
        "mine": {"extra_content": {"google": {"thought_signature": "abc"}}},
        "other": {"extra_content": {"google": {"thought_signature": "xyz"}}},
    }
    [message, _] = history(FunctionCall("call_a", "look", "{}", extras))
    assert message["tool_calls"][0]["extra_content"] == extras["mine"]["extra_content"]
    [message, _] = history(FunctionCall("call_a", "look", "{}", {"other": extras["other"]}))
    assert "extra_content" not in message["tool_calls"][0]


def test_deepseeks_reasoning_goes_back_with_its_calls() -> None:
    spoken = {"tool_calls": [{"index": 0, "id": "call_a", "function": {"name": "look"}}]}
    with Upstream(streamed({"reasoning_content": "Hm. "}, spoken)) as upstream:
        model = client(upstream.url)
        [made] = answer_of(model, sample_request(model="deepseek-v4")).finished.calls
        answer_of(
            client(upstream.url), sample_request(history=[HistoryMessage("user", "Go"), made])
        )
        assert upstream.body["messages"][2]["reasoning_content"] == "Hm. "


def test_deepseeks_reasoning_is_kept_once_for_all_calls_of_a_turn() -> None:
    pieces = [{"index": i, "id": f"call_{i}", "function": {"name": "look"}} for i in range(2)]
    with Upstream(streamed({"reasoning_content": "Hm. "}, {"tool_calls": pieces})) as upstream:
        made = answer_of(client(upstream.url), sample_request(model="deepseek-v4")).finished.calls
    assert [call.extras for call in made] == [{"mine": {"reasoning_content": "Hm. "}}, {}]


def test_reasoning_of_other_models_is_not_kept() -> None:
    spoken = {"tool_calls": [{"index": 0, "id": "call_a", "function": {"name": "look"}}]}
    with Upstream(streamed({"reasoning_content": "Hm. "}, spoken)) as upstream:
        [made] = answer_of(client(upstream.url)).finished.calls
    assert made.extras == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_endpoint_gets_call_ids_of_nine_letters(family: str) -> None:
    """Templates of Mistral's models accept no others, and any server may have one of them."""
    entries = [
        HistoryMessage("user", "Go"),
        call("call_a"),
        FunctionOutput("call_a", "1"),
        call("abcDEF123"),
    ]
    messages = built(family, sample_request(history=entries))["messages"]
    first, again = messages[2]["tool_calls"][0]["id"], messages[3]["tool_call_id"]
    assert first == again
    assert first.isalnum()
    assert len(first) == 9
    assert messages[4]["tool_calls"][0]["id"] == "abcDEF123"


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("openai", "max_completion_tokens"),
        ("groq", "max_completion_tokens"),
        ("other", "max_completion_tokens"),
        ("openrouter", "max_tokens"),
        ("deepseek", "max_tokens"),
        ("ollama", "max_tokens"),
        ("mistral", "max_tokens"),
    ],
)
def test_the_limit_has_the_hosts_name(family: str, name: str) -> None:
    body = built(family, sample_request(max_output_tokens=500))
    assert {key: body[key] for key in body if key.startswith("max")} == {name: 500}


def test_parallel_calls_are_mentioned_only_when_they_are_forbidden() -> None:
    assert "parallel_tool_calls" not in sent()
    assert sent(parallel_tool_calls=False)["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in sent(parallel_tool_calls=False, tools=[])


@pytest.mark.parametrize("family", FAMILIES)
def test_strict_is_for_those_who_know_it(family: str) -> None:
    function = built(family)["tools"][0]["function"]
    assert ("strict" in function) == (family in ("openai", "azure"))


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("none", "none"),
        ("required", "required"),
        (
            NamedToolChoice(type="function", function=FunctionName(name="look")),
            {"type": "function", "function": {"name": "look"}},
        ),
        (
            NamedToolChoice(type="code_interpreter"),
            {"type": "function", "function": {"name": "run_python"}},
        ),
    ],
)
def test_a_tool_choice_has_its_wire_form(choice: Any, wire: Any) -> None:
    assert sent(tool_choice=choice)["tool_choice"] == wire


def test_auto_is_what_it_is_without_a_choice() -> None:
    assert "tool_choice" not in sent(tool_choice="auto")


@pytest.mark.parametrize("family", ["ollama", "deepseek", "mistral"])
def test_a_forced_tool_is_asked_for_in_words_where_it_cannot_be_forced(family: str) -> None:
    choice = NamedToolChoice(type="code_interpreter")
    body = built(family, sample_request(tool_choice=choice))
    assert "tool_choice" not in body
    assert body["messages"][0]["content"].endswith(
        "You must call the tool run_python now, before you answer."
    )
    assert [message["role"] for message in body["messages"]].count("system") == 1


def test_mistral_says_any_for_required() -> None:
    assert built("mistral", sample_request(tool_choice="required"))["tool_choice"] == "any"


def test_ollama_gets_no_tools_when_none_may_be_used() -> None:
    assert "tools" not in built("ollama", sample_request(tool_choice="none"))


def test_sampling_is_left_out_while_a_model_reasons() -> None:
    body = sent(temperature=0.2, top_p=0.5, reasoning_effort="low")
    assert body["reasoning_effort"] == "low"
    assert not {"temperature", "top_p"} & set(body)


def test_sampling_is_sent_otherwise() -> None:
    body = sent(temperature=0.2, top_p=0.5, reasoning_effort="none")
    assert (body["temperature"], body["top_p"], body["reasoning_effort"]) == (0.2, 0.5, "none")


def test_a_top_p_of_one_is_left_out() -> None:
    assert "top_p" not in sent(temperature=0.2, top_p=1.0)


def schema() -> JsonSchemaFormat:
    answer = JsonSchema(name="answer", schema={"type": "object"}, strict=True)
    return JsonSchemaFormat(type="json_schema", json_schema=answer)


def test_response_formats_have_their_wire_form() -> None:
    assert "response_format" not in sent(response_format="auto")
    json_object = JsonObjectFormat(type="json_object")
    assert sent(response_format=json_object)["response_format"] == {"type": "json_object"}
    assert sent(response_format=schema())["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True},
    }


REFUSED: list[tuple[str, Any, dict[str, Any]]] = [
    ("stream_options", refused(400, "Unknown parameter: 'stream_options'."), {}),
    (
        "temperature",
        refused(400, "Only the default value is supported.", param="temperature"),
        {"temperature": 0.2},
    ),
    (
        "parallel_tool_calls",
        plain({"detail": [{"loc": ["body", "parallel_tool_calls"], "msg": "Extra input"}]}, 422),
        {"parallel_tool_calls": False},
    ),
    (
        "reasoning_effort",
        plain({"object": "error", "message": "reasoning_effort is not supported"}, 400),
        {"reasoning_effort": "low"},
    ),
]


@pytest.mark.parametrize(("name", "refusal", "more"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_parameter_that_is_refused_is_dropped_and_that_is_remembered(
    name: str, refusal: Any, more: dict[str, Any]
) -> None:
    with Upstream(refusal, GOOD) as upstream:
        request = sample_request(**more)
        assert answer_of(client(upstream.url), request, request).text == "Hello"
    assert [name in received.body for received in upstream.received] == [True, False, False]


def test_what_one_model_refuses_is_still_sent_to_another() -> None:
    with Upstream(refused(400, "no stream_options"), GOOD) as upstream:
        answer_of(client(upstream.url), sample_request(), sample_request(model="another"))
    assert "stream_options" in upstream.body


def test_a_limit_under_the_wrong_name_is_renamed() -> None:
    words = "Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens' instead."
    with Upstream(refused(400, words, param="max_completion_tokens"), GOOD) as upstream:
        answer_of(client(upstream.url), sample_request(max_output_tokens=500))
    assert upstream.body["max_tokens"] == 500
    assert "max_completion_tokens" not in upstream.body


def test_several_parameters_can_be_refused_in_a_row() -> None:
    refusals = [refused(400, f"unknown field {name}") for name in ("temperature", "stream_options")]
    with Upstream(*refusals, GOOD) as upstream:
        assert (
            answer_of(client(upstream.url, max_attempts=1), sample_request(temperature=0.2)).text
            == "Hello"
        )


def test_a_dropped_parameter_does_not_count_as_an_attempt() -> None:
    busy = refused(429, "Slow down")
    with Upstream(refused(400, "no stream_options"), busy, GOOD) as upstream:
        assert answer_of(client(upstream.url, max_attempts=2)).text == "Hello"


def test_a_parameter_is_dropped_once_and_then_it_is_an_error() -> None:
    with (
        Upstream(refused(400, "stream_options and more")) as upstream,
        pytest.raises(ProviderError, match="stream_options and more"),
    ):
        answer_of(client(upstream.url))
    assert len(upstream.received) == 2


def test_tools_without_reasoning_are_asked_for_where_both_do_not_go() -> None:
    """From gpt-5.5 on, chat completions take tools only without reasoning."""
    words = (
        "Function tools with reasoning_effort are not supported for gpt-6-sol in "
        "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort "
        "to 'none'"
    )
    with Upstream(refused(400, words, param="reasoning_effort"), GOOD) as upstream:
        answer_of(client(upstream.url))
    assert upstream.body["reasoning_effort"] == "none"


def test_a_schema_that_is_refused_goes_into_the_instructions() -> None:
    with Upstream(refused(400, "bad", param="response_format"), GOOD) as upstream:
        answer_of(client(upstream.url), sample_request(response_format=schema()))
    assert upstream.body["response_format"] == {"type": "json_object"}
    assert '{"type": "object"}' in upstream.body["messages"][0]["content"]


def test_strict_that_is_refused_is_dropped() -> None:
    wire, made = ChatWire("mine", dialect_named("openai")), frozenset({"strict"})
    tools = wire.body(sample_request(tools=[CODE, LOOK]), made, stream=True)["tools"]
    assert not any("strict" in tool["function"] for tool in tools)
