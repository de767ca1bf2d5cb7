"""Condition keys of one request that follow from each other, as clauses beside those of the policies."""

from collections.abc import Iterable, Iterator
from typing import Final

from posture.iam.binding import Open
from posture.iam.encode import Encoder
from posture.iam.formula import Formula, Literal, every, some
from posture.iam.templates import Style, template
from posture.iam.wildcard import Language

TAGS: Final = (("aws:tagkeys", "aws:requesttag/"), ("s3:requestobjecttagkeys", "s3:requestobjecttag/"))
"""The key that lists the tags of a request, and the keys that hold the value of one of them."""


def correlated(encoder: Encoder, keys: Iterable[str]) -> Iterator[Formula]:
    """A tag of the request has a value if, and only if, its key is among the keys of tags."""
    read = frozenset(keys)
    for listing, prefix in TAGS:
        listed = encoder.binding(listing) if listing in read else None
        if isinstance(listed, Open):
            for key in sorted(key for key in read if key.startswith(prefix)):
                value = encoder.binding(key)
                if isinstance(value, Open):
                    yield _together(listed, value, key.removeprefix(prefix))


def _together(listed: Open, value: Open, tag: str) -> Formula:
    pattern = template(tag, Style.FOLDED, "no").pattern
    name = Language.of([pattern] if pattern is not None else [])
    there = (
        Literal(value.variable, Language(), sign=False, absent=False),
        Literal(listed.variable, name, sign=True, absent=False),
    )
    missing = (
        Literal(value.variable, Language(), sign=True, absent=True),
        Literal(listed.variable, name, sign=False, absent=True, every=True),
    )
    return some([every(there), every(missing)])
