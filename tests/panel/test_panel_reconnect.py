"""A stream that is broken in its middle: by a reload, a cut connection, a killed server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from support.browser import chromium_launched, expect
from support.lab import Lab
from support.panel_page import PanelPage, ask, panel_lab, panel_page
from support.proxy import Proxy
from support.upstream import Reply, Upstream, streamed
from support.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WORDS = ["It begins. ", "It goes on. ", "It ends."]


class Gates:
    """What a streamed answer waits for, between its first, second and third part."""

    def __init__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let the next answer wait."""
        self.second, self.third = threading.Event(), threading.Event()

    def reply(self, body: dict[str, Any]) -> Reply:
        """Return the answer in three parts; code for whoever asks for code."""
        said = str(body["messages"][-1]["content"])
        if body["messages"][-1]["role"] == "user" and "please-run" in said:
            call = {"name": "run_python", "arguments": json.dumps({"code": "1 + 1"})}
            wanted = {"index": 0, "id": "call_1", "type": "function", "function": call}
            return streamed({"tool_calls": [wanted]}, finish="tool_calls")
        one, two, three = ({"content": text} for text in WORDS)
        return streamed(one, self.second, two, self.third, three)


@pytest.fixture(scope="module")
def gates() -> Gates:
    return Gates()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return one browser for all pages of the module."""
    with chromium_launched() as launched:
        yield launched


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, gates: Gates) -> Iterator[Lab]:
    with Upstream(choose=gates.reply) as upstream:
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "slow",
        }
        with panel_lab(tmp_path_factory.mktemp("reconnect"), environ=environ) as started:
            yield started


@pytest.fixture
def proxy(lab: Lab) -> Iterator[Proxy]:
    with Proxy(int(lab.url.rsplit(":")[-1])) as passing:
        yield passing


@pytest.fixture
def panel(
    lab: Lab, proxy: Proxy, gates: Gates, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[PanelPage]:
    """Return a panel whose connection can be cut, with an answer that has begun."""
    gates.close()
    name = f"{request.node.name}.ipynb"
    lab.write(name, ["1"])
    with panel_page(replace(lab, url=f"http://127.0.0.1:{proxy.port}"), browser=browser) as page:
        page.open(name)
        page.send("write")
        expect(page.answer).to_contain_text("It begins.")
        yield page


def whole(panel: PanelPage) -> None:
    """The answer is there once and whole, and one can go on."""
    panel.wait_over()
    expect(panel.answer).to_have_attribute("data-status", "completed")
    expect(panel.answer.get_by_role("article")).to_have_text("".join(WORDS))
    expect(panel.thread.get_by_role("article", name="You")).to_have_count(1)
    expect(panel.thread.get_by_role("region", name="Answer")).to_have_count(1)


def reload(panel: PanelPage) -> None:
    """Reload the page, as F5 does."""
    panel.page.reload()
    panel.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
    panel.show()


def test_a_reload_in_the_middle_of_an_answer_shows_it_to_its_end(
    panel: PanelPage, gates: Gates
) -> None:
    reload(panel)
    expect(panel.answer).to_contain_text("It begins.")
    expect(panel.answer).to_have_attribute("data-status", "in_progress")
    expect(panel.panel.get_by_role("button", name="Stop")).to_be_visible()
    gates.second.set()
    expect(panel.answer).to_contain_text("It goes on.")
    gates.third.set()
    whole(panel)


def test_an_answer_that_ended_while_the_page_was_reloaded_is_whole(
    panel: PanelPage, gates: Gates
) -> None:
    gates.second.set()
    gates.third.set()
    reload(panel)
    whole(panel)


def test_a_lost_connection_is_said_and_the_stream_goes_on_where_it_broke(
    panel: PanelPage, proxy: Proxy, gates: Gates
) -> None:
    resumed: list[str] = []
    panel.page.on(
        "request",
        lambda request: (
            resumed.append(request.headers.get("last-event-id", ""))
            if "/events" in request.url
            else None
        ),
    )
    proxy.cut()
    expect(panel.thread.get_by_text("Connection lost.")).to_be_visible()
    panel.screenshot("panel-connection-lost")
    gates.second.set()
    proxy.restore()
    # The button goes away at the moment at which the panel connects by itself.
    panel.thread.evaluate("node => node.querySelector('.jp-Assistants-lost button')?.click()")
    expect(panel.answer).to_contain_text("It goes on.")
    expect(panel.thread.get_by_text("Connection lost.")).to_be_hidden()
    expect(panel.answer).to_have_attribute("data-status", "in_progress")
    gates.third.set()
    whole(panel)
    assert any(resumed), "The stream was not resumed by Last-Event-ID."


def test_an_answer_that_ended_while_the_connection_was_lost_is_whole(
    panel: PanelPage, proxy: Proxy, gates: Gates
) -> None:
    proxy.cut()
    expect(panel.thread.get_by_text("Connection lost.")).to_be_visible()
    gates.second.set()
    gates.third.set()
    proxy.restore()
    # Nobody presses anything: the panel connects by itself.
    whole(panel)
    expect(panel.thread.get_by_text("Connection lost.")).to_be_hidden()


def test_a_message_that_could_not_be_sent_stays_in_the_composer(
    panel: PanelPage, proxy: Proxy, gates: Gates
) -> None:
    gates.second.set()
    gates.third.set()
    panel.wait_over()
    proxy.cut()
    expect(panel.thread.get_by_text("Connection lost.")).to_be_visible()
    panel.composer.fill("a second question")
    panel.composer.press("Enter")
    expect(panel.panel.get_by_role("alert")).to_contain_text("does not answer")
    expect(panel.composer).to_have_value("a second question")
    proxy.restore()
    expect(panel.thread.get_by_text("Connection lost.")).to_be_hidden(timeout=40_000)
    panel.composer.press("Enter")
    expect(panel.thread.get_by_role("region", name="Answer")).to_have_count(2)
    panel.wait_over()
    expect(panel.thread.get_by_role("article", name="You")).to_have_count(2)


def restart(lab: Lab) -> None:
    """End the server as a power cut does, and start it again."""
    lab.server.kill()
    lab.server.start(lab)


def dismiss(panel: PanelPage) -> None:
    """Close what JupyterLab says of a server that went away."""
    panel.page.add_locator_handler(
        panel.page.locator(".jp-Dialog"),
        lambda dialog: dialog.locator("button").first.click(),
    )


def test_a_server_that_was_killed_ends_the_run_and_its_text_is_kept(
    panel: PanelPage, lab: Lab, gates: Gates
) -> None:
    path = f"/threads/{panel.newest_thread()}/messages"
    begun = ask(lab, "GET", path)["data"][0]["created_at"]
    # Text is stored with the first piece that comes a second after the last time.
    until(lambda: time.time() > begun + 2)
    gates.second.set()
    expect(panel.answer).to_contain_text("It goes on.")
    dismiss(panel)
    restart(lab)
    expect(panel.answer).to_have_attribute("data-status", "failed", timeout=60_000)
    expect(panel.answer).to_contain_text("restarted")
    expect(panel.answer).to_contain_text("It begins.")
    expect(panel.answer).to_contain_text("This message is incomplete.")
    panel.screenshot("panel-server-restarted")
    gates.third.set()
    panel.composer.fill("write again")
    panel.composer.press("Enter")
    expect(panel.thread.get_by_role("region", name="Answer")).to_have_count(2)
    panel.wait_over()
    expect(panel.answer.get_by_role("article")).to_have_text("".join(WORDS))


def test_code_that_waits_for_approval_still_waits_behind_a_restart(
    panel: PanelPage, lab: Lab, gates: Gates
) -> None:
    gates.second.set()
    gates.third.set()
    panel.wait_over()
    panel.send("please-run")
    card = panel.approval
    expect(card).to_be_visible()
    dismiss(panel)
    restart(lab)
    expect(panel.thread.get_by_text("Connection lost.")).to_be_hidden(timeout=60_000)
    expect(card).to_be_visible()
    panel.reject()
    expect(card).to_be_hidden()
    # The kernel died with the server; nothing is to run in it, and the model answers.
    panel.wait_over()
    expect(panel.answer).to_have_attribute("data-status", "completed")
    expect(panel.answer).to_contain_text("Rejected")
    expect(panel.answer.get_by_role("article").last).to_have_text("".join(WORDS))
