"""What everything of one plan is made with."""

from __future__ import annotations

from posture.adapters.gcp.terraform.around import Neighbours
from posture.adapters.gcp.terraform.context import Context
from posture.adapters.gcp.terraform.documents import Documents
from posture.adapters.gcp.terraform.hierarchy import Hierarchy
from posture.adapters.gcp.terraform.members import Members
from posture.adapters.gcp.terraform.naming import GoogleNames
from posture.adapters.gcp.terraform.policies import Policies
from posture.adapters.gcp.terraform.projects import Projects
from posture.adapters.gcp.terraform.roles import Roles
from posture.adapters.planned import Premises
from posture.frozen import dataclass
from posture.terraform.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Projects, names, members, roles and policies of a plan, and what a live scan told beside it."""

    plan: Plan
    context: Context
    projects: Projects
    hierarchy: Hierarchy
    names: GoogleNames
    members: Members
    roles: Roles
    documents: Documents
    policies: Policies
    neighbours: Neighbours


def workshop(premises: Premises) -> Workshop:
    """Everything for one plan; nothing is looked up before it is asked for."""
    plan = premises.plan
    context = Context(premises.settings, premises.context)
    projects = Projects(plan, context)
    members, roles = Members(plan, projects), Roles(plan, projects, context)
    documents, hierarchy = Documents(plan, members, roles), Hierarchy(plan, projects, context)
    return Workshop(
        plan=plan,
        context=context,
        projects=projects,
        hierarchy=hierarchy,
        names=GoogleNames(plan, projects),
        members=members,
        roles=roles,
        documents=documents,
        policies=Policies(plan, documents),
        neighbours=Neighbours(plan, projects, hierarchy),
    )
