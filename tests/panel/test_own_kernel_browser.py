"""A thread without a notebook on a server without a sandbox: the panel asks before code runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from support.axe import PANEL, violations
from support.browser import expect
from support.lab import Lab
from support.panel_page import PanelPage, panel_lab, panel_page
from support.upstream import Upstream

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def unboxed_lab(
    tmp_path_factory: pytest.TempPathFactory, panel_environ: dict[str, str]
) -> Iterator[Lab]:
    options = ["--JupyterAssistantsApp.sandbox=never"]
    folder = tmp_path_factory.mktemp("unboxed")
    with panel_lab(folder, environ=panel_environ, options=options) as lab:
        yield lab


@pytest.fixture(scope="module")
def page(unboxed_lab: Lab) -> Iterator[PanelPage]:
    with panel_page(unboxed_lab) as page:
        page.open_without_notebook()
        yield page


def test_code_of_a_thread_without_a_notebook_waits_for_a_click_on_run(
    page: PanelPage, upstream: Upstream
) -> None:
    expect(page.panel).to_contain_text("in a sandbox, or after you approve it")
    expect(page.panel).to_contain_text("Runs in a kernel of its own")
    page.send("run open('made.txt', 'w').write('x'); print('did' + ' run')")
    card = page.approval
    expect(card).to_contain_text("outside a sandbox?")
    expect(card).to_contain_text("it can do whatever you can do")
    expect(card).to_contain_text("writes files (line 1)")
    page.screenshot("panel-own-kernel-asks")
    assert violations(page.page, PANEL) == []
    page.approve()
    page.wait_over()
    expect(page.answer).to_contain_text("did run")
    expect(card).to_have_count(0)
    page.screenshot("panel-own-kernel-ran")
    assert "did run" in str(upstream.body["messages"][-1])


def test_always_holds_for_that_thread_and_a_rejection_is_told(
    page: PanelPage, upstream: Upstream
) -> None:
    page.new_thread()
    page.send("run print('a' + 'b')")
    page.approve_always()
    page.wait_over()
    page.send("run print('c' + 'd')")
    page.wait_over()
    expect(page.answer).to_contain_text("cd")
    page.new_thread()
    page.send("run print('never ' + 'ran')")
    page.reject("not on this machine")
    page.wait_over()
    expect(page.answer).to_contain_text(re.compile("Rejected"))
    assert "not on this machine" in str(upstream.body["messages"][-1])
