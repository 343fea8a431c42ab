"""The words of a query that are worth searching for."""

from __future__ import annotations

import re

MOST_WORDS = 64

_WORD = re.compile(r"\w+")
_EVERYWHERE = (
    "a about above after again against all am an and any are as at be because been before "
    "being below between both but by can cannot could did do does doing down during each few "
    "find for from further give had has have having he her here hers herself him himself his "
    "how i if in interested into is it its itself know like may me might more most must my "
    "myself no nor not of off on once only or other our ours ourselves out over own please "
    "same say says shall she should so some such tell than that the their theirs them "
    "themselves then there these they this those through to too under until up us very want "
    "was we were what when where which while who whom why will with would you your yours "
    "yourself yourselves"
)
STOP_WORDS = frozenset(_EVERYWHERE.split())


def telling_words(query: str) -> list[str]:
    """Return each word once, in lower case; stop words only if there are no others."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(query)))
    telling = [word for word in words if word not in STOP_WORDS]
    return (telling or words)[:MOST_WORDS]


def storable_text(text: str) -> str:
    """Return a text that every database accepts: names and UTF-16 files can hold half a character."""
    return text.encode(errors="replace").decode().replace("\0", " ")
