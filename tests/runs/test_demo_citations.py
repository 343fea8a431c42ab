"""The demo model on files of every type: a quote, and the place where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.paths import DOCUMENTS
from support.service_session import bench, events

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Birds\n\nSome words."},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": None,
            "source": "heron_height = 98",
            "outputs": [],
        },
    ],
}
WRITTEN = {
    "birds.csv": "name,height\nheron,98\nduck,50\n",
    "birds.ipynb": json.dumps(NOTEBOOK),
    "birds.py": "import sys\n\nheron_height = 98\n",
    "birds.md": "# Birds\n\n## Waders\n\nA heron has a height of 98.\n",
}
CASES = [
    ("birds.csv", "How tall is the heron?", "heron", "cells A2:B2"),
    ("birds.ipynb", "What is heron_height?", "heron_height = 98", "cell 2"),
    ("birds.py", "What is heron_height?", "heron_height = 98", "line 3"),
    ("birds.md", "What height has a heron?", "A heron has a height of 98.", "line 5"),
    ("multi_page.pdf", "Which tools cater to specific industries?", "specialized tools", "page 3"),
    ("powerpoint_sample.pptx", "Is there a rectangle shape?", "A rectangle shape", "slide 2"),
    ("wiki_duck.html", "In which film is Emilio Estevez?", "Emilio Estevez", "Cultural references"),
    ("word_sample.docx", "What do ducks do when they swim?", "", ""),
    ("workbook.xlsx", "What is in the first row of the table?", "", "!"),
]


@pytest.mark.parametrize(("name", "question", "words", "label"), CASES, ids=[c[0] for c in CASES])
async def test_a_file_of_any_type_is_quoted_with_its_place(
    tmp_path: Path, name: str, question: str, words: str, label: str
) -> None:
    content = WRITTEN[name].encode() if name in WRITTEN else (DOCUMENTS / name).read_bytes()
    async with bench(tmp_path) as b:
        file = await b.upload(name, content)
        store = await b.ask("POST", "/vector_stores", file_ids=[file.id])
        feed = await b.ask("GET", f"/vector_stores/{store.id}/events")
        assert [event async for event in feed.events][-2].data["file_counts"]["completed"] == 1
        made = await b.ask(
            "POST",
            "/assistants",
            model="demo",
            tools=[{"type": "file_search"}],
            tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        )
        thread = await b.ask("POST", "/threads", messages=[{"role": "user", "content": question}])
        b.assistant_id, b.thread_id = made.id, thread.id
        await events(await b.start())
        text = (await b.messages())[-1].wire()["content"][0]["text"]
        (cited,) = [each["jupyter"] for each in text["annotations"]]
        assert words in cited["quote"] and label in cited.get("label", ""), text
        assert " ".join(cited["quote"].split()).rstrip(".") in text["value"], text
        parsed = await b.ask("GET", f"/files/{file.id}/text", query_start=cited["start"])
        block = next(each for each in reversed(parsed.data) if each.start <= cited["start"])
        at = cited["start"] - block.start
        assert block.text[at : at + len(cited["quote"])] == cited["quote"]
