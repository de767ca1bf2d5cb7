"""AWS services as callers: for anybody, or only on behalf of a named account, resource or organisation."""

from collections.abc import Iterator
from dataclasses import replace

from posture.iam.binding import Open
from posture.iam.candidate import Candidate, Exclude, outside
from posture.iam.cells import Cell, World
from posture.iam.encode import Encoder
from posture.iam.formula import Formula, Literal, negate, some
from posture.iam.keys import SOURCE_KEYS
from posture.iam.mentions import Mentions
from posture.iam.request import CallerKind
from posture.iam.results import PrincipalClass, PrincipalKind
from posture.iam.wildcard import MANY, MANY_IN_PART, Language, Pattern, literal


def services(named: Mentions, world: World, fresh: str, partition: str) -> Iterator[Candidate]:
    """Every named service, and one for all that no policy names."""
    names = [*named.services, *(["*"] if named.any_service else [])]
    sourced = bool((named.keys | named.referenced) & SOURCE_KEYS)
    accounts = tuple(dict.fromkeys((world.owner or fresh, *named.source_accounts)))
    for name in names:
        host = "unnamed.amazonaws.com" if name == "*" else name
        everywhere = PrincipalClass(kind=PrincipalKind.SERVICE, names=(name,))
        cell = Cell(kind=CallerKind.SERVICE, name=host, partition=partition, source=fresh)
        yield Candidate(principal=everywhere, cells=(cell,), exclude=_sources(named))
        if not sourced:
            continue
        for account in accounts:
            yield Candidate(
                principal=replace(everywhere, source=account),
                cells=(replace(cell, source=account),),
                exclude=_buckets(named),
                covered_by=(everywhere,),
            )
        for source in (*named.source_arns, *named.source_organisations):
            key = "aws:sourcearn" if source.startswith("arn:") else "aws:sourceorgid"
            yield Candidate(
                principal=replace(everywhere, source=source),
                cells=(cell, *(replace(cell, source=account) for account in accounts)),
                exclude=_exactly(key, source),
                covered_by=(everywhere,),
            )


def _buckets(named: Mentions) -> Exclude:
    """A service acting for a resource whose owner is told by an account."""
    arns = Language.of(_one_bucket(text) for text in named.source_arns)

    def exclude(encoder: Encoder) -> Iterator[Formula]:
        yield outside(encoder, "aws:sourcearn", arns)

    return exclude


def _sources(named: Mentions) -> Exclude:
    """A service acting for somebody whom no policy names."""

    def exclude(encoder: Encoder) -> Iterator[Formula]:
        yield from _buckets(named)(encoder)
        organisations = named.source_organisations
        yield outside(encoder, "aws:sourceorgid", Language(literals=frozenset(organisations)))
        paths = Language(globs=frozenset((*literal(name + "/"), MANY) for name in organisations))
        yield outside(encoder, "aws:sourceorgpaths", paths, every=True)

    return exclude


def _one_bucket(text: str) -> Pattern:
    return (*literal("arn:"), *(MANY_IN_PART, ":") * 4, *text.split(":", 5)[5])


def _exactly(key: str, source: str) -> Exclude:
    def exclude(encoder: Encoder) -> Iterator[Formula]:
        binding = encoder.binding(key)
        if isinstance(binding, Open):
            pattern = _one_bucket(source) if key == "aws:sourcearn" else literal(source)
            found: list[Formula] = [_inside(binding, Language.of([pattern]))]
            if key == "aws:sourceorgid":
                paths = encoder.binding("aws:sourceorgpaths")
                if isinstance(paths, Open):
                    found.append(_inside(paths, Language(globs=frozenset({(*literal(source + "/"), MANY)}))))
            yield some(found)

    return exclude


def _inside(binding: Open, language: Language) -> Formula:
    return negate(Literal(binding.variable, binding.view(language), sign=False, absent=True, every=True))
