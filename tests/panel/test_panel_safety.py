"""A thousand attacks through every place where panel and playground show what they were given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from support.attack import Listener, Trap
from support.browser import browser_page, expect
from support.hostile_thread import fill_thread, hostile_reply, open_thread
from support.lab import Lab
from support.panel_page import ask, panel_lab, panel_page
from support.payloads import payloads
from support.upstream import Upstream
from support.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator

# A thousand attacks take a minute; on a busy machine more.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

COUNT = 1000
BATCH = 50


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        yield listening


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Iterator[Lab]:
    """Return a JupyterLab whose model writes attacks, and fails with them."""
    batches = _batches(listener)
    with Upstream(choose=lambda body: hostile_reply(body, batches)) as upstream:
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "attacker",
        }
        with panel_lab(tmp_path_factory.mktemp("safety"), environ=environ) as started:
            yield started


def _batches(listener: Listener) -> list[list[str]]:
    attacks = payloads(listener.host, COUNT)
    return [attacks[at : at + BATCH] for at in range(0, COUNT, BATCH)]


def test_no_script_runs_and_nothing_leaves_the_origin(lab: Lab, listener: Listener) -> None:
    batches = _batches(listener)
    assert len(set().union(*batches)) == COUNT
    threads = [fill_thread(lab, batch, number) for number, batch in enumerate(batches)]
    with panel_page(lab) as panel:
        trap = Trap(panel.page, lab.url)
        lab.write("safety.ipynb", ["1"])
        panel.open("safety.ipynb")
        expect(panel.panel.get_by_label("Assistant", exact=True).locator("option")).to_have_count(
            COUNT
        )
        for number, thread in enumerate(threads):
            open_thread(panel, thread.title, BATCH)
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
        for number in range(4):
            panel.send(f"please-stream {number}")
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
