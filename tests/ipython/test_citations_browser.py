"""From a folder of documents to the cited page, by hand in a real JupyterLab."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import expect
from support.lab import SCREENSHOTS, Lab, LabPage, start_lab
from support.paths import DOCUMENTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

BASE = "/user/ada"
QUESTION = "Which specialized tools have emerged to cater to specific industries?"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab below a prefix, as behind a hub."""
    environ = {"JUPYTER_ASSISTANTS_MODEL": "demo"}
    folder = tmp_path_factory.mktemp("citations")
    with start_lab(folder, environ=environ, base_url=BASE) as started:
        shutil.copytree(DOCUMENTS, started.root / "documents")
        started.write(
            "search.ipynb",
            [
                "%load_ext jupyter_assistants",
                "%assistant index documents --store papers",
                f"%%assistant\n{QUESTION}",
                "%%assistant\nIs there a rectangle shape with text inside?",
                "%%assistant\nWhich Disney film with Emilio Estevez chose the duck as the mascot?",
            ],
        )
        yield started


def opened(notebook: LabPage, cell: int, link: int = 0) -> Page:
    """Click a link of a cell's sources; give the page that opens."""
    sources = notebook.output(cell).locator("ol a")
    with notebook.page.context.expect_page() as opening:
        sources.nth(link).click()
    shown = opening.value
    shown.wait_for_load_state()
    return shown


def check_landed(shown: Page, words: str) -> None:
    """Check that the quote is highlighted and stands where the eye is."""
    quote = shown.locator("mark#quote")
    expect(quote).to_contain_text(words)
    expect(quote).to_be_in_viewport()
    assert shown.url.endswith("#quote") and f"{BASE}/assistants/v1/files/" in shown.url


def test_a_folder_is_indexed_a_question_answered_and_the_click_lands_on_the_page(
    notebook: LabPage,
) -> None:
    notebook.open("search.ipynb")
    notebook.run(0)
    notebook.run(1, timeout=120)
    expect(notebook.output(1)).to_contain_text("Indexed into papers")
    expect(notebook.output(1)).to_contain_text("The PDF is protected by a password.")
    notebook.run(2, timeout=60)
    answer = notebook.output(2)
    expect(answer).to_contain_text("multi_page.pdf, page 3: “")
    answer.get_by_text("Searched for").first.click()
    expect(answer).to_contain_text("score")
    notebook.screenshot("citation-in-a-cell")

    shown = opened(notebook, 2)
    check_landed(shown, "specialized tools have emerged to cater to specific industries and needs.")
    section = shown.locator("section#page-3")
    expect(section.locator("mark#quote")).to_have_count(1)
    shown.screenshot(path=SCREENSHOTS / "citation-opened.png")
    with shown.expect_download() as downloading:
        shown.get_by_role("link", name="Download the original").click()
    original = (DOCUMENTS / "multi_page.pdf").read_bytes()
    assert Path(downloading.value.path()).read_bytes() == original
    shown.close()

    for cell, words, where in (
        (3, "rectangle shape", "powerpoint_sample.pptx, slide"),
        (4, "The Mighty Ducks", "wiki_duck.html"),
    ):
        notebook.run(cell, timeout=60)
        expect(notebook.output(cell)).to_contain_text(where)
        shown = opened(notebook, cell)
        check_landed(shown, words)
        shown.screenshot(path=SCREENSHOTS / f"citation-opened-{cell}.png")
        shown.close()
    notebook.save()


def test_the_links_of_a_saved_notebook_still_lead_there(notebook: LabPage) -> None:
    """After a reload, in another browser, and without the kernel that made them."""
    notebook.open("search.ipynb")
    expect(notebook.output(2)).to_contain_text("Sources")
    shown = opened(notebook, 2)
    check_landed(shown, "specialized tools have emerged")
    saved = notebook.lab.read("search.ipynb")["cells"][2]["outputs"]
    text = "".join(output["data"].get("text/markdown", "") for output in saved)
    assert f"]({BASE}/assistants/v1/files/" in text and "127.0.0.1" not in text
    assert notebook.lab.token not in str(saved)
