"""Histories that the templates of models accept, through servers that refuse what those raise on."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment
from jinja2.exceptions import TemplateError
from support.conversations import CODE, answer_of, client, sample_request
from support.responses_replies import HELLO
from support.upstream import Reply, Upstream, refused, streamed

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
)
from jupyter_assistants.models.history import AFTER_RESULTS
from jupyter_assistants.protocol.errors import ProviderError

TEMPLATES = {
    # Calls and results do not count as turns; ids have nine letters or digits.
    "mistral": """
        {%- set turns = namespace(n=0) %}
        {%- if messages[0].role == 'system' %}{% set rest = messages[1:] %}
        {%- else %}{% set rest = messages %}{% endif %}
        {%- for m in rest %}
          {%- if m.role == 'user' or (m.role == 'assistant' and not m.tool_calls) %}
            {%- if (m.role == 'user') != (turns.n % 2 == 0) %}
              {{- raise_exception('After the optional system message, conversation roles must '
                 ~ 'alternate user/assistant/user/assistant/...') }}{% endif %}
            {%- set turns.n = turns.n + 1 %}
          {%- elif m.role == 'tool' and m.tool_call_id | length != 9 %}
            {{- raise_exception('Tool call IDs should be alphanumeric strings with length 9!') }}
          {%- endif %}{{ m.role }}:{{ m.content }}
        {%- endfor %}""",
    # Every message counts, and there is neither a system role nor one for tools.
    "gemma": """
        {%- if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}
        {%- endif %}
        {%- for m in messages %}
          {%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}
            {{- raise_exception('Conversation roles must alternate user/assistant/user/...') }}
          {%- endif %}{{ m.role }}:{{ m.content }}
        {%- endfor %}""",
    # Strict about what follows a result, as Mistral's own validation is.
    "after a result": """
        {%- set last = namespace(role='') %}
        {%- for m in messages %}
          {%- if last.role == m.role == 'user' or (last.role == 'tool' and m.role == 'user') %}
            {{- raise_exception("Unexpected role 'user' after role '" ~ last.role ~ "'") }}
          {%- endif %}{% set last.role = m.role %}{{ m.role }}:{{ m.content }}
        {%- endfor %}""",
    # Takes everything.
    "chatml": "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}",
}
PIXEL = Image(b"\x89PNG", "image/png")
CALL = FunctionCall("call_1", "run_python", '{"code": "plot()"}')
ASKED, AGAIN = HistoryMessage("user", "one"), HistoryMessage("user", "two")
SAID = HistoryMessage("assistant", "said")
HISTORIES: dict[str, list[HistoryEntry]] = {
    "two messages before a run": [ASKED, AGAIN],
    "a prompt after a run that failed": [ASKED, SAID, AGAIN, HistoryMessage("user", "three")],
    "a prompt after a run that failed in a tool": [
        ASKED,
        CALL,
        FunctionOutput("call_1", "1"),
        AGAIN,
    ],
    "an image of a tool": [ASKED, CALL, FunctionOutput("call_1", "1", [PIXEL])],
    "an image of a tool, and more": [
        *[ASKED, CALL, FunctionOutput("call_1", "1", [PIXEL]), SAID],
        *[AGAIN, FunctionCall("call_2", "run_python", "{}"), FunctionOutput("call_2", "2")],
    ],
    "messages left out": [ASKED, HistoryMessage("user", "[10 earlier messages omitted]"), AGAIN],
    "two answers": [ASKED, SAID, HistoryMessage("assistant", "more"), AGAIN],
    "a thread that begins with the model": [SAID, ASKED],
    "an image of the model": [ASKED, HistoryMessage("assistant", "here", [PIXEL]), AGAIN],
}


class TemplateServer(Upstream):
    """A server that writes the messages into a template, and refuses what the template raises on."""

    def __init__(self, template: str, status: int) -> None:
        super().__init__(choose=self._choose)
        self._status = status
        self._template = Environment().from_string(template, {"raise_exception": self._raise})

    def _raise(self, text: str) -> None:
        raise TemplateError(text)

    def _choose(self, body: dict[str, Any]) -> Reply:
        try:
            self._template.render(messages=body.get("messages") or as_messages(body))
        except TemplateError as error:
            return refused(self._status, f"Jinja Exception: {error}")
        return HELLO if "input" in body else streamed({"content": "Hello"})


def as_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the input of a response as servers write it into a template."""
    system = body.get("instructions")
    messages = [{"role": "system", "content": system}] if system else []
    for item in body["input"]:
        if item.get("type") == "function_call":
            messages.append({"role": "assistant", "tool_calls": [item], "content": None})
        elif item.get("type") == "function_call_output":
            sent = {"tool_call_id": item["call_id"], "content": item["output"]}
            messages.append({"role": "tool", **sent})
        else:
            messages.append(item)
    return messages


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("name", HISTORIES)
def test_a_template_accepts_every_history(wire: Any, template: str, name: str) -> None:
    with TemplateServer(TEMPLATES[template], 400 if wire == "chat" else 500) as upstream:
        request = sample_request(history=HISTORIES[name], tools=[CODE])
        model = client(upstream.url, wire=wire)
        assert answer_of(model, request, request).text == "Hello"
        needed = len(upstream.received) - 2
    assert needed <= (0 if template == "chatml" else 3), "what a template wants is learned once"


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_most_histories_are_accepted_without_a_refusal(wire: Any) -> None:
    for name in ("two messages before a run", "messages left out", "two answers"):
        with TemplateServer(TEMPLATES["mistral"], 400) as upstream:
            answer_of(client(upstream.url, wire=wire), sample_request(history=HISTORIES[name]))
        assert len(upstream.received) == 1, name


def test_neighbours_are_one_message_with_their_images() -> None:
    history = [
        HistoryMessage("user", "see", [PIXEL]),
        HistoryMessage("user", "and", [PIXEL]),
        AGAIN,
    ]
    with TemplateServer(TEMPLATES["chatml"], 400) as upstream:
        answer_of(client(upstream.url), sample_request(history=history))
    kinds = [part.get("text", "image") for part in upstream.body["messages"][1]["content"]]
    assert kinds == ["see", "image", "and", "image", "two"]


def test_tool_images_are_in_the_tools_message_where_the_server_takes_them() -> None:
    with TemplateServer(TEMPLATES["mistral"], 400) as upstream:
        model = client(upstream.url, dialect="llamacpp")
        answer_of(model, sample_request(history=HISTORIES["an image of a tool"]))
    assert len(upstream.received) == 1
    assert [part["type"] for part in upstream.body["messages"][-1]["content"]] == [
        "text",
        "image_url",
    ]


def test_the_model_answers_between_results_and_the_user_only_where_it_must() -> None:
    history = HISTORIES["an image of a tool"]
    with TemplateServer(TEMPLATES["mistral"], 400) as upstream:
        answer_of(client(upstream.url), sample_request(history=history))
    first, second = (str(received.body) for received in upstream.received)
    assert AFTER_RESULTS not in first and AFTER_RESULTS in second


def test_a_template_that_refuses_everything_is_quoted() -> None:
    with (
        TemplateServer("{{ raise_exception('roles must alternate, said Ada') }}", 500) as upstream,
        pytest.raises(ProviderError, match="said Ada"),
    ):
        answer_of(client(upstream.url), sample_request(history=HISTORIES["an image of a tool"]))
