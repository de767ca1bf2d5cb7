"""What the policy of a thing will be: as it is, with what the plan's resources set in it.

After hashicorp/google: `_iam_policy` is the whole policy, `_iam_binding` all members of a role under a condition, and
`_iam_member` one of them; what is destroyed is taken out again. Two that set the same thing overwrite each other, and
destroying takes out what another has just set: Terraform does these at the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from posture.adapters.gcp.config import AuditConfig, Binding, Policy
from posture.adapters.gcp.terraform.around import Around
from posture.adapters.gcp.terraform.documents import OPEN, Documents, audit, condition_of, written
from posture.model.facts import Fact, Gap, Known, Reason, Source, Unknown, every_known, united
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.values import Values

_SOURCE = "the saved plan file, or --source with the directory of the configuration"
_AUDITS = "the audit configurations"
_Key = tuple[str, str]  # a role and a condition


class Policies:
    """Policies at the end of one plan."""

    def __init__(self, plan: Plan, documents: Documents) -> None:
        self._documents = documents
        self._incomplete = frozenset(plan.incomplete)

    def end(self, around: Around, base: Fact[Policy], source: Source) -> Fact[Policy]:
        """The policy. `base` is what it is without the plan: of something new, what Google gives it."""
        whole = around.there["policy"]
        for part in ("policy", "binding"):
            for unknown in around.unsure[part]:
                if unknown.detail not in self._incomplete:
                    return replace(unknown, needs=unknown.needs and _SOURCE)
        if len(whole) > 1:
            return _several(whole, "the whole policy")
        unsure = [Gap(unknown=each) for part in ("policy", "member") for each in around.unsure[part]]
        if whole:
            others = (*around.there["binding"], *around.there["member"])
            ending = [*(Place(values=each) for part in ("policy", "binding", "member") for each in around.gone[part])]
            rivals = (*whole, *others, *ending)
            gaps = (*unsure, *((Gap(unknown=_several(rivals, "the policy")),) if len(rivals) > 1 else ()))
            stated = self._documents.whole(whole[0].at("policy_data"))
            doubts = _audit_doubts(around)
            return stated.map(
                lambda policy: replace(
                    _left_of(policy, around, gaps), audit_gaps=tuple(dict.fromkeys((*policy.audit_gaps, *doubts)))
                )
            )
        for place in around.there["binding"]:
            owned = self._documents.binding(place, single=False)
            if OPEN in {owned.role, owned.condition}:
                return _any_role(owned.source)
        ended = around.taken("policy")
        return self._laid_over(around, _nobody(ended[0].source) if ended else base, unsure, source)

    def _laid_over(self, around: Around, start: Fact[Policy], unsure: list[Gap], source: Source) -> Fact[Policy]:
        given = start.value if isinstance(start, Known) else None
        gaps = [*unsure, *(given.gaps if given else (Gap(unknown=start),))]  # type: ignore[arg-type] # then it is Unknown
        taken = {_key(values) for values in around.taken("binding")}
        bindings = [each for each in (given.bindings if given else ()) if (each.role, each.condition) not in taken]
        bindings = [_without(each, around.taken("member")) for each in bindings]
        owned = [self._documents.binding(place, single=False) for place in around.there["binding"]]
        added = [self._documents.binding(place, single=True) for place in around.there["member"]]
        count = Counter((each.role, each.condition) for each in owned)
        bindings = [each for each in bindings if (each.role, each.condition) not in count]
        gone = {_key(values) for values in around.gone["binding"]}
        for found, rivals in ((owned, 1), (added, 0)):
            for each in found:
                key = (each.role, each.condition)
                certain = _without(each, around.gone["member"])
                if count[key] > rivals or key in gone or around.gone["policy"] or certain != each:
                    gaps.append(Gap(unknown=_rivals(each)))
                if count[key] <= rivals and key not in gone and not around.gone["policy"]:
                    bindings.append(certain)
        audits = self._audits(around, given, start)
        known = [each for each in bindings if each.members or each.open]
        policy = Policy(
            bindings=tuple(known),
            audits=audits[0],
            text=written(known),
            source=source,
            gaps=tuple(dict.fromkeys(gaps)),
            audit_gaps=audits[1],
        )
        return Known(value=policy, sources=united((source,), start.sources, (each.source for each in known)))

    @staticmethod
    def _audits(
        around: Around, given: Policy | None, start: Fact[Policy]
    ) -> tuple[tuple[AuditConfig, ...], tuple[Unknown, ...]]:
        """Each configuration is all there is for its service."""
        read = every_known(map(audit, around.there["audit_config"]))
        planned = read.value if isinstance(read, Known) else ()
        gone = {text.value for each in around.gone["audit_config"] if isinstance(text := each.text("service"), Known)}
        named = {each.service for each in planned} | gone
        kept = tuple(each for each in (given.audits if given else ()) if each.service not in named)
        count = Counter(each.service for each in planned)
        alone = frozenset(name for name in count if count[name] == 1 and not around.gone["policy"]) - gone
        planned = tuple(each for each in planned if each.service in alone)
        unknown = (
            *(around.unsure["audit_config"] if len(planned) == len(count) else _audit_doubts(around)),
            *((read,) if isinstance(read, Unknown) else ()),
            *((start,) if isinstance(start, Unknown) else ()),
            *(given.audit_gaps if given else ()),
        )
        return (*kept, *planned), tuple(dict.fromkeys(unknown))


def _audit_doubts(around: Around) -> tuple[Unknown, ...]:
    """Why nobody knows the audit configurations, where several resources set or unset them."""
    ending = (Place(values=each) for part in ("policy", "audit_config") for each in around.gone[part])
    rivals = (*around.there["policy"], *around.there["audit_config"], *ending)
    return (*around.unsure["audit_config"], *((_several(rivals, _AUDITS),) if len(rivals) > 1 else ()))


def _left_of(stated: Policy, around: Around, gaps: tuple[Gap, ...]) -> Policy:
    """What a whole policy binds whatever comes after it. What is only added to it takes nothing out."""
    if around.gone["policy"]:
        return replace(stated, bindings=(), gaps=(*stated.gaps, *gaps))
    others = {_key(place.values) for place in around.there["binding"]}.union(map(_key, around.gone["binding"]))
    left = [_without(each, around.gone["member"]) for each in stated.bindings]
    kept = tuple(each for each in left if (each.role, each.condition) not in others)
    return replace(stated, bindings=kept, gaps=(*stated.gaps, *gaps))


def _key(values: Values) -> _Key:
    place = Place(values=values)
    role, condition = place.text("role"), condition_of(place)
    return (
        role.value if isinstance(role, Known) else "",
        condition.value if isinstance(condition, Known) else "",
    )


def _without(binding: Binding, gone: Iterable[Values]) -> Binding:
    left = {
        text.value
        for values in gone
        if _key(values) == (binding.role, binding.condition) and isinstance(text := values.text("member"), Known)
    }
    return replace(binding, members=tuple(member for member in binding.members if member not in left))


def _nobody(source: Source) -> Fact[Policy]:
    """A policy that is destroyed leaves one that binds nobody."""
    return Known(value=Policy(bindings=(), audits=(), text=written(()), source=source), sources=(source,))


def _any_role(source: Source) -> Unknown:
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(source,),
        detail="a binding owns all members of a role that is known after apply, whichever it is",
        needs="a role and a condition that the plan knows",
    )


def _several(places: Iterable[Place], what: str) -> Unknown:
    names = united(place.values.source for place in places)
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=names,
        detail=f"{len(names)} resources set or unset {what}, and the last one applied wins",
        needs="one such resource",
    )


def _rivals(binding: Binding) -> Unknown:
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(binding.source,),
        detail=f"several resources set or unset who holds `{binding.role}`, and the last one applied wins",
        needs="one such resource",
    )
