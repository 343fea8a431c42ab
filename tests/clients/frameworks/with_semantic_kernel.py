"""Semantic Kernel's OpenAIAssistantAgent: polled and streamed, a function and code."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from openai import AsyncOpenAI
from semantic_kernel.agents import OpenAIAssistantAgent
from semantic_kernel.functions import kernel_function

MODEL = "talkative-1"


class Weather:
    """A plugin whose function has the name that the model calls."""

    @kernel_function(name="weather", description="Give the weather of a place.")
    def weather(self, place: Annotated[str, "A place"]) -> str:
        """Return the weather of a place."""
        return f"sunny in {place}"


async def agent(client: AsyncOpenAI, tools: Any = (), plugins: Any = ()) -> OpenAIAssistantAgent:
    """Make an assistant."""
    made = await client.beta.assistants.create(
        model=MODEL, name="a", instructions="i", tools=list(tools)
    )
    return OpenAIAssistantAgent(client=client, definition=made, plugins=list(plugins))


async def polled(agent: OpenAIAssistantAgent, question: str) -> str:
    """Ask and wait."""
    return str(await agent.get_response(messages=question))


async def streamed(agent: OpenAIAssistantAgent, question: str) -> str:
    """Ask and read the stream."""
    return "".join([str(piece.content) async for piece in agent.invoke_stream(messages=question)])


async def main() -> None:
    """Ask in every way."""
    async with AsyncOpenAI() as client:
        weather = await agent(client, plugins=[Weather()])
        interpreter = await agent(client, tools=[{"type": "code_interpreter"}])
        said = {
            "function": await polled(weather, "call weather"),
            "function, streamed": await streamed(weather, "call weather"),
            "code": await polled(interpreter, "run code"),
            "code, streamed": await streamed(interpreter, "run code"),
        }
        print(json.dumps(said))


asyncio.run(main())
