"""Sentences end where a reader would say so."""

from __future__ import annotations

from itertools import pairwise

import pytest

from jupyter_assistants.models.sentences import sentence_ends


def sentences(text: str) -> list[str]:
    ends = [0, *sentence_ends(text), len(text)]
    found = [text[a:b].strip() for a, b in pairwise(ends)]
    return [each for each in found if each]


@pytest.mark.parametrize(
    "sentence",
    [
        "Die Frist endet am 24. Dezember um Mitternacht.",
        "Der 3. Oktober ist ein Feiertag.",
        "Im 19. Jahrhundert wurde der 2. Band gedruckt.",
        "Am 24. 12. 2024 war der Laden zu.",
        "Das gilt z. B. für Enten, d. h. für Vögel.",
        "Das gilt z.B. Enten und Gänsen.",
        "Vgl. Abb. 3 und Nr. 7 in Bd. 2 von Prof. Dr. Müller.",
        "Ludwig XIV. König von Frankreich.",
        "Dr. J. R. R. Smith of St. Louis paid $3.50 to Mr. Jones.",
        "See Fig. 2, Eq. 4 and Smith et al. 2020 for details.",
        "The U. S. Army moved at 5 p.m. Eastern time.",
        "The value is approx. five, i.e. Between four and six.",
        "Version 3.11.7 of example.com costs 1.234,56 euro.",
        "M. Dupont et Mme. Durand ont signé le 1er janv. 2024.",
        "El Sr. García y la Sra. López viven en la av. Central.",
        "Den 5. januar ble huset solgt.",
        "Stalo se to dne 5. Května v Praze.",
        "Dhr. Jansen woont op nr. 5.",
    ],
)
def test_a_sentence_is_not_cut(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ducks swim. Geese fly.", ["Ducks swim.", "Geese fly."]),
        ("The answer is 42. It was known.", ["The answer is 42.", "It was known."]),
        ("It began in 2007. Then it ended.", ["It began in 2007.", "Then it ended."]),
        ("Is it so? No. It is not.", ["Is it so?", "No.", "It is not."]),
        ("Really?! Yes. No…  Well.", ["Really?!", "Yes.", "No…", "Well."]),
        ('He said "so." Then he left.', ['He said "so."', "Then he left."]),
        ("Er kam am 24. Dezember. Sie ging.", ["Er kam am 24. Dezember.", "Sie ging."]),
        ("今天天气很好。我们去公园吧！好吗？", ["今天天气很好。", "我们去公园吧！", "好吗？"]),
        ("彼は「はい。」と言った。次へ。", ["彼は「はい。」", "と言った。", "次へ。"]),
        ("क्या यह सही है? हाँ। ठीक है।", ["क्या यह सही है?", "हाँ।", "ठीक है।"]),
        ("هل هذا صحيح؟ نعم. شكرا.", ["هل هذا صحيح؟", "نعم.", "شكرا."]),
        ("", []),
    ],
)
def test_sentences_are_told_apart(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_only_a_part_of_a_text_is_looked_at() -> None:
    text = "One. Two. Three. Four."
    assert [text[:end] for end in sentence_ends(text, 5, 16)] == ["One. Two."]
