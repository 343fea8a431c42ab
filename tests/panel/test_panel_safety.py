"""A thousand attacks through every place where panel and playground show what they were given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import openai
import pytest
from support.attack import Listener, Trap
from support.browser import browser_page, expect
from support.lab import Lab
from support.panel_page import PanelPage, ask, panel_lab, panel_page
from support.payloads import payloads
from support.upstream import Reply, Upstream, refused, streamed
from support.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator

# A thousand attacks take a minute; on a busy machine more.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

COUNT = 1000
BATCH = 50
TYPES = ("text/markdown", "image/svg+xml", "text/latex", "text/plain", "application/json")


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        yield listening


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Iterator[Lab]:
    """Return a JupyterLab whose model writes attacks, and fails with them."""
    attacks = payloads(listener.host, COUNT)
    with Upstream(choose=lambda body: _reply(body, attacks)) as upstream:
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "attacker",
        }
        with panel_lab(tmp_path_factory.mktemp("safety"), environ=environ) as started:
            yield started


def _reply(body: dict[str, Any], attacks: list[str]) -> Reply:
    """Write code at first; fail when its outputs are there. ``please-stream`` asks for one answer."""
    last = body["messages"][-1]
    said = last["content"] if isinstance(last["content"], str) else str(last["content"])
    if last["role"] == "user" and "please-stream" in said:
        text = "\n\n".join(attacks[:200])
        return streamed(*({"content": text[at : at + 97]} for at in range(0, len(text), 97)))
    users = [each for each in body["messages"] if each["role"] == "user"]
    (number,) = re.findall(r"please-batch (\d+)", str(users[-1]["content"]))[-1:]
    batch = _batch(attacks, int(number))
    if last["role"] == "user":
        call = {"name": "run_python", "arguments": json.dumps({"code": "\n".join(batch)})}
        wanted = {"index": 0, "id": "call_1", "type": "function", "function": call}
        return streamed({"tool_calls": [wanted]}, finish="tool_calls")
    return refused(400, "\n".join(batch))


def _batch(attacks: list[str], number: int) -> list[str]:
    return attacks[number * BATCH : (number + 1) * BATCH]


def test_no_script_runs_and_nothing_leaves_the_origin(lab: Lab, listener: Listener) -> None:
    attacks = payloads(listener.host, COUNT)
    assert len(set(attacks)) == COUNT
    client = openai.OpenAI(base_url=f"{lab.url}/assistants/v1", api_key=lab.token)
    batches = [_batch(attacks, number) for number in range(COUNT // BATCH)]
    titles = [_fill(lab, client, batch, number) for number, batch in enumerate(batches)]
    with panel_page(lab) as panel:
        trap = Trap(panel.page, lab.url)
        lab.write("safety.ipynb", ["1"])
        panel.open("safety.ipynb")
        expect(panel.panel.get_by_label("Assistant", exact=True).locator("option")).to_have_count(
            COUNT
        )
        for number, title in enumerate(titles):
            _open(panel, title)
            flaws = trap.provoke(panel.panel)
            if number % 9 == 0:
                panel.screenshot(f"safety-{number}")
            assert flaws == [], f"batch {number}:\n" + "\n".join(flaws[:20])
            assert trap.fired == [] and trap.requests == [], f"batch {number}"
        trap.settle()
        assert trap.fired == [] and trap.requests == [] and listener.connections == 0


def test_the_playground_shows_the_same_attacks_and_nothing_runs(
    lab: Lab, listener: Listener
) -> None:
    before = listener.connections
    with panel_page(lab, width=1500) as panel:
        trap = Trap(panel.page, lab.url)
        lab.write("playground.ipynb", ["1"])
        panel.open("playground.ipynb")
        panel.palette("Assistants Playground")
        playground = panel.page.locator("#jupyter-assistants-playground")

        def harmless(where: str, but: str = "") -> None:
            trap.unfold(playground, but=but)
            flaws = trap.provoke(playground)
            assert flaws == [], f"{where}:\n" + "\n".join(flaws[:20])
            assert trap.fired == [] and trap.requests == [], where
            if not where[-1].isdigit() or where.endswith(" 0"):
                panel.screenshot(f"safety-playground-{where.replace(' ', '-')}")

        _look_at_files(playground, harmless)
        _look_at_runs(playground, lab, harmless)
        _look_at_assistants(playground, trap, harmless)
        trap.settle()
        assert trap.fired == [] and trap.requests == [] and listener.connections == before


def _look_at_files(playground: Locator, harmless: Callable[..., None]) -> None:
    playground.get_by_role("tab", name="Files").click()
    stores = playground.get_by_role("navigation", name="Vector stores").get_by_role("listitem")
    expect(stores).to_have_count(COUNT)
    files = playground.locator(".jp-Assistants-fileRows > li")
    while (count := files.count()) < COUNT:
        playground.get_by_role("button", name="Show more").click()
        expect(files.nth(count)).to_be_attached()
    harmless("files")


def _look_at_runs(playground: Locator, lab: Lab, harmless: Callable[..., None]) -> None:
    playground.get_by_role("tab", name="Runs").click()
    threads = playground.get_by_label("Thread", exact=True)
    for number, thread in enumerate(ask(lab, "GET", "/threads?limit=100")["data"]):
        threads.select_option(value=thread["id"])
        run = ask(lab, "GET", f"/threads/{thread['id']}/runs")["data"][0]
        heading = playground.get_by_role("heading", name=run["id"])
        expect(heading).to_contain_text("failed")
        expect(playground.get_by_role("listitem").filter(has_text="done")).not_to_have_count(0)
        # The events repeat what is in the run and its steps; a look at some of them is enough.
        harmless(f"run {number}", but=".jp-Assistants-events" if number % 9 else "")


def _look_at_assistants(playground: Locator, trap: Trap, harmless: Callable[..., None]) -> None:
    playground.get_by_role("tab", name="Assistants").click()
    listed = playground.get_by_role("navigation", name="Assistants")
    rows = listed.get_by_role("listitem")
    expect(rows).to_have_count(COUNT)
    harmless("assistants")
    # Those that ran have all attacks of their batch in their instructions.
    listed.get_by_role("searchbox").fill(" attacker")
    expect(rows).to_have_count(COUNT // BATCH)
    for number in range(COUNT // BATCH):
        rows.nth(number).get_by_role("button").first.click()
        trap.unfold(playground)
        expect(playground.get_by_role("form").locator("pre")).to_be_visible()
        harmless(f"assistant {number}")


def test_an_answer_that_streams_attacks_is_as_harmless(lab: Lab, listener: Listener) -> None:
    before = listener.connections
    with panel_page(lab) as panel:
        trap = Trap(panel.page, lab.url)
        lab.write("streamed.ipynb", ["1"])
        panel.open("streamed.ipynb")
        panel.send("please-stream")
        panel.wait_over()
        expect(panel.answer).to_have_attribute("data-status", "completed")
        assert trap.provoke(panel.panel) == []
        assert trap.fired == [] and trap.requests == [] and listener.connections == before


def test_the_trap_and_the_listener_notice_what_they_are_there_for() -> None:
    with Listener() as listening, browser_page() as page:
        trap = Trap(page, "http://own.invalid")
        page.goto("data:text/html,<body>")
        page.evaluate(
            "host => { document.body.innerHTML = `<img src=data:, onerror=xss(1)>"
            "<img src=http://${host}/x.png><a href='javascript:1'>x</a>`; }",
            listening.host,
        )
        page.wait_for_function("window.fired.length > 0")
        until(lambda: listening.connections > 0)
        assert trap.fired == ["xss(1)"] and listening.connections > 0
        assert any(listening.host in url for url in trap.requests)
        flaws = trap.provoke(page.locator("body"))
        assert any(flaw.startswith("address") for flaw in flaws)
        assert any(flaw.startswith("image:") for flaw in flaws)


# -- six sinks: messages, citations, assistants, outputs, file names, errors


def _fill(lab: Lab, client: openai.OpenAI, batch: list[str], number: int) -> str:
    """Put each attack of a batch into a message, a citation, an output, a name and an error."""
    title = f"batch {number:02} {batch[0]}"[:500]
    for text in batch:
        _upload(client, text)
        ask(lab, "POST", "/vector_stores", {"name": text[:256]})
    file_id = _upload(client, "a.txt")
    entries = [_message(text, file_id) for text in batch]
    body = {
        "object": "thread.export",
        "version": 1,
        "thread": {"metadata": {"title": title}},
        "entries": entries,
    }
    thread = ask(lab, "POST", "/threads/import", body)["id"]
    first, *_ = [ask(lab, "POST", "/assistants", each)["id"] for each in _assistants(batch)]
    run = {
        "assistant_id": first,
        "additional_messages": [{"role": "user", "content": f"please-batch {number}"}],
        "jupyter": {"place": "caller", "approval": "auto"},
    }
    run = ask(lab, "POST", f"/threads/{thread}/runs", run)
    run = _until(lab, run, "requires_action")
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    given = {
        "status": "ok",
        "outputs": list(_outputs(batch)),
        "files": [{"name": text, "file_id": file_id} for text in batch],
        "note": "\n".join(batch),
        "seconds": 0.1,
    }
    outputs = {"tool_outputs": [{"tool_call_id": call["id"], "output": "", "jupyter": given}]}
    path = f"/threads/{thread}/runs/{run['id']}/submit_tool_outputs"
    _until(lab, ask(lab, "POST", path, outputs), "failed")
    return title


CODE = {"type": "code_interpreter"}


def _message(text: str, file_id: str) -> dict[str, Any]:
    value = f"{text} 【1:0†source】"
    place = {"place": {"headings": [text]}, "label": text, "start": 0, "end": 4}
    annotation = {
        "type": "file_citation",
        "text": "【1:0†source】",
        "start_index": len(text) + 1,
        "end_index": len(value),
        "file_citation": {"file_id": file_id},
        "jupyter": {**place, "quote": text, "score": 1.0},
    }
    return {
        "id": "msg_1",
        "object": "thread.message",
        "created_at": 1,
        "thread_id": "thread_1",
        "role": "assistant",
        "content": [{"type": "text", "text": {"value": value, "annotations": [annotation]}}],
    }


def _outputs(batch: list[str]) -> Iterator[dict[str, Any]]:
    for at, text in enumerate(batch):
        yield {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}
        kind = at % (len(TYPES) + 2)
        if kind < len(TYPES):
            data = {TYPES[kind]: {text: text} if TYPES[kind].endswith("json") else text}
            yield {"output_type": "display_data", "data": data, "metadata": {}}
        elif kind == len(TYPES):
            yield {"output_type": "stream", "name": "stderr", "text": text}
        else:
            yield {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}


def _assistants(batch: list[str]) -> Iterator[dict[str, Any]]:
    """Attack by every field of an assistant; the first one, which runs, has all attacks in it."""
    function = {"name": "f", "description": "\n".join(batch)[:1024]}
    for text in batch:
        first = text is batch[0]
        yield {
            "name": text,
            "description": text[:512],
            "model": "attacker" if first else text,
            "instructions": "\n".join(batch) if first else text,
            "metadata": {"note": text[:512]},
            "tools": [CODE, {"type": "function", "function": function}] if first else [CODE],
        }


def _upload(client: openai.OpenAI, name: str) -> str:
    return client.files.create(file=(name, b"text"), purpose="assistants").id


def _until(lab: Lab, run: dict[str, Any], status: str) -> dict[str, Any]:
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"

    def reached() -> dict[str, Any] | None:
        now: dict[str, Any] = ask(lab, "GET", path)
        return now if now["status"] == status else None

    return until(reached)


def _open(panel: PanelPage, title: str) -> None:
    panel.panel.get_by_role("button", name="Show all threads").click()
    start = title[:9]
    panel.panel.locator(".jp-Assistants-threadOpen").filter(has_text=start).click()
    expect(panel.answer).to_have_attribute("data-status", "failed")
    # The newest part is read at first; what is above comes when one scrolls there.
    panel.thread.evaluate("node => { node.scrollTop = 0; }")
    expect(panel.thread.get_by_role("article", name="Assistant")).to_have_count(BATCH)
    # What is far from what is seen is drawn when one comes near, and stays so if it was used.
    panel.thread.evaluate(
        """async root => {
          for (const each of root.querySelectorAll('article.jp-mod-assistant')) {
            const id = each.dataset.messageId;
            const drawn = () =>
              root.querySelector(`[data-message-id="${id}"] .jp-Assistants-markdown`);
            while (!drawn()) {
              root.querySelector(`[data-message-id="${id}"]`).scrollIntoView();
              await new Promise(requestAnimationFrame);
            }
            drawn().dispatchEvent(new Event('input', {bubbles: true}));
          }
        }"""
    )
    assert panel.thread.locator(".jp-Assistants-markdown").count() >= BATCH
