import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from posture.errors import PolicyError, UsageError
from posture.model.assessment import SubjectInfo
from posture.model.logic import Severity, Verdict
from posture.model.subjects import About, Kind, Mode, Provider
from posture.policy.controls import facts_of_stores, selected
from posture.policy.document import (
    Policy,
    load_policies,
    load_policy,
    parse_policies,
    parse_policy,
    run_examples,
    validated_digests,
)
from posture.policy.notation import render
from tests.policy.samples import POLICY, refusals


def changed(old: str, new: str, *, count: int = 1) -> str:
    assert old in POLICY
    return POLICY.replace(old, new, count)


def refused(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    return caught.value


def line_of(text: str, part: str) -> int:
    return max(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_controls_are_selected_by_their_ids() -> None:
    whole = parse_policy(POLICY, "p.yaml")
    other = replace(whole, id="other", controls=())
    assert selected((whole, other), ()) == (whole, other)
    (narrowed,) = selected((whole, other), ("kept-a-year", "delivery-is-on", "kept-a-year"))
    assert [control.info.id for control in narrowed.controls] == ["kept-a-year", "delivery-is-on"]
    assert (narrowed.use.controls, narrowed.sha256) == (2, whole.sha256)
    with pytest.raises(UsageError) as caught:
        selected((whole, other), ("kept-a-yaer",))
    assert "kept-a-year" in caught.value.help


def test_the_facts_that_stores_are_asked_for() -> None:
    whole = parse_policy(POLICY, "p.yaml")
    assert facts_of_stores(selected((whole,), ("kept-a-year",))) == {"retention.days"}
    assert facts_of_stores(selected((whole,), ("narrow-grants",))) >= {"grants", "grants[].scope"}
    assert facts_of_stores(selected((whole,), ("delivery-is-on",))) == set(), "it is about sources"


def test_the_policy_as_it_is_read() -> None:
    policy = parse_policy(POLICY, "p.yaml")
    assert (policy.id, policy.title, policy.language, policy.file) == (
        "store-baseline",
        "What a store of logs must be",
        1,
        "p.yaml",
    )
    assert policy.sha256 == hashlib.sha256(POLICY.encode()).hexdigest()
    assert [control.info.id for control in policy.controls] == [
        "customer-key",
        "kept-a-year",
        "narrow-grants",
        "deletion-is-slow",
        "delivery-is-on",
    ]
    assert [control.info.id for control in policy.retired] == ["all-was-found"]
    info = policy.controls[1].info
    assert (info.severity, info.about, info.since, info.policy) == (Severity.MEDIUM, About.STORE, "1.0", policy.id)
    assert info.fix == (("aws", "Raise the expiration."), ("gcp", "Raise the age."))
    assert info.references == (("soc2", ("CC7.2",)), ("pci_dss", ("10.5.1",)))
    assert policy.controls[0].line == line_of(POLICY, "id: customer-key")
    assert [(use.name, use.value, use.default, use.overridden) for use in policy.use.parameters] == [
        ("minimum_days", "365", "365", False),
        ("trusted", "[]", "[]", False),
        ("manager", "customer", "customer", False),
        ("rotated", "true", "true", False),
    ]
    assert policy.use.controls == 5


@pytest.mark.parametrize("control", parse_policy(POLICY, "p.yaml").controls, ids=lambda control: control.info.id)
def test_each_example_gives_the_verdict_it_is_listed_under(control: object) -> None:
    policy = parse_policy(POLICY, "p.yaml")
    (same,) = (each for each in policy.controls if each == control)
    runs = run_examples(same)
    assert {run.expected for run in runs} == set(Verdict)
    for run in runs:
        assert run.got is run.expected
        assert run.kept
        assert run.evidence
        assert {seen.verdict for seen in run.evidence} == {run.got}


def test_an_example_under_the_wrong_verdict_says_so() -> None:
    text = changed("fail: [{retention.days: 364}]", "fail: [{retention.days: 366}]")
    policy = parse_policy(text, "p.yaml")
    (run,) = (run for run in run_examples(policy.controls[1]) if not run.kept)
    assert run.example.line == line_of(text, "{retention.days: 366}")
    assert run.told == (
        "`kept-a-year`: an example listed under fail, gives pass (retention.days: found 366, expected at least 365)"
    )


REFUSALS = refusals("refused_policies.txt")


@pytest.mark.parametrize("case", REFUSALS, ids=[case["+"].strip()[:50] for case in REFUSALS])
def test_refused_at_its_place(case: dict[str, str]) -> None:
    text = changed(case["-"], case["+"])
    error = refused(text)
    found = {str(each): each.help for each in (error, *error.others)}
    line = line_of(text, case["@"] or case["+"].splitlines()[0])
    assert found.get(f"p.yaml:{line}: {case['=']}") == case["?"], found


def test_the_list_of_refusals_is_read() -> None:
    assert len(REFUSALS) == 63


def test_the_likeliest_error_stands_first_and_the_others_follow_by_line() -> None:
    text = changed("severity: high", "severity: hihg").replace("title: What", "titel: What").replace("364", "'364'")
    error = refused(text)
    assert error.path == "$"
    lines = [each.line or 0 for each in error.others]
    assert len(lines) == 3
    assert lines == sorted(lines)
    assert "unknown key `titel`" in f"{error} {error.others[0]}"


def test_hundreds_of_errors_are_not_all_told() -> None:
    items = ", ".join(f"k{number}" for number in range(400))
    error = refused(f"policy: p\ntitle: t\ncontrols: [{items}]")
    assert 0 < len(error.others) <= 50


def test_a_newer_language_is_named_before_its_words_look_misspelt() -> None:
    error = refused('language: "7"\nnew_key: x\n')
    assert "needs language `7`" in error.message
    assert not error.others


def test_messages_stay_on_one_line_and_hide_secrets() -> None:
    token = "dapi" + "0" * 32
    assert token not in str(refused(changed("severity: high", f"severity: {token}")))
    error = refused(changed("severity: high", 'severity: "a\\e[31m\\nb"'))
    assert "`a\\x1b[31m\\nb`" in error.message
    assert "\n" not in error.message


def test_an_absent_language_is_the_first() -> None:
    assert parse_policy(changed('language: "1"\n', ""), "p.yaml").language == 1


def test_ids_are_unique_over_policies() -> None:
    other = POLICY.replace("policy: store-baseline", "policy: other").replace("id: ", "id: other-")
    assert len(parse_policies([(POLICY, "a.yaml"), (other, "b.yaml")])) == 2
    with pytest.raises(PolicyError, match=r"b\.yaml: the policy id `store-baseline` is taken, by a\.yaml"):
        parse_policies([(POLICY, "a.yaml"), (POLICY, "b.yaml")])
    same = other.replace("id: other-all-was-found", "id: all-was-found")
    with pytest.raises(PolicyError, match=r"b\.yaml:\d+: the control id `all-was-found` is taken, by a\.yaml"):
        parse_policies([(POLICY, "a.yaml"), (same, "b.yaml")])


def test_files_are_loaded(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(POLICY)
    assert load_policy(str(file)) == load_policies([str(file)])[0]
    with pytest.raises(PolicyError, match="cannot be read: no such file"):
        load_policy(str(tmp_path / "none.yaml"))


def test_applies_to_tests_identity_only() -> None:
    control = parse_policy(POLICY, "p.yaml").controls[0]

    def subject(provider: Provider, mode: Mode) -> SubjectInfo:
        return SubjectInfo(about=About.STORE, uri="s3://b", mode=mode, provider=provider, kind=Kind.S3_BUCKET)

    assert control.applies(subject(Provider.AWS, Mode.LIVE))
    assert not control.applies(subject(Provider.AWS, Mode.PLANNED))
    assert not control.applies(subject(Provider.GCP, Mode.LIVE))
    everywhere = parse_policy(POLICY, "p.yaml").controls[1]
    assert everywhere.applies(subject(Provider.GCP, Mode.PLANNED))


def test_controls_render_back_to_what_the_file_says() -> None:
    policy = parse_policy(POLICY, "p.yaml")
    assert render(policy.controls[0].require) == {
        "encryption.key_manager": {"equals": {"parameter": "manager"}},
        "encryption.key_enabled": {"equals": True},
        "encryption.key_rotating": {"equals": {"parameter": "rotated"}},
    }


def test_digests_are_listed_only_for_files_that_pass(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(POLICY)
    bad.write_text(changed("severity: high", "severity: hihg"))
    assert json.loads(validated_digests([str(good)])) == [hashlib.sha256(good.read_bytes()).hexdigest()]
    with pytest.raises(PolicyError):
        validated_digests([str(good), str(bad)])


def modules_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    return set(done.stdout.split())


def test_the_schema_engine_is_imported_only_for_files_that_need_it(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(POLICY)
    loaded = f"import posture.policy.document as d; d.load_policy({str(file)!r})"
    assert "jsonschema" in modules_after(loaded)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    listed = f"import posture.policy.document as d; d._policy({file.read_bytes()!r}, 'p.yaml', frozenset([{digest!r}]))"
    assert "jsonschema" not in modules_after(listed)


def test_a_listed_digest_skips_the_schema_and_nothing_else() -> None:
    from posture.policy import document  # noqa: PLC0415 - its private entry

    def read(text: str) -> Policy:
        content = text.encode()
        return document._policy(content, "p.yaml", frozenset({hashlib.sha256(content).hexdigest()}))  # noqa: SLF001 - as above

    assert read(POLICY) == parse_policy(POLICY, "p.yaml")
    with pytest.raises(PolicyError, match=r"unknown field `retention\.dayz`"):
        read(changed("retention.days: {at_least", "retention.dayz: {at_least"))
    with pytest.raises(PolicyError, match="unknown list `grant`"):
        read(changed("for_each: grants", "for_each: grant"))
    with pytest.raises(
        PolicyError, match=r"`at_least` does not apply to `encryption\.key_enabled`, which is true or false"
    ):
        read(changed("key_enabled: {equals: true}", "key_enabled: {at_least: 1}"))
    with pytest.raises(PolicyError, match="unknown parameter `minimum_dais`"):
        read(changed("{parameter: minimum_days}", "{parameter: minimum_dais}"))
    with pytest.raises(PolicyError, match="stands here twice"):
        read(POLICY + "policy: again\n")
