"""A plug-in of each kind, from another distribution, in the panel of a real JupyterLab."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from support.browser import expect
from support.lab import Lab
from support.panel_page import PanelPage, panel_lab, panel_page
from support.plugins import with_plugins

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

OPTIONS = [
    "--JupyterAssistantsApp.default_model=toy/it",
    "--JupyterAssistantsApp.embedding_model=toy/it",
    "--JupyterAssistantsApp.max_approval=ask",
]
TOYTALK = {
    "argv": [sys.executable, "-m", "assistants_toys.kernel", "-f", "{connection_file}"],
    "display_name": "Toytalk",
    "language": "toytalk",
}


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Leave the event loop alone: the browser's runs as long as its page, over many tests."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, plugins_folder: Path) -> Iterator[Lab]:
    """Return a JupyterLab where the toys, the broken plug-in and a kernel of Toytalk are installed."""
    folder = tmp_path_factory.mktemp("toy-lab")
    spec = folder / "home" / ".local" / "share" / "jupyter" / "kernels" / "toytalk"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps(TOYTALK))
    with panel_lab(folder, environ=with_plugins(plugins_folder), options=OPTIONS) as started:
        kernelspec = {"name": "toytalk", "display_name": "Toytalk", "language": "toytalk"}
        cells = [nbformat.v4.new_code_cell("1 + 1")]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})
        nbformat.write(notebook, started.root / "toys.ipynb")
        yield started


@pytest.fixture(scope="module")
def panel(lab: Lab) -> Iterator[PanelPage]:
    """Return one page for all tests of the module."""
    with panel_page(lab, width=1500) as page:
        page.open("toys.ipynb")
        yield page


@pytest.fixture
def playground(panel: PanelPage) -> Locator:
    """Return the playground, opened beside the panel."""
    panel.palette("Assistants Playground")
    return panel.page.locator("#jupyter-assistants-playground")


def test_the_tool_and_the_model_of_a_plug_in_are_offered_and_a_card_shows_the_call(
    panel: PanelPage, playground: Locator
) -> None:
    playground.get_by_role("tab", name="Assistants").click()
    form = playground.get_by_role("form", name="New assistant")
    form.get_by_label("Name", exact=True).fill("timekeeper")
    form.get_by_label("Model", exact=True).select_option("toy/toy")
    # The hint beside it is what the tool says of itself.
    form.get_by_role("checkbox", name="clock Return the time.").check()
    options = form.get_by_label("Options of clock")
    options.fill("{")
    expect(form).to_contain_text("This is not valid JSON")
    options.fill('{"zone": "CET"}')
    panel.screenshot("toys-editor")
    form.get_by_role("button", name="Create").click()
    form = playground.get_by_role("form", name="Edit timekeeper")
    expect(form.get_by_label("Options of clock")).to_have_value(re.compile('"zone": "CET"'))
    (stored,) = panel.ask("GET", "/assistants")["data"]
    assert {"type": "clock", "zone": "CET"} in stored["tools"] and stored["model"] == "toy/toy"
    form.get_by_role("button", name="Try it in the panel").click()
    panel.send("clock {}")
    panel.wait_over()
    expect(panel.answer).to_contain_text("The tool says: 12:00 CET")
    step = panel.answer.locator(".jp-Assistants-call")
    step.get_by_text("Tool clock", exact=True).click()
    expect(step.locator("pre").last).to_have_text("12:00 CET")
    panel.screenshot("toys-card")


def test_an_assistant_keeps_the_options_of_a_plug_in_when_its_name_changes(
    panel: PanelPage, playground: Locator
) -> None:
    tools = [{"type": "code_interpreter"}, {"type": "clock", "zone": "JST", "face": {"hands": 2}}]
    body = {"name": "before", "model": "toy/it", "tools": tools, "metadata": {"team": "a"}}
    before = panel.ask("POST", "/assistants", body)
    playground.get_by_role("tab", name="Start").click()
    playground.get_by_role("tab", name="Assistants").click()
    listed = playground.get_by_role("navigation", name="Assistants")
    listed.get_by_role("button", name=re.compile("^before")).click()
    form = playground.get_by_role("form", name="Edit before")
    form.get_by_label("Name", exact=True).fill("after")
    form.get_by_role("button", name="Save").click()
    expect(form.or_(playground).get_by_text("Saved.", exact=True)).to_be_visible()
    after = panel.ask("GET", f"/assistants/{before['id']}")
    assert after == {**before, "name": "after"}
    panel.ask("DELETE", f"/assistants/{before['id']}")


def test_the_model_picker_has_the_model_of_a_plug_in_and_the_start_page_its_endpoint(
    panel: PanelPage, playground: Locator
) -> None:
    picker = panel.panel.get_by_label("Model", exact=True)
    expect(picker.locator("option", has_text="toy/toy")).to_have_count(1)
    playground.get_by_role("tab", name="Start").click()
    row = playground.get_by_role("list", name="Endpoints").get_by_role("listitem")
    expect(row.filter(has_text="toy")).to_contain_text("from a plug-in")
    expect(row.filter(has_text="toy").get_by_role("button")).to_have_count(0)


def test_a_plug_in_that_cannot_be_imported_is_named_and_stops_nothing(
    panel: PanelPage, playground: Locator
) -> None:
    playground.get_by_role("tab", name="Start").click()
    check = playground.locator(".jp-Assistants-checkRow").filter(has_text="Plug-ins")
    expect(check).to_have_attribute("data-status", "problem")
    expect(check).to_contain_text("'broken' of the package 'broken-toys'")
    expect(check).to_contain_text("a_library_that_nobody_has")
    panel.screenshot("toys-broken")


def test_a_file_of_a_plug_in_s_format_is_read_and_found(
    panel: PanelPage, playground: Locator
) -> None:
    panel.ask("POST", "/vector_stores", {"name": "pets"})
    playground.get_by_role("tab", name="Files").click()
    stores = playground.get_by_role("navigation", name="Vector stores")
    stores.get_by_role("button", name=re.compile("^pets")).click()
    store = playground.get_by_role("region", name="pets")
    with panel.page.expect_file_chooser() as chooser:
        store.get_by_role("button", name="Upload files to this vector store").click()
    # In ROT13: "The feline sleeps." The query shares no word with it.
    content = {"name": "pets.toy", "mimeType": "text/plain", "buffer": b"Gur sryvar fyrrcf."}
    chooser.value.set_files([content])
    listed = store.get_by_role("list", name="Files in this vector store")
    expect(listed.get_by_role("listitem")).to_contain_text("pets.toysearchable")
    query = store.get_by_role("searchbox")
    query.fill("feline")
    query.press("Enter")
    expect(store).to_contain_text("The feline sleeps.")


def test_a_kernel_of_a_plug_in_s_language_is_named_by_it(panel: PanelPage) -> None:
    tools = [{"type": "code_interpreter"}]
    panel.ask("POST", "/assistants", {"name": "speaker", "model": "toy/it", "tools": tools})
    panel.page.reload()
    panel.show()
    panel.wait_idle(60)
    panel.new_thread()
    panel.panel.get_by_label("Assistant", exact=True).select_option("speaker")
    panel.send("briefing")
    panel.wait_over()
    expect(panel.answer).to_contain_text("of the language Toytalk: write Toytalk, not Python")
    panel.send('run_python {"code": "obliterate = 6 * 7\\nprint(obliterate)"}')
    card = panel.approval
    expect(card).to_contain_text("Run this Toytalk code in your kernel?")
    expect(card).to_contain_text("deletes files (line 1)")
    expect(panel.answer.locator(".jp-Assistants-callTitle")).to_have_text("Toytalk …")
    # The server allows single approvals only (max_approval).
    expect(card.get_by_role("button", name="More ways to run")).to_have_count(0)
    panel.screenshot("toys-language")
    card.get_by_role("button", name="Run", exact=True).click()
    panel.wait_over()
    expect(panel.answer.locator(".jp-Assistants-callTitle")).to_have_text("Ran Toytalk")
    expect(panel.answer).not_to_contain_text("Python")
