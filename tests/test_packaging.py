"""How posture comes to a CI system: every option that is used exists, and nothing that others wrote is run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from posture.cli import command

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
COMPONENT, TEMPLATE = (ROOT / "templates" / "posture-plan.yml").read_text("utf-8").split("\n---\n")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
INPUTS = yaml.safe_load(COMPONENT)["spec"]["inputs"]
PLAN = ROOT / "tests" / "terraform" / "generated" / "reference-create.json"
PLAN_SOURCE = ROOT / "tests" / "terraform" / "configurations" / "reference"
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # as GitHub runs `shell: bash`
EVIL = "a b; touch owned $(touch owned) `touch owned` ' \" && touch owned"

STUB = """\
import json, os, sys
from pathlib import Path
Path(os.environ["SEEN"]).write_text(json.dumps(sys.argv[1:]))
for argument in sys.argv[1:]:
    name, _, file = argument.partition("=")
    if name == "--output" and os.environ["ENDS"] != "2":
        Path(file).write_text("{}")
sys.exit(int(os.environ["ENDS"]))
"""


def steps() -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in ACTION["runs"]["steps"]}


def command_of(*names: str) -> click.Command:
    """A command of posture."""
    found: click.Command | None = command
    for name in names:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name)
    assert found is not None, names
    return found


def options(*names: str) -> set[str]:
    """The options of a command of posture."""
    parameters = command_of(*names).params
    return {option for parameter in parameters for option in parameter.opts if option.startswith("--")}


def used(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def filled(**inputs: str) -> Any:  # noqa: ANN401 - YAML
    text = TEMPLATE
    for name, entry in INPUTS.items():
        value = inputs.get(name, entry.get("default", "registry.example/posture"))
        text = text.replace(f'"$[[ inputs.{name} ]]"', json.dumps(value)).replace(
            f"$[[ inputs.{name} ]]", json.dumps(value)
        )
    assert "$[[" not in text
    return yaml.safe_load(text)


def texts() -> Iterator[tuple[str, str]]:
    """Every place that speaks to `posture plan`."""
    yield "action.yml", steps()["posture plan"]["run"]
    ((_, job),) = filled().items()
    yield "templates/posture-plan.yml", job["script"][1]


@pytest.mark.parametrize(("name", "text"), list(texts()))
def test_every_option_that_is_used_is_one_of_posture_plan(name: str, text: str) -> None:
    assert used(text), name
    assert used(text) <= options("plan")


def test_every_option_that_the_inputs_speak_of_exists() -> None:
    for inputs in (ACTION["inputs"], INPUTS):
        spoken = " ".join(str(entry.get("description", "")) for entry in inputs.values())
        assert used(spoken) <= options("plan") | options("scan")


# --- GitHub ---


def test_no_input_reaches_a_shell_but_as_data() -> None:
    for step in steps().values():
        assert "${{" not in step.get("run", "")
    passed = " ".join(
        str(value) for step in steps().values() for value in step.get("env", step.get("with", {})).values()
    )
    conditions = " ".join(step.get("if", "") for step in steps().values())
    assert set(re.findall(r"inputs\.([a-z-]+)", f"{passed} {conditions}")) == set(ACTION["inputs"])


def test_what_others_made_is_named_by_its_digest() -> None:
    uses = [step["uses"] for step in steps().values() if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in uses)


def stepped(
    folder: Path, inputs: dict[str, str], **environment: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The step that runs posture, as GitHub would run it in this checkout; its outputs."""
    step = steps()["posture plan"]
    given = {name: inputs.get(name, str(entry.get("default", ""))) for name, entry in ACTION["inputs"].items()}
    values = {
        variable: given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for variable, value in step["env"].items()
    }
    paths = {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    ran = subprocess.run(  # noqa: S603 - our own script
        [*BASH, "-c", step["run"]],
        env={"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), **values, **paths, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    output = (folder / "output").read_text("utf-8")
    return ran, dict(line.split("=", 1) for line in output.splitlines())


def acted(
    folder: Path, inputs: dict[str, str], ends: int = 0
) -> tuple[subprocess.CompletedProcess[str], list[str], dict[str, str]]:
    """The same, with a posture that only writes down how it was called."""
    stand_in = folder / "posture" / "bin" / "posture"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text(f"#!/usr/bin/env python3\n{STUB}", encoding="utf-8")
    stand_in.chmod(0o755)
    ran, outputs = stepped(folder, inputs, ENDS=str(ends), SEEN=str(folder / "seen"))
    assert not (ROOT / "owned").exists()
    return ran, json.loads((folder / "seen").read_text("utf-8")), outputs


def test_the_action_asks_for_what_its_inputs_say(tmp_path: Path) -> None:
    given = {
        "plan": "plan.json",
        "source": "infra",
        "store": 'aws_s3_bucket.a\nmodule.b.aws_s3_bucket.c["d"]\r\n',
        "policy": "default\nours.yaml\n",
        "waivers": "waivers.yaml",
        "introduced": "true",
        "baseline": "baseline.json",
        "context": "snapshot.json",
    }
    ran, seen, _ = acted(tmp_path, given)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert seen[:10] == [
        "plan", "--source=infra", "--fail-on=low", "--store=aws_s3_bucket.a",
        '--store=module.b.aws_s3_bucket.c["d"]', "--context=snapshot.json", "--introduced",
        "--baseline=baseline.json", "--policy=default", "--policy=ours.yaml",
    ]  # fmt: skip
    assert seen[-2:] == ["--", "plan.json"]
    assert not {"--all-buckets", "--allow-unknown"} & set(seen)


@pytest.mark.parametrize("name", [name for name in ACTION["inputs"] if name not in {"upload", "category"}])
def test_an_input_is_one_argument_whatever_is_in_it(tmp_path: Path, name: str) -> None:
    _, seen, _ = acted(tmp_path, {"plan": "plan.json", name: EVIL})
    flags = {"all-buckets", "introduced", "allow-unknown"}
    assert sum(EVIL in argument for argument in seen) == (0 if name in flags else 1)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 70])
def test_the_action_ends_as_posture_does_and_names_what_was_written(tmp_path: Path, code: int) -> None:
    ran, _, outputs = acted(tmp_path, {"plan": "plan.json"}, ends=code)
    assert ran.returncode == code
    assert outputs["exit-code"] == str(code)
    assert set(outputs) == ({"exit-code"} if code == 2 else {"exit-code", "json", "sarif"})


def test_the_action_over_a_real_plan(tmp_path: Path) -> None:
    """The step as it is, with the posture of this checkout: reports, summary, annotations and the code of the run."""
    program = tmp_path / "posture" / "bin" / "posture"
    program.parent.mkdir(parents=True)
    program.symlink_to(Path(sys.executable).with_name("posture"))
    inputs = {"plan": str(PLAN), "source": str(PLAN_SOURCE), "all-buckets": "true"}
    ran, outputs = stepped(tmp_path, inputs)
    assert ran.returncode == 1, ran.stderr
    assert outputs["exit-code"] == "1"
    assert re.search(
        r"^::error file=[^:]*configurations/reference/[^:]*main\.tf,line=\d+,title=", ran.stdout, re.MULTILINE
    )
    results = json.loads(Path(outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert {result["kind"] for result in results} == {"fail"}
    summary = (tmp_path / "summary").read_text("utf-8")
    assert summary.startswith(f"## Audit-log storage: {len(results)} failed")
    assert len(summary.encode()) < 1 << 20


def test_our_own_workflow_gives_inputs_that_exist() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    (step,) = (step for step in workflow["jobs"]["action"]["steps"] if step.get("uses") == "./")
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert (ROOT / step["with"]["plan"]).is_file()


def test_the_upload_happens_after_a_failure_but_not_after_a_refusal() -> None:
    upload = steps()["Upload to code scanning"]
    assert upload["if"].startswith("always() && ")
    assert "steps.plan.outputs.sarif != ''" in upload["if"]


# --- GitLab ---


def test_the_component_is_a_job_that_keeps_its_reports_whatever_happens() -> None:
    ((name, job),) = filled().items()
    assert name == "posture-plan"
    assert job["artifacts"]["when"] == "always"
    written = {word.removeprefix("--output=") for word in shlex.split(job["script"][1]) if word.startswith("--output=")}
    assert written == {*job["artifacts"]["reports"].values(), *job["artifacts"]["paths"]}
    assert not [line for line in job["script"] if "$[[" in line]


def test_the_script_of_the_job_runs_nothing_that_others_wrote(tmp_path: Path) -> None:
    ((_, job),) = filled(plan=EVIL, source=EVIL, options="--introduced  --baseline=*.json $(touch owned)").items()
    (tmp_path / "posture").write_text(f"#!/usr/bin/env python3\n{STUB}", encoding="utf-8")
    (tmp_path / "posture").chmod(0o755)
    (tmp_path / "x.json").touch()
    subprocess.run(  # noqa: S603 - our own script
        [*BASH, "-c", "\n".join(job["script"])],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "SEEN": str(tmp_path / "seen"),
            "ENDS": "0",
            **job["variables"],
        },
        cwd=tmp_path,
        check=True,
    )
    seen = json.loads((tmp_path / "seen").read_text("utf-8"))
    assert not (tmp_path / "owned").exists()
    assert seen[:4] == ["plan", f"--source={EVIL}", "--introduced", "--baseline=*.json"]
    assert seen[-1] == EVIL


# --- pre-commit and Docker ---


def test_every_hook_is_a_command() -> None:
    assert [hook["id"] for hook in HOOKS] == ["posture-policy-check", "posture-plan"]
    for hook in HOOKS:
        program, *names = hook["entry"].split()
        assert program == "posture"
        assert command_of(*names).name == names[-1]
    assert re.search(HOOKS[0]["files"], "policies/audit-log-storage.yaml")


def test_the_image_runs_posture_as_nobody_in_particular() -> None:
    lines = [
        line.split(maxsplit=1) for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if line[:1].isupper()
    ]
    last = {parts[0]: parts[1] for parts in lines}
    assert last["USER"].isdecimal()
    assert int(last["USER"]) > 0
    assert json.loads(last["ENTRYPOINT"]) == ["posture"]
    copied = {name for word, rest in lines if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied == let_in


def test_readme_uses_only_what_is_there() -> None:
    section = (ROOT / "README.md").read_text("utf-8").split("### In CI\n")[1].split("\n### ")[0]
    for name in ("action.yml", "templates/posture-plan.yml", ".pre-commit-hooks.yaml", "Dockerfile"):
        assert name in section
    github, gitlab, hooks = (yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL))
    (given,) = (step["with"] for step in github["steps"] if "posture@" in step.get("uses", ""))
    assert set(given) <= set(ACTION["inputs"])
    assert {name for name, entry in ACTION["inputs"].items() if entry.get("required")} <= set(given)
    (component,) = gitlab["include"]
    assert "/posture-plan@" in component["component"]
    assert {name for name, entry in INPUTS.items() if "default" not in entry} <= set(component["inputs"]) <= set(INPUTS)
    (repository,) = hooks
    assert {hook["id"] for hook in repository["hooks"]} == {hook["id"] for hook in HOOKS}
    assert used(section) <= options("plan") | options("scan") | {"--tag", "--rm", "--volume"}
