"""What notices an attack: a listener for requests, a trap for scripts, and a look at the page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from support.local_server import LocalServer

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# Runs before anything else in the page.
TRAP = """
window.fired = [];
for (const name of ['xss', 'alert', 'confirm', 'prompt', 'print']) {
  window[name] = number => { window.fired.push(`${name}(${number})`); };
}
"""

# Events that a person or the browser causes sooner or later. No clicks: they would follow links.
PROVOKE = """
root => {
  const names = ['mouseover', 'mouseenter', 'pointerenter', 'pointerover', 'mousemove', 'focus',
    'focusin', 'blur', 'load', 'error', 'toggle', 'beforetoggle', 'animationstart', 'animationend',
    'transitionend', 'begin', 'pageshow', 'start', 'input', 'change', 'close', 'submit', 'wheel'];
  for (const element of root.querySelectorAll('.jp-Assistants-block *, .jp-Assistants-output *')) {
    for (const name of names) {
      element.dispatchEvent(new Event(name, {bubbles: false, cancelable: true}));
    }
    // Links would be followed, and remote images loaded, as is right.
    if (!element.closest('a, .jp-Assistants-remoteImage')) {
      element.dispatchEvent(new MouseEvent('click', {bubbles: false}));
    }
  }
}
"""

# Unfolds everything, and what was folded in it.
UNFOLD = """
async (root, but) => {
  for (let round = 0; round < 12; round++) {
    const folded = [...root.querySelectorAll('details:not([open])')]
      .filter(each => !but || !each.closest(but));
    if (folded.length === 0) break;
    folded.forEach(each => { each.open = true; });
    // `toggle` is a task of its own, and React draws behind it.
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
}
"""

# Ends when everything that was provoked has run: timers of now, idle work, images, a request.
SETTLE = """
async () => {
  await new Promise(resolve => requestIdleCallback(resolve));
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  await Promise.allSettled([...document.images].map(image => image.decode()));
  await fetch(document.location.origin + '/api', {cache: 'no-store'});
}
"""

# What stands in the page although it must not.
FLAWS = """
root => {
  const BIDI = /[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/;
  const flaws = [];
  const say = (why, element) => flaws.push(`${why}: ${element.outerHTML.slice(0, 300)}`);
  const written = '.jp-Assistants-block, .jp-Assistants-output';
  for (const box of root.querySelectorAll(written)) {
    // A box inside of a box is looked at by itself; the tree of JSON has JupyterLab's own controls.
    if (box.querySelector('.jp-Assistants-block, .jp-RenderedJSON')) continue;
    box.querySelectorAll('script,iframe,frame,object,embed,link,style,base,meta,form,video,audio,' +
      'source,track,area,template,noscript,textarea,select,portal,svg,foreignObject,input:not([disabled])')
      .forEach(each => say('element', each));
    for (const each of box.querySelectorAll('*')) {
      const math = each.closest('mjx-container') !== null;
      for (const {name, value} of each.attributes) {
        if (name.startsWith('on')) say('handler', each);
        if (/^(srcset|background|poster|ping|formaction|action|srcdoc|data-commandlinker.*)$/.test(name))
          say('attribute', each);
        if (name === 'id' && !math) say('id', each);
        if (name === 'style' && /url|fixed|absolute|image-set|expression/i.test(value) && !math)
          say('style', each);
        if (name === 'class' && !math && each.parentElement !== box && /jp-Dialog|lm-|jp-mod-hidden/.test(value)) say('class', each);
      }
    }
  }
  for (const image of root.querySelectorAll('img')) {
    if (!/^(data:image\\/|blob:)/.test(image.getAttribute('src') ?? '')) say('image', image);
    if (!image.hasAttribute('alt')) say('image without a name', image);
  }
  for (const link of root.querySelectorAll('a')) {
    const href = link.getAttribute('href');
    if (href === null || href.startsWith('#assistants-')) continue;
    const url = new URL(href, 'relative:/');
    if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) say('address', link);
    for (const word of ['noopener', 'noreferrer'])
      if (!link.relList.contains(word)) say(word, link);
    if (url.host && !link.textContent.includes(url.host)) say('host not shown', link);
  }
  for (const each of root.querySelectorAll('*')) {
    if (/^(script|iframe|frame|object|embed|link|style|base|meta|video|audio|foreignObject)$/i.test(each.localName) && !each.closest('mjx-container'))
      say('element', each);
    for (const {name, value} of each.attributes) {
      if (name.startsWith('on')) say('handler', each);
      if (/^(title|aria-label|label|placeholder)$/.test(name) && BIDI.test(value)) say('bidi', each);
    }
  }
  // What stands in a field is the text itself; a note below it names what cannot be seen.
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const {nodeValue, parentElement} = walker.currentNode;
    if (BIDI.test(nodeValue) && parentElement.localName !== 'textarea') say('bidi', parentElement);
  }
  return flaws;
}
"""


class Listener(LocalServer):
    """A port that whoever sends something away reaches. It counts, and answers nothing."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hang up."""


class Trap:
    """Watches a page: which scripts ran, and which requests left the origin."""

    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._own = (origin, "data:", "blob:", f"ws{origin.removeprefix('http')}")
        self.requests: list[str] = []
        page.add_init_script(TRAP)
        page.on("request", self._note)
        page.on("websocket", lambda socket: self._keep(socket.url))
        page.context.on("page", lambda opened: self.requests.append(f"a page: {opened.url}"))

    def _note(self, request: Any) -> None:
        self._keep(request.url)

    def _keep(self, url: str) -> None:
        if not url.startswith(self._own):
            self.requests.append(url)

    @property
    def fired(self) -> list[str]:
        """Return the calls of scripts."""
        found: list[str] = self._page.evaluate("window.fired")
        return found

    def unfold(self, root: Locator, *, but: str = "") -> None:
        """Open all that is folded, but for what stands below this selector."""
        root.evaluate(UNFOLD, but)

    def settle(self) -> None:
        """Wait until the page has done what it was provoked to do.

        The page's last request is one of ours: Chromium reports requests in their order, so what
        was asked for before it is known by then.
        """
        self._page.evaluate(SETTLE)

    def provoke(self, root: Locator) -> list[str]:
        """Cause what a person would cause, and give what is wrong with what is shown."""
        root.evaluate(PROVOKE)
        flaws: list[str] = root.evaluate(FLAWS)
        return flaws
