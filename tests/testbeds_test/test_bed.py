import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.testbeds.bed import READER_ROLES, bed
from tests.testbeds.stores import LOG_ARCHIVE

pytestmark = pytest.mark.peers

READER = """
import sys, boto3
from databricks.sdk import AccountClient
print(len(list(AccountClient().log_delivery.list())))
keys = boto3.client("sts").assume_role(RoleArn=sys.argv[1], RoleSessionName="reader")["Credentials"]
s3 = boto3.client("s3", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                  aws_session_token=keys["SessionToken"])
print(s3.get_bucket_versioning(Bucket="well-kept-audit-logs")["Status"])
"""


def test_a_child_reads_the_estate_with_the_bed_s_environment_alone() -> None:
    with bed(now=datetime(2026, 11, 21, 12, 0, tzinfo=UTC)) as everything:
        child = subprocess.run(  # noqa: S603 the script above
            [sys.executable, "-c", READER, READER_ROLES[LOG_ARCHIVE]],
            env=everything.environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        assert child.stdout.split() == ["7", "Enabled"]
        assert everything.aws.count("sts:AssumeRole") == 1
        assert everything.aws.count("s3:GetBucketVersioning", resource="well-kept-audit-logs") == 1
        assert everything.databricks.count("databricks:log-delivery") == 1
