"""When two questions have one answer but for the name of the resource: what holds of one name holds of the other.

The engine compares texts whole, by what precedes a wildcard, by their length and by their order. A name that stands in
ARNs only, whole between separators, gives all of these alike to another one that

- is as long, and shares the letters by which any text is told from it, so that sorting puts both in the same place;
- meets no wildcard that could match a part of it: each one stands between separators, which no name contains;
- is no word of AWS or of this engine, such as `root` or `s3:prefix`, which would mean something by itself.

What is not plainly so has no likeness, and is decided by itself.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Final

from posture.frozen import dataclass
from posture.iam.document import Document
from posture.iam.question import Gate

HERE: Final = "\0"  # stands for the name
NAME: Final = re.compile(r"(?!aws|x-amz)[a-z(](?=.*[0-9._()\[\]-])[a-z0-9._()\[\]-]{4,}")
TEXTS: Final = re.compile('"[^"]*"')
BUCKET: Final = re.compile('"arn:[a-z-]*:s3:::')
WORD: Final = re.compile(r'"(?:\*|(?!arn:)[a-z0-9-]+:[A-Za-z*]*)"')  # an action, or everything
PARTIAL: Final = re.compile(r'\?|[^:/"]\*|\*[^:/"]')  # a wildcard that may match a part of a name
PARTS: Final = 5  # colons before what an ARN calls a resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The parts of a question to `reach`, which says what they mean."""

    grants: tuple[Document, ...]
    owner: str
    resource: str | None
    gates: tuple[Gate, ...] = ()
    organisation: str | None = None
    members: frozenset[str] | None = None
    prefix: str = ""
    actions: tuple[str, ...] | None = None
    context: Mapping[str, str | None] = field(default_factory=dict)
    now: datetime


@dataclass(frozen=True, slots=True)
class Sameness:
    """A question without the name in it; equal ones have one answer but for their names."""

    texts: str  # the policies with HERE for the name, and everything else that is asked
    begins: str  # by what the name is told from every other text
    length: int
    members: frozenset[str] | None
    now: datetime


def sameness(asked: Asked) -> tuple[str, Sameness] | None:
    """The name of the resource, and what is left of the question; None where the name may matter."""
    name = re.split("[:/]", asked.resource or "")[-1]
    documents = [*asked.grants, *(gate.policy for gate in asked.gates)]
    if not NAME.fullmatch(name) or (asked.prefix and not asked.prefix.endswith("/")):
        return None
    policies: list[str] = []
    for document in documents:
        text = _policy(document, name)
        if text is None:
            return None
        policies.append(text)
    rest = repr((_rest(asked, name), [document.name for document in documents if isinstance(document, Document)]))
    if name in rest.lower():
        return None
    texts = "\n".join((*policies, rest))
    return name, Sameness(texts, _begins(name, texts), len(name), asked.members, asked.now)


def _rest(asked: Asked, name: str) -> tuple[object, ...]:
    """Everything that is asked beside the policies."""
    gates = [(gate.kind, gate.name, gate.resource, gate.action, gate.only, dict(gate.context)) for gate in asked.gates]
    resource = (asked.resource or "").removesuffix(name)
    return asked.owner, asked.organisation, resource, asked.prefix, asked.actions, dict(asked.context), gates


def _policy(document: object, name: str) -> str | None:
    """A policy with HERE for the name; None where the name stands elsewhere than in ARNs, or may meet a wildcard."""
    if not isinstance(document, Document) or not document.readable:
        return None
    raw = document.raw if isinstance(document.raw, str) else _written(document.raw)
    if raw is None or "\\" in raw or "$" in raw or HERE in raw:
        return None
    texts = TEXTS.findall(raw)
    if not all(_told_apart(text, name) for text in texts if "*" in text or "?" in text):
        return None
    holding = [text for text in texts if name in text.lower()]
    if not all(_in_arn(text, name) for text in holding):
        return None
    return raw.replace(name, HERE) if holding else raw


def _written(raw: object) -> str | None:
    try:
        return json.dumps(raw) if isinstance(raw, Mapping) else None
    except (TypeError, ValueError):  # a policy that was made by hand of what JSON has not
        return None


def _told_apart(text: str, name: str) -> bool:
    """Whether what a text matches does not depend on the letters of a name."""
    return not PARTIAL.search(text) or (WORD.fullmatch(text) is not None and name not in text)


def _in_arn(text: str, name: str) -> bool:
    """Whether the name stands once, at the start of a part of what an ARN calls its resource."""
    before, _, after = text.partition(name)
    if not after or name in after.lower() or text.find(name, len(before) + 1) >= 0:
        return False
    inside = before.endswith("/") and before.startswith('"arn:') and before.count(":") >= PARTS
    return inside or BUCKET.fullmatch(before) is not None


def _begins(name: str, texts: str) -> str:
    """The name up to the letter that no other text shares."""
    shared: Iterable[int] = range(1, len(name))
    return name[: next((end for end in shared if name[:end] not in texts), len(name))]
