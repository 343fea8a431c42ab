"""What secrets look like in texts: known kinds of keys, and values whose name says what they are.

The table follows the formats that vendors publish, as the rule sets of secret scanners do; why it is
our own is in docs/internals/decisions.md, "Secrets are found by a table of our own". Every expression
reads output of code, so each is linear: a part of a token ends where the next could begin, and no start
is tried twice over the same characters. The kernel side imports this, so it needs the standard library
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

KEY_BEGIN = "-----BEGIN "
KEY_END = re.compile(r"-----END [A-Z ]{0,40}-----")
"""Where a private key begins and ends, in whatever text it stands."""

_PREFIXES: tuple[tuple[str, str], ...] = (
    # Model endpoints. Classes of scikit-learn's style sheets begin in the same way.
    ("sk-", r"(?!container-|estimator-|toggleable|[a-z-]{1,80}(?![\w-]))[A-Za-z0-9_-]{16,}"),
    *((start, r"[A-Za-z0-9_-]{16,}") for start in ("sk_", "pk-", "pk_", "rk-", "rk_")),
    *((f"{start}{mark}", r"[A-Za-z0-9]{20,}") for start in ("gsk", "xai", "hf") for mark in "-_"),
    *((start, r"[A-Za-z0-9_-]{20,}") for start in ("pplx-", "nvapi-", "tvly-", "pcsk_", "r8_")),
    ("lsv2_", r"(?:pt|sk)_[A-Za-z0-9_]{20,}"),
    ("AIza", r"[A-Za-z0-9_-]{30,}"),
    ("ya29.", r"[A-Za-z0-9_-]{20,}"),
    ("GOCSPX-", r"[A-Za-z0-9_-]{20,}"),
    # Clouds and platforms.
    *((start, r"[A-Z0-9]{16}\b") for start in ("AKIA", "ASIA", "ABIA", "ACCA")),
    ("dop_v1_", r"[a-f0-9]{32,}"),
    ("dapi", r"[a-f0-9]{32}\b"),
    ("hvs.", r"[A-Za-z0-9_-]{20,}"),
    ("atlasv1.", r"[A-Za-z0-9_=-]{30,}"),
    ("dp.pt.", r"[A-Za-z0-9]{20,}"),
    *((start, r"[A-Za-z0-9_]{20,}") for start in ("glsa_", "glc_", "shpat_", "shpss_", "lin_api_")),
    *((start, r"[A-Za-z0-9_=-]{20,}") for start in ("ATATT3", "figd_", "PMAK-", "ntn_", "whsec_")),
    ("SG.", r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    # Code hosts and package registries.
    *((f"gh{kind}_", r"[A-Za-z0-9]{20,}") for kind in "pousr"),
    ("github_pat_", r"[A-Za-z0-9_]{20,}"),
    *((start, r"[A-Za-z0-9_-]{16,}") for start in ("glpat-", "glrt-", "gldt-", "glptt-")),
    ("pypi-", r"[A-Za-z0-9_-]{32,}"),
    ("npm_", r"[A-Za-z0-9]{30,}"),
    ("rubygems_", r"[a-f0-9]{32,}"),
    ("dckr_pat_", r"[A-Za-z0-9_-]{20,}"),
    # Chats.
    *((f"xox{kind}-", r"[A-Za-z0-9-]{10,}") for kind in "abeoprs"),
    ("xapp-", r"[A-Za-z0-9-]{20,}"),
    ("hooks.slack.com/", r"(?:services|workflows|triggers)/[A-Za-z0-9/_-]{20,}"),
    ("discord.com/api/webhooks/", r"[0-9]{8,}/[A-Za-z0-9_-]{20,}"),
    ("AGE-SECRET-KEY-1", r"[A-Z0-9]{40,}"),
)
"""Kinds of keys by their first characters, and what follows those."""

_JWT_PART = r"(?:[A-Za-z0-9_]|-(?!eyJ)){8,}+"
_PRIVATE = r"[A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"

_FORMS: dict[str, re.Pattern[str]] = {
    start: re.compile(rest)
    for start, rest in (
        *_PREFIXES,
        (KEY_BEGIN, rf"{_PRIVATE}[\s\S]*?(?:-----END {_PRIVATE}|\Z)"),
        ("eyJ", rf"{_JWT_PART}\.eyJ{_JWT_PART}\.[A-Za-z0-9_-]{{8,}}"),
        # A password in an address, with the user's name.
        ("://", r"([^\s/:@'\"]{0,64}:[^\s/@'\"]{1,128})(?=@)"),
    )
}
# Trying all forms at each character is ten times slower than looking for their starts first.
_STARTS = re.compile("|".join(map(re.escape, sorted(_FORMS, key=len, reverse=True))))
_ANYWHERE = ("://", KEY_BEGIN)
"""Starts that may stand directly behind a letter or a digit."""

_PASSWORD = r"passw(?:or)?d|passphrase|pwd|secret"
_TOKEN = (
    r"token|credential|(?:api|app|access|secret|private|account|auth|client|signing|encryption|master"
    r"|subscription|license)[_-]?key"
)
_NAMES = re.compile(
    # What may stand between a name and its value is looked at here, for most names have none.
    rf"(?P<password>{_PASSWORD})(?=[\\\"'\] \t:=])"
    rf"|(?P<token>{_TOKEN})(?=[\\\"'\] \t:=])"
    rf"|(?P<option>--(?:[a-z]{{1,20}}-){{0,2}}(?:{_PASSWORD}|token|key))(?=[ \t])"
    r"|\b(?:(?P<bearer>bearer[ \t])|(?P<header>authorization)|(?P<cookie>cookie))"
    r"|(?P<query>[?&](?:sig|signature|x-amz-(?:signature|security-token|credential)|key|code|auth)=)"
)
"""Names that say that a secret follows, in lower case."""

# `name=`, `"name": `, `environ["NAME"] = `, also with the quotes escaped, as in JSON in JSON.
_IS = r"\\{0,3}[\"']?\]?[ \t]{0,4}(?::?={1,2}>?|:)[ \t]{0,4}"
_QUOTE = r"\\{0,3}[\"']"
_QUOTED = r"[^\"'\\\s\x00]"
_BARE = r"[^\s\x00\"'\\&;,<>(){}\[\]|`$*#%=]"
_END = r"(?=[\s\x00&;,<>\"'\\#|)\]}]|\Z)"
# An example or a template is no secret.
_REAL = r"(?!\$|<|\{|%|\*\*|\.\.\.|\[|(?i:xxx|your|my[_-]|example|changeme|none\b|null\b|true\b|false\b))"
_ANY_DIGIT = rf"(?={_QUOTED}{{0,64}}\d)"
# Names of variables and functions have one digit at most, as a rule.
_RANDOM = rf"(?=(?:[^\d\s\"'\\&;,]{{0,48}}\d){{2}}|(?={_BARE}{{0,64}}\d){_BARE}{{0,64}}[A-Z])"
_VALUES = {
    # A password may be words; where no quotes are around it, prose and code must not match.
    "password": rf"{_IS}{_QUOTE}{_REAL}({_QUOTED}{{8,256}})(?={_QUOTE})"
    rf"|={_REAL}({_BARE}{{8,256}}+)(?=[\s\x00&;\"'\\#]|\Z)"
    rf"|{_IS}{_REAL}(?={_BARE}{{0,48}}\d)({_BARE}{{8,256}}+){_END}",
    "token": rf"{_IS}{_QUOTE}{_REAL}{_ANY_DIGIT}({_QUOTED}{{8,2000}})(?={_QUOTE})"
    rf"|{_IS}{_REAL}{_RANDOM}({_BARE}{{8,2000}}+={{0,2}}){_END}",
    "option": rf"[ \t]{{1,4}}{_REAL}(?={_BARE}{{0,48}}\d)({_BARE}{{8,256}}+)",
    "bearer": r"[ \t]{0,4}(?=[\w.~+/-]{0,64}\d)([\w.~+/-]{16,4000}+=*)",
    "header": rf"{_IS}(?:{_QUOTE})?(?:basic|token|digest|apikey)[ \t]{{1,4}}([\w.~+/=:-]{{8,2000}}+)",
    "cookie": rf"{_IS}(?:{_QUOTE})?([\w.%-]{{1,200}}+=[^\s\x00\"']{{8,2000}}+)",
    "query": rf"{_RANDOM}([^\s\x00&#\"'<>\\]{{16,2000}}+)",
}
_NAMED = {
    kind: re.compile(pattern, re.IGNORECASE if kind == "header" else 0)
    for kind, pattern in _VALUES.items()
}
"""What follows each kind of name; the last group that matched is the secret."""

_OPEN_NAME = re.compile(
    rf"(?:(?:{_PASSWORD}|{_TOKEN}|authorization|cookie)\\{{0,3}}[\"']?\]?[ \t]{{0,4}}[:=]{{0,2}}>?[ \t]{{0,4}}"
    r"(?:\\{0,3}[\"'])?(?:basic|bearer|token|digest|apikey)?|\bbearer|--[a-z-]{0,40})[ \t]{0,4}\S{0,2000}\Z",
    re.IGNORECASE,
)
_LONGEST_NAME = 200


def secret_spans(text: str) -> list[tuple[int, int]]:
    """Return where secrets of a known form begin and end; two may overlap."""
    return [*_keys(text), *_named_values(text)]


def _keys(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    for start in _STARTS.finditer(text):
        at = start.start()
        if at < end or (at and text[at - 1].isalnum() and start[0] not in _ANYWHERE):
            continue
        form = _FORMS[start[0]].match(text, start.end())
        if form is not None:
            end = form.end()
            yield (at, end) if form.lastindex is None else form.span(1)


def _named_values(text: str) -> Iterator[tuple[int, int]]:
    # The only letter whose small one has another length: places must be the same in both texts.
    lowered = text.replace("\u0130", "I").lower()
    end = 0
    for name in _NAMES.finditer(lowered):
        if name.start() < end:
            continue
        value = _NAMED[name.lastgroup or ""].match(text, name.end())
        if value is not None:
            end = value.end()
            yield value.span(value.lastindex or 0)


def open_name(text: str) -> int | None:
    """Return where a name at the end of a text begins whose value may come next, if there is one."""
    found = _OPEN_NAME.search(text, max(0, len(text) - _LONGEST_NAME))
    return found.start() if found else None
