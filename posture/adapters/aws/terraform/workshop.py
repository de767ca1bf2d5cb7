"""What everything of one plan is made with."""

from __future__ import annotations

from posture.adapters.aws.terraform.canonical_ids import CanonicalIds
from posture.adapters.aws.terraform.context import Context
from posture.adapters.aws.terraform.documents import Documents
from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.aws.terraform.naming import AwsNames
from posture.adapters.aws.terraform.places import References
from posture.adapters.aws.terraform.satellites import Satellites
from posture.adapters.aws.terraform.written import Written
from posture.adapters.planned import Premises
from posture.frozen import dataclass
from posture.terraform.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Names, homes, references and policies of a plan, and what a live scan told beside it."""

    plan: Plan
    homes: Homes
    names: AwsNames
    references: References
    documents: Documents
    satellites: Satellites
    canonical_ids: CanonicalIds
    context: Context


def workshop(premises: Premises) -> Workshop:
    """Everything for one plan; nothing is looked up before it is asked for."""
    plan = premises.plan
    context = Context(premises.settings, premises.context)
    homes = Homes(plan, premises.settings, context)
    names = AwsNames(plan, homes)
    satellites = Satellites(plan)
    references = References(plan=plan, names=names, written=Written(plan=plan, names=names, homes=homes))
    return Workshop(
        plan=plan,
        homes=homes,
        names=names,
        references=references,
        documents=Documents(plan, references),
        satellites=satellites,
        canonical_ids=CanonicalIds(plan, homes, satellites),
        context=context,
    )
