"""The roles that posture prints as Terraform are laid out as Terraform itself would."""

from __future__ import annotations

from pathlib import Path

import pytest

from posture.adapters.commented import commented
from posture.adapters.registry import PERMISSIONS
from posture.model.settings import AwsAccess, AzureAccess, GoogleAccess, Settings
from tests.testbeds.terraform.workspace import Terraform

NAMED = Settings(
    accounts=(AwsAccess(account="222222222222", role_arn="arn:aws:iam::222222222222:role/posture"),),
    azure=AzureAccess(subscriptions=("aaaaaaaa-2222-3333-4444-555555555555", "bbbbbbbb-2222-3333-4444-555555555555")),
    google=GoogleAccess(organisation="organizations/123456"),
)


def test_reasons_stand_below_one_another() -> None:
    assert (
        commented((("a:Get", "one"), ("a:ListAll", "two")), indent=2) == '  "a:Get",     # one\n  "a:ListAll", # two\n'
    )
    assert not commented((), indent=2)


@pytest.mark.terraform
@pytest.mark.parametrize("settings", [Settings(), NAMED], ids=["plain", "named"])
@pytest.mark.parametrize("cloud", sorted(PERMISSIONS))
def test_a_printed_role_is_laid_out_as_terraform_does(
    terraform_command: Terraform, tmp_path: Path, cloud: str, settings: Settings
) -> None:
    (tmp_path / "main.tf").write_text(PERMISSIONS[cloud](settings, "aws", None).terraform, encoding="utf-8")
    assert not terraform_command.run(tmp_path, "fmt", "-check", "-diff")
