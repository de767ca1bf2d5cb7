"""The three questions of a run: who can reach a bucket, who can use a key, who can become a role."""

from __future__ import annotations

from collections.abc import Callable

from posture.adapters.aws.access.answer import StoreAccess
from posture.adapters.aws.access.control_policies import UNASKED
from posture.adapters.aws.access.keys import KeyGate, key_access
from posture.adapters.aws.access.roles import role_policies, role_trust
from posture.adapters.aws.access.store import Bucket, store_access
from posture.adapters.aws.arns import account_of, partition_of
from posture.adapters.aws.config import AccountConfig, BucketConfig, ControlPolicies, KeyConfig, RoleConfig
from posture.adapters.aws.live.callers import Caller
from posture.adapters.aws.live.control_policies import read_control_policies
from posture.adapters.aws.live.organisation import read_organisation
from posture.adapters.aws.normalise import encryption
from posture.iam import Decisions
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.leads import KeyRef, StoreRef
from posture.model.subjects import Grant
from posture.model.trust import Ground, TrustZone
from posture.reading import Reading

_KMS = "aws:kms"


class Access:
    """Asks for one identity's run; the organisation is read, once, where a policy or a grant depends on it."""

    def __init__(self, zone: TrustZone, caller: Caller, reading: Reading, decisions: Decisions | None = None) -> None:
        self._zone = zone
        self._caller = caller
        self._reading = reading
        self._decisions = decisions or Decisions()

    def store(
        self,
        ref: StoreRef,
        bucket: BucketConfig,
        account: AccountConfig,
        key: Callable[[KeyRef], KeyConfig],
        *,
        arn: str = "",
    ) -> StoreAccess:
        """Who can reach a bucket; its ARN follows from its name and Region where nobody gives it."""
        region = bucket.region.value if isinstance(bucket.region, Known) else ""
        return store_access(
            Bucket(
                config=bucket,
                account=account,
                arn=arn or f"arn:{partition_of(region)}:s3:::{ref.name}",
                prefix=f"{ref.prefix}/" if ref.prefix else "",
                now=self._reading.as_of,
                ground=self.ground,
                key=lambda: self._gate(bucket, key),
                controls=self._controls(bucket.account, bucket.policy),
                decisions=self._decisions,
            )
        )

    def key(self, config: KeyConfig) -> Listing[Grant]:
        """Who can use a key."""
        match config.arn:
            case Unknown() as unknown:
                return Listing.unread(unknown)
            case Known(value=arn):
                owner = account_of(arn)
                controls = self._controls(Known(value=owner, sources=()), config.policy)
                return key_access(config, self.ground(owner), self._reading.as_of, controls, self._decisions)

    def role(self, config: RoleConfig) -> Listing[Grant]:
        """Who can become a role."""
        owner = account_of(config.arn)
        controls = self._controls(Known(value=owner, sources=()), config.trust_policy)
        return role_trust(config, self.ground(owner), self._reading.as_of, controls, self._decisions)

    def policies(self, config: RoleConfig) -> Listing[str]:
        """What the role may do by its own policies."""
        return role_policies(config)

    def ground(self, owner: str) -> Ground:
        """What scopes are measured against."""
        return Ground(
            owner=owner,
            zone=self._zone,
            today=self._reading.as_of.date(),
            organisation=self._organisation,
            members=self._members,
        )

    def _controls(self, owner: Fact[str], policy: Fact[str]) -> ControlPolicies:
        """What the owner's organisation restricts; nobody is asked where the resource's own policy was not read."""
        if isinstance(owner, Unknown) or isinstance(policy, Unknown):
            return UNASKED
        return read_control_policies(owner.value, self._caller, self._reading)

    def _organisation(self) -> Fact[str]:
        if self._zone.organisation:
            return Known(value=self._zone.organisation, sources=())
        return read_organisation(self._caller).id

    def _members(self) -> Listing[str]:
        """The accounts of the organisation, as long as it is the one that is trusted, where one is."""
        read = read_organisation(self._caller)
        trusted = self._zone.organisation
        match read.id:
            case Unknown() as unknown:
                return Listing.unread(unknown)
            case Known(value=name, sources=sources) if trusted not in ("", name):
                detail = f"the identity that asks is not in organisation {trusted}"
                return Listing.unread(Unknown(reason=Reason.NOT_COLLECTED, sources=sources, detail=detail))
            case Known():
                return read.accounts

    def _gate(self, bucket: BucketConfig, key: Callable[[KeyRef], KeyConfig]) -> KeyGate:
        default = bucket.encryption.value if isinstance(bucket.encryption, Known) else None
        match encryption.key(bucket):
            case Unknown() as unknown:
                return KeyGate(Listing.unread(unknown), provider=False)
            case Known(value=ref):
                if ref is None:
                    return KeyGate(None, provider=default is not None and default.algorithm.startswith(_KMS))
                return KeyGate(self.key(key(ref)), provider=False)
