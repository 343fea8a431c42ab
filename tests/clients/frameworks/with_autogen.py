"""AutoGen's OpenAIAssistantAgent: a function that it answers, code, and files."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_ext.agents.openai import OpenAIAssistantAgent
from openai import AsyncOpenAI

MODEL = "talkative-1"


async def get_weather(place: str) -> str:
    """Return the weather of a place."""
    return f"sunny in {place}"


def agent(client: AsyncOpenAI, *tools: Any) -> OpenAIAssistantAgent:
    """Make an assistant."""
    return OpenAIAssistantAgent(
        name="a", description="d", client=client, model=MODEL, instructions="i", tools=tools
    )


async def answer(agent: OpenAIAssistantAgent, question: str) -> str:
    """Ask and give the answer."""
    asked = TextMessage(source="user", content=question)
    response = await agent.on_messages([asked], CancellationToken())
    return str(response.chat_message.content)


async def main() -> None:
    """Ask both, and search a file as well."""
    async with AsyncOpenAI() as client:
        said = {"function": await answer(agent(client, get_weather), "call weather")}
        interpreter = agent(client, "code_interpreter", "file_search")
        text = Path(tempfile.mkdtemp()) / "handbook.md"
        text.write_text("The canteen serves wonderful pancakes on every second Thursday.")
        await interpreter.on_upload_for_code_interpreter(str(text), CancellationToken())
        await interpreter.on_upload_for_file_search(str(text), CancellationToken())
        said["code"] = await answer(interpreter, "run code")
        said["search"] = await answer(interpreter, "search for pancakes")
        await interpreter.delete_uploaded_files(CancellationToken())
        await interpreter.delete_vector_store(CancellationToken())
        await interpreter.delete_assistant(CancellationToken())
        print(json.dumps(said))


asyncio.run(main())
