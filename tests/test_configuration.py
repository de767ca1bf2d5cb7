from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.addresses import parse_store_uri
from posture.configuration import Configuration, load_configuration, parse_configuration
from posture.errors import ConfigurationError, UsageError
from posture.model.leads import StoreRef
from posture.model.settings import AwsAccess, DatabricksAccess, GoogleAccess, NamedStore, Settings
from posture.model.subjects import Kind, Provider, Role
from posture.model.trust import Accepted, TrustZone
from posture.snapshot import ParameterSetting
from tests.policy.samples import CONFIGURATION, refusals


def ref(name: str, prefix: str = "") -> StoreRef:
    return StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=name, prefix=prefix)


def test_the_configuration_as_it_is_read() -> None:
    assert parse_configuration(CONFIGURATION, "etc/posture.yaml") == Configuration(
        settings=Settings(
            databricks=(
                DatabricksAccess(
                    host="https://accounts.cloud.databricks.com", account_id="0d1e2f30-1111-2222-3333-444455556666"
                ),
                DatabricksAccess(profile="staging"),
            ),
            stores=(
                NamedStore(
                    ref=ref("audit.logs.example", "pré fix"),
                    found="etc/posture.yaml:6",
                    account="111122223333",
                    role=Role.BACKUP,
                ),
                NamedStore(ref=ref("second"), found="etc/posture.yaml:9"),
            ),
            aws_profile="audit",
            aws_region="eu-west-1",
            accounts=(
                AwsAccess(account="111122223333", role_arn="arn:aws:iam::111122223333:role/reader", external_id="e-1"),
                AwsAccess(account="444455556666", profile="other"),
            ),
            trust=TrustZone(
                accounts=frozenset({"111122223333"}),
                organisation="o-abcdefghij",
                accepted=(Accepted(principal="222233334444", reason="shared SIEM", expires=date(2026, 12, 31)),),
            ),
            concurrency=8,
            seconds_per_target=30.0,
        ),
        policies=("default", "etc/own/rules.yaml"),
        parameters=(
            ParameterSetting(name="minimum_days", value=400, spelled=False, origin="etc/posture.yaml:20"),
            ParameterSetting(name="trusted", value=["222233334444"], spelled=False, origin="etc/posture.yaml:21"),
        ),
        waivers=("etc/waivers.yaml",),
    )


def test_what_is_not_said_is_the_default() -> None:
    assert parse_configuration("{}", "p.yaml") == Configuration(settings=Settings())


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "posture.yaml"
    file.write_text("policies: [a.yaml, /b/c.yaml, ../d.yaml]\n")
    assert load_configuration(str(file)).policies == (f"{tmp_path}/a.yaml", "/b/c.yaml", f"{tmp_path}/../d.yaml")
    assert parse_configuration("policies: [a.yaml]", "posture.yaml").policies == ("a.yaml",)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: no such file"):
        load_configuration(str(tmp_path / "posture.yaml"))


REFUSED = refusals("refused_configurations.txt")


@pytest.mark.parametrize("case", REFUSED, ids=[case["+"].strip()[:40] for case in REFUSED])
def test_configurations_that_are_refused(case: dict[str, str]) -> None:
    assert case["-"] in CONFIGURATION
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(CONFIGURATION.replace(case["-"], case["+"], 1), "p.yaml")
    found = {str(each): each.help for each in (caught.value, *caught.value.others)}
    assert found.get(f"p.yaml:{case['=']}") == case["?"], found
    assert not any(secret in text for text in found for secret in ("user:secret", "dose0", "`e 1`"))


def test_the_list_of_refused_configurations_is_read() -> None:
    assert len(REFUSED) == 33


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8080", "http://localhost:1", "accounts.cloud.databricks.us", "https://h/"]
)
def test_hosts_that_are_read(host: str) -> None:
    configuration = parse_configuration(f"databricks: [{{host: '{host}'}}]", "p.yaml")
    assert configuration.settings.databricks == (DatabricksAccess(host=host),)


def test_how_to_read_google_cloud() -> None:
    text = (
        "gcp:\n  organisation: organizations/900100\n  projects: [acme-logs, '700300', 'example.com:old-logs']\n"
        "  domains: [acme.example]\n  quota_project: acme-tools\n"
        "  impersonate: reader@acme-tools.iam.gserviceaccount.com\n  perimeters: true\n"
    )
    assert parse_configuration(text, "p.yaml").settings.google == GoogleAccess(
        organisation="organizations/900100",
        projects=frozenset({"acme-logs", "700300", "example.com:old-logs"}),
        domains=frozenset({"acme.example"}),
        quota_project="acme-tools",
        impersonate="reader@acme-tools.iam.gserviceaccount.com",
        perimeters=True,
    )


@pytest.mark.parametrize(
    "principal", ["partner-project", "partner.example", "user:a@b.example", "principalSet://iam.googleapis.com/x"]
)
def test_principals_of_google_that_are_accepted(principal: str) -> None:
    text = f"trust: {{accepted: [{{principal: '{principal}', reason: audit, expires: '2027-01-01'}}]}}"
    (accepted,) = parse_configuration(text, "p.yaml").settings.trust.accepted
    assert accepted.principal == principal


URIS = {
    "s3://bucket": ref("bucket"),
    "s3://bucket/": ref("bucket"),
    "s3://bucket/logs": ref("bucket", "logs"),
    "s3://bucket//logs/a//": ref("bucket", "logs/a"),
    "s3://bucket/a//b": ref("bucket", "a//b"),
    " S3://my.bucket.with.dots/é/日本 語/ ": ref("my.bucket.with.dots", "é/日本 語"),
    "s3://Old_Bucket/x": ref("Old_Bucket", "x"),
    "s3://bucket/a?b#c%20d": ref("bucket", "a?b#c%20d"),
    "s3://bucket/" + "é" * 512: ref("bucket", "é" * 512),
    "gs://my_bucket.example.com/logs/": StoreRef(
        provider=Provider.GCP, kind=Kind.GCS_BUCKET, name="my_bucket.example.com", prefix="logs"
    ),
}


@pytest.mark.parametrize(("text", "store"), URIS.items())
def test_store_uris(text: str, store: StoreRef) -> None:
    assert parse_store_uri(text) == store
    assert parse_store_uri(store.uri) == store


BAD_URIS = [
    ("gs://Bucket", "supported: s3://bucket"),
    ("gs://" + "a" * 223, "supported: s3://bucket"),
    ("abfss://c@logs.dfs.core.windows.net/x", "write `https://logs.dfs.core.windows.net`"),
    ("https://bucket.s3.amazonaws.com/x", "supported: s3://bucket"),
    ("bucket", "supported: s3://bucket"),
    ("", "supported: s3://bucket"),
    ("s3:/bucket", "supported: s3://bucket"),
    ("s3a://bucket/x", "write `s3://bucket/x`"),
    ("s3n://bucket", "write `s3://bucket`"),
    ("s3://", "supported: s3://bucket"),
    ("s3:///x", "supported: s3://bucket"),
    ("s3://ab", "supported: s3://bucket"),
    ("s3://a..b", "supported: s3://bucket"),
    ("s3://-bucket", "supported: s3://bucket"),
    ("s3://192.168.0.1/x", "supported: s3://bucket"),
    ("s3://bu cket", "supported: s3://bucket"),
    ("s3://bücket", "supported: s3://bucket"),
    ("s3://user:pass@bucket", "supported: s3://bucket"),
    ("s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/x", "supported: s3://bucket"),
    ("s3://x-0123456789abcdef-s3alias", "supported: s3://bucket"),
    ("s3://bucket/a\nb", "supported: s3://bucket"),
    ("s3://bucket/" + "é" * 513, "supported: s3://bucket"),
    ("s3://" + "a" * 256, "supported: s3://bucket"),
]


@pytest.mark.parametrize(("text", "helps"), BAD_URIS, ids=[repr(case[0])[:40] for case in BAD_URIS])
def test_store_uris_that_are_refused(text: str, helps: str) -> None:
    with pytest.raises(UsageError, match="does not name a store") as caught:
        parse_store_uri(text)
    assert caught.value.help.startswith(helps)
    assert "\n" not in caught.value.message


@settings(max_examples=300)
@given(st.text(max_size=30).map(lambda text: f"s3://bucket/{text}") | st.text(max_size=30))
def test_any_text_names_a_store_or_is_refused(text: str) -> None:
    try:
        store = parse_store_uri(text)
    except UsageError:
        return
    assert store.prefix == store.prefix.strip("/")
    assert parse_store_uri(store.uri).name == store.name
