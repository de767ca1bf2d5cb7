"""The same question for z3, from the JSON on: does a request exist that a policy allows to one kind of caller?

It shares no code with posture.iam. What it does not encode it refuses, and such a question is not compared.
"""

# ruff: noqa: ANN401, FBT003  # z3 ships no types, and its constants are positional

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial, reduce
from typing import Any

import z3

ANY = z3.AllChar(z3.ReSort(z3.StringSort()))
FULL = z3.Full(z3.ReSort(z3.StringSort()))
NONE = z3.Empty(z3.ReSort(z3.StringSort()))
NO_COLON = z3.Intersect(ANY, z3.Complement(z3.Re(":")))
NO_SLASH = z3.Intersect(ANY, z3.Complement(z3.Re("/")))
NO_STAR = z3.Intersect(ANY, z3.Complement(z3.Union(z3.Re("*"), z3.Re("?"))))
PLAIN = z3.Intersect(NO_SLASH, NO_STAR)
DIGITS = z3.Loop(z3.Range("0", "9"), 12, 12)
LETTER = z3.Union(z3.Range("a", "z"), z3.Range("A", "Z"), z3.Range("0", "9"), *map(z3.Re, "+=,.@_-"))
VISIBLE = z3.Range("!", "~")
UPPER = z3.Plus(z3.Union(z3.Range("A", "Z"), z3.Range("0", "9")))
NAME = z3.Plus(LETTER)
PATH_AND_NAME = z3.Concat(z3.Option(z3.Concat(z3.Star(VISIBLE), z3.Re("/"))), NAME)


class UnsupportedError(Exception):
    """The encoding does not know this part."""


@dataclass(frozen=True)
class Who:
    """The kind of caller that is asked about; `account` pins it, `others` are the accounts it must not be."""

    kind: str  # anonymous, user, role, root, federated, service
    account: str | None = None
    others: tuple[str, ...] = ()
    service: str = ""
    organisation: str | None = None  # of a pinned account: known, empty for none, None for any


def cat(*parts: Any) -> Any:  # z3 ships no types
    kept = [z3.Re(part) if isinstance(part, str) else part for part in parts]
    return kept[0] if len(kept) == 1 else z3.Concat(*kept)


def glob(text: str, char: Any = ANY) -> Any:  # z3 ships no types
    parts = [z3.Star(char) if item == "*" else char if item == "?" else z3.Re(item) for item in text]
    return cat(*parts) if parts else z3.Re("")


def arn_glob(text: str) -> Any:  # z3 ships no types
    if text == "*":
        return cat(*[z3.Star(NO_COLON), ":"] * 5, FULL)
    parts = text.split(":", 5)
    if len(parts) < 6:
        raise UnsupportedError(text)
    front = [piece for part in parts[:5] for piece in (glob(part, NO_COLON), ":")]
    return cat(*front, glob(parts[5]))


def anycase(text: str) -> Any:  # z3 ships no types
    parts = [z3.Union(z3.Re(item.lower()), z3.Re(item.upper())) if item.isalpha() else z3.Re(item) for item in text]
    return cat(*parts) if parts else z3.Re("")


Matcher = Callable[[Any], Any]  # regular language of the key's value -> the fact that the value is in it


@dataclass
class Value:
    """A key in the encoding: whether it is there, and what can be asked of it."""

    present: Any
    text: Matcher | None = None
    number: Any = None
    address: tuple[Any, Any] | None = None  # is IPv6, 128 bits
    elements: list[tuple[Any, Matcher]] = field(default_factory=list)


@dataclass
class Encoding:
    """One caller, one action, one place."""

    who: Who
    owner: str
    organisation: str | None
    now: float
    facts: list[Any] = field(default_factory=list)
    known: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.arn, self.endpoint = z3.String("arn"), z3.Bool("endpoint")
        self.point, self.temporary, self.mfa = z3.Bool("point"), z3.Bool("temporary"), z3.Bool("mfa")
        self.member = z3.Bool("member")
        account = DIGITS if self.who.account is None else z3.Re(self.who.account)
        front = {"user": ("iam", ":user/", PATH_AND_NAME), "role": ("iam", ":role/", PATH_AND_NAME)}
        service, kind, tail = front.get(self.who.kind, ("iam", ":root", z3.Re("")))
        if self.who.kind == "federated":
            service, kind, tail = "sts", ":federated-user/", NAME
        self.front = f"arn:aws:{service}::"
        self.facts.append(z3.InRe(self.arn, cat(self.front, account, kind, tail)))
        for other in self.who.others:
            self.facts.append(z3.Not(z3.InRe(self.arn, cat(self.front, other, ":", FULL))))
        if self.who.kind in ("role", "federated"):
            self.facts.append(self.temporary)
        self.facts.append(z3.Implies(self.mfa, self.temporary))

    def of_account(self, language: Any) -> Any:  # z3 ships no types
        return (
            z3.InRe(self.arn, cat(self.front, z3.Intersect(DIGITS, language), ":", FULL))
            if self.who.kind != "root"
            else z3.InRe(self.arn, cat(self.front, z3.Intersect(DIGITS, language), ":root"))
        )

    def value(self, key: str) -> Value:
        if key not in self.known:
            self.known[key] = self._value(key)
        return self.known[key]

    def constant(self, text: str) -> Value:
        return Value(present=z3.BoolVal(True), text=lambda language: z3.InRe(z3.StringVal(text), language))

    def absent(self) -> Value:
        return Value(present=z3.BoolVal(False), text=lambda _: z3.BoolVal(False))

    def variable(self, key: str, present: Any = None, shape: Any = None) -> Value:  # z3 ships no types
        text = z3.String(key)
        if shape is not None:
            self.facts.append(z3.InRe(text, shape))
        there = z3.Bool(f"has {key}") if present is None else present
        return Value(present=there, text=lambda language: z3.InRe(text, language))

    def _value(self, key: str) -> Value:  # one line a key  # noqa: C901, PLR0912  # one branch a case
        identity = key.startswith(("aws:principal", "aws:user")) and key != "aws:useragent"
        if identity and not key.startswith("aws:principaltag/"):
            return self._identity(key)
        match key:
            case "aws:sourceip":
                six, bits = z3.Bool("six"), z3.BitVec("bits", 128)
                return Value(present=z3.Not(self.endpoint), address=(six, bits))
            case "aws:sourcevpce" | "aws:sourcevpc":
                return self.variable(key, self.endpoint, z3.Plus(NO_STAR))
            case "aws:securetransport":
                return self.variable(key, z3.BoolVal(True), z3.Union(z3.Re("true"), z3.Re("false")))
            case "aws:multifactorauthpresent":
                if self.who.kind in ("anonymous", "service"):
                    return self.absent()
                there = z3.And(self.temporary, z3.Or(self.mfa, z3.Bool("says no mfa")))
                return Value(
                    present=there,
                    text=lambda language: z3.Or(
                        z3.And(self.mfa, z3.InRe(z3.StringVal("true"), language)),
                        z3.And(z3.Not(self.mfa), z3.InRe(z3.StringVal("false"), language)),
                    ),
                )
            case "aws:tokenissuetime":
                return self.absent() if self.who.kind in ("anonymous", "service") else Value(present=self.temporary)
            case "aws:currenttime":
                time = z3.Real("time")
                self.facts.append(time >= self.now)
                return Value(present=z3.BoolVal(True), number=time)
            case "s3:max-keys":
                return Value(present=z3.Bool("has max-keys"), number=z3.Real("max-keys"))
            case "aws:useragent":
                return self.variable(key, z3.BoolVal(True))
            case "aws:resourceaccount" | "s3:resourceaccount":
                return self.constant(self.owner)
            case "aws:sourceaccount" | "aws:sourcearn":
                return self._source(key)
            case "s3:dataaccesspointaccount":
                return self.variable("point account", self.point, DIGITS)
            case _ if key.startswith("aws:principaltag/"):
                open_to = self.who.kind in ("user", "role", "federated")
                return self.variable(key) if open_to else self.absent()
            case "s3:prefix" | "s3:x-amz-acl":
                return self.variable(key)
            case _:
                raise UnsupportedError(key)

    def _source(self, key: str) -> Value:
        if self.who.kind != "service":
            return self.absent()
        account = z3.String("source account")
        self.facts.append(z3.InRe(account, DIGITS))
        if key == "aws:sourceaccount":
            return Value(present=z3.Bool("has source account"), text=lambda language: z3.InRe(account, language))
        arn, service, region, place, rest = map(z3.String, ("source arn", "s service", "s region", "s place", "s rest"))
        partition = z3.String("s partition")
        self.facts.extend(z3.InRe(part, z3.Star(NO_COLON)) for part in (partition, service, region))
        self.facts.append(z3.Or(place == z3.StringVal(""), place == account))
        self.facts.append(z3.InRe(rest, z3.Plus(ANY)))
        pieces = [z3.StringVal("arn:"), partition, ":", service, ":", region, ":", place, ":", rest]
        self.facts.append(arn == z3.Concat(*[z3.StringVal(p) if isinstance(p, str) else p for p in pieces]))
        return Value(present=z3.Bool("has source arn"), text=lambda language: z3.InRe(arn, language))

    def _identity(self, key: str) -> Value:  # one line a key  # noqa: C901, PLR0912  # one branch a case
        kind = self.who.kind
        if kind == "anonymous":
            fixed = {"aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous", "aws:userid": "anonymous"}
            return self.constant(fixed[key]) if key in fixed else self.absent()
        if key == "aws:principalisawsservice":
            return self.constant("true" if kind == "service" else "false")
        if kind == "service":
            if key == "aws:principalservicename":
                return self.constant(self.who.service)
            if key in ("aws:principalorgid", "aws:principalorgpaths", "aws:username"):
                return self.absent()
            raise UnsupportedError(key)
        match key:
            case "aws:principalarn":
                return Value(present=z3.BoolVal(True), text=lambda language: z3.InRe(self.arn, language))
            case "aws:principalaccount":
                return Value(present=z3.BoolVal(True), text=self.of_account)
            case "aws:principaltype":
                types = {"user": "User", "role": "AssumedRole", "root": "Account", "federated": "FederatedUser"}
                return self.constant(types[kind])
            case "aws:principalorgid" | "aws:principalorgpaths":
                return self._organisation(key)
            case "aws:username" if kind == "user":
                front, name = z3.String("user front"), z3.String("user name")
                self.facts.extend((self.arn == z3.Concat(front, name), z3.InRe(name, NAME)))
                self.facts.append(z3.InRe(front, cat(FULL, "/")))
                return Value(present=z3.BoolVal(True), text=lambda language: z3.InRe(name, language))
            case "aws:userid" if kind == "root":
                return Value(present=z3.BoolVal(True), text=self.of_account)
            case "aws:userid" if kind == "user":
                return self.variable(key, z3.BoolVal(True), cat("AIDA", UPPER))
            case "aws:userid" if kind == "role":
                return self.variable(key, z3.BoolVal(True), cat("AROA", UPPER, ":", NAME))
            case "aws:userid":
                raise UnsupportedError(key)
            case _:
                return self.absent()

    def _organisation(self, key: str) -> Value:
        known = self.who.organisation
        ident = z3.String("organisation")
        if known == "":
            return self.absent()
        member = z3.BoolVal(True) if known else self.member
        self.facts.append(z3.InRe(ident, z3.Re(known) if known else cat("o-", z3.Plus(PLAIN))))
        if key == "aws:principalorgid":
            return Value(present=member, text=lambda language: z3.InRe(ident, language))
        elements: list[tuple[Any, Matcher]] = []
        for number in range(3):
            path, tail = z3.String(f"path {number}"), z3.String(f"path tail {number}")
            self.facts.extend((path == z3.Concat(ident, tail), z3.InRe(tail, cat("/r-", z3.Plus(ANY)))))
            there = z3.BoolVal(True) if number == 0 else z3.Bool(f"has path {number}")
            elements.append((there, partial(z3.InRe, path)))
        return Value(present=member, elements=elements)

    def session(self, name: str) -> Any:  # z3 ships no types
        text = self.value("aws:userid").text
        assert text is not None
        return text(cat(FULL, ":", name))


def listed(value: Any) -> list[Any]:  # JSON
    return value if isinstance(value, list) else [value]


def any_of(parts: Iterable[Any]) -> Any:  # z3 ships no types
    return reduce(z3.Or, parts, z3.BoolVal(False))


def all_of(parts: Iterable[Any]) -> Any:  # z3 ships no types
    return reduce(z3.And, parts, z3.BoolVal(True))


def principal(encoding: Encoding, element: Any) -> Any:  # z3 ships no types
    if element == "*":
        return z3.BoolVal(True)
    return any_of(one_principal(encoding, kind, text) for kind, value in element.items() for text in listed(value))


def one_principal(encoding: Encoding, kind: str, text: str) -> Any:  # z3 ships no types
    who = encoding.who.kind
    if kind == "Service":
        return z3.BoolVal(who == "service" and encoding.who.service == text)
    if kind != "AWS":
        raise UnsupportedError(kind)
    if text == "*":
        return z3.BoolVal(True)
    if who in ("anonymous", "service"):
        return z3.BoolVal(False)
    if text.isdigit() or text.endswith(":root"):
        account = text if text.isdigit() else text.split(":")[4]
        return encoding.of_account(z3.Re(account))
    parts = text.split(":", 5)
    if parts[5].startswith("assumed-role/"):
        _, role, session = parts[5].split("/")
        if who != "role":
            return z3.BoolVal(False)
        stem = f"arn:aws:iam::{parts[4]}:role/"
        roles = z3.Union(cat(stem, role), cat(stem, FULL, "/", role))
        return z3.And(z3.InRe(encoding.arn, roles), encoding.session(session))
    return encoding.arn == z3.StringVal(text)


def address(encoding_value: Value, text: str) -> Any:  # z3 ships no types
    assert encoding_value.address is not None
    six, bits = encoding_value.address
    block = ipaddress.ip_network(text, strict=False)
    low, high = int(block.network_address), int(block.broadcast_address)
    family = six if block.version == 6 else z3.Not(six)
    return z3.And(family, z3.UGE(bits, low), z3.ULE(bits, high))


def one_value(value: Value, matcher: Matcher | None, base: str, wanted: list[str]) -> Any:  # z3 ships no types
    base = base.replace("Not", "")
    if base == "IpAddress":
        return any_of(address(value, text) for text in wanted)
    if base.startswith(("Date", "Numeric")):
        if value.number is None:
            raise UnsupportedError(base)
        numbers = [
            datetime.fromisoformat(text).timestamp() if base.startswith("Date") else float(text) for text in wanted
        ]
        relation = base.removeprefix("Date").removeprefix("Numeric")
        relations = {
            "Equals": lambda limit: value.number == limit,
            "LessThan": lambda limit: value.number < limit,
            "LessThanEquals": lambda limit: value.number <= limit,
            "GreaterThan": lambda limit: value.number > limit,
            "GreaterThanEquals": lambda limit: value.number >= limit,
        }
        return any_of(relations[relation](limit) for limit in numbers)
    if matcher is None or any("${" in text for text in wanted):
        raise UnsupportedError(base)
    languages = {
        "StringEquals": z3.Re,
        "StringEqualsIgnoreCase": anycase,
        "StringLike": glob,
        "ArnEquals": arn_glob,
        "ArnLike": arn_glob,
        "Bool": anycase,
    }
    if base not in languages:
        raise UnsupportedError(base)
    return any_of(matcher(languages[base](text)) for text in wanted)


def condition(encoding: Encoding, operator: str, key: str, raw: Any) -> Any:  # z3 ships no types
    wanted = [str(item).lower() if isinstance(item, bool) else str(item) for item in listed(raw)]
    value = encoding.value(key.lower())
    set_operator, _, base = operator.rpartition(":")
    if base == "Null":
        return any_of(z3.Not(value.present) if text == "true" else value.present for text in wanted)
    optional = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    negative = "Not" in base
    if value.elements:
        if not set_operator:
            raise UnsupportedError(operator)
        found = [(there, one_value(value, matcher, base, wanted)) for there, matcher in value.elements]
        signed = [(there, z3.Not(hit) if negative else hit) for there, hit in found]
        if set_operator == "ForAnyValue":
            inside = any_of(z3.And(there, hit) for there, hit in signed)
            return z3.And(value.present, inside) if not optional else z3.Or(z3.Not(value.present), inside)
        return z3.Or(z3.Not(value.present), all_of(z3.Implies(there, hit) for there, hit in signed))
    hit = one_value(value, value.text, base, wanted)
    truth = z3.Not(hit) if negative else hit
    when_absent = optional or set_operator == "ForAllValues" or (negative and not set_operator)
    return z3.If(value.present, truth, z3.BoolVal(when_absent))


def statement(encoding: Encoding, item: dict[str, Any], resource: Any) -> Any:  # z3 ships no types
    parts = []
    if "Principal" in item:
        parts.append(principal(encoding, item["Principal"]))
    else:
        element = item["NotPrincipal"]
        below = element != "*" and any(
            ":" in text and not text.endswith(":root") for text in listed(element.get("AWS", []))
        )
        if item["Effect"] == "Deny" and encoding.who.kind not in ("anonymous", "service") and (below or element != "*"):
            raise UnsupportedError("NotPrincipal with Deny")
        parts.append(z3.Not(principal(encoding, element)))
    name = "Resource" if "Resource" in item else "NotResource"
    hits = any_of(z3.InRe(resource, glob(text)) for text in listed(item[name]))
    parts.append(hits if name == "Resource" else z3.Not(hits))
    for operator, block in item.get("Condition", {}).items():
        parts.extend(condition(encoding, operator, key, raw) for key, raw in block.items())
    return all_of(parts)


def speaks_of(item: dict[str, Any], action: str) -> bool:
    def like(pattern: str, text: str) -> bool:
        shape = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(shape, text.lower()) is not None

    if "Action" in item:
        return any(like(text, action) for text in listed(item["Action"]))
    return not any(like(text, action) for text in listed(item["NotAction"]))


def exists(  # the parts of the question
    policy: dict[str, Any],
    who: Who,
    action: str,
    *,
    bucket: str,
    on_bucket: bool,
    owner: str,
    organisation: str | None,
    now: float,
    milliseconds: int = 5000,
) -> bool | None:
    """Whether the policy allows the action to such a caller; None where z3 does not finish."""
    encoding = Encoding(who=who, owner=owner, organisation=organisation, now=now)
    resource = z3.String("resource")
    shape = z3.Re(bucket) if on_bucket else cat(bucket + "/", z3.Plus(ANY))
    items = [item for item in listed(policy["Statement"]) if speaks_of(item, action)]
    allows = any_of(statement(encoding, item, resource) for item in items if item["Effect"] == "Allow")
    denies = any_of(statement(encoding, item, resource) for item in items if item["Effect"] == "Deny")
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.add(z3.InRe(resource, shape), allows, z3.Not(denies), *encoding.facts)
    answer = solver.check()
    return None if answer == z3.unknown else bool(answer == z3.sat)
