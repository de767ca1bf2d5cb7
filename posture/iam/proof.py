"""Witnesses put to the second evaluator, policy by policy, before they are reported."""

from dataclasses import replace
from typing import Final

from posture.frozen import dataclass
from posture.iam import replay
from posture.iam.question import Gate, Layer, below
from posture.iam.request import Request
from posture.iam.results import GateKind, StatementRef
from posture.iam.theories import Work

READ: Final = 512  # characters of policies that cost as much to read again as one state to explore


@dataclass(frozen=True, slots=True)
class Proof:
    """The policies of a question as the second evaluator reads them."""

    policies: tuple[tuple[Layer, replay.Loaded], ...]
    resource: str | None
    cost: int

    @staticmethod
    def of(layers: tuple[Layer, ...], resource: str | None) -> "Proof":
        """Load the policies."""
        size = sum(len(str(entry.document.raw)) for entry in layers)
        policies = tuple((entry, replay.load(entry.document.raw)) for entry in layers)
        return Proof(policies, resource, 1 + size // READ)

    def statements(self, request: Request, index: int, work: Work) -> tuple[StatementRef, ...] | None:
        """The statements that allow the request in the second evaluator, None where it does not allow it."""
        work.look(self.cost)
        deciding: list[StatementRef] = []
        granted = False
        for entry, loaded in self.policies:
            if index not in entry.applies:
                continue
            seen = self._as_seen(request, entry.gate)
            cuts = entry.gate is not None and entry.gate.kind is GateKind.CUTS
            decision = replay.decide(loaded, seen)
            allowed = decision.answer is replay.Answer.ALLOWED
            if not allowed and (decision.explicit or replay.denies(loaded, seen) is not False):
                return None
            if allowed and decision.statement is not None and not cuts:
                deciding.append(StatementRef(policy=entry.document.name, index=decision.statement, sid=decision.sid))
            if entry.gate is None:
                granted = granted or allowed
            elif not cuts and not allowed:
                return None
        return tuple(deciding) if granted else None

    def _as_seen(self, request: Request, gate: Gate | None) -> Request:
        if gate is None:
            return request
        resource = request.resource
        bucket = self.resource
        if gate.resource is not None:
            resource = gate.resource
            if ":accesspoint/" in gate.resource and bucket and request.resource.startswith(below(bucket)):
                resource = below(gate.resource) + request.resource.removeprefix(below(bucket))
        fixed = {key.lower() for key in gate.context}
        kept = tuple((key, values) for key, values in request.context if key.lower() not in fixed)
        extra = tuple((key, (value,)) for key, value in gate.context.items() if value is not None)
        return replace(request, action=gate.action or request.action, resource=resource, context=(*kept, *extra))
