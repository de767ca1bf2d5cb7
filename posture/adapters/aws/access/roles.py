"""Who can become the role that writes, and what the role may do by its own policies."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from posture.adapters.aws.access.collector import NOTHING_CUTS, Collector
from posture.adapters.aws.access.control_policies import UNASKED, restraint
from posture.adapters.aws.access.deputies import Deputies
from posture.adapters.aws.access.labels import Labels
from posture.adapters.aws.access.need import OF_ROLE, within
from posture.adapters.aws.access.organisations import organisation_for
from posture.adapters.aws.access.sources import statements_origin
from posture.adapters.aws.access.ways import Resource, ways
from posture.adapters.aws.config import ControlPolicies, RoleConfig
from posture.iam import Decisions, parse
from posture.model.facts import Gap, Known, Listing, Source, Unknown, united
from posture.model.subjects import Grant
from posture.model.trust import Ground, delivery_roles

_POLICY: Final = "trust policy"
_EXTERNAL_ID: Final = "sts:ExternalId"
_BECOME: Final = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


def role_trust(
    config: RoleConfig,
    ground: Ground,
    now: datetime,
    controls: ControlPolicies = UNASKED,
    decisions: Decisions | None = None,
) -> Listing[Grant]:
    """Who can become the role; scopes are measured against the role's own account."""
    match config.trust_policy:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=text, sources=sources):
            source = sources[0] if sources else Source(operation="iam:GetRole", resource=config.arn)
            return _trust(config.arn, text, source, ground, now, controls, decisions or Decisions())


def _trust(  # noqa: PLR0917 - the parts of one question
    arn: str,
    text: str,
    source: Source,
    ground: Ground,
    now: datetime,
    controls: ControlPolicies,
    decisions: Decisions,
) -> Listing[Grant]:
    policy = parse(text, _POLICY)
    restrained = restraint(controls, policy, arn=arn)
    organisation, members = organisation_for((policy, *restrained.documents), ground)
    resource = Resource(
        arn=arn,
        owner=ground.owner,
        now=now,
        organisation=organisation,
        members=members,
        restraint=restrained,
        decisions=decisions,
    )
    expected = delivery_roles()
    labels = Labels(
        ground=ground,
        origins={_POLICY: statements_origin(policy, _POLICY, source)},
        need=lambda way: within(OF_ROLE, way),
        deputy=Deputies(_EXTERNAL_ID, policy, resource, {}).any_customer,
        delivers=lambda holder: Known(value=holder.name in expected, sources=(source,)),
        restraint=restrained,
    )
    collector = Collector(labels=labels, source=source)
    answer = resource.reach([policy], actions=_BECOME)
    collector.take(ways(answer))
    collector.doubt(answer, NOTHING_CUTS)
    return Listing(items=tuple(collector.grants), gaps=tuple(collector.gaps), sources=(source, *restrained.sources))


def role_policies(config: RoleConfig) -> Listing[str]:
    """The role's own policies as texts; one that could not be read is a gap."""
    documents = [policy.document for policy in config.policies.items]
    unread = tuple(Gap(unknown=document) for document in documents if isinstance(document, Unknown))
    return Listing(
        items=tuple(document.value for document in documents if isinstance(document, Known)),
        gaps=(*config.policies.gaps, *unread),
        sources=united(config.policies.sources, *(document.sources for document in documents)),
    )
