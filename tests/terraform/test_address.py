from hypothesis import given
from hypothesis import strategies as st

from posture.terraform.address import (
    Address,
    Reference,
    Root,
    Special,
    Step,
    leaves,
    parse_address,
    parse_reference,
)

NAMES = st.from_regex(r"[a-z_][a-z0-9_-]{0,8}", fullmatch=True).filter(lambda name: name not in {"module", "data"})
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
KEYS = st.one_of(st.none(), st.integers(0, 9999), TEXTS)


def quoted(key: str | int | None) -> str:
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = (
        key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("${", "$${").replace("%{", "%%{")
    )
    return f'["{escaped}"]'


@given(
    modules=st.lists(st.tuples(NAMES, KEYS), max_size=3),
    mode=st.sampled_from(["", "data."]),
    kind=NAMES,
    name=NAMES,
    key=KEYS,
)
def test_an_address_gives_back_the_parts_it_was_made_of(
    modules: list[tuple[str, str | int | None]], mode: str, kind: str, name: str, key: str | int | None
) -> None:
    steps = "".join(f"module.{step}{quoted(inside)}." for step, inside in modules)
    text = f"{steps}{mode}{kind}.{name}{quoted(key)}"
    assert parse_address(text) == Address(
        text=text,
        modules=tuple(Step(step, inside) for step, inside in modules),
        kind=mode + kind,
        name=name,
        key=key,
    )


@given(st.text('ab."[]0\\ ${', max_size=30))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = parse_address(text)
    assert address is None or address.text == text
    assert parse_reference(text).root in Root


def test_a_key_may_hold_what_ends_an_address() -> None:
    address = parse_address('module.logs["prod.us"].aws_s3_bucket.this["a].b"]')
    assert address is not None
    assert address.modules == (Step("logs", "prod.us"),)
    assert (address.kind, address.name, address.key) == ("aws_s3_bucket", "this", "a].b")


def test_what_is_no_address_is_none() -> None:
    for text in (
        "",
        "a",
        "module.a",
        "module.a.b",
        "a.b.c",
        "a.b[",
        'a.b["',
        "a..b",
        "a.b[0][1]",
        ".a.b",
        "module.a.b.c.d",
        "module.a." * 2_000 + "b.c",
    ):
        assert parse_address(text) is None, text


def test_references() -> None:
    expected = {
        "aws_s3_bucket.a.id": Reference(root=Root.RESOURCE, kind="aws_s3_bucket", name="a", attribute="id"),
        "aws_s3_bucket.a[0].id": Reference(root=Root.RESOURCE, kind="aws_s3_bucket", name="a", key=0, attribute="id"),
        "aws_s3_bucket.a.0.id": Reference(root=Root.RESOURCE, kind="aws_s3_bucket", name="a", key=0, attribute="id"),
        "a.b[*].id": Reference(root=Root.RESOURCE, kind="a", name="b", key=Special.ALL, attribute="id"),
        "a.b[each.key].id": Reference(root=Root.RESOURCE, kind="a", name="b", key=Special.SAME, attribute="id"),
        "a.b": Reference(root=Root.RESOURCE, kind="a", name="b"),
        "data.a.b.json": Reference(root=Root.RESOURCE, kind="data.a", name="b", attribute="json"),
        'module.m["x.y"].out': Reference(root=Root.MODULE, name="m", key="x.y", attribute="out"),
        "module.m": Reference(root=Root.MODULE, name="m"),
        'var.v["k"]': Reference(root=Root.VARIABLE, name="v", key="k"),
        "local.l": Reference(root=Root.LOCAL, name="l"),
        "local.l[each.key].id": Reference(root=Root.LOCAL, name="l", key=Special.SAME, attribute="id"),
        "each.value.id": Reference(root=Root.EACH, name="value", attribute="id"),
        "count.index": Reference(root=Root.OTHER, name="count.index"),
        "path.module": Reference(root=Root.OTHER, name="path.module"),
    }
    assert {text: parse_reference(text) for text in expected} == expected


def test_the_parents_of_a_reference_say_nothing_more() -> None:
    texts = ("local.p", "a.b[0].id", "a.b[0]", "a.b", "a.bc.id", "a.bc", "a.b[0].id", "a.b[0]", "a.b")
    assert leaves(texts) == ("local.p", "a.b[0].id", "a.bc.id")


def test_a_bare_reference_of_its_own_stays() -> None:
    assert leaves(("a.b.id", "a.b", "c.d", "a.b")) == ("a.b.id", "c.d", "a.b")
