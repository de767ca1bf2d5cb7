import time

from hypothesis import given
from hypothesis import strategies as st

from posture.terraform.hcl import Block, read_blocks, read_json_blocks

TEXT = """
# resource "x" "commented" {
// resource "x" "too" {
/* resource "x" "out" {
   } */
resource "x_store" "a" { name = "a ${"b {"} }" }

resource x_rule "r" {
  store = x_store.a[0].id # x_store.not.id
  note  = <<-EOT
    resource "x" "inside" {
    EOTX
    ${x_store.b["k.1"].id}
    EOT
  rule {
    days = x_store.nested.days
  }
  tags = {
    "a" = x_store.c.id
    b   = "x_store.text.id"
  }
  many = [
    for s in x_store.d : s.id
    if s.on == true
  ]
}
locals {
  one = cond ? x_store.a.id : module.m["x.y"].out
  two = "${x_store.a.id}"
  three = "pre-${x_store.a.id}"
  four = "$${x_store.a.id}"
}
module "m" {
  source = "./m"
}
"""


def block(blocks: tuple[Block, ...], *words: str) -> Block:
    (found,) = (each for each in blocks if each.words == words)
    return found


def test_blocks_and_their_lines() -> None:
    blocks = read_blocks(TEXT)
    assert [each.words for each in blocks] == [
        ("resource", "x_store", "a"),
        ("resource", "x_rule", "r"),
        ("locals",),
        ("module", "m"),
    ]
    assert [TEXT.splitlines()[each.line - 1].split()[0] for each in blocks] == [
        "resource",
        "resource",
        "locals",
        "module",
    ]


def test_references_of_attributes() -> None:
    blocks = read_blocks(TEXT)
    found = block(blocks, "resource", "x_rule", "r")
    assert found.references["store"] == ["x_store.a[0].id"]
    assert found.references["note"] == ['x_store.b["k.1"].id']
    assert "x_store.c.id" in found.references["tags"]
    assert "x_store.text.id" not in found.references["tags"]
    assert "x_store.d" in found.references["many"]
    assert "days" not in found.references
    local = block(blocks, "locals")
    assert {"x_store.a.id", 'module.m["x.y"].out'} <= set(local.references["one"])
    assert local.references["two"] == local.references["three"] == ["x_store.a.id"]
    assert local.references["four"] == []


def test_a_text_that_is_put_together_is_said_to_be() -> None:
    assert block(read_blocks(TEXT), "locals").built == {"three"}
    assert block(read_blocks('locals {\n a = "${x.a.id}${x.b.id}"\n}'), "locals").built == {"a"}


def test_the_json_spelling_of_locals() -> None:
    text = '{"locals": [{"bkt": "${x_store.a[\\"k\\"].id}", "list": ["${var.x}"], '
    text += '"map": {"k": "${var.y}", "n": 3}, "copy": "${x_store.a.id}-copy"}], "resource": {}}'
    (found,) = read_json_blocks(text)
    assert found.references["bkt"] == ['x_store.a["k"].id']
    assert (found.references["list"], found.references["map"]) == (["var.x"], ["var.y"])
    assert found.built == {"copy"}
    assert read_json_blocks("[1]") == read_json_blocks("{") == read_json_blocks("[" * 100_000) == ()


@given(st.text('ab{}[]()"$%<-\\#/*=.\n EOT', max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for found in read_blocks(text):
        assert 1 <= found.line <= text.count("\n") + 1


@given(st.lists(st.sampled_from(TEXT.split("\n")), max_size=12))
def test_any_mixture_of_lines_is_read_without_an_error(lines: list[str]) -> None:
    read_blocks("\n".join(lines))


def test_a_large_file_takes_time_in_proportion() -> None:
    hostile = (
        '"${' * 20_000,
        "{" * 200_000,
        "<<A\n" * 20_000,
        "/*" * 100_000,
        "a." * 100_000,
        'a["x"]' * 50_000,
        "a = " * 50_000,
    )
    for text in hostile:
        start = time.process_time()
        read_blocks(text)
        assert time.process_time() - start < 10, text[:10]
