"""The Google Cloud wing: follows leads to buckets and keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from posture.adapters.gcp.calls import CALLS, SIGN_IN
from posture.adapters.gcp.live.bucket import read_bucket
from posture.adapters.gcp.live.callers import IDENTITY, Caller, Identity
from posture.adapters.gcp.live.keys import read_key
from posture.adapters.gcp.live.limits import Limits
from posture.adapters.gcp.live.project import read_owner, read_project
from posture.adapters.gcp.live.roles import read_role, read_roles
from posture.adapters.wing import Followed
from posture.errors import CredentialError
from posture.model.assessment import IdentityUse, Unlooked
from posture.model.contributions import KeyContribution, StoreContribution
from posture.model.facts import Unknown
from posture.model.leads import KeyRef, Lead, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Kind, Provider
from posture.model.unread import unread
from posture.reading import Answered, Call, Reading

if TYPE_CHECKING:
    from posture.adapters.gcp.access.store import World
    from posture.adapters.gcp.config import OwnerConfig

_SIGN_IN = (
    "sign in with `gcloud auth application-default login`, or point GOOGLE_APPLICATION_CREDENTIALS at the key of a "
    "service account or the configuration of a workload identity pool"
)
_BECOME = "grant roles/iam.serviceAccountTokenCreator on {} to whoever reads, or take `impersonate` out of posture.yaml"


class GoogleWing:
    """Reads Google Cloud as one identity."""

    def __init__(self, settings: Settings, *, limits: Limits | None = None) -> None:
        self._settings = settings
        self._identity = Identity(settings.google, limits or Limits())

    @property
    def provider(self) -> Provider:
        """Google Cloud."""
        return Provider.GCP

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every operation of the wing."""
        return CALLS

    def handles(self, target: Target) -> bool:
        """Buckets and keys."""
        match target:
            case StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET) | KeyRef(provider=Provider.GCP):
                return True
            case _:
                return False

    def check_credentials(self, reading: Reading) -> None:
        """Raises CredentialError when nobody is there to ask as."""
        refused = self._identity.caller(reading).refused
        if refused is not None and not reading.replays:
            become = self._settings.google.impersonate
            help_ = _BECOME.format(become) if become and "impersonated" in refused.detail else _SIGN_IN
            raise CredentialError(f"no usable credentials for Google Cloud: {refused.detail}", help=help_)

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """As whom Google Cloud was read; empty where it was not."""
        if not any(kept.operation == SIGN_IN.operation for kept in reading.kept()):
            return ()
        answer = self._identity.caller(reading).signed_in()
        principal = str(answer.value.get("principal", "")) if isinstance(answer, Answered) else ""
        return (IdentityUse(label=IDENTITY, provider=Provider.GCP, principal=principal, account=""),)

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """Reads one bucket or key."""
        caller = self._identity.caller(reading)
        match lead.target:
            case StoreRef() as ref:
                return self._store(ref, lead, caller)
            case KeyRef() as ref:
                return Followed(contributions=(self._key(ref, lead, caller),))
            case _:
                return Followed()

    def _store(self, ref: StoreRef, lead: Lead, caller: Caller) -> Followed:
        from posture.adapters.gcp.access.store import layers, store_grants  # noqa: PLC0415 - only where something is decided
        from posture.adapters.gcp.access.subscribers import subscribers  # noqa: PLC0415 - as above
        from posture.adapters.gcp.normalise import bucket as buckets  # noqa: PLC0415 - as above

        bucket = read_bucket(ref.name, ref.prefix, caller)
        if isinstance(bucket.project, Unknown):  # then nothing of the bucket is known: the number is always told
            return Followed(
                contributions=(unread(StoreContribution, bucket.project, ref=ref),),
                unlooked=(Unlooked(what=f"whether {ref.uri} is copied elsewhere", unknown=bucket.project),),
            )
        project = read_project(bucket.project.value, caller, self._settings.google)
        read_roles((layer.policy for layer in layers(bucket, project)), caller)
        world = self._world(project.owner, caller)
        grants = store_grants(bucket, ref.prefix, project, world)
        told = subscribers(bucket.notified, world.scope)
        return Followed(
            contributions=(buckets.store(ref, bucket, project, grants, subscribers=told, now=caller.reading.as_of),),
            leads=buckets.leads(ref, bucket, project, lead),
            unlooked=buckets.unlooked(ref, project),
        )

    def _key(self, ref: KeyRef, lead: Lead, caller: Caller) -> KeyContribution:
        from posture.adapters.gcp.access.keys import key_grants  # noqa: PLC0415 - as above
        from posture.adapters.gcp.normalise.keys import key  # noqa: PLC0415 - as above

        config = read_key(ref.key_id, caller)
        owner = read_owner(config.project or lead.account, caller, self._settings.google)
        return key(ref, config, key_grants(config, owner.levels, self._world(owner, caller)))

    def _world(self, owner: OwnerConfig, caller: Caller) -> World:
        from posture.adapters.gcp.access.scopes import Scopes  # noqa: PLC0415 - as above
        from posture.adapters.gcp.access.store import World  # noqa: PLC0415 - as above

        scopes = Scopes(owner, self._settings.google, self._settings.trust, caller)
        return World(
            role=partial(read_role, caller=caller),
            scope=scopes.of,
            now=caller.reading.as_of,
            deny_policies=self._settings.google.deny_policies,
        )
