"""Markdown of strangers in documents: harmless text stays as it is, other text acts no more."""

from __future__ import annotations

import re

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune as markdown2html

from jupyter_assistants.kernels.outputs.exported_markdown import exported_markdown

HARMLESS = [
    "Plain words, 3 < 4 and a <- b, x[0]: first, d['k'] (see below).",
    "Math: $a < b$, $$\n\\sum_{i<n} x_i\n$$ and \\(\\alpha\\).",
    "| a | b |\n|---|---|\n| 1 < 2 | `x < y` |",
    "Use `List<int>` or `<b>` there.",
    "So:\n\n```python\nif a<b: print('<script>alert(1)</script>')\n```\n\nDone.",
    "See [the docs](https://x.example/a?b=c&d=1#e) or [the file](sandbox:/mnt/data/plot.png).",
    "1. one\n2. two\n\n> quote\n\n---\n\n**bold** _it_ ~~no~~ - [ ] task",
    "Windows\r\nlines\r\n",
    "  two blanks at the end  \n\n\n\nand many lines",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_text_that_is_no_attack_stays_byte_for_byte(text: str) -> None:
    assert exported_markdown(text) == text


ATTACKS = {
    "a script": "<script>fetch('//x')</script>",
    "a handler": "a <img src=x onerror=alert(1)>",
    "a remote image": "![x](https://evil.example/x.png)",
    "a reference image": "![x][y]\n\n[y]: https://evil.example/x.png",
    "a definition alone": "[y]: javascript:alert(1)",
    "a script in a link": "[x](javascript:alert(1))",
    "data in a link": "[x](data:text/html,<script>alert(1)</script>)",
    "an entity in a link": "[x](java&#115;cript:alert(1))",
    "a span that math ends": "$`$ <img src=x onerror=alert(1)> `",
    "a span over cells": "| `<img src=x | onerror=alert(1)>` |\n|---|---|",
    "an escaped backtick": "\\`<img src=x onerror=alert(1)>`",
    "a fence that is not closed by its kind": "```\n<b>\n````\n<img src=x onerror=alert(1)>",
    "a fence in a list": "- ```\n  <b>\n\n<img src=x onerror=alert(1)>\n```",
    "TeX that links": "$\\href{javascript:alert(1)}{x}$",
    "a drawing": '```mermaid\ngraph TD; A["<img src=x>"]\n```',
    "an end in a tag": "text <",
    "hidden characters": "a\u202eb",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_text_that_could_act_is_rewritten_to_text_that_cannot(text: str) -> None:
    exported = exported_markdown(text)
    assert exported != text
    page = str(markdown2html(exported))
    tags = {name.lower() for name in re.findall(r"<([A-Za-z]+)", page)}
    assert not tags & {"script", "img", "svg", "iframe", "b"}
    assert not re.search(r"(?i)(?:href|src)=.?(?:java|data:)|class=.mermaid", page)
