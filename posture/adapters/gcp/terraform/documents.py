"""Whole policies: as a text, or rebuilt from the arguments of `google_iam_policy` where apply only makes the text."""

from __future__ import annotations

import json
from collections.abc import Iterable

from posture.adapters.gcp.config import AuditConfig, Binding, Policy
from posture.adapters.gcp.live.policies import policy
from posture.adapters.gcp.terraform.identities import POLICY_DATA
from posture.adapters.gcp.terraform.members import Members
from posture.adapters.gcp.terraform.roles import Roles
from posture.model.facts import Fact, Gap, Known, Source, both, every_known
from posture.reading import Answered
from posture.terraform.place import Place
from posture.terraform.plan import Plan

OPEN = "(known after apply)"  # in the place of a role or a condition; neither can be read as one


class Documents:
    """The policies of one plan."""

    def __init__(self, plan: Plan, members: Members, roles: Roles) -> None:
        self._plan = plan
        self._members = members
        self._roles = roles

    def whole(self, place: Place) -> Fact[Policy]:
        """The policy in an attribute."""
        text = place.text()
        if isinstance(text, Known):
            return _parsed(text.value, place)
        target = self._plan.target(place.resource, *place.path, identity=POLICY_DATA).fact if place.resource else text
        if isinstance(target, Known) and target.value is not None:
            return self._rebuilt(Place(values=target.value.after, resource=target.value))
        return text

    def binding(self, place: Place, *, single: bool) -> Binding:
        """A role for one member, or for a set of them. What is not known of it hides nothing else."""
        role, condition = self._roles.named(place.at("role")), condition_of(place)
        read = self._members.single if single else self._members.all
        members, open_one = read(place.at("member" if single else "members"))
        return Binding(
            role=role.value if isinstance(role, Known) else OPEN,
            members=members,
            condition=condition.value if isinstance(condition, Known) else OPEN,
            source=place.values.source,
            open=open_one,
        )

    def _rebuilt(self, place: Place) -> Fact[Policy]:
        bindings, audits = place.each("binding"), place.each("audit_config")
        blocks = bindings.value if isinstance(bindings, Known) else ()
        given = tuple(self.binding(each, single=False) for each in blocks)
        read = audits.then(lambda blocks: every_known(map(audit, blocks)))
        made = Policy(
            bindings=given,
            audits=read.value if isinstance(read, Known) else (),
            text=written(given),
            source=place.values.source,
            gaps=() if isinstance(bindings, Known) else (Gap(unknown=bindings),),
            audit_gaps=() if isinstance(read, Known) else (read,),
        )
        return Known(value=made, sources=(place.values.source,))


def condition_of(place: Place) -> Fact[str]:
    """The condition of a binding; empty where it has none."""

    def read(block: Place | None) -> Fact[str]:
        return Known(value="", sources=(place.values.source,)) if block is None else block.text("expression")

    return place.block("condition").then(read)


def audit(place: Place) -> Fact[AuditConfig]:
    """Which accesses are recorded for a service; providers call the inner blocks by one name or the other."""
    kinds = both(place.each("audit_log_config"), place.each("audit_log_configs")).then(
        lambda found: every_known(
            both(each.text("log_type"), each.texts("exempted_members")) for each in (*found[0], *found[1])
        )
    )
    return both(place.text("service"), kinds).map(lambda pair: AuditConfig(service=pair[0], kinds=pair[1]))


def written(bindings: Iterable[Binding]) -> str:
    """Bindings as Google writes them."""
    shown = [
        {"role": each.role, "members": list(each.members)}
        | ({"condition": {"expression": each.condition}} if each.condition else {})
        for each in bindings
    ]
    return json.dumps({"bindings": shown}, sort_keys=True, ensure_ascii=False)


def _parsed(text: str, place: Place) -> Fact[Policy]:
    """An empty text is a policy that binds nobody."""
    source: Source = place.values.source
    try:
        body = json.loads(text or "{}")
    except (ValueError, RecursionError):
        body = None
    return policy(Answered(value=body, source=source)) if isinstance(body, dict) else place.values.misfit("a policy")
