import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.terraform.expression_reader import read_body
from posture.terraform.expressions import (
    Body,
    Called,
    Expression,
    Items,
    Joined,
    Literal,
    Opaque,
    Pairs,
    Refers,
)

WORDS = ("resource", "x_rule", "r")
HEAD = 'resource "x_rule" "r" {\n'


def body(text: str) -> Body:
    found = read_body(f"{HEAD}{text}\n}}\n", WORDS, 1)
    assert found is not None
    return found


def value(text: str) -> Expression:
    found = body(f"  a = {text}\n  after = 1")
    assert found.attributes["after"] == Literal(1)
    return found.attributes["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"plain"', Joined(("plain",))),
        ('""', Joined(("",))),
        ('"a\\"b\\n$${x}"', Joined(('a"b\n${x}',))),
        ('"${x_store.a.arn}"', Refers("x_store.a.arn")),
        ('"${x_store.a.arn}/*"', Joined((Refers("x_store.a.arn"), "/*"))),
        ("x_store.a[0].arn", Refers("x_store.a[0].arn")),
        ('module.m["a.b"].out', Refers('module.m["a.b"].out')),
        ("x_store.a[each.key].id", Refers("x_store.a[each.key].id")),
        ("3", Literal(3)),
        ("1.5", Literal(1.5)),
        ("true", Literal(value=True)),
        ("null", Literal(None)),
        ("(var.x)", Refers("var.x")),
        ("[]", Items(())),
        ('[var.x, "${var.x}/*",]', Items((Refers("var.x"), Joined((Refers("var.x"), "/*"))))),
        ("[\n  var.x, # one\n  var.y\n]", Items((Refers("var.x"), Refers("var.y")))),
        ('{ A = 1, "b" : var.x }', Pairs(((Joined(("A",)), Literal(1)), (Joined(("b",)), Refers("var.x"))))),
        ("{\n  A = 1\n  B = [2]\n}", Pairs(((Joined(("A",)), Literal(1)), (Joined(("B",)), Items((Literal(2),)))))),
        (
            "jsonencode({ A = var.x })",
            Called(
                "jsonencode",
                (Pairs(((Joined(("A",)), Refers("var.x")),)),),
            ),
        ),
        ('<<-EOT\n    {"a": "${var.x}"}\n  EOT', Joined(('    {"a": "', Refers("var.x"), '"}\n  '))),
    ],
)
def test_what_is_written(text: str, expected: Expression) -> None:
    found = value(text)
    if isinstance(found, Joined) and text.startswith("<<"):
        assert [part for part in found.parts if not isinstance(part, str)] == [Refers("var.x")]
        return
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        'var.x ? "a" : "b"',
        "var.x + 1",
        "!var.x",
        "-1",
        "[for each in var.x : each]",
        "{ for k, v in var.x : k => v }",
        "x_store.a[*].arn",
        "x_store.a[var.n].arn",
        "[1, 2][0]",
        'var.x == "}" ? [1] : {}',
    ],
)
def test_what_is_computed_is_opaque_and_ends_where_it_ends(text: str) -> None:
    assert value(text) == Opaque()


def test_an_opaque_item_leaves_the_others() -> None:
    assert value('[var.x ? "a" : "b", var.y]') == Items((Opaque(), Refers("var.y")))


def test_blocks_inside_of_blocks() -> None:
    found = body('  b {\n    c = 1\n    d "label" {\n      e = [var.x]\n    }\n  }\n  b {\n    c = 2\n  }')
    blocks = found.named("b")
    assert blocks is not None
    assert [each.attributes["c"] for each in blocks] == [Literal(1), Literal(2)]
    (inner,) = blocks[0].named("d") or ()
    assert inner.attributes["e"] == Items((Refers("var.x"),))


def test_generated_blocks_hide_how_many_there_are() -> None:
    assert body('  dynamic "b" {\n    for_each = var.x\n    content {}\n  }').named("b") is None


def test_a_block_is_found_by_its_line_and_words() -> None:
    text = f"# a comment\nlocals {{\n  a = 1\n}}\n{HEAD}  a = 2\n}}\n"
    found = read_body(text, WORDS, 5)
    assert found is not None
    assert found.attributes["a"] == Literal(2)
    assert read_body(text, ("resource", "x_rule", "other"), 5) is None
    assert read_body(text, WORDS, 2) is None


@pytest.mark.parametrize("text", ["", "  a = ", '  a = "', "  a = [", "  a = <<EOT\n", '  a = "%{ if x }y%{ endif }"'])
def test_what_does_not_end_is_nothing(text: str) -> None:
    assert read_body(HEAD + text, WORDS, 1) is None


def test_depth_is_bounded() -> None:
    assert read_body(f"{HEAD}  a = {'[' * 5_000}{']' * 5_000}\n}}\n", WORDS, 1) is None


@given(st.text(alphabet='ab.=[]{}()"${}\n\\<>-E,:#/*1 ', max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    read_body(f"{HEAD}{text}\n}}\n", WORDS, 1)


def test_cut_and_changed_files_are_no_error() -> None:
    whole = (
        HEAD + '  a = jsonencode({ S = [{ R = ["${x.y.arn}/*", x.y.arn] }] })\n  b {\n    c = <<-E\n  x\n  E\n  }\n}\n'
    )
    rng = random.Random(7)  # noqa: S311 - no secret
    for _ in range(2_000):
        at = rng.randrange(len(whole))
        read_body(whole[:at] + rng.choice(['"', "{", "}", "\n", "$", "["]) + whole[at + 1 :], WORDS, 1)
        read_body(whole[:at], WORDS, 1)
