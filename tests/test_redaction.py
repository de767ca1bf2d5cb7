import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.redaction import _SECRETS, MASK, redact

TOKEN = "dapi" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key AKIAIOSFODNN7EXAMPLE was refused", "AKIAIOSFODNN7EXAMPLE"),
        ("https://b.s3.amazonaws.com/x?X-Amz-Signature=00ff11&X-Amz-Date=1", "00ff11"),
        ("https://acct.blob.core.windows.net/c?sv=1&sig=abc%3D", "abc%3D"),
        (f"token {TOKEN} expired", TOKEN),
        ("Authorization: Bearer abc.def-123456", "abc.def-123456"),
        ("grant_type=client_credentials&client_secret=hunter2&x=1", "hunter2"),
    ],
)
def test_a_secret_of_a_known_shape_is_masked(text: str, secret: str) -> None:
    masked = redact(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::111122223333:role/audit",
        "AROAEXAMPLEID:session",
        "o-abc1234567",
        "s3://bucket/prefix",
        "aws:PrincipalOrgID",
    ],
)
def test_what_a_decision_reads_is_left_alone(text: str) -> None:
    assert redact(text) == text


@given(st.from_regex(_SECRETS), st.text(max_size=5))
def test_no_secret_is_overlooked(text: str, more: str) -> None:
    around = f"{more}{text}{more}"
    assert redact(around) == re.sub(_SECRETS, MASK, around)
    assert redact(text) != text
