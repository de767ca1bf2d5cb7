"""The planned AWS wing: buckets, keys and roles of a plan, judged by the rooms that judge what is live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posture.adapters.aws.config import KeyConfig
from posture.adapters.aws.normalise import bucket as buckets
from posture.adapters.aws.normalise.keys import key
from posture.adapters.aws.terraform.access_points import through_many_regions
from posture.adapters.aws.terraform.account import Accounts
from posture.adapters.aws.terraform.bucket import bucket_config
from posture.adapters.aws.terraform.hints import hinted
from posture.adapters.aws.terraform.keys import Keys
from posture.adapters.aws.terraform.mirrors import mirrors
from posture.adapters.aws.terraform.own_account import doubted
from posture.adapters.aws.terraform.roles import Roles
from posture.adapters.aws.terraform.workshop import workshop
from posture.adapters.planned import Names, Premises
from posture.adapters.wing import Followed
from posture.model.contributions import KeyContribution, RoleContribution
from posture.model.facts import Fact, Known
from posture.model.leads import KeyRef, Lead, RoleRef, StoreRef, Target
from posture.model.subjects import Provider
from posture.reading import Reading
from posture.terraform.resources import Drift, Resource

if TYPE_CHECKING:
    from posture.adapters.aws.access.access import Access
    from posture.iam import Decisions


class PlannedAwsWing:
    """Reads the AWS resources of one plan."""

    def __init__(self, premises: Premises, names: Names) -> None:
        tools = workshop(premises)
        self._zone = premises.settings.trust
        self._names = names
        self._tools = tools
        self._accounts = Accounts(tools.plan, tools.homes)
        self._keys = Keys(tools)
        self._roles = Roles(tools)
        self._decisions: Decisions | None = None  # of this side of the plan

    @property
    def provider(self) -> Provider:
        """AWS."""
        return Provider.AWS

    def handles(self, target: Target) -> bool:
        """Buckets, keys and roles that resources of the plan make, and roles whose policies they change."""
        if target.provider is not Provider.AWS:
            return False
        made = self._names.resource(target) is not None
        return made or (isinstance(target, RoleRef) and self._roles.touches(target))

    def first(self) -> tuple[Lead, ...]:
        """AWS says nowhere that audit logs are produced."""
        return ()

    def mirrors(self, drift: Drift) -> bool:
        """Buckets show what the resources beside them set, as keys and roles show their policies."""
        return mirrors(self._tools.plan, drift)

    def written(self, uri: str) -> tuple[Resource, ...]:  # noqa: ARG002 - the protocol's question
        """No source is of AWS."""
        return ()

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """One bucket, key or role as it will be."""
        resource = self._names.resource(lead.target)
        match lead.target:
            case StoreRef() as ref if resource is not None:
                return self._store(ref, resource, lead, reading)
            case KeyRef() as ref if resource is not None:
                return Followed(contributions=(self._key(ref, self._keys.config(resource), reading),))
            case RoleRef() as ref:
                return Followed(contributions=(self._role(ref, resource, reading),))
            case _:
                return Followed()

    def _store(self, ref: StoreRef, resource: Resource, lead: Lead, reading: Reading) -> Followed:
        config = bucket_config(resource, self._tools)
        live = self._tools.context.account(config.name, config.account, config.region)
        account = self._accounts.config(config.account, live)
        access = self._access(config.account, reading).store(
            ref, config, account, self._key_of, arn=self._tools.names.bucket_arn(resource)
        )
        access = doubted(access, config.account, config.policy)
        store = buckets.store(ref, config, account, access)
        doors = through_many_regions(self._tools.plan, self._tools.documents, store.doors)
        policies = (door.policy for door in doors.items)
        exposure = replace(store.exposure, policy_public=access.policy_public)
        return Followed(
            contributions=(hinted(replace(store, exposure=exposure, doors=doors), config.policy, *policies),),
            leads=buckets.leads(ref, config, lead),
            unlooked=buckets.unlooked(ref, config),
        )

    def _key(self, ref: KeyRef, config: KeyConfig, reading: Reading) -> KeyContribution:
        account: Fact[str] = Known(value=ref.account, sources=config.arn.sources)
        return hinted(key(ref, config, self._access(account, reading).key(config)), config.policy)

    def _key_of(self, ref: KeyRef) -> KeyConfig:
        """The default key of a bucket: of this plan, or as a live scan read it."""
        resource = self._names.resource(ref)
        return self._keys.config(resource) if resource is not None else self._tools.context.key(ref)

    def _role(self, ref: RoleRef, resource: Resource | None, reading: Reading) -> RoleContribution:
        account: Fact[str] = Known(value=ref.account, sources=())
        if resource is not None:
            account = self._tools.homes.of(resource).account
        config = self._roles.outside(ref) if resource is None else self._roles.config(resource)
        access = self._access(account, reading)
        said = RoleContribution(
            ref=ref, trust_policy=config.trust_policy, trust=access.role(config), policies=access.policies(config)
        )
        return hinted(said, config.trust_policy)

    def _access(self, account: Fact[str], reading: Reading) -> Access:
        from posture.adapters.aws.access.access import Access  # noqa: PLC0415 - it imports the decision engine
        from posture.iam import Decisions  # noqa: PLC0415 - as above

        if self._decisions is None:
            self._decisions = Decisions()
        return Access(self._zone, self._tools.context.caller(account), reading, self._decisions)
