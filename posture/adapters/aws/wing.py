"""The AWS wing: follows leads to buckets, keys and roles."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from posture.adapters.aws.arns import account_of
from posture.adapters.aws.calls import CALLS, GET_CALLER_IDENTITY
from posture.adapters.aws.config import KeyConfig, OrganisationConfig
from posture.adapters.aws.live.account import read_account
from posture.adapters.aws.live.bucket import read_bucket
from posture.adapters.aws.live.callers import Caller, Callers, label_of
from posture.adapters.aws.live.credentials import CREDENTIAL_CODES, UNREACHABLE_CODES, blames_the_clock, code_of
from posture.adapters.aws.live.keys import read_key
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.organisation import read_organisation
from posture.adapters.aws.live.owners import Owners
from posture.adapters.aws.live.roles import read_role
from posture.adapters.aws.normalise import bucket as buckets
from posture.adapters.aws.normalise.keys import key
from posture.adapters.wing import Followed
from posture.errors import CredentialError
from posture.model.assessment import IdentityUse
from posture.model.contributions import KeyContribution, RoleContribution
from posture.model.facts import Unknown
from posture.model.leads import KeyRef, Lead, RoleRef, SourceRef, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Call, Kept, Reading

if TYPE_CHECKING:
    from posture.adapters.aws.access.access import Access
    from posture.iam import Decisions

_SIGN_IN = (
    "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in again (`aws sso login`); "
    "`aws sts get-caller-identity` shows who you are"
)
_SET_THE_CLOCK = "set the clock of this machine: AWS takes requests that are signed within minutes of its own time"
_REACH = "check the network, AWS_ENDPOINT_URL, HTTPS_PROXY and the Region (AWS_REGION)"


class AwsWing:
    """Reads AWS as the identities of the settings."""

    def __init__(self, settings: Settings, *, limits: Limits | None = None) -> None:
        self._settings = settings
        self._callers = Callers(settings, limits or Limits())
        self._owners = Owners(self._callers)
        self._profiles = tuple(access.profile for access in settings.accounts if not access.role_arn)
        self._decisions: Decisions | None = None  # of the whole run
        self._named = {store.ref: store.account for store in settings.stores if store.account}

    @property
    def provider(self) -> Provider:
        """AWS."""
        return Provider.AWS

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every operation of the wing."""
        return CALLS

    def handles(self, target: Target) -> bool:
        """Buckets, KMS keys and IAM roles."""
        match target:
            case StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET):
                return True
            case KeyRef(provider=Provider.AWS) | RoleRef(provider=Provider.AWS):
                return True
            case _:
                return False

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """Every identity that was tried, as AWS names it; an empty principal is one that AWS did not accept."""
        used = {kept.identity: kept for kept in reading.kept(GET_CALLER_IDENTITY.operation)}
        labels = (label_of(""), *(label_of(account) for account in self._callers.accounts))
        return tuple(_identity(used[label]) for label in labels if label in used)

    def organisation(self, reading: Reading) -> OrganisationConfig:
        """The organisation of the default identity's account: for whoever decides which accounts are our own."""
        return read_organisation(self._callers.default(reading))

    def check_credentials(self, reading: Reading) -> None:
        """Raises CredentialError when nobody is there to ask as, or AWS is out of reach; makes one call."""
        match self._callers.default(reading).account:
            case Unknown() as unknown if code_of(unknown) in UNREACHABLE_CODES:
                raise CredentialError(f"cannot reach AWS: {unknown.detail}", help=_REACH)
            case Unknown() as unknown if code_of(unknown) in CREDENTIAL_CODES and not self._profiles:
                helps = _SET_THE_CLOCK if blames_the_clock(unknown) else _SIGN_IN
                raise CredentialError(f"no usable credentials for AWS: {unknown.detail}", help=helps)
            case _:
                return

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """Reads one bucket, key or role."""
        match lead.target:
            case StoreRef() as ref:
                return self._store(ref, lead, reading)
            case KeyRef() as ref:
                return Followed(contributions=(self._key(ref, lead, reading),))
            case RoleRef() as ref:
                return Followed(contributions=(self._role(ref, lead, reading),))
            case SourceRef():
                return Followed()

    def _store(self, ref: StoreRef, lead: Lead, reading: Reading) -> Followed:
        owner = self._owners.of(ref.name, lead.account or self._named.get(ref, ""), reading)
        bucket = read_bucket(ref.name, owner, reading)
        account = read_account(replace(owner, account=bucket.account), bucket.region, reading)
        access = self._access(reading, owner.caller).store(ref, bucket, account, partial(self._key_of, reading=reading))
        return Followed(
            contributions=(buckets.store(ref, bucket, account, access),),
            leads=buckets.leads(ref, bucket, lead),
            unlooked=buckets.unlooked(ref, bucket),
        )

    def _key(self, ref: KeyRef, lead: Lead, reading: Reading) -> KeyContribution:
        caller = self._callers.for_account(ref.account or lead.account or account_of(ref.key_id), reading)
        config = read_key(ref, caller, reading)
        return key(ref, config, self._access(reading, caller).key(config))

    def _key_of(self, ref: KeyRef, reading: Reading) -> KeyConfig:
        """What the lead to a key will read too: no call is made twice."""
        return read_key(ref, self._callers.for_account(ref.account or account_of(ref.key_id), reading), reading)

    def _role(self, ref: RoleRef, lead: Lead, reading: Reading) -> RoleContribution:
        caller = self._callers.for_account(ref.account or lead.account or account_of(ref.arn), reading)
        config = read_role(ref, caller, reading)
        access = self._access(reading, caller)
        return RoleContribution(
            ref=ref,
            trust_policy=config.trust_policy,
            trust=access.role(config),
            policies=access.policies(config),
        )

    def _access(self, reading: Reading, caller: Caller) -> Access:
        from posture.adapters.aws.access.access import Access  # noqa: PLC0415 - it imports the decision engine
        from posture.iam import Decisions  # noqa: PLC0415 - as above

        if self._decisions is None:
            self._decisions = Decisions()
        return Access(self._settings.trust, caller, reading, self._decisions)


def _identity(kept: Kept) -> IdentityUse:
    answer = kept.answer or {}
    return IdentityUse(
        label=kept.identity,
        provider=Provider.AWS,
        principal=str(answer.get("Arn", "")),
        account=str(answer.get("Account", "")),
    )
