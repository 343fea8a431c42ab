"""Texts of many languages are found by their words, the same in every database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jupyter_assistants.retrieval.base import Chunk, IndexedDocument, SearchIndex
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.languages import recognise
from jupyter_assistants.retrieval.sqlite import SqliteRows
from jupyter_assistants.retrieval.words import index_terms, language_of, query_words

# File, title (headings above the text), text. Each language has a second text that queries must not mix
# up with the first.
TEXTS = [
    (
        "en-ducks",
        "Birds of the lake",
        "Ducks are swimming on the lake, and the children feed them.",
    ),
    ("en-code", "Notes", "Call read_csv with sep=';' where the file has semicolons."),
    ("zh-weather", "气象报告", "北京今天天气晴朗，最高气温三十度。"),
    ("zh-learning", "Python3入门教程", "本书介绍机器学习模型的训练方法，使用PyTorch框架。"),
    ("zh-cat", "宠物", "我家有一只黑猫。"),
    ("ja-tokyo", "日本の首都", "東京都は日本の首都であり、人口が最も多い都市です。"),
    ("ja-sushi", "食べ物", "寿司は酢飯と魚介類を組み合わせた日本料理です。ﾗｰﾒﾝも人気があります。"),
    ("ko-seoul", "여행", "서울에서 부산까지 기차로 두 시간 반이 걸립니다."),
    ("ko-contract", "계약서", "계약 기간은 2년이며 자동으로 연장됩니다."),
    ("th-cat", "สัตว์เลี้ยง", "แมวของฉันชอบนอนบนหลังคาบ้านทุกวัน"),
    ("th-rain", "พยากรณ์อากาศ", "วันนี้ฝนตกหนักในกรุงเทพมหานคร"),
    (
        "de-lease",
        "Mietvertrag",
        "Die Kündigungsfristen für das Haus sind in den Verträgen geregelt und betragen drei Monate.",
    ),
    (
        "de-street",
        "Bericht",
        "In der Straße wurden die Bäume gefällt, weil sie nicht mehr gesund waren. Müller war dabei.",
    ),
    (
        "tr-istanbul",
        "Gezi rehberi",
        "İstanbul'un kitapçıları çok eski ve bu şehirde ISPARTA gülü de satılır.",
    ),
    ("ar-school", "مقالة", "الطُّلَّابُ يَقْرَؤُونَ الكُتُبَ في المَدْرَسَةِ الجديدة كل يوم."),
    ("ru-books", "Библиотека", "В библиотеке хранятся редкие книги, а осенью там ставят ёлку."),
    ("el-houses", "Νησί", "Τα σπίτια στο νησί είναι λευκά και μικρά."),
    ("hi-books", "पुस्तकालय", "पुस्तकालय में पुरानी किताबें रखी हैं।"),
    (
        "fr-contract",
        "Contrat",
        "Les employés ont été informés par la société que le contrat est résilié dans les délais.",
    ),
    ("es-children", "Escuela", "Los niños de la escuela cantaban canciones con sus maestras."),
    ("sv-houses", "Byggnader", "Husen på ön är röda och det finns inte många som är gula."),
    ("fi-houses", "Rakennus", "Talot ovat punaisia, ja niiden katot on maalattu, kun oli kesä."),
    ("pl-books", "Biblioteka", "Nowe książki są na półce, ale nie ma ich jeszcze w katalogu."),
]

# Query, and the file that comes first.
FOUND = [
    ("duck swims", "en-ducks"),
    ("birds", "en-ducks"),
    ("read_csv", "en-code"),
    ("北京的天气怎么样？", "zh-weather"),
    ("天气", "zh-weather"),
    ("气象", "zh-weather"),
    ("机器学习", "zh-learning"),
    ("pytorch", "zh-learning"),
    ("PyTorch框架", "zh-learning"),
    ("Python3", "zh-learning"),
    ("入门", "zh-learning"),
    ("猫", "zh-cat"),
    ("黑猫", "zh-cat"),
    ("東京の人口は？", "ja-tokyo"),
    ("首都", "ja-tokyo"),
    ("寿司", "ja-sushi"),
    ("ラーメン", "ja-sushi"),
    ("食べ物", "ja-sushi"),
    ("서울", "ko-seoul"),
    ("부산행 기차", "ko-seoul"),
    ("계약", "ko-contract"),
    ("2년", "ko-contract"),
    ("แมว", "th-cat"),
    ("แมวนอนที่ไหน", "th-cat"),
    ("ฝน", "th-rain"),
    ("พยากรณ์", "th-rain"),
    ("Kündigungsfrist", "de-lease"),
    ("Wie lang ist die Kündigungsfrist im Vertrag?", "de-lease"),
    ("Häuser", "de-lease"),
    ("Vertraege", "de-lease"),
    ("Strasse", "de-street"),
    ("STRASSEN", "de-street"),
    ("gefällter Baum", "de-street"),
    ("Mueller", "de-street"),
    ("muller", "de-street"),
    ("istanbul", "tr-istanbul"),
    ("İSTANBUL", "tr-istanbul"),
    ("Isparta", "tr-istanbul"),
    ("kitapçı", "tr-istanbul"),
    ("مدرسة", "ar-school"),
    ("كتب", "ar-school"),
    ("الكتب", "ar-school"),
    ("طلاب", "ar-school"),
    ("книга", "ru-books"),
    ("елка", "ru-books"),
    ("σπιτι", "el-houses"),
    ("किताब", "hi-books"),
    ("employé", "fr-contract"),
    ("employe", "fr-contract"),
    ("societe", "fr-contract"),
    ("niño", "es-children"),
    ("canción", "es-children"),
    ("hus", "sv-houses"),
    ("talossa", "fi-houses"),
    ("książka", "pl-books"),
    ("Ｐｙｔｈｏｎ３", "zh-learning"),
]

# Query, and a file that shares letters with it and no word.
NOT_FOUND = [
    ("volcano", ""),
    ("火山", ""),
    ("京都", "zh-weather"),
    ("経済", ""),
    ("화산", ""),
    ("แม่", "th-cat"),
    ("ภูเขาไฟ", ""),
    ("Vulkan", ""),
    ("ankara", "tr-istanbul"),
    ("بركان", ""),
    ("вулкан", ""),
    ("bar", "de-street"),
    ("hau", "zh-cat"),
    ("read_json_file", "zh-learning"),
    ("ens·duck", "zh-cat"),
    ("der", "en-ducks"),
]


@pytest.fixture
def index(rows: Rows) -> SearchIndex:
    index = HybridIndex(rows)
    for name, title, text in TEXTS:
        index.add(document(name, text, head=title))
    return index


def document(file_id: str, *texts: str, head: str = "", name: str = "") -> IndexedDocument:
    chunks = [Chunk(f"chunk_{at}", text, head=head) for at, text in enumerate(texts)]
    blocks = [Block(each.text) for each in chunks]
    return IndexedDocument("vs_A", file_id, name or "1.txt", blocks, chunks, {}, source=file_id)


def found(index: SearchIndex, query: str, **options: Any) -> list[str]:
    return [hit.file_id for hit in index.search([query], ["vs_A"], limit=30, **options)]


def test_a_query_finds_the_text_in_its_language(index: SearchIndex) -> None:
    wrong = {
        query: files[:3]
        for query, wanted in FOUND
        if (files := found(index, query))[:1] != [wanted]
    }
    assert wrong == {}


def test_what_only_looks_like_a_word_of_the_query_is_not_found(index: SearchIndex) -> None:
    wrong = {}
    for query, lookalike in NOT_FOUND:
        files = found(index, query)
        if (lookalike in files) if lookalike else files:
            wrong[query] = files
    assert wrong == {}


def test_a_word_of_two_languages_counts_the_same_in_both(rows: Rows) -> None:
    index = HybridIndex(rows)
    for number in range(20):
        text = (
            f"The history of the computer is a part of book {number} that we have in our library."
        )
        index.add(document(f"en-{number}", text))
    german = "Der Computer steht in dem Zimmer, und die Maus liegt auf dem Tisch bei der Tastatur."
    index.add(document("de", german))
    files = found(index, "computer history")
    assert files[0] != "de" and "de" in files


def test_a_wrongly_recognised_language_loses_nothing(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = HybridIndex(rows)
    monkeypatch.setattr(
        "jupyter_assistants.retrieval.index_storage.language_of", lambda texts: "fi"
    )
    index.add(document("english", "Ducks are swimming in the lakes."))
    index.add(document("german", "Die Häuser der Straße"))
    monkeypatch.undo()
    assert found(index, "Where does a duck swim?") == ["english"]
    assert found(index, "lake") == ["english"]
    assert found(index, "Häuser") == ["german"] and found(index, "strasse") == ["german"]


def test_an_index_with_other_terms_is_emptied_when_it_is_opened(
    rows: Rows, request: pytest.FixtureRequest
) -> None:
    if "memory" in request.node.name:
        pytest.skip("it is gone when it is closed")
    index = HybridIndex(rows)
    index.add(document("one", "猫"))
    before = index.generation()
    if isinstance(rows, SqliteRows):
        with rows._write() as database:
            database.execute("PRAGMA user_version = 5")
        later: Rows = SqliteRows(rows._path)
    else:
        # As earlier versions left it: without a version, and with postings of PostgreSQL's own.
        rows._write(  # type: ignore[attr-defined]
            lambda database: database.execute("ALTER TABLE search_state DROP COLUMN version")
        )
        later = type(rows)(rows._url)  # type: ignore[attr-defined, call-arg]
    index = HybridIndex(later)
    assert index.documents() == [] and index.generation().identity != before.identity
    index.add(document("one", "猫"))
    assert found(index, "猫") == ["one"]
    later.close()


def test_a_text_of_two_vector_stores_is_found_in_each_until_it_is_removed(rows: Rows) -> None:
    index = HybridIndex(rows)
    for store in ("vs_A", "vs_B"):
        index.add(replace(document("one", "我家有一只黑猫"), vector_store_id=store))
    for store in ("vs_A", "vs_B"):
        assert [hit.file_id for hit in index.search(["黑猫"], [store], limit=3)] == ["one"]
    index.remove("vs_A", "one")
    assert found(index, "黑猫") == []
    assert [hit.file_id for hit in index.search(["猫"], ["vs_B"], limit=3)] == ["one"]


def test_names_of_files_are_searched_in_every_script(rows: Rows) -> None:
    index = HybridIndex(rows)
    for name in (
        "東京レポート.pdf",
        "Jahresabschlüsse 2024.xlsx",
        "รายงานประจำปี.docx",
        "a_b-report.txt",
    ):
        index.add(document(name, "Nothing of interest here.", name=name))
    assert found(index, "東京") == ["東京レポート.pdf"]
    assert found(index, "レポート") == ["東京レポート.pdf"]
    assert found(index, "รายงาน") == ["รายงานประจำปี.docx"]
    assert found(index, "jahresabschlusse") == ["Jahresabschlüsse 2024.xlsx"]
    assert found(index, "report") == ["a_b-report.txt"]


def test_scores_and_thresholds_count_words_and_not_their_forms(index: SearchIndex) -> None:
    (hit,) = index.search(["黑猫"], ["vs_A"], limit=1)
    assert hit.score == 1.0
    assert found(index, "Kündigungsfristen Häuser Straße", threshold=0.5) == ["de-lease"]


def test_removed_texts_are_found_no_more(index: SearchIndex) -> None:
    index.remove("vs_A", "zh-cat")
    assert "zh-cat" not in found(index, "猫")
    index.add(document("zh-cat", "我家有一条狗。"))
    assert found(index, "狗") == ["zh-cat"]


@pytest.mark.parametrize(("file_id", "text"), [(name, text) for name, _, text in TEXTS])
def test_a_text_in_latin_script_is_recognised(file_id: str, text: str) -> None:
    language = file_id.partition("-")[0]
    latin = ("de", "en", "es", "fi", "fr", "pl", "sv", "tr")
    assert language_of([text]) == (language if language in latin else "en")


@pytest.mark.parametrize(
    "text",
    [
        *("ducks", "x = pd.read_csv('a.csv')", "name;date;sum\nMeier;2024-01-01;12", ""),
        *("Van der Waals forces in water", "A la carte", "I am a man of de Sica's films", "1 2 3"),
    ],
)
def test_what_tells_no_language_counts_as_english(text: str) -> None:
    assert recognise([text]) == "en"


def test_a_text_of_another_language_takes_few_more_terms_and_english_none() -> None:
    assert index_terms("Ducks are swimming", "en") == ["duck", "ar", "swim"]
    assert index_terms("Häuser", "de") == ["hauser", "de·haus"]
    assert len(index_terms("東京都の天気", "en")) == len("東京都の天気")


def test_a_query_has_at_most_64_words() -> None:
    assert len(query_words("東京" * 500)) == 64 == len(query_words(" ".join(map(str, range(500)))))


def test_a_word_that_is_no_word_is_cut() -> None:
    (term,) = index_terms("a" * 100_000)
    assert len(term) <= 64
    long = index_terms("ä" * 10_000 + "_" * 10_000 + "x", "de")
    assert all(len(term) <= len("de·") + 64 for term in long)
