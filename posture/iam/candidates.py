"""The classes of callers that the policies can tell apart, each as cells to be asked about."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from posture.iam.alike import AccountPart, Likeness, account_part
from posture.iam.candidate import ANY, Candidate, Exclude, outside
from posture.iam.cells import Cell, Membership, World
from posture.iam.document import Statement
from posture.iam.encode import Encoder
from posture.iam.formula import Formula, negate
from posture.iam.identity import stem_of, tail_of
from posture.iam.memberships import ORG_KEYS, memberships, of_strangers
from posture.iam.mentions import Mentions
from posture.iam.request import CallerKind
from posture.iam.results import PrincipalClass, PrincipalKind
from posture.iam.services import services
from posture.iam.shapes import ACCOUNTS
from posture.iam.theories import Work, find_text
from posture.iam.wildcard import MANY, MANY_IN_PART, Language, Pattern, after, literal

FEDERATION: Final = (
    "sts:assumerolewithwebidentity",
    "sts:assumerolewithsaml",
    "sts:tagsession",
    "sts:setsourceidentity",
)
KINDS: Final = (CallerKind.ROLE_SESSION, CallerKind.USER, CallerKind.ROOT, CallerKind.FEDERATED_USER)


def candidates(
    statements: list[Statement], named: Mentions, world: World, partition: str, work: Work
) -> Iterator[Candidate]:
    """All candidates, the widest first."""
    yield Candidate(
        principal=PrincipalClass(kind=PrincipalKind.ANONYMOUS),
        cells=(Cell(kind=CallerKind.ANONYMOUS, partition=partition),),
        exclude=_nothing,
    )
    fresh = fresh_account(named, partition)
    keys = named.keys | named.referenced
    stranger = of_strangers(named)
    yield Candidate(
        principal=ANY,
        cells=_cells(fresh, stranger, partition),
        exclude=_strangers(named),
    )
    if keys & ORG_KEYS:
        for organisation in named.organisations:
            yield Candidate(
                principal=PrincipalClass(kind=PrincipalKind.ORGANISATION, names=(organisation,)),
                cells=_cells(fresh, (organisation,), partition),
                exclude=_strangers(named),
                covered_by=(ANY,),
            )
    yield from _patterns(named, partition, stranger, work)
    yield from _accounts(statements, named, world, partition, stranger)
    yield from _unique_ids(named, partition)
    yield from services(named, world, fresh, partition)
    for name in named.canonical:
        yield Candidate(
            principal=PrincipalClass(kind=PrincipalKind.CANONICAL_USER, names=(name,)),
            cells=(Cell(kind=CallerKind.CANONICAL_USER, name=name, partition=partition),),
            exclude=_nothing,
            covered_by=(ANY,),
        )
    for name in named.federated:
        yield Candidate(
            principal=PrincipalClass(kind=PrincipalKind.FEDERATED, names=(name,)),
            cells=(Cell(kind=CallerKind.FEDERATED, name=name, partition=partition),),
            exclude=_nothing,
            actions=FEDERATION,
        )


def _nothing(_: Encoder) -> Iterable[Formula]:
    return ()


def _kinds(account: str, partition: str) -> list[Cell]:
    return [Cell(kind=kind, account=account, partition=partition) for kind in KINDS]


def _cells(account: str, memberships: Iterable[str], partition: str, *, named: bool = False) -> tuple[Cell, ...]:
    return tuple(
        Cell(kind=kind, account=account, membership=membership, named=named, partition=partition)
        for membership in memberships
        for kind in KINDS
    )


OPTIONS: Final = tuple(f"{digit}{(digit + 1) % 10}{digit}" * 4 for digit in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0))


def fresh_account(named: Mentions, partition: str) -> str:
    """An account id that no policy names, and that as few patterns as possible single out."""
    free = [option for option in OPTIONS if option not in named.accounts] or ["906417358263"]
    some_accounts = [item for item in named.account_patterns if account_part(item[0], item[2]) is AccountPart.SOME]
    return min(free, key=lambda option: sum(len(_seen(item, option, partition)) for item in some_accounts))


def _seen(item: tuple[str, str, Pattern], account: str, partition: str) -> tuple[Pattern, ...]:
    """What a pattern still asks of a caller whose account is known."""
    key, _, pattern = item
    if key != "aws:principalarn":
        return after(pattern, account)
    stems = [stem_of(Cell(kind=kind, account=account, partition=partition)) for kind in KINDS]
    return tuple(rest for stem in stems for rest in after(pattern, stem))


def _selective(named: Mentions, partition: str, work: Work) -> list[tuple[str, str, Pattern]]:
    """The patterns to which accounts that nobody names are not all alike."""
    return [
        item
        for item in named.account_patterns
        if account_part(item[0], item[2]) is AccountPart.SOME
        and len({_seen(item, option, partition) for option in (*OPTIONS, *_matched(item, partition, work))}) > 1
    ]


def _matched(item: tuple[str, str, Pattern], partition: str, work: Work) -> Iterator[str]:
    """One account that the pattern matches, for each kind of caller."""
    key, _, pattern = item
    wanted = Language.of([pattern])
    if key != "aws:principalarn":
        account = find_text([Language(globs=frozenset({ACCOUNTS})), wanted], [], work)
        return iter([] if account is None else [account])
    arns = (find_text([tail_of(Cell(kind=kind, partition=partition)).domain, wanted], [], work) for kind in KINDS)
    return (arn.split(":", 5)[4] for arn in arns if arn is not None)


def _patterns(named: Mentions, partition: str, stranger: tuple[str, ...], work: Work) -> Iterator[Candidate]:
    """Accounts that match a selective pattern, and those that match none."""
    selective = _selective(named, partition, work)
    if not selective:
        return
    cells = tuple(
        Cell(kind=kind, membership=membership, partition=partition) for membership in stranger for kind in KINDS
    )
    for item in selective:
        yield Candidate(
            principal=PrincipalClass(kind=PrincipalKind.ACCOUNT_PATTERN, names=(item[1],)),
            cells=cells,
            exclude=_matching(named, item),
            covered_by=(ANY,),
        )
    yield Candidate(principal=ANY, cells=cells, exclude=_matching(named, None, selective), covered_by=(ANY,))


def _matching(
    named: Mentions, wanted: tuple[str, str, Pattern] | None, avoided: Iterable[tuple[str, str, Pattern]] = ()
) -> Exclude:
    part = (MANY_IN_PART, ":")
    accounts = Language(
        globs=frozenset((*literal("arn:"), *part, *part, ":", *account, ":", MANY) for account in named.accounts)
    )
    strangers = _strangers(named)

    def exclude(encoder: Encoder) -> Iterator[Formula]:
        yield from strangers(encoder)
        yield outside(encoder, "aws:principalarn", accounts)
        if wanted is not None:
            yield negate(outside(encoder, wanted[0], Language.of([wanted[2]])))
        for item in avoided:
            yield outside(encoder, item[0], Language.of([item[2]]))

    return exclude


def _strangers(named: Mentions) -> Exclude:
    """Callers of an account that no policy names have neither a named unique id nor a named organisation."""

    def exclude(encoder: Encoder) -> Iterator[Formula]:
        if named.unique_ids:
            yield outside(encoder, "aws:userid", unique_id_language(named.unique_ids))
        yield from _elsewhere(named, encoder)

    return exclude


def _elsewhere(named: Mentions, encoder: Encoder) -> Iterator[Formula]:
    """An organisation that no policy names is none of those that are named."""
    if encoder.cell.membership in (Membership.OTHER, Membership.DIFFERENT):
        ids = Language(literals=frozenset(named.organisations))
        paths = Language(globs=frozenset((*literal(name + "/"), MANY) for name in named.organisations))
        yield outside(encoder, "aws:principalorgid", ids)
        yield outside(encoder, "aws:principalorgpaths", paths, every=True)


def unique_id_language(names: Iterable[str]) -> Language:
    """The values of aws:userid that belong to named unique ids."""
    listed = tuple(names)
    return Language(literals=frozenset(listed), globs=frozenset((*literal(name + ":"), MANY) for name in listed))


def _accounts(
    statements: list[Statement], named: Mentions, world: World, partition: str, stranger: tuple[str, ...]
) -> Iterator[Candidate]:
    groups: dict[object, list[str]] = {}
    likeness = Likeness.of(statements)
    alone = bool(named.referenced or "aws:userid" in named.keys)
    for account in dict.fromkeys((world.owner, *named.accounts)):
        traits = (
            (account,) if alone or account == world.owner else likeness.account(account, _kinds(account, partition))
        )
        groups.setdefault((traits, world.membership(account)), []).append(account)
    whole: dict[str, PrincipalClass] = {}
    for group in groups.values():
        principal = PrincipalClass(kind=PrincipalKind.ACCOUNT, names=tuple(group))
        whole.update(dict.fromkeys(group, principal))
        known = memberships(group[0], named, world, stranger)
        yield Candidate(
            principal=principal,
            cells=_cells(group[0], known, partition, named=True),
            exclude=_unnamed(named, group[0]),
            covered_by=(ANY,),
        )
    yield from _principals(likeness, named, world, partition, stranger, whole)


def _unnamed(named: Mentions, account: str) -> Exclude:
    """Somebody in the account whom no policy names."""
    own = frozenset(arn for arn, owner in named.arns if owner == account)
    sessions = [entry for entry in named.sessions if entry.account == account]

    def exclude(encoder: Encoder) -> Iterator[Formula]:
        if own and encoder.cell.kind is not CallerKind.ROOT:
            yield outside(encoder, "aws:principalarn", Language(literals=own))
        if sessions and encoder.cell.kind is CallerKind.ROLE_SESSION:
            role = encoder.binding("aws:principalarn")
            yield from (negate(encoder.session(entry, role)) for entry in sessions)
        yield from _elsewhere(named, encoder)

    return exclude


def _principals(  # what a named principal depends on  # noqa: PLR0917  # private; the parts of one question
    likeness: Likeness,
    named: Mentions,
    world: World,
    partition: str,
    stranger: tuple[str, ...],
    whole: dict[str, PrincipalClass],
) -> Iterator[Candidate]:
    keys = named.keys | named.referenced
    groups: dict[object, list[tuple[str, Cell]]] = {}
    for arn, cell in _named_cells(named, partition):
        alone = bool(named.referenced or keys & {"aws:username", "aws:userid"} or cell.session)
        around = whole.get(cell.account or "")  # a class that covers one of a group has to cover all
        traits = arn if alone else (cell.kind, around, *likeness.identity(arn, cell))
        groups.setdefault((traits, world.membership(cell.account or "")), []).append((arn, cell))
    for group in groups.values():
        cell = group[0][1]
        known = memberships(cell.account or "", named, world, stranger)
        yield Candidate(
            principal=PrincipalClass(kind=PrincipalKind.PRINCIPAL, names=tuple(arn for arn, _ in group)),
            cells=tuple(replace(cell, membership=membership) for membership in known),
            exclude=partial(_elsewhere, named),
            covered_by=(ANY, *(whole[entry.account] for _, entry in group[:1] if entry.account in whole)),
        )


def _named_cells(named: Mentions, partition: str) -> Iterator[tuple[str, Cell]]:
    for arn, account in named.arns:
        rest = arn.split(":", 5)[5]
        kind = {"user": CallerKind.USER, "role": CallerKind.ROLE_SESSION, "root": CallerKind.ROOT}.get(
            rest.partition("/")[0], CallerKind.FEDERATED_USER
        )
        yield arn, Cell(kind=kind, account=account, arn=arn, named=True, partition=arn.split(":", 2)[1])
    for entry in named.sessions:
        role = f"arn:{partition}:iam::{entry.account}:role/{entry.role}"
        cell = Cell(kind=CallerKind.ROLE_SESSION, account=entry.account, arn=role, named=True, partition=partition)
        yield entry.arn, replace(cell, session=entry.name)


def _unique_ids(named: Mentions, partition: str) -> Iterator[Candidate]:
    for name in named.unique_ids:
        kind = CallerKind.USER if name.startswith("AIDA") else CallerKind.ROLE_SESSION
        yield Candidate(
            principal=PrincipalClass(kind=PrincipalKind.UNIQUE_ID, names=(name,)),
            cells=(Cell(kind=kind, unique_id=name, partition=partition),),
            exclude=_nothing,
            covered_by=(ANY,),
        )
