"""The resources of a plan under what they can be found by: instance, kind, module, and the values that name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Known
from posture.terraform.address import Key, Step
from posture.terraform.configuration import EMPTY, Module
from posture.terraform.resources import Resource
from posture.terraform.values import Gone, Values, marked, token

Modules: TypeAlias = tuple[Step, ...]


def as_written(name: str) -> str:
    """No other spelling."""
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How other resources name one of these kinds, declared once by a wing.

    The first attribute is the one that alone tells two resources apart; the others are further names of the same. Where
    the provider has it `invented`, no value that is known before can name a resource that is yet to be made.
    """

    kinds: tuple[str, ...]  # aws_s3_bucket; data.aws_s3_bucket for a data source
    attributes: tuple[str, ...]  # bucket, id, arn
    spelled: Callable[[str], str] = as_written  # one spelling for names that mean the same
    invented: bool = False


class Inventory:
    """Finds resources. Everything is indexed when it is first asked for, and once."""

    def __init__(self, resources: Iterable[Resource], configuration: Module, salt: bytes) -> None:
        self.resources = tuple(resources)
        self.salt = salt
        self.configuration = configuration
        self._kinds: dict[str, list[Resource]] = defaultdict(list)
        self._instances: dict[tuple[Modules, str, str], dict[Key, Resource]] = defaultdict(dict)
        self._calls: dict[tuple[Modules, str], dict[Key, None]] = defaultdict(dict)
        self._modules: dict[tuple[str, ...], Module] = {(): configuration}
        self._named: dict[Identity, Named] = {}
        for resource in self.resources:
            address = resource.address
            self._kinds[address.kind].append(resource)
            self._instances[address.modules, address.kind, address.name][address.key] = resource
            for depth, step in enumerate(address.modules):
                self._calls[address.modules[:depth], step.name][step.key] = None

    def of_kind(self, kind: str) -> tuple[Resource, ...]:
        """All resources of a kind, in the order of the plan."""
        return tuple(self._kinds.get(kind, ()))

    def instances(self, modules: Modules, kind: str, name: str) -> Mapping[Key, Resource]:
        """The instances of one resource of one module instance, by key."""
        return self._instances.get((modules, kind, name), {})

    def calls(self, modules: Modules, name: str) -> tuple[Key, ...]:
        """The keys of the instances of a module call that hold anything."""
        return tuple(self._calls.get((modules, name), ()))

    def module(self, modules: Modules) -> Module:
        """The configuration of a module; an empty one where the plan does not show it."""
        names = tuple(step.name for step in modules)
        if names not in self._modules:
            call = self.module(modules[:-1]).calls.get(names[-1])
            self._modules[names] = call.module if call is not None else EMPTY
        return self._modules[names]

    def named(self, identity: Identity) -> Named:
        """The resources that an identity speaks of, by name."""
        if identity not in self._named:
            resources = [resource for kind in identity.kinds for resource in self.of_kind(kind)]
            self._named[identity] = Named(identity, resources, self.salt)
        return self._named[identity]


class Candidates:
    """Resources of which one is meant. Many questions share one of these, however large it is."""

    def __init__(self, members: Iterable[Resource] = ()) -> None:
        self.members = tuple(dict.fromkeys(members))
        self._set = frozenset(self.members)

    def __contains__(self, resource: Resource) -> bool:
        return resource in self._set

    def __len__(self) -> int:
        return len(self.members)


class Named:
    """Resources by the tokens of their names, now and before. Tokens, because a name may be a secret."""

    def __init__(self, identity: Identity, resources: Iterable[Resource], salt: bytes) -> None:
        self._identity = identity
        self._salt = salt
        self.all = Candidates(resources)
        self._now = self._indexed((resource, resource.after) for resource in self.all.members)
        self._before = self._indexed((resource, resource.before) for resource in self.all.members)
        self.nameless = Candidates(filter(self._may_get_a_name, self.all.members))
        self.settled = Candidates(resource for resource in self.nameless.members if not resource.new)

    def by_name(self, value: Values) -> Candidates:
        """Those that have this value for a name."""
        return self._now.get(self._token(value), _NONE)

    def by_former_name(self, value: Values) -> Candidates:
        """Those that had this value for a name before the plan."""
        return self._before.get(self._token(value), _NONE)

    def _indexed(self, pairs: Iterable[tuple[Resource, Values | None]]) -> dict[str, Candidates]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource, values in pairs:
            if values is not None:
                for attribute in self._identity.attributes:
                    found[self._token(values.at(attribute))].append(resource)
        found.pop("", None)
        return {name: Candidates(resources) for name, resources in found.items()}

    def _token(self, value: Values) -> str:
        """The token of a name in its one spelling; empty where there is no name. A secret has only the one it has."""
        match value.text(), value.token():
            case Known(value=str(text)), _:
                return token(self._identity.spelled(text), self._salt) if text else ""
            case _, Known(value=str(secret)):
                return secret
            case _:
                return ""

    def _may_get_a_name(self, resource: Resource) -> bool:
        """Whether a value that is known now may turn out to name it: its deciding name is not known yet."""
        if self._identity.invented and resource.new:
            return False
        for attribute in self._identity.attributes:
            name = resource.after.at(attribute)
            if name.raw is Gone.OMITTED and name.exact and not marked(name.unknown):
                continue  # this kind has no such attribute
            match name.token():
                case Known(value=str()):
                    return False
                case _:
                    return True
        return True


_NONE: Final = Candidates()
