"""LlamaIndex's OpenAIAssistantAgent: a function that it answers, and code."""

from __future__ import annotations

import json

from llama_index.agent.openai import OpenAIAssistantAgent
from llama_index.core.tools import FunctionTool

MODEL = "talkative-1"


def get_weather(place: str) -> str:
    """Return the weather of a place."""
    return f"sunny in {place}"


def agent(**tools: object) -> OpenAIAssistantAgent:
    """Make an assistant."""
    return OpenAIAssistantAgent.from_new(
        name="a", instructions="i", model=MODEL, run_retrieve_sleep_time=0.05, **tools
    )


weather = agent(tools=[FunctionTool.from_defaults(get_weather)])
interpreter = agent(openai_tools=[{"type": "code_interpreter"}])
said = {
    "function": str(weather.chat("call weather")),
    "code": str(interpreter.chat("run code")),
}
print(json.dumps(said))
