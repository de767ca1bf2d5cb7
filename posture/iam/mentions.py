"""What the policies name: accounts, identities, organisations, services, networks. Everything else is alike to them."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from posture.frozen import dataclass
from posture.iam.conditions import Family, Test
from posture.iam.document import Statement
from posture.iam.keys import NETWORK_NAMES
from posture.iam.principals import Session
from posture.iam.quantities import Network, network
from posture.iam.templates import plain
from posture.iam.wildcard import MANY, Pattern, is_literal

ACCOUNT_IDS: Final = re.compile(r"(?<!\d)\d{12}(?!\d)", re.ASCII)
ORG_ID: Final = re.compile(r"o-[a-z0-9]{3,32}", re.ASCII)
UNIQUE_IDS: Final = re.compile(r"(A(?:IDA|ROA)[A-Z0-9]{3,})(?:$|:)", re.ASCII)
ARN_OF_IDENTITY: Final = re.compile(
    r"arn:[a-z-]+:(?:iam::(\d{12}|cloudfront):(?:root|(?:user|role)/(?:[!-~]*/)?[\w+=,.@-]+)|sts::(\d{12}):federated-user/[\w+=,.@-]+)",
    re.ASCII,
)
ARN_ACCOUNT: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):", re.ASCII)
IDENTITY_KEYS: Final = ("aws:principalarn", "aws:principalaccount", "aws:userid", "kms:calleraccount")
WIDE_V4: Final = 8  # a wider block than this is no bound, as AWS counts it for public policies
WIDE_V6: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The names that a question has to tell apart, in a fixed order."""

    keys: frozenset[str]
    referenced: frozenset[str]
    accounts: tuple[str, ...]
    arns: tuple[tuple[str, str], ...]  # ARN, account
    sessions: tuple[Session, ...]
    organisations: tuple[str, ...]
    partial_organisations: bool
    account_patterns: tuple[tuple[str, str, Pattern], ...]  # key, text, pattern
    unique_ids: tuple[str, ...]
    services: tuple[str, ...]
    any_service: bool
    canonical: tuple[str, ...]
    federated: tuple[str, ...]
    source_accounts: tuple[str, ...]
    source_arns: tuple[str, ...]
    source_organisations: tuple[str, ...]
    blocks: tuple[Network, ...]
    networks: tuple[tuple[str, str], ...]  # key, value
    access_point_accounts: tuple[str, ...]


def mentions(statements: list[Statement], organisation: str | None) -> Mentions:
    """Collect the names of all policies of a question."""
    tests = [test for statement in statements for test in statement.tests]
    accounts, arns, sessions = _identities(statements, tests)
    organisations = set(_organisations(tests, "aws:principalorgid", "aws:principalorgpaths"))
    if organisation:
        organisations.add(organisation)
    principals = [statement.principals for statement in statements]
    return Mentions(
        keys=frozenset(test.key for test in tests),
        referenced=_referenced(statements, tests),
        accounts=tuple(sorted(accounts)),
        arns=tuple(sorted(arns.items())),
        sessions=tuple(sorted(sessions, key=lambda entry: entry.arn)),
        organisations=tuple(sorted(organisations)),
        partial_organisations=_partial_organisations(tests),
        account_patterns=_account_patterns(tests),
        unique_ids=_sorted(
            match[1] for text in _texts(tests, "aws:userid") if (match := UNIQUE_IDS.match(text)) is not None
        ),
        services=_sorted(
            (*(name for entry in principals for name in entry.services), *_texts(tests, "aws:principalservicename")),
        ),
        any_service=any(entry.everyone or entry.negated for entry in principals),
        canonical=_sorted(name for entry in principals for name in entry.canonical),
        federated=_sorted(name for entry in principals for name in entry.federated),
        source_accounts=_source_accounts(tests),
        source_arns=_sorted(text for text in _texts(tests, "aws:sourcearn") if _names_one_bucket(text)),
        source_organisations=_sorted(_organisations(tests, "aws:sourceorgid", "aws:sourceorgpaths")),
        blocks=narrow_blocks(tests),
        networks=tuple(
            sorted({(test.key, text) for test in tests if test.key in NETWORK_NAMES for text in _assigned(test)})
        ),
        access_point_accounts=_sorted(
            found
            for key in ("s3:dataaccesspointaccount", "s3:dataaccesspointarn")
            for text in _texts(tests, key)
            for found in ACCOUNT_IDS.findall(text)
        ),
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _texts(tests: Iterable[Test], *keys: str) -> Iterable[str]:
    return (value.text for test in tests if test.key in keys for value in test.values)


def _plain(test: Test) -> Iterable[str]:
    return (text for value in test.values if (text := plain(value)) is not None)


def _assigned(test: Test) -> Iterable[str]:
    """Values that AWS can have assigned; a literal star never is, and would stand for others in vain."""
    return (text for text in _plain(test) if text and not set(text) & set("*?"))


def _referenced(statements: list[Statement], tests: list[Test]) -> frozenset[str]:
    templates = [value for test in tests for value in test.values]
    templates.extend(value for statement in statements for value in statement.resources.values)
    return frozenset(reference.key for value in templates for reference in value.references)


def _identities(statements: list[Statement], tests: list[Test]) -> tuple[set[str], dict[str, str], set[Session]]:
    accounts: set[str] = set()
    arns: dict[str, str] = {}
    sessions: set[Session] = set()
    for statement in statements:
        named = statement.principals
        accounts.update(named.accounts, named.arns.values(), (entry.account for entry in named.sessions))
        arns.update(named.arns)
        sessions.update(named.sessions)
    for test in tests:
        if test.key in IDENTITY_KEYS:
            for value in test.values:
                accounts.update(ACCOUNT_IDS.findall(value.text))
                shape = ARN_OF_IDENTITY.fullmatch(value.text)
                if test.key == "aws:principalarn" and shape and value.pattern and is_literal(value.pattern):
                    arns[value.text] = shape[1] or shape[2]
                    accounts.add(arns[value.text])
    return accounts, arns, sessions


def _organisations(tests: list[Test], *keys: str) -> Iterable[str]:
    heads = (text.partition("/")[0] for text in _texts(tests, *keys))
    return (head for head in heads if ORG_ID.fullmatch(head))


def _partial_organisations(tests: list[Test]) -> bool:
    heads = {text.partition("/")[0] for text in _texts(tests, "aws:principalorgid", "aws:principalorgpaths")}
    return any(set(head) & set("*?") and head not in ("*", "o-*") for head in heads)


def _account_patterns(tests: list[Test]) -> tuple[tuple[str, str, Pattern], ...]:
    """Patterns that leave some accounts out without naming one: fresh accounts are not all alike to them."""
    found: dict[tuple[str, str, Pattern], None] = {}
    for test in tests:
        if test.key in IDENTITY_KEYS:
            for value in test.values:
                if value.pattern is not None and not is_literal(value.pattern) and value.pattern != (MANY,):
                    found[test.key, value.text, value.pattern] = None
    return tuple(sorted(found, key=lambda item: (item[0], item[1], repr(item[2]))))


def _source_accounts(tests: list[Test]) -> tuple[str, ...]:
    found = set(ACCOUNT_IDS.findall(" ".join(_texts(tests, "aws:sourceaccount", "aws:sourceowner"))))
    for text in _texts(tests, "aws:sourcearn"):
        found.update(ACCOUNT_IDS.findall(text))
    return _sorted(found)


def _names_one_bucket(text: str) -> bool:
    """Whether the ARN fixes a bucket by its globally unique name, without an account."""
    parts = text.split(":", 5)
    return (
        len(parts) > 5 and parts[2] == "s3" and not set(parts[5]) & set("*?") and not ACCOUNT_IDS.search(parts[4])  # noqa: PLR2004  # fixed by the format
    )  # ARN


def narrow_blocks(tests: Iterable[Test]) -> tuple[Network, ...]:
    """The address blocks that count as a bound; what together covers a wide range does not."""
    blocks: set[Network] = set()
    for test in tests:
        if test.key == "aws:sourceip":
            blocks.update(test.blocks)
            if test.operator.family is Family.STRING:
                blocks.update(block for text in _plain(test) if "/" not in text and (block := network(text)))
    four = [block for block in blocks if isinstance(block, ipaddress.IPv4Network)]
    six = [block for block in blocks if isinstance(block, ipaddress.IPv6Network)]
    wide: list[Network] = [
        *(block for block in ipaddress.collapse_addresses(four) if block.prefixlen < WIDE_V4),
        *(block for block in ipaddress.collapse_addresses(six) if block.prefixlen < WIDE_V6),
    ]
    return tuple(sorted((block for block in blocks if not any(_in(block, outer) for outer in wide)), key=str))


def _in(block: Network, outer: Network) -> bool:
    if isinstance(block, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return block.subnet_of(outer)
    if isinstance(block, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return block.subnet_of(outer)
    return False
