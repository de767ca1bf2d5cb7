"""Which accounts and identities the policies cannot tell apart: one of them answers for all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field
from enum import Enum
from typing import Final

from posture.frozen import dataclass
from posture.iam.cells import Cell
from posture.iam.conditions import Test
from posture.iam.document import Statement
from posture.iam.identity import stem_of
from posture.iam.wildcard import (
    ARN_PARTS,
    DIGIT,
    MANY,
    MANY_IN_PART,
    Language,
    Pattern,
    Wild,
    after,
    head_of,
    is_literal,
)

ARN_KEY: Final = "aws:principalarn"
ACCOUNT_KEYS: Final = ("aws:principalaccount", "kms:calleraccount")


class AccountPart(Enum):
    """What a pattern says of the account of the caller."""

    ANY = "any"  # all accounts are alike to it
    NAMED = "named"  # it matches one account only
    SOME = "some"


def account_part(key: str, pattern: Pattern) -> AccountPart:
    """How a pattern of an identity key treats accounts."""
    texts = [item for item in pattern if isinstance(item, str)]
    if key == ARN_KEY:
        return _account_part_of_arn(pattern)
    if is_literal(pattern):
        return AccountPart.NAMED
    if key in ACCOUNT_KEYS:
        return AccountPart.ANY if pattern == (MANY,) else AccountPart.SOME
    return AccountPart.ANY if any(not set(text) & set(DIGIT) for text in texts) else AccountPart.SOME


def _account_part_of_arn(pattern: Pattern) -> AccountPart:
    head = head_of(pattern).split(":", ARN_PARTS - 1)
    if len(head) == ARN_PARTS:
        return AccountPart.NAMED
    if not any(isinstance(item, str) and set(item) & set(DIGIT) for item in pattern):
        return AccountPart.ANY
    colons = [index for index, item in enumerate(pattern) if item == ":"]
    if len(colons) < ARN_PARTS - 1:
        return AccountPart.SOME
    if (
        len(head) == ARN_PARTS - 1
        and not head[-1]
        and pattern[colons[3] + 1 :][:2] in ((MANY, ":"), (MANY_IN_PART, ":"))
    ):
        return AccountPart.ANY
    front, account = pattern[: colons[4]], pattern[colons[3] + 1 : colons[4]]
    crossing = any(isinstance(item, Wild) and ":" not in item.without for item in front)
    wild = len(account) == 1 and isinstance(account[0], Wild) and account[0].many
    return AccountPart.ANY if wild and not crossing else AccountPart.SOME


@dataclass(frozen=True, slots=True)
class Reader:
    """One test of an identity key, arranged so that asking for one account is a look-up."""

    key: str
    language: Language
    named: dict[str, frozenset[str]]
    patterns: dict[str, frozenset[Pattern]]
    others: tuple[Pattern, ...]

    @staticmethod
    def of(test: Test) -> "Reader":
        """Sort the test's patterns by the account they name."""
        found = [value.pattern for value in test.values if value.pattern is not None]
        language = Language.of(found)
        named: dict[str, set[str]] = {}
        patterns: dict[str, set[Pattern]] = {}
        others: list[Pattern] = []
        if test.key == ARN_KEY:
            for text in language.literals:
                named.setdefault(_account_of(text), set()).add(text)
            for pattern in language.globs:
                match account_part(ARN_KEY, pattern):
                    case AccountPart.NAMED:
                        patterns.setdefault(_account_of(head_of(pattern)), set()).add(pattern)
                    case AccountPart.SOME:
                        others.append(pattern)
                    case AccountPart.ANY:
                        pass
        return Reader(
            key=test.key,
            language=language,
            named={account: frozenset(texts) for account, texts in named.items()},
            patterns={account: frozenset(items) for account, items in patterns.items()},
            others=tuple(sorted(others, key=repr)),
        )

    def of_account(self, account: str, stems: tuple[str, ...]) -> object:
        """What the test can still say once the account is known, the account's own digits apart."""
        if self.key != ARN_KEY:
            return self.language.contains(account)
        texts = frozenset(text.replace(account, "#", 1) for text in self.named.get(account, ()))
        globs = frozenset(pattern[len("arn:aws:iam::") + 12 :] for pattern in self.patterns.get(account, ()))
        fronts = frozenset(head_of(pattern)[:13] for pattern in self.patterns.get(account, ()))
        rest = tuple(frozenset(end for item in self.others for end in after(item, stem)) for stem in stems)
        return (texts, globs, fronts, rest)


def _account_of(text: str) -> str:
    parts = text.split(":", ARN_PARTS - 1)
    return parts[4] if len(parts) == ARN_PARTS else ""


@mutable_dataclass(slots=True)
class Likeness:
    """Compares the accounts and identities of one question."""

    statements: list[Statement]
    stems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    touching: dict[str, list[int]] = field(default_factory=dict)
    readers: list[tuple[int, Reader]] = field(default_factory=list)

    @staticmethod
    def of(statements: list[Statement]) -> "Likeness":
        """Arrange the statements by the accounts they name."""
        made = Likeness(statements=statements)
        for index, statement in enumerate(statements):
            people = statement.principals
            accounts = {*people.accounts, *people.arns.values(), *(entry.account for entry in people.sessions)}
            for account in accounts:
                made.touching.setdefault(account, []).append(index)
            made.readers.extend(
                (index, Reader.of(test)) for test in statement.tests if test.key in (ARN_KEY, *ACCOUNT_KEYS)
            )
        return made

    def account(self, account: str, cells: Iterable[Cell]) -> object:
        """Accounts with equal traits are alike to the policies."""
        stems = tuple(stem_of(cell) for cell in cells)
        return (
            tuple(self._named(index, account) for index in self.touching.get(account, ())),
            tuple(reader.of_account(account, stems) for _, reader in self.readers),
        )

    def _named(self, index: int, account: str) -> object:
        people = self.statements[index].principals
        arns = frozenset(arn.replace(account, "#", 1) for arn, owner in people.arns.items() if owner == account)
        sessions = frozenset((entry.role, entry.name) for entry in people.sessions if entry.account == account)
        return (index, account in people.accounts, arns, sessions)

    def identity(self, arn: str, cell: Cell) -> Iterator[object]:
        """Identities with equal traits are alike to the policies."""
        account = cell.account or ""
        for index in self.touching.get(account, ()):
            people = self.statements[index].principals
            sessions = tuple(entry.arn for entry in people.sessions if entry.account == account)
            yield (index, arn in people.arns, account in people.accounts, sessions)
        for index, reader in self.readers:
            yield (index, reader.language.contains(arn if reader.key == ARN_KEY else account))
