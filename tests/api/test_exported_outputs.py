"""Outputs in exported notebooks run nothing, load nothing, and still show tables and plots."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from jupyter_assistants.api.exported_outputs import exported_output, harmless_html


def shown(**data: Any) -> dict[str, Any]:
    mimes = {mime.replace("__", "+").replace("_", "/"): value for mime, value in data.items()}
    output = {"output_type": "display_data", "data": mimes, "metadata": {"isolated": True}}
    found: dict[str, Any] = exported_output(output)
    assert found["metadata"] == {}
    return dict(found["data"])


@pytest.mark.parametrize(
    "html",
    [
        "<script>steal()</script>",
        "<img src=x onerror=steal()>",
        "<img src='http://example.org/steal.png'>",
        "<svg onload=steal()><script>steal()</script></svg>",
        "<a href='javascript:steal()'>x</a>",
        "<p style='background:url(http://example.org/steal)'>x</p>",
        "<style>@import url(http://example.org/steal)</style>",
        "<iframe srcdoc='<script>steal()</script>'></iframe>",
        "<meta http-equiv=refresh content='0;url=http://example.org/steal'>",
        "<form action='//example.org/steal'><button formaction='/steal'>x</button></form>",
        "<math><mtext><table><mglyph><style><img src=x onerror=steal()></style></table></math>",
        "<div class='jp-Dialog steal' style='position:fixed;inset:0'>x</div>",
        "<base href='http://example.org/steal/'>",
        "<img srcset='http://example.org/steal 2x' src='data:image/png;base64,AA==\" steal'>",
    ],
)
def test_html_neither_runs_nor_loads_anything(html: str) -> None:
    assert "steal" not in harmless_html(html)


def test_a_table_of_pandas_keeps_its_rows_and_its_look() -> None:
    frame = pd.DataFrame({"species": ["Adelie", "Gentoo"], "mass <g>": [3700.7, 5076.0]})
    html = harmless_html(frame.to_html())
    assert html.count("<tr") == 3 and 'class="dataframe"' in html
    assert "mass &lt;g&gt;" in html and "text-align: right" in html
    notebook = harmless_html(frame._repr_html_())
    assert "tbody tr th" not in notebook and "Adelie" in notebook


def test_images_stay_and_drawings_become_images() -> None:
    assert shown(**{"image_png": "iVBORw0KGgo="}) == {"image/png": "iVBORw0KGgo="}
    drawing = shown(**{"image_svg__xml": "<svg onload=steal()/>", "text_plain": "a plot"})
    assert drawing["text/plain"] == "a plot" and "image/svg+xml" not in drawing
    assert re.fullmatch(
        r'<img alt="drawing" src="data:image/svg\+xml;base64,[\w+/=]+">', drawing["text/html"]
    )


def test_data_that_breaks_out_of_an_image_is_left_out() -> None:
    assert shown(**{"image_png": 'x"><script>1</script>', "text_plain": "p"}) == {"text/plain": "p"}


@pytest.mark.parametrize(
    "mime", ["application/javascript", "application/vnd.vegalite.v5+json", "text/x-own"]
)
def test_a_type_that_may_do_anything_is_named_and_left_out(mime: str) -> None:
    output = {"output_type": "execute_result", "data": {mime: "steal()"}}
    data = exported_output(output)["data"]
    assert data == {"text/plain": f"[left out of this export: {mime}]"}


def test_markdown_and_formulas_are_those_that_cells_show() -> None:
    data = shown(
        text_markdown="<b onclick=steal()>x</b> ![x](http://a.example)", text_latex="\\href{x}{y}"
    )
    assert "<b" not in data["text/markdown"] and "![" not in data["text/markdown"]
    assert "\\href" not in data["text/latex"]


def test_streams_keep_their_colours_and_lose_what_reorders_them() -> None:
    stream = {"output_type": "stream", "name": "stderr", "text": ["\x1b[31mred\u202e", "x\x1b[0m"]}
    assert exported_output(stream)["text"] == "\x1b[31mredx\x1b[0m"
    error = {"output_type": "error", "ename": "E\u2066", "evalue": "v", "traceback": ["t\u202e"]}
    found = exported_output(error)
    assert (found["ename"], found["traceback"]) == ("E", ["t"])
