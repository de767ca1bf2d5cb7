"""posture.yaml: what to look at, as whom, whom to trust and which rules apply; checked before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path as FilePath

from posture.addresses import parse_store_uri
from posture.configuration_schema import configuration_schema
from posture.errors import ConfigurationError, UsageError
from posture.frozen import dataclass
from posture.model.leads import StoreRef
from posture.model.settings import AwsAccess, AzureAccess, DatabricksAccess, GoogleAccess, NamedStore, Settings
from posture.model.subjects import Role
from posture.model.trust import Accepted, TrustZone
from posture.policy import schema as policy_schemas
from posture.policy.plain import Path, Plain, items_of, mapping_of, number_of, text_of, texts_of
from posture.policy.problems import Problem, refuse, violations
from posture.policy.strict_yaml import Document, read_document, read_file
from posture.policy.wording import shown
from posture.snapshot import ParameterSetting


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
            azure=_azure_access(mapping_of(data["azure"])) if "azure" in data else None,
            trust=self._trust(mapping_of(data.get("trust", {}))),
            concurrency=plain.concurrency if concurrency is None else number_of(concurrency),
            seconds_per_target=plain.seconds_per_target if seconds is None else float(number_of(seconds)),
        )

    def _stores(self, entries: list[Plain]) -> Iterator[NamedStore]:
        first: dict[StoreRef, int] = {}
        for index, entry in enumerate(entries):
            store, path = mapping_of(entry), ("stores", index)
            try:
                ref = parse_store_uri(text_of(store["uri"]))
            except UsageError as error:
                self._note((*path, "uri"), error.message, error.help)
                continue
            if first.setdefault(ref, index) != index:
                line = self._document.line(("stores", first[ref]))
                self._note((*path, "uri"), f"this store stands here twice, first in line {line}")
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
            elif "role_arn" in access and (owner := access["role_arn"].split(":")[4]) != account:
                self._note(("accounts", account, "role_arn"), f"the role is of account {owner}, not {account}")
            yield AwsAccess(
                account=account,
                profile=access.get("profile", ""),
                role_arn=access.get("role_arn", ""),
                external_id=access.get("external_id", ""),
            )

    def _trust(self, data: Mapping[str, Plain]) -> TrustZone:
        entries = [mapping_of(entry) for entry in items_of(data.get("accepted", []))]
        return TrustZone(
            accounts=frozenset(
                (*texts_of(data.get("accounts", [])), *(each.lower() for each in texts_of(data.get("tenants", []))))
            ),
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


def _azure_access(entry: Mapping[str, Plain]) -> AzureAccess:
    return AzureAccess(
        cloud=text_of(entry.get("cloud", "public")),
        tenant=text_of(entry.get("tenant", "")),
        subscriptions=tuple(texts_of(entry.get("subscriptions", []))),
        client_id=text_of(entry.get("client_id", "")),
        resource_manager=text_of(entry.get("resource_manager", "")),
        graph=text_of(entry.get("graph", "")),
    )


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
        perimeters=entry.get("perimeters", False) is True,
        deny_policies=entry.get("deny_policies", True) is True,
    )
