"""Languages: which one a text is written in, and the stems of its words.

The stems are Snowball's. A language is recognised by counting function words ("der", "les", "och"), which
needs no model: docs/internals/decisions.md, "Languages are recognised by their function words".
"""

from __future__ import annotations

import importlib
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

ENGLISH = "en"

# Of languages in Latin script that Snowball has. What neighbours share (Danish and Norwegian, Czech and
# Polish) says little; each has words of its own besides.
_FUNCTION_WORDS = {
    "ca": "el la els les un una i o de del dels amb per que no és són als aquest aquesta com més però "
    "també ha han què quan on seva seu",
    "cs": "a je se na v ve že s z do to jsou byl byla by jako ale nebo pro při podle od po za jak co "
    "kdy kde který která které není také jeho její",
    "da": "og i jeg det at en den til er som på de med han af for ikke der var mig sig men et har om vi "
    "min havde hun nu over da fra du ud hvad hvor hvornår hvordan hvem også efter ved eller",
    "de": "der die das den dem des und oder aber nicht ein eine einen einem einer eines ist sind war "
    "wird werden wurde hat haben für mit auf von zu im in an als auch bei aus nach wie was wer wann "
    "wo warum welche welcher welches es sie er wir ich dass sich kann vom zum zur über",
    "en": "the of and to in is was that it for on are with as this be by at from or which have has not "
    "were an you we they their its can will there been if do does what when where how who these",
    "es": "el la los las un una unos unas y o de del al en con por para que no es son fue se su sus lo "
    "como más pero este esta qué cuándo cuál dónde cómo quién hay muy también entre sobre cuando",
    "et": "ja on ei see ta ning või et kui mis aga ka oma selle kes olid oli siis nad tema nende kuid "
    "mida kuidas millal kus ainult veel pärast enne",
    "fi": "ja on ei se että oli hän en mutta ovat kun niin myös jos mikä mitä missä milloin miten kuka "
    "tai sekä sen ole olla hänen joka jotka mukaan kuin vain sitten tämä",
    "fr": "le la les un une des du de et ou est sont dans par pour que qui ne pas sur avec au aux ce "
    "cette ces se son sa ses plus mais comme il elle nous vous ont été être quel quelle quand où "
    "comment pourquoi leur",
    "hu": "a az és hogy nem is egy van ez meg csak de ha volt már mint el vagy még kell lesz azt ezt "
    "mi ki hol mikor hogyan között után szerint minden amely nincs",
    "id": "yang dan di dari untuk dengan ini itu pada adalah tidak ke dalam akan oleh atau juga saya "
    "kami mereka dia karena sebagai apa siapa kapan bagaimana ada sudah telah bisa",
    "it": "il lo la i gli le un uno una e o di del della dei delle al alla in nel nella con per che non "
    "è sono si su da dal dalla come più ma anche questo questa cosa quando dove chi quale essere",
    "lt": "ir yra kad į iš su tai ne bet kaip buvo jo jos ar už nuo tik dar jis ji mes jie apie prie "
    "kas kur kada kuris kuri pagal bei arba",
    "nl": "de het een en of van in is op te dat die niet met voor zijn aan er om ook als dan maar bij "
    "uit naar door over wordt worden werd heeft hebben wat wie waar wanneer hoe welke deze dit geen",
    "no": "og i jeg det at en et den til er som på de med han av ikke der så var meg seg men har om vi "
    "min hadde hun nå over da ved fra du ut dem oss hva hvor hvem når hvordan også etter eller",
    "pl": "i w na z do się nie to jest że o jak ale po za od przez przy dla są był była było lub oraz "
    "który która które co kto gdzie kiedy jego jej ich może tym tego",
    "pt": "o a os as um uma uns umas e ou de do da dos das em no na nos nas com por para que não é são "
    "foi se seu sua como mais mas este esta isso quando onde qual quem também ao aos à pelo pela",
    "ro": "și în la de cu pe pentru că nu este sunt un o din care sau mai dar a al ale ca fi fost prin "
    "ce când unde cine cum după acest această lui ei",
    "sv": "och i att det som en på är av för med till den har de inte om ett han men var jag sig från "
    "vi så kan när där hon under också efter eller nu vad hur vem vilka denna detta ska",
    "tr": "ve bir bu da de için ile çok daha en gibi ne olarak kadar sonra var yok değil ama o ki her "
    "mi mı nasıl nerede kim hangi zaman olan ise veya göre tarafından",
}

_STEMMERS = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "en": "porter",
    "es": "spanish",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
    "tr": "turkish",
}
# Elsewhere the script says enough: both sides of a comparison use the same stemmer, right or wrong.
_SCRIPTS = (
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "russian"),
    (0x0530, 0x058F, "armenian"),
    (0x0600, 0x077F, "arabic"),
    (0x0900, 0x097F, "hindi"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x1F00, 0x1FFF, "greek"),
)

MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
)
MARKS += "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u00ad\u200d\u2060"
"""Accents, vowel points, and characters that nobody sees, inside of a class of an expression."""

_MARK = re.compile(f"[{MARKS}]")
_STRESS = re.compile("[\u0300\u0301\u00ad]")
_LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"ى": "ي", "ی": "ي", "ک": "ك"}
)
_LATIN_WORD = re.compile(f"[^\\W\\d_{MARKS}][\\w{MARKS}]*")

_LEAST_SHARE = 0.05
"""Of a text's words that are function words of its language; tables and code have less of any."""

# They stand in English texts as well: words, initials, and parts of names.
_SHARED_WORDS = (
    "a i o e y z w s v k u be do no so we he me on in an at to is as was war die per con man den van von "
    "del de du en al mi or one era mas sin has had hat"
)
_SHARED = frozenset(_SHARED_WORDS.split())

_SHORTEST_STEMMED = 3

_stemming = threading.Lock()


def fold(word: str) -> str:
    """Return a word, already in lower case, without accents and other marks."""
    if word.isascii():
        return word
    if _script(word) == "russian":
        # й is a letter of its own; ё is written е as often as not.
        return _STRESS.sub("", word).replace("ё", "е")
    bare = _MARK.sub("", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def stem(word: str, language: str = ENGLISH) -> str:
    """Return the folded stem of a word in lower case; of other scripts than Latin by their script."""
    bare = fold(word)
    name = _script(bare)
    if name is not None:
        return fold(_stem(name, bare))
    return _english_stem(bare) if language == ENGLISH else fold(_stem(_STEMMERS[language], word))


def _english_stem(word: str) -> str:
    """Return a stem by Porter's rules, with his later ones for "technology" and "possibly"."""
    if len(word) < _SHORTEST_STEMMED:
        return word
    found = _stem("porter", word)
    if found.endswith("logi"):
        return found[:-1]
    return _stem("porter", f"{found[:-1]}e") if found.endswith("bli") else found


def is_latin(word: str) -> bool:
    """Return whether a language has to be known for a word's stem."""
    return word[0] < "\u0250" or "\u1e00" <= word[0] < "\u1f00"


def function_words(language: str) -> frozenset[str]:
    """Return the folded function words of a language, which say little about a text's subject."""
    return _function_words()[language]


def recognise(texts: Iterable[str], among: Iterable[str] = (), *, least: int = 2) -> str:
    """Return the language of a text in Latin script, or English where nothing else is likely.

    Parameters
    ----------
    texts
        Samples of it.
    among
        The languages that are possible; without any, all that are known.
    least
        How many different function words another language needs. A title has few words, and names in it
        are of any language.
    """
    words: Counter[str] = Counter()
    for word, count in Counter(_LATIN_WORD.findall(" ".join(texts).casefold())).items():
        words[fold(word)] += count
    known = _function_words()
    english = sum(words[word] for word in known[ENGLISH])
    best, most = ENGLISH, english
    for language in sorted(among or known):
        found = [words[word] for word in known[language] - _SHARED if words[word]]
        likely = len(found) >= least and sum(found) >= _LEAST_SHARE * words.total()
        if language != ENGLISH and likely and sum(found) > most:
            best, most = language, sum(found)
    return best


def _script(word: str) -> str | None:
    first = ord(word[0]) if word else 0
    if first < 0x0370:
        return None
    return next((name for low, high, name in _SCRIPTS if low <= first <= high), None)


@cache
def _function_words() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(fold(word) for word in words.split())
        for language, words in _FUNCTION_WORDS.items()
    }


def _stem(name: str, word: str) -> str:
    # A stemmer keeps the word that it works on in itself.
    with _stemming:
        return _stemmer(name)(word) or word


@cache
def _stemmer(name: str) -> Callable[[str], str]:
    # By module: where PyStemmer is installed, snowballstemmer hands over to it, and the stems of an index
    # must not depend on that.
    module = importlib.import_module(f"snowballstemmer.{name}_stemmer")
    stemmer: Callable[[str], str] = getattr(module, f"{name.capitalize()}Stemmer")().stemWord
    return stemmer
