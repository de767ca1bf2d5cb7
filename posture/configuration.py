"""posture.yaml: what to look at, as whom, whom to trust and which rules apply; checked before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path as FilePath

from posture.addresses import parse_store_uri
from posture.errors import ConfigurationError, UsageError
from posture.model.settings import AwsAccess, DatabricksAccess, GoogleAccess, NamedStore, Settings
from posture.model.subjects import Role
from posture.model.trust import Accepted, TrustZone
from posture.policy import schema as policy_schemas
from posture.policy.plain import Path, Plain, items_of, mapping_of, number_of, text_of, texts_of
from posture.policy.problems import Problem, refuse, violations
from posture.policy.shapes import DAY, DRAFT, GENERATED, NAME, TEXT, Schema, closed, listed, shaped
from posture.policy.strict_yaml import Document, read_document, read_file
from posture.policy.wording import shown
from posture.snapshot import ParameterSetting

MOST_CONCURRENCY = 64
_PROJECT = r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"  # some old ids begin with a domain
_DOMAIN = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
_MEMBER = r"(user|serviceAccount|group|principal|principalSet):\S+|" + _PROJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A configuration file. Paths in it are relative to the file; here they are ready to open."""

    settings: Settings
    policies: tuple[str, ...] = ()
    parameters: tuple[ParameterSetting, ...] = ()
    waivers: tuple[str, ...] = ()


def load_configuration(file: str) -> Configuration:
    """The configuration in a file."""
    return parse_configuration(read_file(file, refusal=ConfigurationError), file)


def parse_configuration(content: str | bytes, file: str) -> Configuration:
    """The configuration in a text; `file` is its name in messages, and what its paths are relative to."""
    document = read_document(content, file=file, refusal=ConfigurationError)
    if problems := violations(configuration_schema(), document.data):
        refuse(problems, document, ConfigurationError)
    return _Builder(document).configuration()


def schema_files() -> dict[str, str]:
    """Every schema of a file that users write, each as the text of its file."""
    own = json.dumps(configuration_schema(), indent=2, ensure_ascii=False) + "\n"
    return {"configuration.schema.json": own, **policy_schemas.schema_files()}


@cache
def configuration_schema() -> Schema:
    """The schema of posture.yaml."""
    account = shaped("[0-9]{12}", "an AWS account: 12 digits, in quotes")
    files = listed(TEXT, uniqueItems=True)
    body = closed(
        {
            "databricks": listed(_databricks(), description="Databricks accounts to discover stores from."),
            "stores": listed(_store(), description="Stores to check without discovery."),
            "aws": closed({"profile": TEXT, "region": shaped("[a-z]{2}(-[a-z]+)+-[0-9]", "a Region")}),
            "gcp": _google(),
            "accounts": {
                "type": "object",
                "description": "How to read each AWS account.",
                "propertyNames": account,
                "additionalProperties": _access(),
            },
            "trust": _trust(account),
            "parameters": {"type": "object", "propertyNames": NAME, "additionalProperties": _parameter()},
            "policies": files | {"description": "Policy files, and `default` for the shipped one."},
            "waivers": files | {"description": "Waiver files."},
            "concurrency": {"type": "integer", "minimum": 1, "maximum": MOST_CONCURRENCY},
            "seconds_per_target": {"type": "integer", "minimum": 1, "maximum": 3600},
        }
    )
    return {"$schema": DRAFT, "title": "A posture configuration", "description": GENERATED, **body}


def _databricks() -> Schema:
    loopback = r"http://(127\.0\.0\.1|localhost|\[::1\])"
    return closed(
        {
            "host": shaped(rf"((https://)?[A-Za-z0-9.-]+|{loopback})(:[0-9]+)?/?", "the URL of a host", writeOnly=True),
            "account_id": shaped(
                "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "the id of a Databricks account"
            ),
            "profile": TEXT,
        },
        minProperties=1,
    )


def _store() -> Schema:
    role = {"enum": [role.value for role in Role], "description": "Why logs rest there."}
    account = shaped(f"([0-9]{{12}}|{_PROJECT})", "an AWS account (12 digits, in quotes) or a Google project")
    return closed({"uri": TEXT, "account": account, "role": role}, required=("uri",))


def _google() -> Schema:
    project = shaped(f"([0-9]{{6,15}}|{_PROJECT})", "a project, by its id or its number in quotes")
    return closed(
        {
            "organisation": shaped("organizations/[0-9]{3,15}", "our own organisation, such as organizations/123456"),
            "projects": listed(project, uniqueItems=True, description="Our own beside the organisation's."),
            "domains": listed(shaped(_DOMAIN, "a domain in lower case"), uniqueItems=True),
            "quota_project": project,
            "impersonate": shaped(
                r"[a-z0-9.-]+@[a-z0-9.-]+\.iam\.gserviceaccount\.com", "a service account to read as"
            ),
        }
    )


def _access() -> Schema:
    return closed(
        {
            "profile": TEXT,
            "role_arn": shaped(r"arn:aws(-us-gov|-cn)?:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+", "the ARN of a role"),
            "external_id": shaped(r"[A-Za-z0-9_+=,.@:/-]{2,1224}", "an external id", writeOnly=True),
        },
        minProperties=1,
    )


def _trust(account: Schema) -> Schema:
    arn = r"arn:aws(-us-gov|-cn)?:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:\S+"
    principal = shaped(
        rf"([0-9]{{12}}|o-[a-z0-9]{{10,32}}|{arn}|{_MEMBER}|{_DOMAIN})",
        "an account in quotes, an organisation id or an ARN; of Google, a project, a domain or a member of bindings",
    )
    accepted = closed(
        {"principal": principal, "reason": TEXT, "expires": DAY},
        required=("principal", "reason", "expires"),
    )
    return closed(
        {
            "accounts": listed(account, uniqueItems=True),
            "organisation": shaped("o-[a-z0-9]{10,32}", "the id of an AWS organisation"),
            "accepted": listed(accepted),
        }
    )


def _parameter() -> Schema:
    return {
        "if": {"type": "array"},
        "then": {"items": {"type": "string"}},
        "else": {"type": ["string", "integer", "boolean"]},
    }


class _Builder:
    """Turns a document that fits the schema into a configuration, and notes what a schema cannot say."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[Problem] = []

    def configuration(self) -> Configuration:
        data = self._document.data
        settings = self._settings(data)
        parameters = tuple(
            ParameterSetting(name=name, value=value, spelled=False, origin=self._origin(("parameters", name)))
            for name, value in mapping_of(data.get("parameters", {})).items()
        )
        if self._problems:
            refuse(self._problems, self._document, ConfigurationError)
        return Configuration(
            settings=settings,
            policies=tuple(self._file(name) for name in texts_of(data.get("policies", []))),
            parameters=parameters,
            waivers=tuple(self._file(name) for name in texts_of(data.get("waivers", []))),
        )

    def _settings(self, data: Mapping[str, Plain]) -> Settings:
        aws = mapping_of(data.get("aws", {}))
        plain = Settings()
        seconds, concurrency = data.get("seconds_per_target"), data.get("concurrency")
        return Settings(
            databricks=tuple(_databricks_access(mapping_of(each)) for each in items_of(data.get("databricks", []))),
            stores=tuple(self._stores(items_of(data.get("stores", [])))),
            google=_google_access(mapping_of(data.get("gcp", {}))),
            aws_profile=text_of(aws.get("profile", "")),
            aws_region=text_of(aws.get("region", "")),
            accounts=tuple(self._accounts(mapping_of(data.get("accounts", {})))),
            trust=self._trust(mapping_of(data.get("trust", {}))),
            concurrency=plain.concurrency if concurrency is None else number_of(concurrency),
            seconds_per_target=plain.seconds_per_target if seconds is None else float(number_of(seconds)),
        )

    def _stores(self, entries: list[Plain]) -> Iterator[NamedStore]:
        for index, entry in enumerate(entries):
            store, path = mapping_of(entry), ("stores", index)
            try:
                ref = parse_store_uri(text_of(store["uri"]))
            except UsageError as error:
                self._note((*path, "uri"), error.message, error.help)
                continue
            yield NamedStore(
                ref=ref,
                found=self._origin(path),
                account=text_of(store.get("account", "")),
                role=Role(text_of(store.get("role", Role.DELIVERY.value))),
            )

    def _accounts(self, entries: Mapping[str, Plain]) -> Iterator[AwsAccess]:
        for account, entry in entries.items():
            access = {key: text_of(value) for key, value in mapping_of(entry).items()}
            if ("profile" in access) == ("role_arn" in access):
                self._note(("accounts", account), "one of `profile` and `role_arn` is expected")
            elif "external_id" in access and "role_arn" not in access:
                self._note(("accounts", account), "`external_id` belongs to a `role_arn`")
            yield AwsAccess(
                account=account,
                profile=access.get("profile", ""),
                role_arn=access.get("role_arn", ""),
                external_id=access.get("external_id", ""),
            )

    def _trust(self, data: Mapping[str, Plain]) -> TrustZone:
        entries = [mapping_of(entry) for entry in items_of(data.get("accepted", []))]
        return TrustZone(
            accounts=frozenset(texts_of(data.get("accounts", []))),
            organisation=text_of(data.get("organisation", "")),
            accepted=tuple(
                Accepted(
                    principal=text_of(entry["principal"]),
                    reason=text_of(entry["reason"]),
                    expires=self._day(entry["expires"], ("trust", "accepted", index, "expires")),
                )
                for index, entry in enumerate(entries)
            ),
        )

    def _day(self, value: Plain, path: Path) -> date:
        try:
            return date.fromisoformat(text_of(value))
        except ValueError:
            self._note(path, f"{shown(value)} is not a day of the calendar")
            return date.min

    def _file(self, name: str) -> str:
        return name if name == "default" else str(FilePath(self._document.file).parent / name)

    def _origin(self, path: Path) -> str:
        return f"{self._document.file}:{self._document.line(path)}"

    def _note(self, path: Path, message: str, helps: str = "") -> None:
        self._problems.append(Problem(path=path, message=message, help=helps))


def _databricks_access(entry: Mapping[str, Plain]) -> DatabricksAccess:
    return DatabricksAccess(
        host=text_of(entry.get("host", "")),
        account_id=text_of(entry.get("account_id", "")),
        profile=text_of(entry.get("profile", "")),
    )


def _google_access(entry: Mapping[str, Plain]) -> GoogleAccess:
    return GoogleAccess(
        organisation=text_of(entry.get("organisation", "")),
        projects=frozenset(texts_of(entry.get("projects", []))),
        domains=frozenset(texts_of(entry.get("domains", []))),
        quota_project=text_of(entry.get("quota_project", "")),
        impersonate=text_of(entry.get("impersonate", "")),
    )
