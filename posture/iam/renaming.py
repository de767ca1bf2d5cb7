"""An answer with another name in it."""

from dataclasses import replace

from posture.iam.request import Caller, Request
from posture.iam.results import PrincipalClass, Reach, ReachClass, StatementRef, Undetermined

SEPARATORS = ":/"  # one of them precedes a name wherever it stands


def renamed(answer: Reach, former: str, name: str) -> Reach:
    """The answer with `name` in the place of `former`; everything else is as it was."""
    return answer if former == name else _Renaming(former, name).answer(answer)


class _Renaming:
    def __init__(self, former: str, name: str) -> None:
        self.former = former
        self.pairs = tuple((f"{separator}{former}", f"{separator}{name}") for separator in SEPARATORS)

    def text(self, text: str) -> str:
        if self.former in text:
            for before, after in self.pairs:
                text = text.replace(before, after)
        return text

    def maybe(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """The same object where the name is in none of them, as in most."""
        return tuple(map(self.text, texts)) if any(self.former in text for text in texts) else texts

    def answer(self, answer: Reach) -> Reach:
        return replace(
            answer,
            classes=tuple(map(self.found, answer.classes)),
            undetermined=tuple(map(self.doubt, answer.undetermined)),
            problems=self.texts(answer.problems),
            notes=self.texts(answer.notes),
        )

    def found(self, found: ReachClass) -> ReachClass:
        return ReachClass(
            principal=self.principal(found.principal),
            action_class=found.action_class,
            actions=found.actions,
            bound=replace(found.bound, names=self.texts(found.bound.names)),
            conditions=self.texts(found.conditions),
            statements=tuple(map(self.statement, found.statements)),
            witness=self.request(found.witness),
            assumptions=self.texts(found.assumptions),
        )

    def doubt(self, doubt: Undetermined) -> Undetermined:
        principal = None if doubt.principal is None else self.principal(doubt.principal)
        reasons = self.texts(doubt.reasons)
        if principal is doubt.principal and reasons is doubt.reasons:
            return doubt
        return replace(doubt, principal=principal, reasons=reasons)

    def principal(self, principal: PrincipalClass) -> PrincipalClass:
        names, source = self.texts(principal.names), self.maybe(principal.source)
        if names is principal.names and source is principal.source:
            return principal
        return PrincipalClass(kind=principal.kind, names=names, source=source)

    def statement(self, reference: StatementRef) -> StatementRef:
        return replace(reference, sid=self.text(reference.sid)) if self.former in reference.sid else reference

    def request(self, request: Request) -> Request:
        return Request(
            caller=self.caller(request.caller),
            action=request.action,
            resource=self.text(request.resource),
            context=tuple((key, self.texts(values)) for key, values in request.context),
        )

    def caller(self, caller: Caller) -> Caller:
        return replace(
            caller,
            arn=self.maybe(caller.arn),
            session=self.maybe(caller.session),
            unique_id=self.maybe(caller.unique_id),
            name=self.maybe(caller.name),
        )
