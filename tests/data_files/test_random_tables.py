"""Random tables in random forms of files: the demo's number is the one that pandas gives by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from support.demo_sentences import Sentence, ask, check_answer, sentences

pytestmark = pytest.mark.data_files

Writer = Callable[[pd.DataFrame, Path], object]


def text_writer(before: str = "", encoding: str = "utf-8", **options: str) -> Writer:
    """Return a writer of text with lines above the header."""

    def write(table: pd.DataFrame, path: Path) -> None:
        path.write_bytes((before + table.to_csv(index=False, **options)).encode(encoding))

    return write


def written(form: str) -> Writer:
    """Return a writer that writes numbers in a form: ``${:,.3f}``."""

    def write(table: pd.DataFrame, path: Path) -> None:
        numbers = table.select_dtypes("number")
        shown = {name: [form.format(value) for value in column] for name, column in numbers.items()}
        table.assign(**shown).to_csv(path, index=False)

    return write


def write_records(table: pd.DataFrame, path: Path) -> None:
    records = table.to_dict("records")
    path.write_text(json.dumps({"meta": {"count": len(records)}, "rows": records}))


def write_sheets(table: pd.DataFrame, path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Made by a program"])
    sheet = book.create_sheet("numbers")
    for row in (["A title"], [], list(table.columns), *table.values.tolist()):
        sheet.append(row)
    book.save(path)


FORMS: dict[str, tuple[str, Writer]] = {
    "semicolons": ("facts.csv", text_writer(sep=";")),
    "decimal commas": ("facts.csv", text_writer(sep=";", decimal=",")),
    "tabs": ("facts.csv", text_writer(sep="\t")),
    "bars": ("facts.txt", text_writer(sep="|")),
    "spaces": ("facts.dat", text_writer(sep=" ")),
    "a sep line": ("facts.csv", text_writer("sep=;\n", sep=";")),
    "UTF-16": ("facts.csv", text_writer(encoding="utf-16", sep="\t")),
    "UTF-16 without a mark": ("facts.csv", text_writer(encoding="utf-16-le")),
    "a title": ("facts.csv", text_writer("A title\n\n")),
    "comments": ("facts.csv", text_writer("# made by hand\n# today, and here\n")),
    "dollars": ("facts.csv", written("${:,.3f}")),
    "percent": ("facts.csv", written("{}%")),
    "records": ("facts.json", lambda table, path: table.to_json(path, orient="records")),
    "lines": ("facts.json", lambda table, path: table.to_json(path, orient="records", lines=True)),
    "records behind a key": ("facts.json", write_records),
    "a workbook": ("facts.xlsx", lambda table, path: table.to_excel(path, index=False)),
    "two sheets": ("facts.xlsx", write_sheets),
    "gzip": ("facts.csv.gz", lambda table, path: table.to_csv(path, index=False)),
    "bzip2": ("facts.csv.bz2", lambda table, path: table.to_csv(path, index=False, sep=";")),
    "xz": ("facts.tsv.xz", lambda table, path: table.to_csv(path, index=False, sep="\t")),
    "ZIP": ("facts.zip", lambda table, path: table.to_csv(path, index=False)),
    "Feather": ("facts.feather", lambda table, path: table.to_feather(path)),
    "Parquet": ("facts.parquet", lambda table, path: table.to_parquet(path)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@pytest.mark.timeout(600)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sentence=sentences(), form=st.sampled_from(sorted(FORMS)))
def test_the_number_does_not_depend_on_the_form(
    folder: Path, sentence: Sentence, form: str
) -> None:
    # The form of a file is recognised from its rows: one or two may be anything.
    assume(len(sentence.table) >= 3)
    name, write = FORMS[form]
    answer = ask(folder, sentence.table, sentence.text, name, write)
    if "may mean two numbers" in answer:
        # "12,125" alone is no certain number: refused with a word, not guessed.
        assert form == "decimal commas"
        if "**: " not in answer:
            return
    note(f"{form}: {sentence.table.to_csv(index=False)}")
    check_answer(answer, sentence)
