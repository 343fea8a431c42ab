"""Outputs of code as they stand in exported notebooks.

An export is opened by programs that are not ours, and most of them trust it: the page that nbconvert
makes runs every script of an output and loads every image. Code that a model wrote made these
outputs. See docs/internals/security.md, "Exports".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

import nh3

from jupyter_assistants.kernels.outputs.exported_markdown import exported_markdown
from jupyter_assistants.kernels.outputs.untrusted_text import inert, without_reordering

ELEMENTS = set(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
EMPTIED = set(
    [
        "applet",
        "audio",
        "canvas",
        "embed",
        "frame",
        "frameset",
        "iframe",
        "map",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "plaintext",
        "script",
        "select",
        "source",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "track",
        "video",
        "xmp",
    ]
)
"""Elements that are removed with their content; of all others that are not listed the text stays."""
ATTRIBUTES = set(
    [
        "align",
        "alt",
        "border",
        "class",
        "colspan",
        "dir",
        "height",
        "lang",
        "open",
        "rowspan",
        "scope",
        "span",
        "start",
        "style",
        "title",
        "valign",
        "width",
    ]
)
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_CLASS = re.compile(r"dataframe|ansi-[a-z-]+")
_PROPERTY = re.compile(
    r"(?:color|background-color|font-(?:weight|style)|text-align|vertical-align"
    r"|border-(?:top|right|bottom|left)|border-collapse|padding|width|min-width)"
    r"\s*+:\s*+(?:[#\w.%-][#\w.%\s-]*+|rgba?\([\d\s.,%]*+\))"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def exported_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return an output with the keys that a notebook must have, and nothing that runs or loads."""
    kind = output.get("output_type")
    if kind == "stream":
        text = without_reordering(_joined(output.get("text", "")))
        return {"output_type": kind, "name": str(output.get("name", "stdout")), "text": text}
    if kind == "error":
        lines = [without_reordering(str(line)) for line in output.get("traceback") or []]
        name, value = (without_reordering(str(output.get(key, ""))) for key in ("ename", "evalue"))
        return {"output_type": kind, "ename": name, "evalue": value, "traceback": lines}
    found = {"output_type": kind, "data": _harmless(output.get("data") or {}), "metadata": {}}
    return {"execution_count": None, **found} if kind == "execute_result" else found


def harmless_html(html: str) -> str:
    """Return HTML of text, tables and embedded images, without anything that runs or loads."""
    cleaned: str = nh3.clean(
        without_reordering(html),
        tags=ELEMENTS,
        clean_content_tags=EMPTIED,
        attributes={"*": ATTRIBUTES, "a": {"href"}, "img": {"src"}},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    return cleaned


def _harmless(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the types that are known, each made harmless; a type that nobody knows may do anything."""
    found = {mime: RULES[mime](data[mime]) for mime in data if mime in RULES}
    svg = found.pop("image/svg+xml", None)
    if svg is not None:
        # Drawn as an image, it runs no script and loads nothing; in the page, it does both.
        found.setdefault("text/html", svg)
    kept = {mime: value for mime, value in found.items() if value is not None}
    if not kept and data:
        names = ", ".join(sorted(without_reordering(str(mime)) for mime in data))
        return {"text/plain": f"[left out of this export: {names}]"}
    return kept


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if _IMAGE.fullmatch(value) else None
    if name == "href":
        return value if _LINK.match(value) else None
    if name == "class":
        return " ".join(each for each in value.split() if _CLASS.fullmatch(each)) or None
    if name == "style":
        parts = [part.strip() for part in value.split(";")]
        return "; ".join(part for part in parts if _PROPERTY.fullmatch(part)) or None
    return value


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _text(value: Any) -> str:
    return without_reordering(_joined(value))


def _image(value: Any) -> str | None:
    data = _joined(value)
    return data if _BASE64.fullmatch(data) else None


def _drawing(value: Any) -> str:
    data = base64.b64encode(_joined(value).encode(errors="replace")).decode()
    return f'<img alt="drawing" src="data:image/svg+xml;base64,{data}">'


RULES: Mapping[str, Callable[[Any], Any]] = {
    "text/plain": _text,
    "text/html": lambda value: harmless_html(_joined(value)),
    "text/markdown": lambda value: exported_markdown(_joined(value)),
    "text/latex": lambda value: inert(_joined(value)),
    "image/png": _image,
    "image/jpeg": _image,
    "image/gif": _image,
    "image/svg+xml": _drawing,
    "application/json": lambda value: value,
}
"""What becomes of each type of data; None leaves it out."""
