"""Attacks that a grammar makes from a seed: an element or a known text, disguised and wrapped.

An attack of :mod:`support.payloads` is one that somebody wrote. Here, parts of attacks are combined: tags
with event attributes, ways to encode what a filter looks for, the Markdown around it, and sequences
of terminals. Every one has its number in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import quote

from support.payloads import CODE, payloads

KNOWN = 1_000
"""How many known texts the grammar draws from."""
LONGEST = 240
"""Bytes; an attack has to fit into a name."""

TAGS = [
    "a",
    "audio",
    "b",
    "body",
    "button",
    "custom-x",
    "details open",
    "dialog open",
    "div",
    "embed",
    "form",
    "frame",
    "frameset",
    "iframe",
    "img",
    "input autofocus",
    "isindex",
    "keygen",
    "label",
    "li",
    "link",
    "marquee",
    "math",
    "menu",
    "meter",
    "object",
    "option",
    "p",
    "picture",
    "progress",
    "q",
    "ruby",
    "s",
    "script",
    "select",
    "slot",
    "source",
    "span",
    "style",
    "summary",
    "svg",
    "svg><animate",
    "svg><set",
    "table",
    "td",
    "template",
    "textarea autofocus",
    "title",
    "track",
    "u",
    "var",
    "video",
    "wbr",
    "xmp",
]
EVENTS = [
    "abort",
    "animationend",
    "animationstart",
    "auxclick",
    "beforeinput",
    "beforetoggle",
    "begin",
    "blur",
    "canplay",
    "change",
    "click",
    "close",
    "contextmenu",
    "cuechange",
    "dblclick",
    "drag",
    "drop",
    "end",
    "error",
    "focus",
    "focusin",
    "formdata",
    "input",
    "keydown",
    "load",
    "loadedmetadata",
    "loadstart",
    "message",
    "mouseenter",
    "mousemove",
    "mouseover",
    "pageshow",
    "paste",
    "play",
    "pointerenter",
    "pointerover",
    "repeat",
    "reset",
    "resize",
    "scroll",
    "scrollend",
    "securitypolicyviolation",
    "select",
    "show",
    "start",
    "submit",
    "toggle",
    "touchstart",
    "transitionend",
    "transitionrun",
    "unload",
    "wheel",
]
ADDRESSES = [
    "href",
    "src",
    "srcset",
    "xlink:href",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "ping",
    "cite",
    "codebase",
    "classid",
    "longdesc",
    "lowsrc",
    "manifest",
    "profile",
    "usemap",
    "srcdoc",
    "style",
    "imagesrcset",
]
SPACES = (" ", "/", "\n", "\t", "\f", "\r\n", " \x00", "/ /")
QUOTES = ("{}", '"{}"', "'{}'", "`{}`", "&quot;{}&quot;", '"{}')
SCHEMES = ("http://", "https://", "//", "/\\", "\\\\", "hTTp:", "ht\ttp://", "ws://", "ftp://")

MARKDOWN = (
    "{}",
    "# {}",
    "> {}",
    "- {}",
    "1. {}",
    "**{}**",
    "*{}*",
    "~~{}~~",
    "`{}`",
    "``{}`",
    "```\n{}\n```",
    "```html\n{}",
    "~~~\n{}\n```",
    "    {}",
    "<div>\n\n{}\n\n</div>",
    "<!-- {} -->",
    "<details><summary>x</summary>\n\n{}\n\n</details>",
    "| a |\n|---|\n| {} |",
    "[{}](x)",
    "[x]({})",
    "[x](<{}>)",
    "![{}](x)",
    "![x]({})",
    '![x](y "{}")',
    "[x][r]\n\n[r]: {}",
    "[^1]\n\n[^1]: {}",
    "<{}>",
    "${}$",
    "$$\n{}\n$$",
    "\\[{}\\]",
    "{}\n===",
    "x\n\n---\n{}",
    "- [ ] {}",
    "\\{}",
    "text {} text",
    '```mermaid\ngraph TD\nA["{}"]\n```',
)
TERMINAL = (
    "{}",
    "\x1b[31m{}\x1b[0m",
    "\x1b]8;;{}\x07x\x1b]8;;\x07",
    "\x1b]0;{}\x07",
    "\x1b[8m{}\x1b[28m",
    "shown\r{}",
    "{}\x08\x08\x08",
    "\x1b[2J\x1b[H{}",
    "\x9b31m{}",
    "\x1bP{}\x1b\\",
    "a\u202e{}\u202c",
    "\u2066{}\u2069",
    "{}\U000e0041\U000e0042",
)


def drawn_payloads(host: str, count: int, seed: int) -> list[str]:
    """Return so many different texts, the same ones for the same seed.

    Parameters
    ----------
    host
        Where they send things, with its port.
    """
    random = Random(seed)
    known = payloads(host, KNOWN)
    found: dict[str, None] = {}
    while len(found) < count:
        number = len(found) + 1
        core = random.choice(known) if random.random() < 0.3 else _element(random, host, number)
        for disguise in random.sample(DISGUISES, random.choice((0, 0, 1, 1, 2))):
            core = disguise(core, random)
        for frames in (MARKDOWN, TERMINAL):
            # One in three stands as it is, so that each part is also tried alone.
            frame = random.choice(frames) if random.random() < 0.66 else "{}"
            core = frame.replace("{}", core)
        if len(core.encode()) <= LONGEST:
            found.setdefault(core)
    return list(found)


def _element(random: Random, host: str, number: int) -> str:
    js = random.choice(CODE).format(n=number, host=host)
    url = f"{random.choice(SCHEMES)}{host}/{number}.png"
    attributes = []
    for _ in range(random.choice((1, 1, 2, 3))):
        if random.random() < 0.6:
            attributes.append((f"on{random.choice(EVENTS)}", js))
        else:
            given = random.choice((url, f"javascript:{js}", f"url({url})", f"data:text/html,{js}"))
            attributes.append((random.choice(ADDRESSES), given))
    space = random.choice(SPACES)
    written = space.join(
        f"{name}={random.choice(QUOTES).format(value)}" for name, value in attributes
    )
    tag = random.choice(TAGS)
    end = random.choice((">", "/>", "", ">x", f">{js}</{tag.split()[0]}>", "\n>"))
    return f"<{tag}{space}{written}{end}"


# -- disguises


def _in_mixed_case(text: str, random: Random) -> str:
    return "".join(each.swapcase() if random.random() < 0.4 else each for each in text)


def _with_entities(text: str, random: Random) -> str:
    forms = ("&#{};", "&#x{:x};", "&#0000{}", "&#X{:X};")
    return "".join(
        random.choice(forms).format(ord(each)) if random.random() < 0.1 else each for each in text
    )


def _with_escapes(text: str, random: Random) -> str:
    return "".join(
        f"\\u{ord(each):04x}" if random.random() < 0.1 and ord(each) < 65_536 else each
        for each in text
    )


def _with_nothing_between(text: str, random: Random) -> str:
    empty = ("\x00", "\u200b", "\u00ad", "\u2060", "\ufeff", "\u200d", "\x7f", "<!-- -->", "\u061c")
    place = random.randrange(len(text) + 1)
    return text[:place] + random.choice(empty) + text[place:]


def _in_percent(text: str, random: Random) -> str:
    return quote(text, safe="<>=:/" if random.random() < 0.5 else "")


def _with_twins(text: str, random: Random) -> str:
    wide = {ord(each): ord(each) + 0xFEE0 for each in random.choice(("<>", "=", ":", "()"))}
    return text.translate(wide)


def _doubled(text: str, random: Random) -> str:
    place = random.randrange(len(text) + 1)
    return text[:place] + text + text[place:]


def _with_backslashes(text: str, random: Random) -> str:
    return "".join(
        f"\\{each}" if each in "[]()!<`*_" and random.random() < 0.5 else each for each in text
    )


DISGUISES: Sequence[Callable[[str, Random], str]] = (
    _in_mixed_case,
    _with_entities,
    _with_escapes,
    _with_nothing_between,
    _in_percent,
    _with_twins,
    _doubled,
    _with_backslashes,
)
