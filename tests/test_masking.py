"""Secrets in texts, outputs and streams."""

from __future__ import annotations

import pytest

from jupyter_assistants.redaction import MASKED, Masker, StreamMasker, remember

# Put together here, so that no scanner of repositories takes them for real.
KEYS = [
    "sk-" + "a1B2" * 10,
    "sk-proj-" + "a1B2_" * 6,
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "11AB" * 10,
    "AKIA" + "ABCD1234" * 2,
    "xoxb-" + "123456789012-abcdefABCDEF",
    "eyJhbGciOiJI" + ".eyJzdWIiOiIxMjM" + ".dozjgNryP4J3jVmN",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:6])
def test_known_kinds_of_keys_are_masked_wherever_they_stand(key: str) -> None:
    assert Masker({}).text(f"it is '{key}', see?") == f"it is '{MASKED}', see?"


@pytest.mark.parametrize(
    "name",
    [
        *("OPENAI_API_KEY", "DB_PASSWORD", "JUPYTER_TOKEN", "client_secret", "GITHUB_PAT"),
        *("SENTRY_DSN", "DATABASE_URL", "REDIS_URL", "MONGODB_URI", "KEYSTORE_PASSPHRASE"),
        *("AWS_CREDENTIALS", "GCP_CREDENTIAL", "PGPASSWORD", "SLACK_WEBHOOK", "NPM_AUTH"),
    ],
)
def test_values_of_variables_with_a_secret_name_are_masked(name: str) -> None:
    masker = Masker({name: "hunter2-hunter2"})
    assert masker.text("x=hunter2-hunter2;") == f"x={MASKED};"


def test_other_values_stay() -> None:
    masker = Masker({"KEYBOARD": "pc105-layout", "SSH_KEY": "/home/ada/key", "PWD": "/home/ada/it"})
    text = "pc105-layout /home/ada/key /home/ada/it sk-learn task-force AKIA monkey"
    assert masker.text(text) == text
    assert Masker({"API_KEY": "short"}).text("short") == "short"


def test_a_value_is_masked_in_its_other_spellings() -> None:
    masker = Masker({"API_KEY": 'a<b>&"c\\d"efgh'})
    assert masker.text("<td>a&lt;b&gt;&amp;&quot;c\\d&quot;efgh</td>") == f"<td>{MASKED}</td>"
    assert masker.text(repr({"k": 'a<b>&"c\\d"efgh'})) == f"{{'k': '{MASKED}'}}"


def test_a_password_in_an_address_is_masked() -> None:
    assert Masker({}).text("postgresql://ada:pw@db/x") == f"postgresql://{MASKED}@db/x"
    assert Masker({}).text("http://host:8888/a?b@c") == "http://host:8888/a?b@c"


def test_all_texts_of_an_output_are_masked_and_images_are_not_touched() -> None:
    masker = Masker({"API_KEY": "iVBORw0KGgo="})
    data = {
        "text/plain": "iVBORw0KGgo=",
        "image/png": "iVBORw0KGgo=",
        "application/json": ["iVBORw0KGgo="],
    }
    masked = masker.output({"output_type": "display_data", "data": data, "metadata": {}})["data"]
    assert masked == {
        "text/plain": MASKED,
        "image/png": "iVBORw0KGgo=",
        "application/json": [MASKED],
    }
    error = {
        "output_type": "error",
        "ename": "E",
        "evalue": KEYS[0],
        "traceback": [f"E: {KEYS[0]}"],
    }
    assert KEYS[0] not in str(masker.output(error))


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_a_secret_that_comes_in_pieces_is_masked(size: int) -> None:
    text = f"begin {KEYS[0]} then hunter2-hunter2\n{KEYS[-1]} and the end"
    stream = StreamMasker(Masker({"PASSWORD": "hunter2-hunter2"}))
    shown = (
        "".join(stream.add(text[i : i + size]) for i in range(0, len(text), size)) + stream.finish()
    )
    assert shown == f"begin {MASKED} then {MASKED}\n{MASKED} and the end"


def test_what_is_remembered_later_is_masked_as_well() -> None:
    masker, other = Masker(), Masker({})
    assert masker.text("a key0out0of0a0file") == "a key0out0of0a0file"
    remember(["key0out0of0a0file", "short"])
    assert masker.text("a key0out0of0a0file, short") == f"a {MASKED}, short"
    assert other.text("a key0out0of0a0file") == "a key0out0of0a0file"


def stream(name: str, text: str) -> dict[str, str]:
    return {"output_type": "stream", "name": name, "text": text}


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        ([f"a {KEYS[0][:9]}", f"{KEYS[0][9:]} b"], [f"a {MASKED}", " b"]),
        (["x hunter2 ", "hunter2 y"], [f"x {MASKED}", " y"]),
        ([KEYS[0][:5], KEYS[0][5:11], f"{KEYS[0][11:]}\nz"], [MASKED, "", "\nz"]),
        ([f"{KEYS[-1][:40]}", f"{KEYS[-1][40:]} {KEYS[2]}!"], [MASKED, f" {MASKED}!"]),
        (["no ", "secret"], ["no ", "secret"]),
    ],
)
def test_a_secret_is_masked_where_another_stream_came_between(
    pieces: list[str], shown: list[str]
) -> None:
    masker = Masker({"PASSWORD": "hunter2 hunter2"})
    between = stream("stderr", "a warning\n")
    outputs = [each for piece in pieces for each in (stream("stdout", piece), between)]
    masked = masker.outputs(outputs)
    assert [each["text"] for each in masked if each["name"] == "stdout"] == shown
    assert [each for each in masked if each["name"] == "stderr"] == [between] * len(pieces)


MEGABYTE = 1_000_000
HOSTILE = {
    "one long word": "aB3/" * (MEGABYTE // 4),
    "openings of keys": "-----BEGIN " * (MEGABYTE // 11),
    "private keys that never end": "-----BEGIN RSA PRIVATE KEY-----" * (MEGABYTE // 31),
    "an endless kind of key": "-----BEGIN " + "A" * MEGABYTE,
    "ends of keys": "-----END PRIVATE KEY " * (MEGABYTE // 21),
    "first parts of tokens": "eyJaaaaaaaa-" * (MEGABYTE // 12),
    "one endless part of a token": "eyJ" + "a" * MEGABYTE,
    "two parts of tokens": "eyJaaaaaaaa.eyJaaaaaaaa!" * (MEGABYTE // 24),
    "addresses": "://a" * (MEGABYTE // 4),
    "passwords without a host": "://a:bbbbbbbb" * (MEGABYTE // 13),
    "prefixes of keys": "sk-hf_gsk-" * (MEGABYTE // 10),
    "blanks": " " * MEGABYTE,
    "line ends": "\n" * MEGABYTE,
}


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_the_worst_case_is_masked_whole_and_in_pieces(text: str) -> None:
    masker = Masker({"API_KEY": "hunter2-hunter2"})
    end = "\nhunter2-hunter2"
    assert masker.text(text + end).endswith(MASKED)
    for size in (MEGABYTE // 2, 65_536):
        stream = StreamMasker(masker)
        pieces = [
            stream.add((text + end)[i : i + size]) for i in range(0, len(text) + len(end), size)
        ]
        assert ("".join(pieces) + stream.finish()).endswith(MASKED)
