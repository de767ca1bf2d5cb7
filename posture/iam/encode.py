"""A statement in a scenario becomes a formula: its principal, its resource, its conditions and its doubts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from posture.iam.binding import Binding, Constant, Open
from posture.iam.cells import Axes, Cell, World
from posture.iam.conditions import Family, Quantifier, Test, amount_of
from posture.iam.document import Effect, Statement
from posture.iam.formula import Accept, Formula, Literal, Sort, doubtful, every, inside, negate, some
from posture.iam.identity import arn_of, session_of
from posture.iam.keys import MULTIVALUED, KeyKind, kind_of
from posture.iam.principals import Principals, Session
from posture.iam.quantities import Ranges, network
from posture.iam.request import ACCOUNT_KINDS, CallerKind
from posture.iam.scenario import bind
from posture.iam.templates import Reference, Template, plain
from posture.iam.wildcard import MANY, Language, Pattern, literal

UNRESOLVED = "a policy variable relates two values of the request"
Target = Constant | Open


@dataclass(slots=True)
class Encoder:
    """Encodes the statements of one scenario; `pins` fixes variables, so that what refers to them is constant."""

    cell: Cell
    axes: Axes
    world: World
    mixed: frozenset[str]
    sorts: Mapping[str, Sort]
    pins: Mapping[str, str | None] = field(default_factory=dict)
    unresolved: dict[str, Open] = field(default_factory=dict)

    def statement(self, statement: Statement) -> Formula:
        """Whether the statement matches the request, its action and resource apart."""
        principal = self.principal(statement.principals, deny=Effect.DENY in statement.effects)
        if principal is False:
            return False
        parts: list[Formula] = [principal, *(doubtful(doubt.text, doubt.reason) for doubt in statement.doubts)]
        for test in statement.tests:
            part = self.test(test)
            if part is False:
                return False
            parts.append(part)
        return every(parts)

    def binding(self, key: str) -> Binding:
        """The key's binding under the pins."""
        found = bind(key, self.cell, self.axes, self.world)
        if isinstance(found, Open) and found.variable.name in self.pins and not found.frames:
            value = self.pins[found.variable.name]
            return Constant(() if value is None else (found.prefix + value,))
        if key in self.sorts and isinstance(found, Open) and found.variable.domain.everything:
            return replace(found, variable=replace(found.variable, sort=self.sorts[key]))
        return found

    # principals

    def principal(self, named: Principals, *, deny: bool) -> Formula:
        """Whether the statement speaks of the caller."""
        doubts: list[Formula] = [doubtful(doubt.text, doubt.reason) for doubt in named.doubts]
        if named.negated:
            return self._not_principal(named, doubts, deny=deny)
        return some([named.everyone or self._named(named, deny=deny), *doubts])

    def _named(self, named: Principals, *, deny: bool) -> Formula:
        cell = self.cell
        match cell.kind:
            case CallerKind.ANONYMOUS:
                return False
            case CallerKind.SERVICE:
                return cell.name in named.services
            case CallerKind.FEDERATED:
                return cell.name in named.federated
            case CallerKind.CANONICAL_USER:
                return cell.name in named.canonical or (deny and self._alias(named))
            case _ if cell.account is None:
                return self._alias(named) if cell.unique_id and deny else False
            case _:
                return some([cell.account in named.accounts, *self._identities(named), deny and self._canonical(named)])

    def _alias(self, named: Principals) -> Formula:
        """A caller whose account is hidden may be any that a Deny names; what an Allow gives is that account's."""
        if not (named.accounts or named.arns or named.sessions):
            return False
        accounts = sorted({*named.accounts, *named.arns, *(entry.arn for entry in named.sessions)})
        label = self.cell.name or self.cell.unique_id
        return doubtful(f"{label} in {accounts}", f"the account of `{label}` is not known")

    def _canonical(self, named: Principals) -> Formula:
        """A canonical user that a Deny names may be this account; what an Allow gives it is reported for the id."""
        if not named.canonical or not self.cell.named:
            return False
        names = ", ".join(sorted(named.canonical))
        return doubtful(
            f"{self.cell.account} = {names}", f"canonical user `{names}` may be account {self.cell.account}"
        )

    def _identities(self, named: Principals) -> list[Formula]:
        binding = arn_of(self.cell)
        if isinstance(binding, Constant):
            found: list[Formula] = [binding.values[0] in named.arns]
        else:
            own = (arn for arn, account in named.arns.items() if account == self.cell.account)
            found = [inside(binding.variable, binding.view(Language(literals=frozenset(own))))]
        if self.cell.kind is CallerKind.ROLE_SESSION:
            found.extend(self.session(entry, binding) for entry in named.sessions if entry.account == self.cell.account)
        return found

    def session(self, entry: Session, role: Binding) -> Formula:
        """Whether the caller is one named session of a role, whatever the path of the role."""
        stem = literal(f"arn:{self.cell.partition}:iam::{entry.account}:role/")
        roles = Language.of([(*stem, *entry.role), (*stem, MANY, "/", *entry.role)])
        sessions = Language(globs=frozenset({(MANY, ":", *entry.name)}))
        matched = (
            roles.contains(role.values[0]) if isinstance(role, Constant) else inside(role.variable, role.view(roles))
        )
        return every([matched, inside(session_of(self.cell), sessions)])

    def _not_principal(self, named: Principals, doubts: list[Formula], *, deny: bool) -> Formula:
        if named.everyone:
            return False
        listed = some([self._named(named, deny=True), *doubts])
        cell = self.cell
        if not deny or cell.kind not in ACCOUNT_KINDS:
            return negate(listed)
        arns = {arn for arn, account in named.arns.items() if account == cell.account}
        sessions = {entry.arn for entry in named.sessions if entry.account == cell.account}
        account = cell.account in named.accounts
        if not (account or arns or sessions):
            return negate(listed)
        exact = cell.arn in arns or cell.kind is CallerKind.ROOT
        if account and exact and not sessions:
            return False
        text = f"NotPrincipal {sorted(arns | sessions)} {account}"
        return doubtful(text, f"which callers of account {cell.account} a NotPrincipal Deny spares is not documented")

    # resources

    def resource(self, statement: Statement, target: Target) -> Formula:
        """Whether the statement speaks of the resource."""
        resources = statement.resources
        patterns: list[Pattern] = []
        doubts = [doubtful(doubt.text, doubt.reason) for doubt in resources.doubts]
        for value in resources.values:
            resolved, pattern = self.fill(value)
            if not resolved:
                doubts.append(doubtful(value.text, f"{UNRESOLVED}: `{value.text}`"))
            elif pattern is not None:
                patterns.append(pattern)
        language = Language.of(patterns)
        if isinstance(target, Constant):
            matched: Formula = language.everything or language.contains(target.values[0])
        else:
            matched = language.everything or _literal(target, target.view(language), sign=True, absent=False)
        found = some([matched, *doubts])
        return negate(found) if resources.negated else found

    def fill(self, value: Template) -> tuple[bool, Pattern | None]:
        """Whether the variables of a value are constant here, and then the pattern, None where one has no value."""
        values: dict[Reference, str | None] = {}
        for reference in value.references:
            binding = self.binding(reference.key)
            if isinstance(binding, Open):
                self.unresolved[reference.key] = binding
            if isinstance(binding, Open) or len(binding.values) > 1 or reference.key in MULTIVALUED:
                return False, None
            values[reference] = binding.values[0] if binding.values else reference.default
        return True, value.fill(values.__getitem__)

    # conditions

    def test(self, test: Test) -> Formula:
        """Whether one key of the condition holds."""
        binding = self.binding(test.key)
        if test.operator.family is Family.PRESENCE:
            return _presence(test, binding)
        if test.quantifier is Quantifier.NONE and test.key in MULTIVALUED:
            return doubtful(test.words, f"`{test.key}` has several values and `{test.words}` no set operator")
        if isinstance(binding, Constant) and not binding.values:
            return test.when_absent
        filled = [self.fill(value) for value in test.values]
        if not all(resolved for resolved, _ in filled):
            return doubtful(test.words, f"{UNRESOLVED}: `{test.words}`")
        language = Language.of(pattern for _, pattern in filled if pattern is not None)
        if isinstance(binding, Constant):
            return self._constant(test, binding, language)
        return self._open(test, binding, language)

    def _constant(self, test: Test, binding: Constant, language: Language) -> Formula:
        truths: list[Formula] = []
        for value in binding.values:
            matched = language.contains(value) if test.amounts is None else amount_of(test, value)
            if matched is None:
                return doubtful(test.words, f"the value `{value}` of `{test.key}` fits no `{test.words}`")
            truths.append(matched != test.operator.negated)
        if test.quantifier is Quantifier.NONE and len(truths) > 1:
            return doubtful(test.words, f"`{test.key}` has several values and `{test.words}` no set operator")
        return every(truths) if test.quantifier is Quantifier.ALL else some(truths)

    def _open(self, test: Test, binding: Open, language: Language) -> Formula:
        accept = _accept(test, binding, language)
        if accept is None or test.key in self.mixed:
            return doubtful(test.words, f"`{test.key}` is compared with values of different types")
        return _literal(
            binding,
            binding.view(accept) if isinstance(accept, Language) else accept,
            sign=not test.operator.negated,
            absent=test.when_absent,
            every_value=test.quantifier is Quantifier.ALL,
        )


def _presence(test: Test, binding: Binding) -> Formula:
    if test.wants_absent is None:
        return True
    if isinstance(binding, Constant):
        return bool(binding.values) != test.wants_absent
    return _literal(binding, Language(), sign=test.wants_absent, absent=test.wants_absent, every_value=False)


def _literal(binding: Open, accept: Accept, *, sign: bool, absent: bool, every_value: bool = False) -> Formula:
    """A literal, or the constant that it always is."""
    variable = binding.variable
    domain = variable.domain
    if variable.reason and isinstance(accept, Language) and domain.literals and not domain.globs:
        truths = {accept.contains(text) == sign for text in domain.literals} | (
            {absent} if variable.optional else set()
        )
        if len(truths) == 1:
            return truths.pop()
    if isinstance(accept, Language) and (accept.everything or accept.empty):
        present = accept.everything == sign
        if not variable.optional or present == absent:
            return present
    return Literal(variable, accept, sign=sign, absent=absent, every=every_value and variable.sort is Sort.TEXTS)


def _accept(test: Test, binding: Open, language: Language) -> Accept | None:
    """The set that the test's values describe, in the terms of the variable; None where they do not fit it."""
    family, sort, domain = test.operator.family, binding.variable.sort, binding.variable.domain
    textual = family in (Family.STRING, Family.ARN, Family.BOOL, Family.BINARY)
    match sort:
        case Sort.TEXT | Sort.TEXTS if textual:
            return language
        case Sort.TEXT if domain.literals and not domain.globs and not binding.frames:
            return _finite(test, domain)
        case Sort.ADDRESS if family is Family.ADDRESS:
            return test.amounts
        case Sort.ADDRESS if family is Family.STRING:
            blocks = [network(text) if (text := plain(value)) and "/" not in text else None for value in test.values]
            return Ranges.of(block for block in blocks if block) if all(blocks) else None
        case Sort.NUMBER if family is _family_of(test.key) or test.key == "aws:epochtime":
            return test.amounts if family in (Family.NUMBER, Family.DATE) else None
        case _:
            return None


def _finite(test: Test, domain: Language) -> Language | None:
    truths = {value: amount_of(test, value) for value in domain.literals}
    if None in truths.values():
        return None
    return Language(literals=frozenset(value for value, inside_it in truths.items() if inside_it))


GROUPS: Mapping[Family, str] = {
    Family.STRING: "text",
    Family.ARN: "text",
    Family.BOOL: "text",
    Family.BINARY: "text",
    Family.NUMBER: "number",
    Family.DATE: "number",
    Family.ADDRESS: "address",
}


def _family_of(key: str) -> Family:
    return Family.DATE if kind_of(key) is KeyKind.TIME else Family.NUMBER


SORTS: Mapping[str, Sort] = {"number": Sort.NUMBER, "address": Sort.ADDRESS}


def sorts_of_keys(statements: list[Statement]) -> tuple[frozenset[str], Mapping[str, Sort]]:
    """Keys of no documented type: those compared as different types, and those compared as numbers or addresses."""
    groups: dict[str, set[str]] = {}
    for statement in statements:
        for test in statement.tests:
            if test.operator.family in GROUPS and kind_of(test.key) is KeyKind.TEXT:
                groups.setdefault(test.key, set()).add(GROUPS[test.operator.family])
    mixed = frozenset(key for key, found in groups.items() if len(found) > 1)
    single = {key: next(iter(found)) for key, found in groups.items() if len(found) == 1}
    return mixed, {key: SORTS[group] for key, group in single.items() if group in SORTS and key not in MULTIVALUED}
