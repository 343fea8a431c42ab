"""Code that looks different from what it does is shown whole, and what is odd about it is named."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from jupyter_assistants.kernels.languages import hint_texts
from jupyter_assistants.protocol.unseen import revealed


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("x = 'a\u202eb'", "has hidden characters (line 1)"),
        ("x = 1\ny = 'a\u200bb'", "has hidden characters (line 2)"),
        ("# no harm\rimport this", "has hidden characters (line 1)"),
        ("# no harm\u2028!ls", "has hidden characters (line 1)"),
        ("# no harm\x0c\x0b\x85", "has hidden characters (line 1)"),
        ("# \x1b[8mnobody reads this\x1b[0m", "has hidden characters (line 1)"),
        ("x = 'a\U000e0041'", "has hidden characters (line 1)"),
        ("x = 'a\ufe01\u3164'", "has hidden characters (line 1)"),
        ("p\u0430ss = 1", "has letters that look like others (line 1)"),
        ("\uff45\uff58\uff45\uff43('1')", "has letters that look like others (line 1)"),
        ("x = 1" + " " * 90 + "; y = 2", "goes on far to the right (line 1)"),
        ("\t" * 90 + "x = 1", "goes on far to the right (line 1)"),
        ("x = 1" + "\n" * 30 + "y = 2", "goes on after many blank lines (line 31)"),
        ("x = '" + "A" * 2_000 + "'", "has a very long line (line 1)"),
    ],
)
def test_what_hides_is_named_with_its_line(code: str, hint: str) -> None:
    assert hint in hint_texts(code)
    assert hint in hint_texts(code, "toytalk")


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n\treturn x\n",
        "x = 1\r\ny = 2\r\n",
        "name = 'naïve Größe 東京 Привет'",
        "Δx = 3; ρ = 1.2; größe = 4",
        "flag = '👩\u200d🚀 ❤\ufe0f'",
        "x = 1" + "\n" * 5 + "y = 2",
    ],
)
def test_ordinary_code_has_nothing_hidden(code: str) -> None:
    assert revealed(code) == code
    assert hint_texts(code) == []


def test_every_character_without_a_look_of_its_own_is_shown_by_its_number() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        # Alone, an emoji's selector and joiner have nothing to select or join.
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs"):
            shown = revealed(f"a{character}b")
            seen = character in " \t\n"
            assert shown == (f"a{character}b" if seen else f"a⟨U+{number:04X}⟩b"), hex(number)


def test_carriage_returns_are_shown_unless_they_belong_to_the_end_of_a_line() -> None:
    assert revealed("a\r\nb\rc\r\r\n") == "a\r\nb⟨U+000D⟩c⟨U+000D⟩\r\n"


def test_revealed_code_hides_nothing_from_whoever_reads_it_again() -> None:
    code = "".join(map(chr, range(0x3000))) + "\U000e0041\ufe0f\u200d"
    assert revealed(revealed(code)) == revealed(code)
