"""The least that boto3 costs: the same calls for the same buckets, answers thrown away. Run with `-m`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import botocore.session
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.testbeds.aws import HOME, REGION


def main() -> None:
    """Make every call for every bucket; a bucket's calls are made in a row by one thread."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--operations", required=True, help="S3 operations, between commas")
    parser.add_argument("buckets", type=int)
    options = parser.parse_args()
    methods = [xform_name(operation) for operation in options.operations.split(",")]
    config = Config(retries={"mode": "standard"}, max_pool_connections=max(options.threads, 10))
    client = botocore.session.Session().create_client("s3", region_name=REGION, config=config)
    names = [f"bucket-{number:05}" for number in range(options.buckets)]
    if options.threads == 1:
        for name in names:
            _ask(client, methods, name)
        return
    with ThreadPoolExecutor(options.threads) as pool:
        list(pool.map(lambda name: _ask(client, methods, name), names))


def _ask(client: BaseClient, methods: Sequence[str], name: str) -> None:
    for method in methods:
        try:
            getattr(client, method)(Bucket=name, ExpectedBucketOwner=HOME)
        except ClientError as error:  # what is not configured is told as an error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise


if __name__ == "__main__":
    main()
