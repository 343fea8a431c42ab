"""Vendors are data: one entry each, and no other module of the package names one in its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from support.paths import DOCS, PACKAGE

from jupyter_assistants.config import AssistantsTraits
from jupyter_assistants.models.dialects import DIALECTS, UNKNOWN, EndpointDialect, dialect_of

DATA = {"models/dialects.py", "models/model_names.py"}
"""Entries of vendors, and prefixes of the names of models."""
OTHER_MEANINGS = {
    ("kernels", "anthropic"): "a package that code imports",
    ("redaction", "xai"): "the prefix of a key",
}
OUR_OWN = {"openai"}
"""Also the name of a package and of the endpoint whose models are asked for without a prefix."""


def code_strings() -> Iterator[tuple[str, str]]:
    """Yield (file, string) for every string in the package's code, docstrings left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if node in docstrings:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.relative_to(PACKAGE).as_posix(), node.value


def test_no_other_module_compares_the_name_of_a_vendor_or_of_a_host() -> None:
    hosts = {domain for dialect in DIALECTS.values() for domain in dialect.domains}
    named = {
        (file.split("/")[0], text)
        for file, text in code_strings()
        if file not in DATA and (text in set(DIALECTS) - OUR_OWN or text in hosts)
    }
    assert named <= set(OTHER_MEANINGS)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)
def test_an_entry_is_complete(dialect: EndpointDialect) -> None:
    assert re.fullmatch(r"[a-z]+", dialect.name)
    assert dialect.title
    assert dialect.base_url or dialect.url_env
    assert dialect.local or dialect.key_env
    assert dialect.tool_choices <= {"none", "required", "function"}
    assert dialect.wire in ("auto", dialect.first_wire)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)
def test_an_address_leads_to_its_dialect(dialect: EndpointDialect) -> None:
    known = dialect if dialect.known_by_port else UNKNOWN
    if dialect.base_url:
        assert dialect_of(dialect.base_url) is known
    for domain in dialect.domains:
        assert dialect_of(f"https://{domain}/v1") is dialect
        assert dialect_of(f"https://api.{domain}:8443/v1") is dialect
        assert dialect_of(f"https://{domain}.example.org/v1") is UNKNOWN
        assert dialect_of(f"https://not{domain}/v1") is UNKNOWN


def test_ports_and_domains_have_one_owner() -> None:
    for facts in ("ports", "domains"):
        owned = [fact for dialect in DIALECTS.values() for fact in getattr(dialect, facts)]
        assert len(owned) == len(set(owned))
    for dialect in DIALECTS.values():
        port = urlsplit(dialect.base_url).port
        assert port is None or port in dialect.ports


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)
def test_an_entry_is_documented(dialect: EndpointDialect) -> None:
    section = (DOCS / "api.md").read_text().partition("## Model endpoints")[2]
    for name in filter(None, (dialect.name, dialect.key_env, dialect.url_env)):
        assert f"`{name}`" in section
    assert dialect.name in AssistantsTraits.class_traits()["providers"].help
