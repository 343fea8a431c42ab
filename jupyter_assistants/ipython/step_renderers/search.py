"""A search of files: its queries, and why each passage was shown to the model."""

from __future__ import annotations

import html
from collections.abc import Iterator

from jupyter_assistants.client.passages import search_text, search_title, shown_passages
from jupyter_assistants.client.text import fenced, inert, one_line
from jupyter_assistants.ipython.blocks import DisplayBlock, preformatted
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.ipython.step_renderers.base import StepRenderer
from jupyter_assistants.protocol.transcript import CallEntry


class SearchRenderer(StepRenderer):
    """Draws a search with its passages, each with a link to its location."""

    def blocks(self, entry: CallEntry, scene: Scene) -> Iterator[DisplayBlock]:
        """Yield the card of the search."""
        title = search_title(entry)
        pages = [f"<details><summary>{html.escape(inert(title))}</summary>"]
        marks = [f"**{one_line(title)}**"]
        for each in shown_passages(entry, scene.view_of):
            where, why = html.escape(inert(each.where)), html.escape(inert(each.why))
            mark = one_line(each.where)
            if each.href:
                where = f'<a href="{html.escape(each.href)}" target="_blank">{where}</a>'
                mark = f"[{mark}]({html.escape(each.href)})"
            pages.append(f"<p>{where}<br><small>{why}</small></p>")
            marks.append(f"{mark} · {one_line(each.why)}")
            if each.text:
                pages.append(f"<pre>{preformatted(each.text)}</pre>")
                marks.append(fenced(each.text, "text"))
        yield DisplayBlock(
            {
                "text/html": "\n".join([*pages, "</details>"]),
                "text/markdown": "\n\n".join(marks),
                "text/plain": search_text(entry),
            }
        )
