import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import SnapshotError
from posture.model.facts import Reason
from posture.model.leads import StoreRef
from posture.model.settings import AwsAccess, DatabricksAccess, NamedStore, Settings
from posture.model.subjects import Kind, Provider
from posture.model.trust import Accepted, TrustZone
from posture.reading import Kept, digest
from posture.snapshot import SCHEMA, Document, ParameterSetting, Request, Snapshot, dump, encode, load, pieces

SNAPSHOT = Snapshot(
    request=Request(
        settings=Settings(
            databricks=(DatabricksAccess(host="https://h", account_id="a"),),
            stores=(
                NamedStore(
                    ref=StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="büro.logs", prefix="a/ß"),
                    found="--store",
                ),
            ),
            accounts=(
                AwsAccess(account="111122223333", role_arn="arn:aws:iam::111122223333:role/r", external_id="x7"),
            ),
            trust=TrustZone(
                accounts=frozenset({"222222222222", "111122223333"}),
                accepted=(Accepted(principal="444455556666", reason="r", expires=date(2027, 1, 1)),),
            ),
        ),
        policies=(Document(file="p.yaml", text="policy: p\n"),),
        parameters=(ParameterSetting(name="n", value=400, spelled=False, origin="posture.yaml:3"),),
        as_of="2026-01-02T03:04:05Z",
    ),
    kept=(
        Kept(
            identity="aws:default",
            operation="s3:GetBucketAcl",
            parameters=(("Bucket", "b"),),
            resource="b",
            read_at="2026-01-02T03:04:05Z",
            answer={"Grants": [{"x": [1, 2.5, None, True]}]},
            digest="d",
        ),
        Kept(
            identity="aws:default",
            operation="s3:ListBuckets",
            parameters=(),
            resource="",
            read_at="2026-01-02T03:04:05Z",
            items=({"Name": "b"},),
            reason=Reason.DENIED,
            detail="AccessDenied",
        ),
    ),
    version="0.1.0",
)
TEXT = dump(SNAPSHOT)


def without_external_ids(snapshot: Snapshot) -> Snapshot:
    settings = snapshot.request.settings
    accounts = tuple(replace(access, external_id="") for access in settings.accounts)
    return replace(snapshot, request=replace(snapshot.request, settings=replace(settings, accounts=accounts)))


def test_a_snapshot_comes_back_as_it_was_but_for_external_ids() -> None:
    assert load(TEXT, "s.json") == without_external_ids(SNAPSHOT)
    assert dump(load(TEXT, "s.json")) == TEXT
    assert "x7" not in TEXT


def sealed(body: object) -> str:
    """A snapshot whose digest is right, whatever its body is."""
    return json.dumps({"schema": SCHEMA, "sha256": digest(encode(body)), "snapshot": body})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "is not `audit-log-posture/snapshot/3`"),
        ('{"schema": "audit-log-posture/snapshot/9"}', "snapshot/9` is not"),
        (TEXT.replace("büro.logs", "other"), "changed after it was written"),
        (sealed({}), "is missing or unknown"),
        (sealed([]), "an object is expected"),
        (sealed({**json.loads(TEXT)["snapshot"], "version": 1}), "a str is expected"),
        (sealed({**json.loads(TEXT)["snapshot"], "kept": {}}), "a list is expected"),
        (sealed({**json.loads(TEXT)["snapshot"], "kept": [1]}), "$.snapshot.kept[0]: an object is expected"),
        (sealed(json.loads(TEXT.replace("2026-01-02T", "yesterday T"))["snapshot"]), "is not a time"),
        (sealed(json.loads(TEXT.replace("2026-01-02T", "2026-13-02T"))["snapshot"]), "is not a time"),
    ],
)
def test_what_dump_did_not_write_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SnapshotError) as refused:
        load(text, "s.json")
    assert message in refused.value.message
    assert refused.value.message.startswith("s.json")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_body_ends_in_another_error(body: object) -> None:
    with pytest.raises(SnapshotError):
        load(sealed(body), "s.json")


PLACES = st.sampled_from(["request", "kept", "version"])


@given(PLACES, st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))
def test_a_wrong_type_in_any_place_is_refused(place: str, value: object) -> None:
    body = {**json.loads(TEXT)["snapshot"], place: value}
    if place == "version" and isinstance(value, str):
        assert load(sealed(body), "s.json").version == value
        return
    if place == "kept" and value == []:
        assert load(sealed(body), "s.json").kept == ()
        return
    with pytest.raises(SnapshotError):
        load(sealed(body), "s.json")


@pytest.mark.parametrize("kept", [(), SNAPSHOT.kept[:1], SNAPSHOT.kept])
def test_a_text_in_pieces_is_the_one_text_of_the_whole(kept: tuple[Kept, ...]) -> None:
    snapshot = replace(SNAPSHOT, kept=kept, request=replace(SNAPSHOT.request, settings=Settings()))
    whole = {"schema": SCHEMA, "sha256": digest(encode(snapshot)), "snapshot": encode(snapshot)}
    assert json.loads(dump(snapshot)) == whole
    assert dump(snapshot) == "".join(pieces(replace(snapshot, kept=()), kept))
    calls = [line for line in dump(snapshot).splitlines() if line.startswith("   {")]
    assert [json.loads(line.rstrip(",")) for line in calls] == [encode(call) for call in kept]
