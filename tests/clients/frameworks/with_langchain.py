"""LangChain's OpenAIAssistantRunnable: a function that its agent answers, and code."""

from __future__ import annotations

import json
from typing import Any

from langchain_classic.agents.openai_assistant import OpenAIAssistantRunnable
from langchain_core.agents import AgentFinish
from langchain_core.tools import tool

MODEL = "talkative-1"


@tool
def get_weather(place: str) -> str:
    """Return the weather of a place."""
    return f"sunny in {place}"


def with_a_function() -> str:
    """Drive the agent as LangChain's documentation does."""
    agent = OpenAIAssistantRunnable.create_assistant(
        name="a",
        instructions="i",
        tools=[get_weather],
        model=MODEL,
        as_agent=True,
        check_every_ms=50,
    )
    response: Any = agent.invoke({"content": "call weather"})
    while not isinstance(response, AgentFinish):
        outputs = [
            {"output": get_weather.invoke(action.tool_input), "tool_call_id": action.tool_call_id}
            for action in response
        ]
        last = response[-1]
        again = {"tool_outputs": outputs, "run_id": last.run_id, "thread_id": last.thread_id}
        response = agent.invoke(again)
    return str(response.return_values["output"])


def with_code() -> str:
    """Let the server run code."""
    interpreter: Any = OpenAIAssistantRunnable.create_assistant(
        name="a",
        instructions="i",
        tools=[{"type": "code_interpreter"}],
        model=MODEL,
        check_every_ms=50,
    )
    (message,) = interpreter.invoke({"content": "run code"})
    return "".join(part.text.value for part in message.content if part.type == "text")


print(json.dumps({"function": with_a_function(), "code": with_code()}))
