"""Secrets in texts, outputs and streams."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.paths import DOCS, ROOT, TESTS

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


RANDOM = "a1B2c3D4" * 8
KEYS += [
    "npm_" + RANDOM[:36],
    "pypi-" + "AgEIcHlwaS5vcmc" + RANDOM,
    "rubygems_" + "0a1b2c3d" * 6,
    "dckr_pat_" + RANDOM[:27],
    "glrt-" + RANDOM[:20],
    "SG." + RANDOM[:22] + "." + RANDOM[:43],
    "AIza" + RANDOM[:35],
    "GOCSPX-" + RANDOM[:28],
    "ya29." + RANDOM,
    "dop_v1_" + "0a1b2c3d" * 8,
    "dapi" + "0a1b2c3d" * 4,
    "hvs." + RANDOM[:24],
    "glsa_" + RANDOM[:32] + "_0a1b2c3d",
    "shpat_" + RANDOM[:32],
    "hf_" + RANDOM[:34],
    "xapp-" + "1-A1B2C3-" + RANDOM[:20],
    "hooks.slack.com/services/" + "T0A1B2C3/B0A1B2C3/" + RANDOM[:24],
    "sk_live_" + RANDOM[:24],
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ\n-----END PGP PRIVATE KEY BLOCK-----",
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:12])
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


NAMED = [
    ("http://localhost:8888/lab?token=", "3fa9c1d2e4b5a697", "&reset"),
    ("see [the lab](http://localhost:8888/lab?token=", "3fa9c1d2e4b5a697", ") or"),
    ("login(token=", "3fa9c1d2e4b5a697", ")"),
    ("{password: ", "s3cr3t-pa55", "}"),
    ("<http://localhost:8888/lab?token=", "3fa9c1d2e4b5a697", ">"),
    ("https://x.blob.example/c?sv=2020&sig=", "abcd%2Fefgh1234567890%3D", ""),
    ("s3?X-Amz-Signature=", "0a1b2c3d4e5f60718293", " "),
    ("Authorization: Bearer ", "abcdef0123456789.ghij", ""),
    ("'authorization': 'bearer ", "abcdef0123456789ghij", "'"),
    ("Authorization: Basic ", "dXNlcjpwYXNzd29yZA==", "\r\n"),
    ("curl -H 'X-Api-Key: ", "0123456789abcdef", "'"),
    ("Cookie: ", "username-localhost-8888=2|1:0|10:17000|ab", ""),
    ("password=", "correcthorsebattery", "\n"),
    ("PGPASSWORD=", "letmein99", " psql"),
    ("db_password: '", "s3cr3t-pa55", "'"),
    ('{"password": "', "correct-horse", '"}'),
    ("mysqldump --password ", "hunter2hunter2", " shop"),
    ("aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""),
    ("AccountName=x;AccountKey=", "a1B2" * 21 + "aa==", ";EndpointSuffix=y"),
    ("//registry.example/:_authToken=", "0a1b2c3d-e4f5-6071-8293-a4b5c6d7e8f9", ""),
    ('os.environ["API_KEY"] = "', "abc123def456", '"'),
    ('{"code": "client_secret = \\"', "abcdefgh12", '\\""}'),
    ("STRIPE_API_KEY='", "0a1b2c3d4e5f", "'"),
]


@pytest.mark.parametrize(("before", "secret", "after"), NAMED, ids=lambda text: text[:14])
def test_what_a_name_says_to_be_secret_is_masked_and_nothing_else(
    before: str, secret: str, after: str
) -> None:
    masker = Masker({})
    assert masker.text(before + secret + after) == before + MASKED + after
    assert masker.text(MASKED) == MASKED


@pytest.mark.parametrize(("before", "secret", "after"), NAMED, ids=lambda text: text[:14])
@pytest.mark.parametrize("size", [1, 5])
def test_a_named_secret_that_comes_in_pieces_is_masked(
    before: str, secret: str, after: str, size: int
) -> None:
    text = f"begin\n{before}{secret}{after} and the end"
    stream = StreamMasker(Masker({}))
    pieces = [stream.add(text[i : i + size]) for i in range(0, len(text), size)]
    assert "".join(pieces) + stream.finish() == f"begin\n{before}{MASKED}{after} and the end"


HARMLESS = [
    "token = tokenizer.next()",
    "eos_token='<|endoftext|>', max_tokens=4096, prompt_tokens: 12345678",
    'password = getpass.getpass("Password: ")',
    'api_key=os.environ["X1234567"], key = "550e8400-e29b-41d4-a716-446655440000"',
    "password: str = Field(...)\ntoken: str | None = None",
    'password="<your password>" api_key="YOUR_API_KEY"',
    "The secret: preparation. Password: required",
    "Bearer authentication needs a basic understanding",
    "sk-container-id-123 sk-toggleable__content sk-estimator-doc-link sk-learn",
    "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "md5 5f4dcc3b5aa765d61d8327deb882cf99, git 4f2c1a9e6b7d8, 550e8400-e29b-41d4-a716-446655440000",
    "asst_a1B2c3D4e5F6g7H8i9J0k1L2 thread_a1B2c3D4e5F6g7H8i9J0k1L2 file-a1B2c3D4e5F6g7H8",
    "primary_key=True, foreign_key='orders.id12345', sort_key=lambda x: x[10], monkey=banana12345",
    "https://example.org/data.csv?key=value&code=abc&page=12",
    "the token budget is 12,345 tokens; secretary: 123456789; tokens_per_second=1234.5678",
    "df['key'] = df['name'] + '-2024-01-01'",
]


@pytest.mark.parametrize("text", HARMLESS, ids=lambda text: text[:16])
def test_ids_hashes_code_and_prose_stay(text: str) -> None:
    assert Masker({}).text(text) == text


def shared_texts() -> list[Path]:
    """Return the files that people are likely to work with: examples, data and our own documents."""
    kinds = {".csv", ".ipynb", ".json", ".md", ".py", ".txt", ".html"}
    folders = [ROOT / "examples", TESTS / "data", DOCS, TESTS / "golden"]
    found = [path for folder in folders for path in sorted(folder.rglob("*"))]
    return [path for path in found if path.suffix in kinds and path.is_file()]


def test_nothing_is_masked_in_the_examples_the_data_and_the_documents() -> None:
    masker, masked = Masker({}), {}
    for path in shared_texts():
        text = path.read_text(errors="replace")
        masked[path.name] = [text[max(0, a - 30) : b] for a, b in masker.spans(text)]
    assert len(masked) > 30
    assert {name: hits for name, hits in masked.items() if hits} == {}


def test_only_the_environments_own_secrets_are_taken_out_of_what_people_write() -> None:
    masker = Masker({"API_KEY": "hunter2-hunter2"})
    text = f"Explain {KEYS[0]} and password=letmein99 and hunter2-hunter2."
    assert masker.values(text) == text.replace("hunter2-hunter2", MASKED)


def test_a_letter_whose_small_one_is_longer_moves_no_place() -> None:
    assert Masker({}).text("\u0130\u0130 password=letmein99") == f"\u0130\u0130 password={MASKED}"


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
    "names without values": "password=" * (MEGABYTE // 9),
    "openings of quotes": "pwd='" * (MEGABYTE // 5),
    "values that are too short": "token=1" * (MEGABYTE // 7),
    "one endless value": "token=" + "a" * MEGABYTE,
    "values that end wrongly": "secret=aaaaaaaaaaa(" * (MEGABYTE // 19),
    "names of queries": "?key=" * (MEGABYTE // 5),
    "an endless escape": "api_key" + "\\" * MEGABYTE,
    "names and blanks": "api_key    =    " * (MEGABYTE // 16),
    "names of options": "--a-" * (MEGABYTE // 4),
    "headers": "authorization: bearer cookie: " * (MEGABYTE // 30),
    "halves of keys": "SG.aaaaaaaaaaaaaaaaaaaaaa" * (MEGABYTE // 25),
    "classes of a style sheet": "sk-" + "a-" * (MEGABYTE // 2),
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
