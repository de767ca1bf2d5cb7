from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.errors import PolicyError
from posture.policy.strict_yaml import MOST_BYTES, Document, Loader, parsers, read_document, read_file

LOADERS: list[tuple[Loader, ...]] = [parsers(), (yaml.SafeLoader,)]


@pytest.fixture(params=LOADERS, ids=["as shipped", "without libyaml"])
def loaders(request: pytest.FixtureRequest) -> tuple[Loader, ...]:
    chosen: tuple[Loader, ...] = request.param
    return chosen


def read(text: str | bytes, loaders: tuple[Loader, ...] | None = None) -> Document:
    return read_document(text, file="p.yaml", refusal=PolicyError, loaders=loaders)


def refused(text: str | bytes, loaders: tuple[Loader, ...] | None = None) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        read(text, loaders)
    assert caught.value.file == "p.yaml"
    return caught.value


def test_libyaml_is_here_so_that_both_parsers_are_tested() -> None:
    assert parsers() == (yaml.CSafeLoader, yaml.SafeLoader)


REFUSED = [
    ("a: 1\na: 2", 2, "the key `a` stands here twice, first in line 1"),
    ("b: 1\na: 012345670123", 2, "`012345670123` is an octal number to YAML, not text"),
    ("a: 0777_7", 1, "`0777_7` is an octal number to YAML, not text"),
    *(
        (f"a: {word}", 1, f"`{word}` is a boolean to YAML, not text")
        for word in ("no", "off", "on", "yes", "Yes", "ON", "No", "True", "TRUE", "False")
    ),
    ("Off: 1", 1, "`Off` is a boolean to YAML, not text"),
    ("1: 1", 1, "the key `1` is not text"),
    ("true: 1", 1, "the key `true` is not text"),
    ("a: 12:30:00", 1, "`12:30:00` is a number to base 60 to YAML, not text"),
    ("a: 1_000", 1, "`1_000` is a number that is not plainly written to YAML, not text"),
    ("a: +1", 1, "`+1` is a number that is not plainly written to YAML, not text"),
    ("a: -0", 1, "`-0` is a number that is not plainly written to YAML, not text"),
    ("a: 0x1F", 1, "`0x1F` is a hexadecimal number to YAML, not text"),
    ("a: 0b11", 1, "`0b11` is a binary number to YAML, not text"),
    ("a: 0o17", 1, "`0o17` is an octal number to YAML, not text"),
    *(
        (f"a: {number}", 1, f"`{number}` is a fraction to YAML, not text")
        for number in ("1e3", "1.0e+3", "1.0", "365.0", ".5", "1.", ".inf", "-.INF", ".nan", "1_0.5")
    ),
    ("a: 2026-01-01", 1, "`2026-01-01` is a date to YAML, not text"),
    ("a: 2026-01-01T10:00:00Z", 1, "`2026-01-01T10:00:00Z` is a date to YAML, not text"),
    ("a: ~", 1, "a value is missing here"),
    ("b: 1\na:", 2, "a value is missing here"),
    ("a: null", 1, "a value is missing here"),
    ("a: [1, ]\nb:\n  -", 3, "a value is missing here"),
    *(
        (f"a: {tag}", 1, "tags (`!`) are not part of the language")
        for tag in ("!!binary aGk=", "!!set {b}", "!foo 1", "!!str 1", "!!python/object/apply:os.system [ls]", "! x")
    ),
    ("a: &x 1", 1, "anchors (`&`) are not part of the language"),
    ("a: &x [1]", 1, "anchors (`&`) are not part of the language"),
    ("a: 1\nb: *x", 2, "aliases (`*`) are not part of the language; write it out"),
    ("a:\n  <<: {b: 1}", 2, "merge keys (`<<`) are not part of the language; write it out"),
    ("a: 1\n---\na: 2", 2, "a second document begins; one document per file"),
    ("", 1, "the file is empty; a mapping is expected"),
    ("# only a comment\n", 1, "the file is empty; a mapping is expected"),
    ("- a", 1, "the file must hold a mapping, `key: value`"),
    ("just text", 1, "the file must hold a mapping, `key: value`"),
    ("%YAML 1.1\n---\na: 1", 1, "directives (`%`) are not part of the language"),
    ("a: =", 1, "`=` is a sign of its own to YAML, not text"),
    ("[a, b]: 1", 1, "a key must be text"),
    ("? {a: b}\n: 1", 1, "a key must be text"),
    ("a: 1\nb: \0", 2, "the character U+0000 does not belong in a text file"),
    ("a: 1\nb: \x1b[31m", 2, "the character U+001B does not belong in a text file"),
    ("a: \ud800", 1, "the character U+D800 does not belong in a text file"),
    ("a: " + "[" * 5000, 1, "this is nested deeper than 32 levels"),
    ("a: " + "[" * 5000 + "]" * 5000, 1, "this is nested deeper than 32 levels"),
    ("a: " + "{b: " * 40 + "1" + "}" * 40, 1, "this is nested deeper than 32 levels"),
    ("a: " + "9" * 5000, 1, "the number `" + "9" * 80 + "…` is too large"),
    (b"a: 1\nb: \xff\xfe", 2, "the file is not UTF-8 text"),
    ("a: 1\nb: [1", 2, "this is not YAML: expected ',' or ']', but got '<stream end>'"),
    ("a: b: c", 1, "this is not YAML: mapping values are not allowed here"),
    ("a:\n\tb: 1", 2, "a tab stands here"),
    ('a: "b', 1, "this is not YAML: found unexpected end of stream"),
    ("a: @b", 1, "this is not YAML: found character '@' that cannot start any token"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED, ids=[repr(case[0])[:40] for case in REFUSED])
def test_refused_with_its_line(text: str | bytes, line: int, message: str, loaders: tuple[Loader, ...]) -> None:
    error = refused(text, loaders)
    assert message in error.message
    assert error.line == line


@pytest.mark.parametrize("word", ["012345670123", "1e3", "12:30:00", "2026-01-01", "0x1F"])
def test_what_is_not_text_says_quote_it(word: str, loaders: tuple[Loader, ...]) -> None:
    assert refused(f"a: {word}", loaders).help == "quote it to mean text"
    assert read(f'a: "{word}"', loaders).data == {"a": word}


def test_a_boolean_in_other_words_says_what_to_write(loaders: tuple[Loader, ...]) -> None:
    assert refused("a: yes", loaders).help == "write `true` or `false`, or quote it to mean text"


ACCEPTED = [
    ("a: 012345678901", {"a": "012345678901"}),
    ("a: 222233334444", {"a": 222233334444}),
    ("a: 0", {"a": 0}),
    ("a: -7", {"a": -7}),
    ("a: true\nb: false", {"a": True, "b": False}),
    ("a: y\nb: n\nc: Y", {"a": "y", "b": "n", "c": "Y"}),
    ("a: ''", {"a": ""}),
    ("a: 'no'", {"a": "no"}),
    ("a: [x, {b: c}]", {"a": ["x", {"b": "c"}]}),
    ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
    ("a: >\n  one\n  two\n", {"a": "one two\n"}),
    ("a: one\n  two", {"a": "one two"}),
    ("---\na: 1\n...\n", {"a": 1}),
    ("\ufeffa: 1", {"a": 1}),
    ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ("a: s3://bucket/é/λ", {"a": "s3://bucket/é/λ"}),
    ("{}", {}),
    ('"<<": 1', {"<<": 1}),
    ("a: 1.2.3", {"a": "1.2.3"}),
]


@pytest.mark.parametrize(("text", "data"), ACCEPTED, ids=[repr(case[0])[:40] for case in ACCEPTED])
def test_read_as_it_is_written(text: str, data: object, loaders: tuple[Loader, ...]) -> None:
    seen = read(text, loaders).data
    assert seen == data
    assert types(seen) == types(data)


def types(data: object) -> object:
    match data:
        case dict():
            return {key: types(value) for key, value in data.items()}
        case list():
            return [types(value) for value in data]
        case _:
            return type(data)


def test_the_deepest_nesting_that_is_read(loaders: tuple[Loader, ...]) -> None:
    assert read("a: " + "[" * 31 + "]" * 31, loaders).data
    assert "nested deeper" in refused("a: " + "[" * 32 + "]" * 32, loaders).message


@pytest.mark.parametrize("text", ['{a: 1?"}#_|2', "a: [---\n,\xa0? ? ?x]", "a: |#", "a: >2#\n  b", "a: what?"])
def test_where_libyaml_reads_more_than_pyyaml_the_answer_is_the_same(text: str) -> None:
    one, other = outcomes(text)
    assert one == other


def test_every_place_has_its_line(loaders: tuple[Loader, ...]) -> None:
    document = read("# head\na:\n  - b: 1\n    c: 2\n  -\n    d: |\n      x\n  - [1,\n     2]\n", loaders)
    lines = {
        (): 2,
        ("a",): 2,
        ("a", 0): 3,
        ("a", 0, "c"): 4,
        ("a", 1): 6,
        ("a", 1, "d"): 6,
        ("a", 2): 8,
        ("a", 2, 1): 9,
        ("a", 0, "not there"): 3,
        ("a", 7): 2,
        ("a", 0, "c", "deeper"): 4,
    }
    assert {path: document.line(path) for path in lines} == lines


def test_a_file_as_large_as_allowed_is_read_and_a_larger_one_is_not() -> None:
    body = "a: x"
    assert read(body + " " * (MOST_BYTES - len(body))).data == {"a": "x"}
    assert "larger than" in refused(body + " " * (MOST_BYTES - len(body) + 1)).message


def test_a_file_that_is_not_there_or_not_a_file(tmp_path: object) -> None:
    for name in (f"{tmp_path}/none.yaml", str(tmp_path), "a\0b"):
        with pytest.raises(PolicyError, match="cannot be read"):
            read_file(name, refusal=PolicyError)


def outcomes(text: str) -> Iterator[object]:
    for loaders in LOADERS:
        try:
            document = read(text, loaders)
        except PolicyError as error:
            yield (error.message, error.help, error.line, error.path)
        else:
            yield (document.data, document.first, [document.line((key,)) for key in document.data])


SCRAPS = st.sampled_from(
    [
        *"abc019-_:,?#|>&*!%@`'\"{}[] \n\t=~<.+\\",
        *(": ", "\n  ", "- ", "\n- ", "a: ", "b: 1\n", "true", "null", "<<", "---\n", "...\n", "!!str ", "&x ", "*x"),
        *("\\x41", "\\", "''", "é", "\u2028", "\x85", "\ufeff", "\r", "\r\n", "|-\n", ">+2\n", "%YAML 1.2\n", "? "),
    ]
)


@settings(max_examples=1500)
@given(st.lists(SCRAPS, max_size=25).map("".join))
def test_both_parsers_agree_on_scraps_of_yaml(text: str) -> None:
    one, other = outcomes(text)
    assert one == other


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_arbitrary_text_is_read_or_refused(text: str) -> None:
    one, other = outcomes(text)
    assert one == other


@settings(max_examples=300)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        data: object = read(content).data
    except PolicyError:
        return
    assert isinstance(data, dict)
