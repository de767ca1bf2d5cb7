"""Where a planned resource will be: the account, Region and partition of its provider configuration.

Two resources of one provider configuration are in one account, whichever it is. A plan names the account rarely: by
`allowed_account_ids`, the role that it assumes, a caller identity that was read, or the ARN of something that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from posture.adapters.aws.arns import account_of, parsed, partition_of
from posture.adapters.aws.terraform.context import Context
from posture.model.accounts import MOST, stand_in
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.model.settings import Settings
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.values import Json

_PREFIX: Final = "aws_"
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
    canonical_id: str  # of the account; empty where the plan does not say


class Homes:
    """One home for each provider configuration; a Region may be the resource's own."""

    def __init__(self, plan: Plan, settings: Settings, context: Context) -> None:
        self._plan = plan
        self._context = context
        self._accounts = {store.ref.name: store.account for store in settings.stores if store.account}
        self._keys: dict[Resource, str] = {}
        self._members: dict[str, list[Resource]] = {}
        configured = [key for key, value in plan.providers.configured.items() if _name_of(value) == "aws"]
        self._only = configured[0] if len(configured) == 1 else ""
        for resource in plan.resources:
            if resource.address.kind.removeprefix("data.").startswith(_PREFIX):
                key = self._key(resource)
                self._keys[resource] = key
                self._members.setdefault(key, []).append(resource)
        self._numbers = {key: number for number, key in enumerate(sorted(self._members), start=1)}
        self._homes: dict[str, Home] = {}

    def of(self, resource: Resource) -> Home:
        """The home of a resource of the AWS provider."""
        key = self._keys[resource] if resource in self._keys else self._key(resource)
        if key not in self._homes:
            self._homes[key] = self._home(key, resource)
        home = self._homes[key]
        own = resource.after.optional("region").text()
        region: Fact[str] = home.region
        if isinstance(own, Known) and own.value:
            region = Known(value=own.value, sources=own.sources)
        return replace(home, region=region, partition=_partition(region, home.partition))

    def owner(self, bucket: Resource, name: str) -> Fact[str]:
        """The owner of a bucket, whom the user may have named."""
        if name in self._accounts:
            source = Source(operation="posture:configuration", resource=name)
            return Known(value=self._accounts[name], sources=(source,))
        return self.of(bucket).account

    def _key(self, resource: Resource) -> str:
        """The provider configuration, as the plan spells it; what a module inherits is that of the root."""
        key = self._plan.provider_key(resource)
        inherited = key.rpartition(":")[2] == "aws" and key not in self._plan.providers.configured
        return self._only if inherited and self._only else key

    def _home(self, key: str, resource: Resource) -> Home:
        members = self._members.get(key, [])
        return Home(
            account=self._account(key, members),
            region=self._region(resource, members),
            partition=next(_partitions(members), "aws"),
            canonical_id=next(_canonical_ids(members), ""),
        )

    def _account(self, key: str, members: list[Resource]) -> Fact[str]:
        for resource in members[:1]:
            match self._plan.provider_setting(resource, "allowed_account_ids"):
                case Known(value=[str(account)], sources=sources):
                    return Known(value=account, sources=sources)
                case _:
                    pass
            match self._plan.provider_setting(resource, "assume_role", "role_arn"):
                case Known(value=str(role), sources=sources) if account := account_of(role):
                    return Known(value=account, sources=sources)
                case _:
                    pass
        for said in chain(_said(members), self._seen(members)):
            return said
        number = self._numbers.get(key, MOST + 1)
        source = Source(operation=f"provider {key}" if key else "provider")
        if number > MOST:
            detail = "the plan has too many provider configurations to tell their accounts apart"
            return Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=detail)
        return Known(value=stand_in(number), sources=(source,))

    def _seen(self, members: list[Resource]) -> Iterator[Known[str]]:
        """The account in which a live scan saw a bucket that is there."""
        for resource in members:
            if resource.address.kind == "aws_s3_bucket" and resource.before is not None:
                match resource.before.optional("bucket").text():
                    case Known(value=str(name)) if name:
                        owner = self._context.owner(name)
                        if isinstance(owner, Known):
                            yield owner
                    case _:
                        pass

    def _region(self, resource: Resource, members: list[Resource]) -> Fact[str]:
        setting = self._plan.provider_setting(resource, "region")
        if isinstance(setting, Known) and isinstance(setting.value, str) and setting.value:
            return Known(value=setting.value, sources=setting.sources)
        for member in members:
            if member.address.kind == "data.aws_region":
                for attribute in ("region", "name", "id"):
                    match member.after.optional(attribute).text():
                        case Known(value=str(name), sources=sources) if name:
                            return Known(value=name, sources=sources)
                        case _:
                            pass
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=setting.sources,
            detail="the plan does not say in which Region this will be",
            needs="`region` in the configuration of the provider",
        )


def _name_of(provider: Json) -> str:
    name = provider.get("name") if isinstance(provider, dict) else None
    return name if isinstance(name, str) else ""


def _said(members: list[Resource]) -> Iterator[Known[str]]:
    for kind, attribute in _SAYING:
        for resource in members:
            if resource.address.kind == kind:
                match resource.after.optional(attribute).text():
                    case Known(value=str(account), sources=sources) if account:
                        yield Known(value=account, sources=sources)
                    case _:
                        pass
    for resource in members:
        if resource.address.kind in _NAMING:
            match resource.after.optional("arn").text():
                case Known(value=str(text), sources=sources) if (arn := parsed(text)) is not None and arn.account:
                    yield Known(value=arn.account, sources=sources)
                case _:
                    pass


def _partitions(members: list[Resource]) -> Iterator[str]:
    for resource in members:
        attribute = "partition" if resource.address.kind == "data.aws_partition" else "arn"
        match resource.after.optional(attribute).text():
            case Known(value=str(text)) if text:
                arn = parsed(text)
                yield text if attribute == "partition" else arn.partition if arn is not None else "aws"
            case _:
                pass


def _canonical_ids(members: list[Resource]) -> Iterator[str]:
    for resource in members:
        if resource.address.kind == "data.aws_canonical_user_id":
            match resource.after.optional("id").text():
                case Known(value=str(text)) if text:
                    yield text
                case _:
                    pass


def _partition(region: Fact[str], otherwise: str) -> str:
    return partition_of(region.value) if isinstance(region, Known) else otherwise
