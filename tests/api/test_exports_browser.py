"""A page that nbconvert makes of an exported notebook runs no script and asks nobody."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from support.browser import chromium_launched

from jupyter_assistants.api.export_formats import notebook
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.steps import CallExtension
from jupyter_assistants.protocol.threads import Thread

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOST = "evil.example"
ACT = f"window.ran = (window.ran || 0) + 1; fetch('https://{HOST}/x')"
TEXTS = [
    f"<script>{ACT}</script>",
    f'<img src="https://{HOST}/a.png" onerror="{ACT}">',
    f"![x](https://{HOST}/b.png)",
    f"![x][y]\n\n[y]: https://{HOST}/c.png",
    f"<svg onload=\"{ACT}\"><image href='https://{HOST}/d'/></svg>",
    f"`code` <iframe srcdoc='<script>{ACT}</script>'></iframe>",
    f'$`$ <img src=x onerror="{ACT}"> `',
    f'```html\n<b>\n````\n\n<details open ontoggle="{ACT}">',
    f"[click](javascript:{ACT})",
    f'| `<img src=x | onerror="{ACT}">` |\n|---|---|',
]
DATA = [
    {"text/html": f"<script>{ACT}</script>", "text/plain": "x"},
    {"text/html": f"<img src='https://{HOST}/e' onerror='{ACT}'>"},
    {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{ACT}\"></svg>"},
    {"application/javascript": ACT},
    {"text/markdown": f"![x](https://{HOST}/f.png) <script>{ACT}</script>"},
]


def attacking_notebook() -> str:
    """Return the export of a thread whose every text is an attack."""
    said = [
        Message.model_validate(
            {
                "id": f"msg_{at}",
                "created_at": at,
                "thread_id": "thread_x",
                "role": "user" if at % 2 else "assistant",
                "content": [{"type": "text", "text": {"value": text, "annotations": []}}],
            }
        )
        for at, text in enumerate(TEXTS)
    ]
    called = Item(
        id="item_1",
        created_at=99,
        thread_id="thread_x",
        run_id="run_1",
        type="function_call",
        call_id="call_1",
        name="run_python",
        arguments='{"code": "1"}',
    )
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}} for data in DATA]
    thread = Thread(id="thread_x", created_at=1, metadata={"title": TEXTS[0]})
    return notebook(thread, [*said, called], {"run_1/call_1": CallExtension(outputs=outputs)})


def test_no_script_runs_and_no_request_leaves_a_page_of_an_exported_notebook(
    tmp_path: Path,
) -> None:
    document = nbformat.reads(attacking_notebook(), as_version=4)
    nbformat.validate(document)
    page_file = tmp_path / "page.html"
    page_file.write_text(HTMLExporter().from_notebook_node(document)[0])
    asked: list[str] = []
    with chromium_launched() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.route("https://**", lambda route: route.abort())
        page.goto(page_file.as_uri())
        for link in page.locator("a", has_text="click").all():
            assert not (link.get_attribute("href") or "").startswith("javascript")
        assert page.locator("main, body").first.inner_text().count("window.ran") > 3
        assert page.evaluate("window.ran") is None
    assert page_file.as_uri() in asked, "requests are seen"
    assert [url for url in asked if HOST in url] == []
