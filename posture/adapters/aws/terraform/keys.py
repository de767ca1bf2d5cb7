"""Planned KMS keys as the record of a key."""

from __future__ import annotations

from typing import Final

from posture.adapters.aws.config import KeyConfig, KeyGrant
from posture.adapters.aws.terraform.identities import KEY
from posture.adapters.aws.terraform.satellites import the_one
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, both
from posture.model.subjects import KeyManager
from posture.terraform.place import Place
from posture.terraform.resources import Resource

_POLICY: Final = "aws_kms_key_policy"
_GRANT: Final = "aws_kms_grant"
_ROTATES: Final = frozenset({"aws_kms_key"})  # imported material does not, and a replica follows its primary


class Keys:
    """The keys of one plan."""

    def __init__(self, tools: Workshop) -> None:
        self._plan = tools.plan
        self._names = tools.names
        self._documents = tools.documents
        self._context = tools.context

    def config(self, key: Resource) -> KeyConfig:
        """The key as it will be. A key of Terraform's is one of the customer's."""
        place = Place(values=key.after, resource=key)
        sources = (key.after.source,)
        enabled = place.at("is_enabled" if key.address.kind == "aws_kms_key" else "enabled").values.flag()
        return KeyConfig(
            arn=Known(value=self._names.key(key).key_id, sources=sources),
            manager=Known(value=KeyManager.CUSTOMER, sources=sources),
            enabled=enabled.map(lambda flag: flag is not False),
            state=enabled.map(lambda flag: "Disabled" if flag is False else "Enabled"),
            rotating=self._rotating(key, place),
            policy=self._policy(key, place),
            grants=self._grants(key),
        )

    def _rotating(self, key: Resource, place: Place) -> Fact[bool]:
        if key.address.kind in _ROTATES:
            return place.flag("enable_key_rotation")
        if "external" in key.address.kind:
            return Known(value=False, sources=(key.after.source,))
        detail = "a replica rotates with its primary key, which is not followed"
        return Unknown(reason=Reason.UNDETERMINED, sources=(key.after.source,), detail=detail)

    def _policy(self, key: Resource, place: Place) -> Fact[str]:
        """The policy of the key, or of a resource beside it; without either, the default that KMS documents."""
        match the_one(self._plan, key, _POLICY, "key_id", KEY):
            case Unknown() as unknown:
                return unknown
            case Known(value=Place() as beside):
                return self._documents.text(beside.at("policy"))
            case _:
                pass
        own = place.at("policy")
        if key.new and own.values.unknown is True and self._plan.sets(key, "policy") is False:
            return Known(value=self._default(key), sources=(key.after.source,))
        return self._documents.text(own)

    def _default(self, key: Resource) -> str:
        """The policy of a key that is made without one: everything to the account, which leaves it to IAM.

        Source: AWS KMS Developer Guide, "Default key policy".
        """
        ref = self._names.key(key)
        partition = ref.key_id.split(":")[1]
        return (
            '{"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{"Sid": "Enable IAM User Permissions", '
            f'"Effect": "Allow", "Principal": {{"AWS": "arn:{partition}:iam::{ref.account}:root"}}, '
            '"Action": "kms:*", "Resource": "*"}]}'
        )

    def _grants(self, key: Resource) -> Listing[KeyGrant]:
        """Grants of this plan. Of a key that is there already there may be others."""
        listed = self._plan.attached(key, _GRANT, "key_id", identity=KEY)
        found: list[KeyGrant] = []
        gaps = list(listed.gaps)
        for item in listed.items:
            place = Place(values=item.after, resource=item)
            match both(place.text("grantee_principal"), place.texts("operations")):
                case Known(value=(grantee, operations)):
                    found.append(KeyGrant(grantee=grantee, operations=operations))
                case Unknown() as unknown:
                    gaps.append(Gap(unknown=unknown))
        if not key.made:
            live = self._context.key(self._names.key(key)).grants
            found.extend(grant for grant in live.items if grant not in found)
            gaps.extend(live.gaps)
        return Listing(items=tuple(found), gaps=tuple(gaps), sources=listed.sources)
