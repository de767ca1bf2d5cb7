"""Where a planned resource will be: the account, Region and partition of its provider configuration.

Two resources of one provider configuration are in one account, whichever it is. A plan names the account rarely: by
`allowed_account_ids`, the role that it assumes, a caller identity that was read, or the ARN of something that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from posture.adapters.aws.arns import account_of, parsed, partition_of
from posture.adapters.aws.terraform.context import Context
from posture.frozen import dataclass
from posture.model.accounts import MOST, stand_in
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.model.settings import Settings
from posture.terraform.configuration import Module
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.values import Json

_PREFIX: Final = "aws_"
_BUCKET: Final = "aws_s3_bucket"
_DEFAULT: Final = "aws"  # the name of the provider, and the key of a configuration without an alias
_NAMING: Final = (  # what lies in the account of its ARN
    *("aws_iam_role", "aws_iam_policy", "aws_iam_user", "aws_kms_key", "aws_cloudtrail", "aws_sns_topic"),
    *("aws_sqs_queue", "aws_s3_access_point", "aws_cloudwatch_log_group", "data.aws_iam_role", "data.aws_iam_user"),
)
_SAYING: Final = (  # kinds with an attribute that is the account
    ("data.aws_caller_identity", "account_id"),
    ("aws_s3_account_public_access_block", "account_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The account is a stand-in where nobody tells it, and never unknown but for want of stand-ins."""

    account: Fact[str]
    region: Fact[str]
    partition: str


class Homes:
    """One home for each provider configuration; a Region may be the resource's own."""

    def __init__(self, plan: Plan, settings: Settings, context: Context) -> None:
        self._plan = plan
        self._context = context
        self._accounts = {store.ref.name: store.account for store in settings.stores if store.account}
        self._keys: dict[Resource, str] = {}
        self._members: dict[str, list[Resource]] = {}
        configured = [key for key, value in plan.providers.configured.items() if _name_of(value) == _DEFAULT]
        self._only = "" if len(configured) > 1 else configured[0] if configured else _DEFAULT
        for resource in plan.resources:
            if resource.address.kind.removeprefix("data.").startswith(_PREFIX):
                key = self._key(resource)
                self._keys[resource] = key
                self._members.setdefault(key, []).append(resource)
        written = {self._inherited(key) for key in _keys(plan.inventory.module(()))}
        self._numbers = {key: number for number, key in enumerate(sorted({*written, *self._members}), start=1)}
        self._homes: dict[str, Home] = {}
        self._of: dict[Resource, Home] = {}

    def of(self, resource: Resource) -> Home:
        """The home of a resource of the AWS provider; everybody asks again for those of buckets, keys and roles."""
        if resource not in self._of:
            self._of[resource] = self._found(resource)
        return self._of[resource]

    def configuration(self, resource: Resource) -> str:
        """The key of its provider configuration: two resources of one are in one account."""
        return self._keys[resource] if resource in self._keys else self._key(resource)

    def _found(self, resource: Resource) -> Home:
        key = self.configuration(resource)
        if key not in self._homes:
            self._homes[key] = self._home(key)
        home = self._homes[key]
        own = resource.after.optional("region").text()
        region: Fact[str] = home.region
        if isinstance(own, Known) and own.value:
            region = Known(value=own.value, sources=own.sources)
        return replace(home, region=region, partition=_partition(region, home.partition))

    def stand_ins(self) -> Iterator[tuple[str, str]]:
        """The ids that only stand for an account, and in words what they stand for."""
        for key, number in self._numbers.items():
            told = self._home(key).account
            if isinstance(told, Known) and told.value == stand_in(number):
                yield told.value, f"(account of provider {key})" if key else "(account of the provider)"

    def _key(self, resource: Resource) -> str:
        """The provider configuration, as the plan spells it; what a module inherits is that of the root."""
        return self._inherited(self._plan.provider_key(resource))

    def _inherited(self, key: str) -> str:
        inherited = key.rpartition(":")[2] == _DEFAULT and key not in self._plan.providers.configured
        return self._only if inherited and self._only else key

    def _home(self, key: str) -> Home:
        members = self._members.get(key, [])
        return Home(
            account=self._account(key, members),
            region=self._region(key, members),
            partition=next(_partitions(members), "aws"),
        )

    def _account(self, key: str, members: list[Resource]) -> Fact[str]:
        settings = self._plan.providers
        match settings.setting(key, "allowed_account_ids"), settings.setting(key, "assume_role", "role_arn"):
            case Known(value=[str(account)], sources=sources), _:
                return Known(value=account, sources=sources)
            case _, Known(value=str(role), sources=sources) if account := account_of(role):
                return Known(value=account, sources=sources)
            case _:
                pass
        for said in chain(self._named(members), _said(members), self._seen(members)):
            return said
        number = self._numbers.get(key, MOST + 1)
        source = Source(operation=f"provider {key}" if key else "provider")
        if number > MOST:
            detail = "the plan has too many provider configurations to tell their accounts apart"
            return Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=detail)
        return Known(value=stand_in(number), sources=(source,))

    def _named(self, members: list[Resource]) -> Iterator[Known[str]]:
        """The account that the user gives one of the buckets."""
        for name in _texts(filter(_is_set, members), "bucket", (_BUCKET, f"data.{_BUCKET}")):
            if name.value in self._accounts:
                source = Source(operation="posture:configuration", resource=name.value)
                yield Known(value=self._accounts[name.value], sources=(source,))

    def _seen(self, members: list[Resource]) -> Iterator[Known[str]]:
        """The account in which a live scan saw a bucket that is there."""
        there = [each for each in members if _is_set(each) and (each.before is not None or each.beside is not None)]
        for name in _texts(there, "bucket", (_BUCKET, f"data.{_BUCKET}")):
            owner = self._context.owner(name.value)
            if isinstance(owner, Known):
                yield owner

    def _region(self, key: str, members: list[Resource]) -> Fact[str]:
        setting = self._plan.providers.setting(key, "region")
        if isinstance(setting, Known) and isinstance(setting.value, str) and setting.value:
            return Known(value=setting.value, sources=setting.sources)
        for attribute in ("region", "name", "id"):
            for name in _texts(members, attribute, ("data.aws_region",)):
                return name
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=setting.sources,
            detail="the plan does not say in which Region this will be",
            needs="`region` in the configuration of the provider",
        )


def _is_set(resource: Resource) -> bool:
    """Whether this provider configuration has a say over it: a data source may only read what is another account's."""
    return not resource.address.kind.startswith("data.") or resource.beside is not None


def _keys(module: Module) -> Iterator[str]:
    """The provider configurations of a module and all below it: the same before and after a plan."""
    for (kind, _), configured in module.resources.items():
        if kind.removeprefix("data.").startswith(_PREFIX):
            yield configured.provider
    for call in module.calls.values():
        yield from _keys(call.module)


def _name_of(provider: Json) -> str:
    name = provider.get("name") if isinstance(provider, dict) else None
    return name if isinstance(name, str) else ""


def _said(members: list[Resource]) -> Iterator[Known[str]]:
    for kind, attribute in _SAYING:
        yield from _texts(members, attribute, (kind,))
    for arn in _texts(members, "arn", _NAMING):
        if account := account_of(arn.value):
            yield Known(value=account, sources=arn.sources)


def _partitions(members: list[Resource]) -> Iterator[str]:
    yield from (name.value for name in _texts(members, "partition", ("data.aws_partition",)))
    for text in _texts(members, "arn"):
        if (arn := parsed(text.value)) is not None:
            yield arn.partition


def _texts(members: Iterable[Resource], attribute: str, kinds: tuple[str, ...] = ()) -> Iterator[Known[str]]:
    """The texts of an attribute, as they will be and as they were; of all kinds unless some are named."""
    meant = (each for each in members if not kinds or each.address.kind in kinds)
    for values in (values for each in meant for values in (each.after, each.before) if values is not None):
        if isinstance(values.raw, dict) and attribute in values.raw:  # of thousands of resources few have it
            match values.text(attribute):
                case Known(value=str(text), sources=sources) if text:
                    yield Known(value=text, sources=sources)
                case _:
                    pass


def _partition(region: Fact[str], otherwise: str) -> str:
    return partition_of(region.value) if isinstance(region, Known) else otherwise
