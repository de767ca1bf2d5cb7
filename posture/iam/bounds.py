"""How a request travels: without any bound, or from the networks and through the access points that are named."""

from collections.abc import Callable, Iterable, Iterator

from posture.frozen import dataclass
from posture.iam.binding import Constant
from posture.iam.cells import Axes, Cell
from posture.iam.conditions import Test
from posture.iam.encode import Encoder
from posture.iam.formula import Formula, Literal, negate, some
from posture.iam.keys import ACCESS_POINT_KEYS, CREDENTIAL_KEYS, ENDPOINT_KEYS
from posture.iam.mentions import Mentions
from posture.iam.quantities import Network, Ranges, bounds
from posture.iam.request import CallerKind
from posture.iam.results import BoundKind
from posture.iam.wildcard import MANY, MANY_IN_PART, Language, literal

Limit = Callable[[Encoder], Formula]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One kind of path; `names` are what the mode stands for in the answer."""

    kind: BoundKind
    names: tuple[str, ...]
    endpoint: bool | None  # None: either
    access_point: bool | None
    limit: Limit


def axes_of(named: Mentions, cell: Cell, facts: Iterable[str]) -> tuple[Axes, ...]:
    """The circumstances that the policies tell apart for a caller."""
    keys = (named.keys | named.referenced) - set(facts)
    endpoints = (False, True) if keys & (ENDPOINT_KEYS | {"aws:sourceip"}) else (False,)
    paths = (False, True) if keys & ACCESS_POINT_KEYS else (False,)
    transports = (True, False) if "s3:tlsversion" in keys else (None,)
    forwards: tuple[bool | None, ...] = (None,)
    if any(key.startswith("aws:calledvia") for key in keys):
        forwards = (False,) if cell.kind in (CallerKind.ANONYMOUS, CallerKind.SERVICE) else (False, True)
    return tuple(
        Axes(endpoint=endpoint, access_point=path, credentials=credentials, https=https, forwarded=forwarded)
        for path in paths
        for endpoint in endpoints
        for credentials in _credentials(keys, cell)
        for https in transports
        for forwarded in forwards
    )


def _credentials(keys: frozenset[str], cell: Cell) -> tuple[str, ...]:
    if not keys & CREDENTIAL_KEYS:
        return ("any",)
    if cell.kind in (CallerKind.USER, CallerKind.ROOT, CallerKind.CANONICAL_USER):
        return ("long_term", "temporary", "mfa")
    return ("temporary", "mfa")


def open_mode(named: Mentions) -> Mode:
    """From anywhere: outside all named networks and access points."""

    def limit(encoder: Encoder) -> Formula:
        return _every(_unlimited(encoder, named, with_networks=True))

    return Mode(kind=BoundKind.NONE, names=(), endpoint=None, access_point=None, limit=limit)


def any_mode() -> Mode:
    """By any path."""
    return Mode(kind=BoundKind.NONE, names=(), endpoint=None, access_point=None, limit=lambda _: True)


def _every(parts: Iterable[Formula]) -> Formula:
    return negate(some(negate(part) for part in parts))


def _unlimited(encoder: Encoder, named: Mentions, *, with_networks: bool) -> Iterator[Formula]:
    if with_networks and named.blocks:
        yield _outside(encoder, "aws:sourceip", Ranges.of(named.blocks))
    if with_networks:
        for key in dict.fromkeys(key for key, _ in named.networks):
            values = frozenset(value for other, value in named.networks if other == key)
            yield _outside(encoder, key, Language(literals=values))
    if named.access_point_accounts:
        yield _outside(encoder, "s3:dataaccesspointarn", _access_points(named.access_point_accounts))


def _outside(encoder: Encoder, key: str, accept: Language | Ranges) -> Formula:
    binding = encoder.binding(key)
    if isinstance(binding, Constant):
        return True
    seen = binding.view(accept) if isinstance(accept, Language) else accept
    return Literal(binding.variable, seen, sign=False, absent=True, every=True)


def _within(encoder: Encoder, key: str, accept: Language | Ranges) -> Formula:
    binding = encoder.binding(key)
    return False if isinstance(binding, Constant) else negate(_outside(encoder, key, accept))


def _access_points(accounts: Iterable[str]) -> Language:
    parts = (MANY_IN_PART, ":")
    return Language(
        globs=frozenset(
            (*literal("arn:"), *parts, *parts, *parts, *literal(account), ":", MANY) for account in accounts
        )
    )


def named_modes(named: Mentions, tests: list[Test]) -> Iterator[Mode]:
    """One mode for each group of networks that the policies treat alike, and one for each access point account."""
    for blocks in _alike_blocks(named.blocks, tests):
        yield Mode(
            kind=BoundKind.NETWORK,
            names=tuple(f"aws:SourceIp={block}" for block in blocks),
            endpoint=False,
            access_point=None,
            limit=_at("aws:sourceip", Ranges.of(blocks[:1]), named),
        )
    for key, values in _alike_names(named.networks, tests):
        yield Mode(
            kind=BoundKind.NETWORK,
            names=tuple(f"{key}={value}" for value in values),
            endpoint=True if key in ENDPOINT_KEYS else None,
            access_point=None,
            limit=_at(key, Language(literals=frozenset(values[:1])), named),
        )
    for account in named.access_point_accounts:
        yield Mode(
            kind=BoundKind.ACCESS_POINT,
            names=(account,),
            endpoint=None,
            access_point=True,
            limit=_at("s3:dataaccesspointarn", _access_points((account,)), None),
        )


def _at(key: str, accept: Language | Ranges, named: Mentions | None) -> Limit:
    def limit(encoder: Encoder) -> Formula:
        parts = [_within(encoder, key, accept)]
        if named is not None:
            parts.extend(_unlimited(encoder, named, with_networks=False))
        return _every(parts)

    return limit


def _alike_blocks(blocks: tuple[Network, ...], tests: list[Test]) -> list[list[Network]]:
    ranges = [test.amounts for test in tests if test.key == "aws:sourceip" and isinstance(test.amounts, Ranges)]
    plain = [test for test in tests if test.key == "aws:sourceip" and not isinstance(test.amounts, Ranges)]
    groups: dict[object, list[Network]] = {}
    for block in blocks:
        low, high = bounds(block)
        even = all(item.covers(low, high) or not item.meets(low, high) for item in ranges) and not plain
        traits = tuple(item.contains(low) for item in ranges) if even else block
        groups.setdefault(traits, []).append(block)
    return list(groups.values())


def _alike_names(networks: tuple[tuple[str, str], ...], tests: list[Test]) -> list[tuple[str, list[str]]]:
    groups: dict[object, tuple[str, list[str]]] = {}
    languages: dict[str, list[Language]] = {}
    for test in tests:
        patterns = [value.pattern for value in test.values if value.pattern is not None]
        languages.setdefault(test.key, []).append(Language.of(patterns))
    for key, value in networks:
        traits = (key, tuple(language.contains(value) for language in languages[key]))
        groups.setdefault(traits, (key, []))[1].append(value)
    return list(groups.values())
