"""Which actions a question ranges over, and which of them every statement treats alike."""

from collections.abc import Iterable, Sequence
from typing import Final

from posture.iam.actions import Action, select, services_of, universe
from posture.iam.document import Document
from posture.iam.question import Layer

TRUST_SERVICES: Final = {"iam": "sts"}  # a role's own policy speaks of sts actions


def policy_universe(
    documents: Sequence[Document], resource: str | None, actions: Iterable[str] | None
) -> tuple[Action, ...]:
    """The actions of the resource's service, of the services that the policies name where there is no resource."""
    patterns = [pattern for entry in documents for item in entry.statements for pattern in item.actions.patterns]
    wanted = [pattern.lower() for pattern in actions] if actions is not None else None
    if resource is not None:
        service = resource.split(":")[2] if resource.count(":") > 1 else ""
        services: Iterable[str] = (TRUST_SERVICES.get(service, service),)
    else:
        services = services_of([*patterns, *(wanted or [])]) or ("s3",)
    found = universe(services, [*patterns, *(wanted or [])])
    if wanted is None:
        return found
    names = tuple(action.name.lower() for action in found)
    chosen = frozenset[int]().union(*(select(pattern, names) for pattern in wanted))
    return tuple(action for index, action in enumerate(found) if index in chosen)


def partition_of(resource: str | None) -> str:
    """The partition of an ARN, the commercial one where there is none."""
    return resource.split(":", 2)[1] if resource and resource.startswith("arn:") else "aws"


def action_groups(
    layers: tuple[Layer, ...], asked: tuple[Action, ...], resource: str | None
) -> list[tuple[str, list[int]]]:
    """Actions that every statement treats alike, apart by where they are decided."""
    groups: dict[tuple[str, int], tuple[str, list[int]]] = {}
    s3 = resource is None or partition_and_service(resource)[1] == "s3"
    treated = [0] * len(asked)  # a bit for each thing that may be said of an action
    for number, said in enumerate(
        each for entry in layers for each in (entry.applies, *(part for pair in entry.matched for part in pair))
    ):
        for index in said:
            treated[index] |= 1 << number
    for index, action in enumerate(asked):
        for place in sorted(action.places - {"elsewhere"}):
            if place != "any" and not s3:
                continue
            groups.setdefault((place, treated[index]), (place, []))[1].append(index)
    return list(groups.values())


def partition_and_service(resource: str) -> tuple[str, str]:
    """The second and third component of an ARN, empty where there are none."""
    parts = resource.split(":", 3)
    return (parts[1], parts[2]) if len(parts) > 3 else ("", "")  # components of an ARN  # noqa: PLR2004  # fixed by the format
