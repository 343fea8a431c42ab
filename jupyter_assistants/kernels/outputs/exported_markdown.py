"""Markdown made fit for a document that any program may render.

An exported notebook is opened by renderers that run raw HTML and load images: nbconvert's pages do both.
Text that holds nothing of the kind stays byte for byte as it is; other text is rewritten by
:func:`.safe_markdown.safe_markdown`, as a cell shows it (docs/internals/security.md, "Exports").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jupyter_assistants.kernels.outputs.safe_markdown import SANDBOX, safe_markdown
from jupyter_assistants.kernels.outputs.untrusted_text import DANGEROUS_TEX, INVISIBLE

_FENCE = re.compile(r"(`{3,})([A-Za-z][\w+#-]{0,40})?[ \t]*")
_SPAN = re.compile(r"(?<!`)`(?!`)([^`\n|]*)`(?!`)")
_SAFE_LINK = re.compile(
    r"(?<!!)\[[^\[\]<>!`]{0,300}\]"
    r"\((?:https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9/:?#@!$&*+,;=%~._-]*)?"
    rf"|{re.escape(SANDBOX)}[A-Za-z0-9 /%._-]+)\)"
)
_DANGER = re.compile(
    r"<(?=[/!?]|[A-Za-z][A-Za-z0-9:-]*(?:[\s/>]|\Z))|<\Z|!\[|\]\(|^[ >*+\-\d.)\t]*\[[^\n]*\][ \t]*:|^[ >*+\-\d.)\t]*\[[^\]\n]*$|"
    + DANGEROUS_TEX,
    re.MULTILINE,
)


def exported_markdown(text: str) -> str:
    """Return Markdown of a stranger for an export: no raw HTML, no image, no script in a link."""
    plain = text.replace("\r\n", "\n")
    prose = "\n".join(_without_fences(plain))
    # Where backslashes or dollars are about, some renderers see no code between backticks.
    if "$" not in prose and "\\" not in prose:
        prose = _SPAN.sub("", prose)
    if INVISIBLE.search(plain) is None and _DANGER.search(_SAFE_LINK.sub("", prose)) is None:
        return text
    return safe_markdown(text, lambda name: None)


def _without_fences(text: str) -> Iterator[str]:
    """Yield the lines that are not in a block of code which every renderer sees as one."""
    lines = text.split("\n")
    # Where each length of fence is closed for the last time, so that none is searched for twice.
    last = {line.rstrip(): at for at, line in enumerate(lines) if line.startswith("```")}
    fence = ""
    for at, line in enumerate(lines):
        if fence:
            if line.rstrip() == fence:
                fence = ""
            continue
        found = _FENCE.fullmatch(line)
        before = lines[at - 1].strip() if at else ""
        named = found is not None and (found[2] or "").lower() != "mermaid"
        if found is not None and named and not before and last.get(found[1], -1) > at:
            fence = found[1]
        else:
            yield line
