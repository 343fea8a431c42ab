"""What is sent on the Responses wire, as the endpoint received it."""

from __future__ import annotations

from typing import Any

import pytest
from support.conversations import CODE, answer_of, client, sample_request
from support.responses_replies import (
    HELLO,
    call_events,
    last_event,
    message_events,
    reasoning_events,
    reasoning_item,
    response_stream,
)
from support.upstream import Upstream, refused

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
    ModelRequest,
    Reasoning,
)
from jupyter_assistants.models.dialects import dialect_named
from jupyter_assistants.models.history import wire_id
from jupyter_assistants.models.responses.request import ResponsesWire
from jupyter_assistants.protocol.tools import (
    FunctionName,
    JsonObjectFormat,
    JsonSchema,
    JsonSchemaFormat,
    NamedToolChoice,
)

PIXEL = Image(b"\x89PNG", "image/png")
PICTURE = {
    "type": "input_image",
    "detail": "auto",
    "image_url": "data:image/png;base64,iVBORw==",
}


def sent(**more: Any) -> dict[str, Any]:
    """Return the body that the endpoint got."""
    with Upstream(HELLO) as upstream:
        answer_of(client(upstream.url, wire="responses"), sample_request(**more))
    return upstream.body


def built(family: str, request: ModelRequest) -> dict[str, Any]:
    return ResponsesWire("mine", dialect_named(family)).body(request, frozenset(), stream=True)


def history(*entries: HistoryEntry, model: str = "some-model") -> list[dict[str, Any]]:
    """Return the input items after the question."""
    items: list[dict[str, Any]] = sent(
        history=[HistoryMessage("user", "Go"), *entries], model=model
    )["input"]
    assert items[0] == {"role": "user", "content": "Go"}
    return items[1:]


def call(call_id: str) -> FunctionCall:
    return FunctionCall(call_id, "look", "{}")


def function_call(call_id: str) -> dict[str, Any]:
    return {"type": "function_call", "call_id": wire_id(call_id), "name": "look", "arguments": "{}"}


def output(call_id: str, text: Any) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": wire_id(call_id), "output": text}


def kept(number: int = 1, backend: str = "mine", model: str = "some-model") -> Reasoning:
    return Reasoning({backend: {"model": model, "item": reasoning_item(number)}})


def test_a_small_request_is_exactly_this_and_leaves_nothing_at_the_endpoint() -> None:
    assert sent(tools=[]) == {
        "model": "some-model",
        "instructions": "Be brief.",
        "input": [{"role": "user", "content": "Hello"}],
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "stream": True,
    }


def test_without_instructions_there_are_none() -> None:
    assert "instructions" not in sent(instructions="")


def test_tools_say_whether_they_are_strict() -> None:
    """Left out, it counts as true on this wire."""
    tools = sent()["tools"]
    assert [(tool["name"], tool["strict"]) for tool in tools] == [
        ("run_python", True),
        ("look", False),
    ]
    assert tools[0] == {
        "type": "function",
        "name": "run_python",
        "description": "Runs code.",
        "parameters": CODE.parameters,
        "strict": True,
    }


def test_calls_of_one_turn_stand_before_their_outputs() -> None:
    entries = [HistoryMessage("assistant", "I look."), call("call_a"), call("call_b")]
    answers = [FunctionOutput("call_b", "two"), FunctionOutput("call_a", "one")]
    assert history(*entries, *answers) == [
        {"type": "message", "role": "assistant", "content": "I look."},
        function_call("call_a"),
        function_call("call_b"),
        output("call_a", "one"),
        output("call_b", "two"),
    ]


def test_calls_of_two_turns_stay_apart() -> None:
    entries = [
        call("call_a"),
        FunctionOutput("call_a", "1"),
        call("call_b"),
        FunctionOutput("call_b", "2"),
    ]
    kinds = [item["type"] for item in history(*entries)]
    assert kinds == ["function_call", "function_call_output"] * 2


def test_a_call_without_an_answer_gets_one() -> None:
    assert history(call("call_a"), HistoryMessage("user", "And?")) == [
        function_call("call_a"),
        output("call_a", "no output"),
        {"role": "user", "content": "And?"},
    ]


def test_an_answer_without_a_call_is_left_out() -> None:
    assert history(FunctionOutput("call_lost", "1")) == []


def test_images_of_the_user_go_along() -> None:
    [message] = sent(history=[HistoryMessage("user", "See", [PIXEL])])["input"]
    assert message["content"] == [{"type": "input_text", "text": "See"}, PICTURE]


def test_images_of_a_tool_are_part_of_its_output() -> None:
    [_, answer] = history(call("call_a"), FunctionOutput("call_a", "1", [PIXEL]))
    assert answer["output"] == [{"type": "input_text", "text": "1"}, PICTURE]


def test_images_of_the_model_follow_its_text() -> None:
    assert [item["role"] for item in history(HistoryMessage("assistant", "Here.", [PIXEL]))] == [
        "assistant",
        "user",
    ]


def test_raw_code_of_an_earlier_turn_is_sent_as_json() -> None:
    [item, _] = history(FunctionCall("call_a", "run_python", "print(1)"))
    assert item["arguments"] == '{"code": "print(1)"}'


def test_a_call_id_that_is_too_long_is_shortened_alike_in_call_and_output() -> None:
    [made, answer] = history(call("call_" + "x" * 90), FunctionOutput("call_" + "x" * 90, "1"))
    assert made["call_id"] == answer["call_id"]
    assert len(made["call_id"]) <= 64


def test_reasoning_goes_back_before_what_it_led_to() -> None:
    entries = [
        kept(1),
        call("call_a"),
        FunctionOutput("call_a", "1"),
        kept(2),
        HistoryMessage("assistant", "Two."),
    ]
    assert history(*entries) == [
        reasoning_item(1),
        function_call("call_a"),
        output("call_a", "1"),
        reasoning_item(2),
        {"type": "message", "role": "assistant", "content": "Two."},
    ]


def test_reasoning_between_the_calls_of_a_turn_stays_there() -> None:
    kinds = [i["type"] for i in history(kept(1), call("call_a"), kept(2), call("call_b"))]
    assert kinds[:4] == ["reasoning", "function_call"] * 2


def test_reasoning_that_lost_what_it_led_to_is_left_out() -> None:
    """After a truncation, or when the run was cut off; the endpoint refuses it alone."""
    entries = [kept(1), HistoryMessage("user", "And?"), kept(2)]
    assert sent(history=entries)["input"] == [{"role": "user", "content": "And?"}]
    assert history(
        kept(1), FunctionOutput("call_lost", "1"), HistoryMessage("assistant", "One.")
    ) == [{"type": "message", "role": "assistant", "content": "One."}]


@pytest.mark.parametrize("other", [kept(backend="another"), kept(model="another-model")])
def test_reasoning_goes_to_its_own_endpoint_and_model_only(other: Reasoning) -> None:
    assert history(other, HistoryMessage("assistant", "One.")) == [
        {"type": "message", "role": "assistant", "content": "One."}
    ]


def purpose(phase: str, backend: str = "mine", model: str = "some-model") -> Reasoning:
    return Reasoning({backend: {"model": model, "phase": phase}})


def test_what_a_message_was_for_goes_back_with_it_to_its_own_endpoint_only() -> None:
    first, last = HistoryMessage("assistant", "Let me look."), HistoryMessage("assistant", "Done.")
    entries = [purpose("commentary"), first, call("a"), FunctionOutput("a", "x")]
    items = history(*entries, purpose("final_answer"), last, HistoryMessage("user", "More"))
    assert items[0] == {
        "type": "message",
        "role": "assistant",
        "content": "Let me look.",
        "phase": "commentary",
    }
    assert items[3] == {
        "type": "message",
        "role": "assistant",
        "content": "Done.",
        "phase": "final_answer",
    }
    assert items[4] == {"role": "user", "content": "More"}
    assert history(purpose("commentary", backend="other"), first) == [
        {"type": "message", "role": "assistant", "content": "Let me look."}
    ]
    assert history(purpose("commentary", model="other"), first)[0].get("phase") is None


def test_chat_completions_get_no_reasoning_items() -> None:
    entries = [HistoryMessage("user", "Go"), call("call_a"), kept(), call("call_b")]
    with Upstream() as upstream:
        upstream.replies.append(refused(400, "enough"))
        with pytest.raises(Exception, match="enough"):
            answer_of(client(upstream.url), sample_request(history=entries))
    assert [m["role"] for m in upstream.body["messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
        "tool",
    ]


def test_what_an_answer_brings_can_be_sent_back_as_it_is() -> None:
    reply = response_stream(reasoning_events(), call_events(index=1), last_event())
    with Upstream(reply, HELLO) as upstream:
        first = answer_of(client(upstream.url, wire="responses"))
        [made] = first.finished.calls
        brought = [e for e in first.events if isinstance(e, Reasoning)]
        entries = [HistoryMessage("user", "Go"), *brought, made, FunctionOutput(made.call_id, "2")]
        answer_of(client(upstream.url, wire="responses"), sample_request(history=entries))
    assert [item.get("type") for item in upstream.body["input"]] == [
        None,
        "reasoning",
        "function_call",
        "function_call_output",
    ]
    assert upstream.body["input"][1] == reasoning_item()


@pytest.mark.parametrize(("asked", "wire"), [(500, 500), (3, 16)])
def test_the_limit_is_never_below_what_the_vendor_takes(asked: int, wire: int) -> None:
    assert sent(max_output_tokens=asked)["max_output_tokens"] == wire


def test_parallel_calls_are_mentioned_only_when_they_are_forbidden() -> None:
    assert "parallel_tool_calls" not in sent()
    assert sent(parallel_tool_calls=False)["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in sent(parallel_tool_calls=False, tools=[])


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("none", "none"),
        ("required", "required"),
        (
            NamedToolChoice(type="function", function=FunctionName(name="look")),
            {"type": "function", "name": "look"},
        ),
        (NamedToolChoice(type="code_interpreter"), {"type": "function", "name": "run_python"}),
    ],
)
def test_a_tool_choice_has_its_wire_form(choice: Any, wire: Any) -> None:
    assert sent(tool_choice=choice)["tool_choice"] == wire
    assert "tool_choice" not in sent(tool_choice="auto")


def test_a_forced_tool_is_asked_for_in_words_where_it_cannot_be_forced() -> None:
    for family, model in (("ollama", "llama"), ("vllm", "gpt-oss-20b")):
        body = built(family, sample_request(tool_choice="required", model=model))
        assert "tool_choice" not in body
        assert body["instructions"].endswith("one of the tools now, before you answer.")


def test_ollama_gets_no_tools_when_none_may_be_used() -> None:
    assert "tools" not in built("ollama", sample_request(tool_choice="none"))


def test_sampling_is_left_out_while_a_model_reasons() -> None:
    body = sent(temperature=0.2, top_p=0.5, reasoning_effort="low")
    assert body["reasoning"] == {"effort": "low"}
    assert not {"temperature", "top_p"} & set(body)


def test_sampling_is_sent_otherwise() -> None:
    body = sent(temperature=0.2, top_p=0.5, reasoning_effort="none")
    assert (body["temperature"], body["top_p"], body["reasoning"]["effort"]) == (0.2, 0.5, "none")
    assert "top_p" not in sent(temperature=0.2, top_p=1.0)


def schema() -> JsonSchemaFormat:
    answer = JsonSchema(name="answer", schema={"type": "object"}, strict=True)
    return JsonSchemaFormat(type="json_schema", json_schema=answer)


def test_response_formats_have_their_wire_form() -> None:
    assert "text" not in sent(response_format="auto")
    assert sent(response_format=JsonObjectFormat(type="json_object"))["text"] == {
        "format": {"type": "json_object"}
    }
    assert sent(response_format=schema())["text"]["format"] == {
        "type": "json_schema",
        "name": "answer",
        "schema": {"type": "object"},
        "strict": True,
    }


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("temperature", "Unsupported parameter: 'temperature' is not supported.", {"temperature": 0.2}),
    ("include", "Encrypted content is not supported with this model.", {}),
    ("include", "Unknown parameter: 'include'.", {}),
    ("reasoning", "Unsupported parameter: 'reasoning.effort'.", {"reasoning_effort": "low"}),
    ("parallel_tool_calls", "no parallel_tool_calls here", {"parallel_tool_calls": False}),
    ("tool_choice", "tool_choice must be auto", {"tool_choice": "required"}),
]


@pytest.mark.parametrize(("name", "words", "more"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_parameter_that_is_refused_is_dropped_and_that_is_remembered(
    name: str, words: str, more: dict[str, Any]
) -> None:
    with Upstream(refused(400, words), HELLO) as upstream:
        request = sample_request(**more)
        assert answer_of(client(upstream.url, wire="responses"), request, request).text == "Hello"
    assert [name in received.body for received in upstream.received] == [True, False, False]


def test_strict_that_is_refused_is_dropped() -> None:
    with Upstream(refused(400, "Unknown field: strict"), HELLO) as upstream:
        answer_of(client(upstream.url, wire="responses"))
    assert [tool["strict"] for tool in upstream.body["tools"]] == [False, False]


def test_a_schema_that_is_refused_goes_into_the_instructions() -> None:
    with Upstream(refused(400, "bad", param="text.format"), HELLO) as upstream:
        answer_of(client(upstream.url, wire="responses"), sample_request(response_format=schema()))
    assert "text" not in upstream.body
    assert '{"type": "object"}' in upstream.body["instructions"]


def test_reasoning_that_the_endpoint_cannot_read_any_more_is_left_out_this_time() -> None:
    words = "The encrypted content for item rs_1 could not be verified."
    entries = [HistoryMessage("user", "Go"), kept(), call("call_a"), FunctionOutput("call_a", "1")]
    request = sample_request(history=entries)
    with Upstream(refused(400, words), HELLO) as upstream:
        answer_of(client(upstream.url, wire="responses"), request, request)
    echoed = ["reasoning" in str(r.body["input"]) for r in upstream.received]
    assert echoed == [True, False, True]
    assert all("include" in received.body for received in upstream.received)


def test_the_same_request_gives_the_same_bytes() -> None:
    assert repr(built("openai", sample_request())) == repr(built("openai", sample_request()))


def test_a_connection_serves_several_requests() -> None:
    with Upstream(response_stream(message_events("Hello"), last_event())) as upstream:
        answer_of(
            client(upstream.url, wire="responses"),
            sample_request(),
            sample_request(),
            sample_request(),
        )
    assert upstream.connections == 1
