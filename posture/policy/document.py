"""A policy file: read, checked whole, and made into controls before any credential is used."""

from __future__ import annotations

import hashlib
import json
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache

from posture.errors import PolicyError
from posture.model.assessment import ControlInfo
from posture.model.logic import Severity, Verdict
from posture.model.subjects import About
from posture.policy.controls import Control, Example, Policy, together, with_overrides
from posture.policy.examples import run_examples
from posture.policy.notation import AssertionReader
from posture.policy.parameters import Parameter, ParameterType, ParameterValue
from posture.policy.plain import Path, Plain, items_of, mapping_of, number_of, text_of, texts_of
from posture.policy.problems import Problem, refuse, violations
from posture.policy.schema import policy_schema
from posture.policy.strict_yaml import Document, read_document, read_file
from posture.policy.vocabulary import vocabulary
from posture.policy.wording import shown

__all__ = [
    "LANGUAGE",
    "Control",
    "Example",
    "Policy",
    "load_policies",
    "load_policy",
    "parse_policies",
    "parse_policy",
    "run_examples",
    "validated",
    "validated_digests",
    "with_overrides",
]

LANGUAGE = 1  # the newest version of the policy language that this release reads
_VALIDATED = "schemas/validated.json"


def load_policy(file: str) -> Policy:
    """The policy in a file."""
    return _policy(read_file(file, refusal=PolicyError), file, validated())


def load_policies(files: Iterable[str]) -> tuple[Policy, ...]:
    """The policies of one run, from files."""
    return together(load_policy(file) for file in files)


def parse_policies(documents: Iterable[tuple[str, str]]) -> tuple[Policy, ...]:
    """The policies of one run, from texts with the names that messages give them."""
    return together(parse_policy(text, file) for text, file in documents)


def parse_policy(text: str, file: str) -> Policy:
    """The policy in a text; `file` is the name that messages give it."""
    return _policy(text.encode("utf-8", "surrogatepass"), file, validated())


def validated_digests(files: Iterable[str]) -> str:
    """The text of the list of files that the schema need not check again; one that does not pass raises."""
    digests = sorted(_policy(read_file(file, refusal=PolicyError), file, frozenset()).sha256 for file in files)
    return json.dumps(digests, indent=2) + "\n"


@cache
def validated() -> frozenset[str]:
    """Digests of the shipped files that passed the schema when they were released."""
    try:
        listed = pkgutil.get_data("posture", _VALIDATED)
    except OSError:
        return frozenset()
    return frozenset(json.loads(listed or b"[]"))


def _policy(content: bytes, file: str, passed: frozenset[str]) -> Policy:
    document = read_document(content, file=file, refusal=PolicyError)
    digest = hashlib.sha256(content).hexdigest()
    _understood(document)
    if digest not in passed and (problems := violations(policy_schema(), document.data)):
        refuse(problems, document, PolicyError)
    return _Builder(document).policy(digest)


def _understood(document: Document) -> None:
    """A newer language is named as such before its new words look like mistakes."""
    language = document.data.get("language")
    if isinstance(language, str) and language.isdecimal() and language.isascii() and int(language[:9]) > LANGUAGE:
        message = f"this policy needs language {shown(language)}; this release reads up to {LANGUAGE}"
        refuse([Problem(path=("language",), message=message, help="upgrade posture")], document, PolicyError)


class _Builder:
    """Turns a document that fits the schema into a policy, and notes what a schema cannot say."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[Problem] = []

    def policy(self, digest: str) -> Policy:
        data = self._document.data
        declared = mapping_of(data.get("parameters", {}))
        parameters = {name: self._parameter(name, mapping_of(value)) for name, value in declared.items()}
        reader = AssertionReader(parameters=parameters, problems=self._problems)
        listed = [mapping_of(control) for control in items_of(data["controls"])]
        controls = tuple(self._control(each, ("controls", index), reader) for index, each in enumerate(listed))
        self._check_unique(controls)
        if self._problems:
            refuse(self._problems, self._document, PolicyError)
        return Policy(
            id=text_of(data["policy"]),
            title=text_of(data["title"]),
            language=int(text_of(data.get("language", str(LANGUAGE)))),
            file=self._document.file,
            sha256=digest,
            parameters=tuple(parameters.values()),
            controls=tuple(each for each, here in zip(controls, listed, strict=True) if "status" not in here),
            retired=tuple(each for each, here in zip(controls, listed, strict=True) if "status" in here),
        )

    def _parameter(self, name: str, data: Mapping[str, Plain]) -> Parameter:
        default = _value(data["default"])
        bounds = {bound: number_of(data[bound]) for bound in ("minimum", "maximum") if bound in data}
        parameter = Parameter(
            name=name,
            type=ParameterType(text_of(data["type"])),
            description=text_of(data["description"]),
            default=default,
            value=default,
            minimum=bounds.get("minimum"),
            maximum=bounds.get("maximum"),
        )
        path: Path = ("parameters", name)
        if bounds and parameter.type is not ParameterType.INTEGER:
            self._note((*path, *list(bounds)[:1]), "only an integer has bounds")
        elif problem := parameter.misfit(default):
            self._note((*path, "default"), problem)
        return parameter

    def _control(self, data: Mapping[str, Plain], path: Path, reader: AssertionReader) -> Control:
        about = About(text_of(data["about"]))
        identity = mapping_of(data.get("applies_to", {}))
        examples = mapping_of(data["examples"])
        line = self._document.line
        return Control(
            info=self._info(data, about),
            applies_to=tuple((name, texts_of(values)) for name, values in identity.items()),
            require=reader.read(data["require"], vocabulary(about), (*path, "require")),
            examples=tuple(
                Example(
                    expected=verdict, facts=mapping_of(facts), line=self._document.line((*path, "examples", word, at))
                )
                for word, verdict in _VERDICTS.items()
                for at, facts in enumerate(items_of(examples[word]))
            ),
            line=line(path),
        )

    def _info(self, data: Mapping[str, Plain], about: About) -> ControlInfo:
        references = mapping_of(data.get("references", {}))
        return ControlInfo(
            id=text_of(data["id"]),
            policy=text_of(self._document.data["policy"]),
            title=text_of(data["title"]),
            severity=Severity(text_of(data["severity"])),
            about=about,
            since=text_of(data["since"]),
            why=text_of(data["why"]).strip(),
            fix=tuple((cloud, text_of(words).strip()) for cloud, words in mapping_of(data["fix"]).items()),
            references=tuple((framework, texts_of(ids)) for framework, ids in references.items()),
        )

    def _check_unique(self, controls: tuple[Control, ...]) -> None:
        first: dict[str, int] = {}
        for index, control in enumerate(controls):
            line = first.setdefault(control.info.id, control.line)
            if line != control.line:
                message = f"the control id {shown(control.info.id)} is taken, in line {line}"
                self._note(("controls", index, "id"), message)

    def _note(self, path: Path, message: str) -> None:
        self._problems.append(Problem(path=path, message=message))


_VERDICTS = {"pass": Verdict.PASS, "fail": Verdict.FAIL, "unknown": Verdict.UNKNOWN}


def _value(data: Plain) -> ParameterValue:
    return texts_of(data) if isinstance(data, list) else data if isinstance(data, int) else text_of(data)
