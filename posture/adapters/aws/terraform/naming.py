"""What planned buckets, keys and roles are called: by the name that the plan knows, else by a placeholder."""

from __future__ import annotations

from collections.abc import Mapping

from posture.adapters.aws.arns import parsed
from posture.adapters.aws.terraform.context import Context
from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.aws.terraform.identities import BUCKET, KEY, ROLE
from posture.adapters.planned import Naming, Namings, Premises, placeholder
from posture.model.facts import Known
from posture.model.leads import KeyRef, RoleRef, StoreRef
from posture.model.subjects import Kind, Provider
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

_KMS = "kms"
_RECEIVERS = {  # kind: the service of its ARN, and what stands before the name there
    "aws_sns_topic": ("sns", ""),
    "aws_sqs_queue": ("sqs", ""),
    "aws_lambda_function": ("lambda", "function:"),
}


class AwsNames:
    """Targets and ARNs of one plan. An account that nobody tells is stood for, so no part of a name hides another."""

    def __init__(self, plan: Plan, homes: Homes) -> None:
        self._homes = homes
        self._first: dict[str, Resource] = {}
        for resource in plan.of_kind(BUCKET.kinds[0]):
            self._first.setdefault(self.bucket_name(resource), resource)

    def bucket(self, resource: Resource) -> StoreRef:
        """The store that a bucket resource makes. A second one of a name, which AWS will refuse, is one of its own."""
        name = self.bucket_name(resource)
        alone = self._first.get(name, resource) is resource or resource.address.kind != BUCKET.kinds[0]
        return store_ref(name if alone else name + placeholder(resource))

    def bucket_name(self, resource: Resource) -> str:
        """What policies and other resources call a bucket."""
        return resource.known("bucket") or resource.known("id") or placeholder(resource)

    def bucket_arn(self, resource: Resource) -> str:
        """The ARN of a bucket."""
        return f"arn:{self._homes.of(resource).partition}:s3:::{self.bucket_name(resource)}"

    def key(self, resource: Resource) -> KeyRef:
        """The key that a key resource makes."""
        arn = resource.known("arn")
        if not arn:
            home = self._homes.of(resource)
            region = home.region.value if isinstance(home.region, Known) else ""
            account = home.account.value if isinstance(home.account, Known) else ""
            name = resource.known("key_id") or placeholder(resource)
            arn = f"arn:{home.partition}:{_KMS}:{region}:{account}:key/{name}"
        return key_ref(arn) or KeyRef(provider=Provider.AWS, key_id=arn)

    def receiver_arn(self, resource: Resource) -> str:
        """The ARN of a topic, a queue or a function that is told of new objects."""
        home, service = self._homes.of(resource), _RECEIVERS[resource.address.kind]
        region = home.region.value if isinstance(home.region, Known) else ""
        account = home.account.value if isinstance(home.account, Known) else ""
        name = resource.known("function_name") or resource.known("name") or placeholder(resource)
        return resource.known("arn") or f"arn:{home.partition}:{service[0]}:{region}:{account}:{service[1]}{name}"

    def role(self, resource: Resource) -> RoleRef:
        """The role that a role resource makes."""
        arn = resource.known("arn")
        if not arn:
            home = self._homes.of(resource)
            account = home.account.value if isinstance(home.account, Known) else ""
            path = resource.known("path") or "/"
            arn = f"arn:{home.partition}:iam::{account}:role{path}{resource.known('name') or placeholder(resource)}"
        return role_ref(arn) or RoleRef(provider=Provider.AWS, arn=arn)


def stand_ins(premises: Premises) -> Mapping[str, str]:
    """The ids that only stand for an account, each with what a person understands by it."""
    context = Context(premises.settings, premises.context)
    return dict(Homes(premises.plan, premises.settings, context).stand_ins())


def namings(premises: Premises) -> Namings:
    """How resources of every wing name what AWS holds."""
    context = Context(premises.settings, premises.context)
    names = AwsNames(premises.plan, Homes(premises.plan, premises.settings, context))
    return Namings(
        stores=(Naming(identity=BUCKET, of=names.bucket, other=lambda text: store_ref(text) if text else None),),
        keys=(Naming(identity=KEY, of=names.key, other=key_ref),),
        roles=(Naming(identity=ROLE, of=names.role, other=role_ref),),
    )


def store_ref(name: str) -> StoreRef:
    """A bucket by its name."""
    return StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=name)


def key_ref(text: str) -> KeyRef | None:
    """A key by its ARN, or by that of an alias."""
    arn = parsed(text)
    if arn is None or arn.service != _KMS:
        return None
    return KeyRef(provider=Provider.AWS, key_id=text, account=arn.account, region=arn.region)


def role_ref(text: str) -> RoleRef | None:
    """A role by its ARN."""
    arn = parsed(text)
    if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
        return None
    return RoleRef(provider=Provider.AWS, arn=text, account=arn.account)
