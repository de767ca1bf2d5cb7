"""Planned roles as the record of a role: who may become it, and what it may do."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.aws.config import NamedPolicy, RoleConfig
from posture.adapters.aws.terraform.role_policies import Held, RolePolicies
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Gap, Known, Unknown
from posture.model.leads import RoleRef
from posture.terraform.place import Place
from posture.terraform.resources import Resource


class Roles:
    """The roles of one plan, and those outside of it that it changes."""

    def __init__(self, tools: Workshop) -> None:
        self._plan = tools.plan
        self._names = tools.names
        self._documents = tools.documents
        self._context = tools.context
        self._policies = RolePolicies(tools)
        self._touched: dict[RoleRef, bool] = {}

    def config(self, role: Resource) -> RoleConfig:
        """The role as it will be."""
        place = Place(values=role.after, resource=role)
        arn = self._names.role(role).arn
        return RoleConfig(
            arn=arn,
            trust_policy=self._documents.text(place.at("assume_role_policy")),
            policies=self._policies.of(role, arn, self._held(role, place)),
        )

    def touches(self, ref: RoleRef) -> bool:
        """Whether the plan changes what a role outside of it may do."""
        if ref not in self._touched:
            self._touched[ref] = self._policies.touches(ref)
        return self._touched[ref]

    def outside(self, ref: RoleRef) -> RoleConfig:
        """A role as a scan saw it, with what the plan changes of it."""
        live = self._context.role(ref)
        return replace(live, policies=self._policies.outside(ref, live.policies))

    def _held(self, role: Resource, place: Place) -> Held:
        """What is written in the role itself, or what a refresh saw there."""
        held = Held(sources=(role.after.source,))
        if not self._silent(role, "inline_policy"):
            match place.each("inline_policy"):
                case Known(value=blocks):
                    held.inline |= {policy.name: policy for policy in map(self._inline, blocks) if policy.name}
                case Unknown() as unknown:
                    held.gaps.append(Gap(unknown=unknown))
        if not self._silent(role, "managed_policy_arns"):
            match place.each("managed_policy_arns"):
                case Known(value=arns):
                    for shared in map(self._policies.shared, arns):
                        held.attached[shared.name] = shared
                case Unknown() as unknown:
                    held.gaps.append(Gap(unknown=unknown))
        return held

    def _inline(self, block: Place) -> NamedPolicy:
        """A block of the role; one without a name says that there is no other."""
        name = block.text("name")
        shown = name.value if isinstance(name, Known) else block.values.source.pointer
        return NamedPolicy(name=shown, document=self._documents.text(block.at("policy")))

    def _silent(self, role: Resource, attribute: str) -> bool:
        """Whether an attribute of a new role says nothing: the provider fills it in from what is beside it."""
        own = role.after.optional(attribute)
        return own.raw is None or (role.new and own.unknown is True and self._plan.sets(role, attribute) is False)
