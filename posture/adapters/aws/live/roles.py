"""Reads the role that writes logs: who may become it, and what it may do."""

from __future__ import annotations

from functools import partial

from posture.adapters.aws import role_calls as calls
from posture.adapters.aws.arns import account_of
from posture.adapters.aws.config import NamedPolicy, RoleConfig
from posture.adapters.aws.live.answers import Record, document, malformed, record, setting, text
from posture.adapters.aws.live.callers import Caller
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.leads import RoleRef
from posture.reading import Answer, Call, Pages, Reading


def read_role(ref: RoleRef, caller: Caller, reading: Reading) -> RoleConfig:
    """IAM knows a role by its name in the caller's own account, so an identity of another one is not asked."""
    stranger = _stranger(ref, caller)
    if stranger is not None:
        return RoleConfig(arn=ref.arn, trust_policy=stranger, policies=Listing.unread(stranger))
    return _RoleReader(ref.arn, caller, reading).read()


def read_policy(arn: str, caller: Caller, reading: Reading) -> Fact[str]:
    """A policy that stands by itself, in the version that is in force."""
    return _RoleReader("", caller, reading).shared_policy(arn).document


def _stranger(ref: RoleRef, caller: Caller) -> Unknown | None:
    match caller.account:
        case Unknown():
            return caller.account
        case Known(value=account, sources=sources) if account != _account(ref):
            return Unknown(
                reason=Reason.NOT_COLLECTED,
                sources=sources,
                detail=f"no identity of account {_account(ref)} is configured",
                needs=f"a profile or role of account {_account(ref)} in posture.yaml",
            )
        case _:
            return None


def _account(ref: RoleRef) -> str:
    return ref.account or account_of(ref.arn)


class _RoleReader:
    def __init__(self, arn: str, caller: Caller, reading: Reading) -> None:
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.caller = caller
        self.reading = reading

    def read(self) -> RoleConfig:
        inline, attached = self.reading.together(
            partial(self.names, calls.LIST_ROLE_POLICIES), partial(self.names, calls.LIST_ATTACHED_ROLE_POLICIES)
        )
        own = self.reading.together(*(partial(self.own_policy, name) for name in _texts(inline)))
        arns = tuple(text(record(item), "PolicyArn") for item in attached.items)
        shared = self.reading.together(*(partial(self.shared_policy, arn) for arn in arns))
        gaps = tuple(Gap(unknown=pages.gap) for pages in (inline, attached) if pages.gap is not None)
        return RoleConfig(
            arn=self.arn,
            trust_policy=setting(self.ask(calls.GET_ROLE), self.trust, absent=""),
            policies=Listing(items=(*own, *shared), gaps=gaps, sources=(inline.source, attached.source)),
        )

    def ask(self, call: Call, **more: str) -> Answer:
        return self.caller.read(call, resource=self.arn, parameters={"RoleName": self.name, **more})

    def names(self, call: Call) -> Pages:
        return self.caller.read_all(call, resource=self.arn, parameters={"RoleName": self.name})

    def trust(self, answer: Record, source: Source) -> Fact[str]:
        role = record(answer.get("Role"))
        if text(role, "Arn") != self.arn:
            detail = f"the role of that name in the account is `{text(role, 'Arn')}`"
            return Unknown(reason=Reason.NOT_FOUND, sources=(source.at("Role", "Arn"),), detail=detail)
        return document(role.get("AssumeRolePolicyDocument"), source.at("Role", "AssumeRolePolicyDocument"))

    def own_policy(self, name: str) -> NamedPolicy:
        answer = self.ask(calls.GET_ROLE_POLICY, PolicyName=name)
        return NamedPolicy(name=name, document=setting(answer, _inline, absent=""))

    def shared_policy(self, arn: str) -> NamedPolicy:
        head = self.caller.read(calls.GET_POLICY, resource=arn, parameters={"PolicyArn": arn})

        def in_force(version: str) -> Fact[str]:
            parameters = {"PolicyArn": arn, "VersionId": version}
            answer = self.caller.read(calls.GET_POLICY_VERSION, resource=arn, parameters=parameters)
            return setting(answer, _versioned, absent="")

        return NamedPolicy(name=arn, document=setting(head, _version, absent="").then(in_force))


def _texts(pages: Pages) -> tuple[str, ...]:
    return tuple(item for item in pages.items if isinstance(item, str))


def _inline(answer: Record, source: Source) -> Fact[str]:
    return document(answer.get("PolicyDocument"), source.at("PolicyDocument"))


def _version(answer: Record, source: Source) -> Fact[str]:
    place = source.at("Policy", "DefaultVersionId")
    version = text(record(answer.get("Policy")), "DefaultVersionId")
    return Known(value=version, sources=(place,)) if version else malformed(place, "no DefaultVersionId")


def _versioned(answer: Record, source: Source) -> Fact[str]:
    place = source.at("PolicyVersion", "Document")
    return document(record(answer.get("PolicyVersion")).get("Document"), place)
