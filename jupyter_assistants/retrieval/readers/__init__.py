"""Parsers: each turns the bytes of one type of file into blocks with places.

Ours are named here, by extension. Other packages add theirs, or replace one of ours, by an entry
point in the group ``jupyter_assistants.parsers``: its name is the extension without the dot, its
object a function that takes a binary stream and yields :class:`..blocks.Block`. All of them run in
a limited process (:mod:`..parsing`), never in the server.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Parsed

Parser = Callable[[BinaryIO], Iterable[Parsed]]

GROUP = "jupyter_assistants.parsers"
_HERE = "jupyter_assistants.retrieval.readers"
_CODE = "c cpp cs css go h hpp ini java jl js json jsx php py r rb rs scala sh sql toml ts tsx xml yaml yml"
_OURS = {
    "text": ("plain:text", "log rst tex txt"),
    "code": ("plain:code", _CODE),
    "Markdown": ("plain:markdown", "markdown md"),
    "HTML": ("html:html", "htm html"),
    "PDF": ("pdf:pdf", "pdf"),
    "Word": ("office:docx", "docx"),
    "old Word": ("old_word:doc", "doc"),
    "PowerPoint": ("office:pptx", "pptx"),
    "Excel": ("tables:xlsx", "xlsx"),
    "CSV": ("tables:csv", "csv tsv"),
    "notebook": ("notebook:ipynb", "ipynb"),
    "Parquet": ("parquet:parquet", "parquet"),
}
_LIBRARIES = {
    "pdf": "pypdfium2",
    "docx": "docx",
    "doc": "olefile",
    "pptx": "pptx",
    "xlsx": "openpyxl",
}


@functools.cache
def known() -> Mapping[str, str]:
    """Return ``module:function`` of the parser for each extension (``.pdf``)."""
    found: dict[str, str] = {}
    for place, extensions in _OURS.values():
        found |= {f".{each}": f"{_HERE}.{place}" for each in extensions.split()}
    for entry in entry_points(group=GROUP):
        found[f".{entry.name.lower().lstrip('.')}"] = entry.value
    return MappingProxyType(found)


def prepare(place: str) -> None:
    """Import a parser and its library, once, before the processes of files are made."""
    load(place)
    library = _LIBRARIES.get(place.partition(":")[2]) if place.startswith(_HERE) else None
    if library is not None:
        importlib.import_module(library)


def load(place: str) -> Parser:
    """Return the parser at ``module:function``."""
    module, _, name = place.partition(":")
    parser: Parser = getattr(importlib.import_module(module), name.split("[")[0].strip())
    return parser
