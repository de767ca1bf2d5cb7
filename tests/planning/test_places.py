"""Where a row says what to change."""

from pathlib import Path

import pytest

from posture.model.logic import Outcome
from posture.planning import Asked
from tests.planning.estate import BLOCK, BUCKET, NOW, VERSIONING, judged, row
from tests.terraform.plans import change, document, read

FILE = """resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
"""
SUSPENDED = """
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
}
"""


@pytest.mark.parametrize(
    ("text", "control", "address", "line"),
    [
        (FILE, "bucket-refuses-public-policy", BUCKET, 1),
        (FILE + SUSPENDED, "versioning-enabled", VERSIONING, 5),
    ],
    ids=["what is taken away is put back beside its bucket", "what is there is changed where it is"],
)
def test_a_row_names_the_line_to_change(tmp_path: Path, text: str, control: str, address: str, line: int) -> None:
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    off = {**NOW[VERSIONING], "versioning_configuration": [{"status": "Suspended", "mfa_delete": ""}]}
    entries = [
        change(BUCKET, NOW[BUCKET], actions=("no-op",), before=NOW[BUCKET]),
        change(BLOCK, None, actions=("delete",), before=NOW[BLOCK]),
        change(VERSIONING, off, actions=("update",), before=NOW[VERSIONING]),
    ]
    found = row(judged(read(document(entries), source=tmp_path), Asked(everything=True)), control)
    assert found.outcome is Outcome.FAIL
    assert (found.places[0].address, found.places[0].line) == (address, line)
    assert Path(found.places[0].file).name == "main.tf"


def test_without_files_a_row_names_what_decided() -> None:
    entries = [
        change(BUCKET, NOW[BUCKET], actions=("no-op",), before=NOW[BUCKET]),
        change(BLOCK, None, actions=("delete",), before=NOW[BLOCK]),
    ]
    found = row(judged(read(document(entries)), Asked(everything=True)), "bucket-refuses-public-policy")
    assert [place.address for place in found.places] == [BLOCK]
