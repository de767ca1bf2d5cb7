"""Buckets, keys and roles in moto as AWS makes them today: a fresh bucket of moto looks like 2022."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.testbeds.aws import Accounts

ALL_FOUR: Mapping[str, bool] = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket by name, and who owns it where."""

    name: str
    account: str
    region: str = "us-east-1"

    @property
    def arn(self) -> str:
        """The bucket itself; its objects are this and `/*`."""
        return f"arn:aws:s3:::{self.name}"


def old_bucket(accounts: Accounts, bucket: Bucket, *, options: Mapping[str, object] | None = None) -> None:
    """Make a bucket without Block Public Access and ownership controls, as before 2023; encryption came to all."""
    s3 = accounts.client("s3", account=bucket.account, region=bucket.region)
    place = {} if bucket.region == "us-east-1" else {"LocationConstraint": bucket.region}
    configuration = {"CreateBucketConfiguration": place} if place else {}
    s3.create_bucket(Bucket=bucket.name, **configuration, **(options or {}))
    encrypt(accounts, bucket, {"SSEAlgorithm": "AES256"})


def new_bucket(accounts: Accounts, bucket: Bucket, *, options: Mapping[str, object] | None = None) -> None:
    """Make a bucket with AWS's defaults since 2023: AES256, no public access, no ACLs."""
    old_bucket(accounts, bucket, options=options)
    s3 = accounts.client("s3", account=bucket.account, region=bucket.region)
    s3.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=dict(ALL_FOUR))
    own_objects(accounts, bucket, "BucketOwnerEnforced")


def encrypt(accounts: Accounts, bucket: Bucket, default: Mapping[str, str], *, bucket_key: bool = False) -> None:
    """Set the default encryption, `default` being the API's own structure."""
    rule = {"ApplyServerSideEncryptionByDefault": dict(default), "BucketKeyEnabled": bucket_key}
    accounts.client("s3", account=bucket.account, region=bucket.region).put_bucket_encryption(
        Bucket=bucket.name, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def tell(accounts: Accounts, bucket: Bucket, **notified: object) -> None:
    """Set whom the bucket tells of its objects, by members of the API's own structure."""
    accounts.client("s3", account=bucket.account, region=bucket.region).put_bucket_notification_configuration(
        Bucket=bucket.name, NotificationConfiguration=notified
    )


def own_objects(accounts: Accounts, bucket: Bucket, ownership: str) -> None:
    """Set the ownership controls."""
    accounts.client("s3", account=bucket.account, region=bucket.region).put_bucket_ownership_controls(
        Bucket=bucket.name, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
    )


def allow_by_policy(accounts: Accounts, bucket: Bucket, statements: Iterable[Mapping[str, object]]) -> None:
    """Set the bucket policy to these statements."""
    accounts.client("s3", account=bucket.account, region=bucket.region).put_bucket_policy(
        Bucket=bucket.name, Policy=document(statements)
    )


def block_account(accounts: Accounts, account: str, flags: Mapping[str, bool] = ALL_FOUR) -> None:
    """Set the Block Public Access flags of an account; AWS sets none by itself."""
    if "s3control:PutPublicAccessBlock" in accounts.lacking:
        return
    accounts.client("s3control", account=account).put_public_access_block(
        AccountId=account, PublicAccessBlockConfiguration=dict(flags)
    )


def new_key(accounts: Accounts, account: str, region: str, statements: Iterable[Mapping[str, object]]) -> str:
    """Make a customer key that rotates, with this key policy; returns its ARN."""
    kms = accounts.client("kms", account=account, region=region)
    arn: str = kms.create_key(Policy=document(statements))["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=arn)
    return arn


def new_role(
    accounts: Accounts,
    account: str,
    name: str,
    *,
    trust: Iterable[Mapping[str, object]],
    inline: Iterable[Mapping[str, object]] = (),
) -> str:
    """Make a role with this trust policy and, where given, one inline policy; returns its ARN."""
    iam = accounts.client("iam", account=account)
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    if statements := tuple(inline):
        iam.put_role_policy(RoleName=name, PolicyName="what-it-may", PolicyDocument=document(statements))
    return arn


def new_access_point(
    accounts: Accounts, bucket: Bucket, name: str, statements: Iterable[Mapping[str, object]] = ()
) -> str:
    """Make an access point of a bucket that blocks the public, with a policy where given; returns its ARN."""
    control = accounts.client("s3control", account=bucket.account, region=bucket.region)
    arn: str = control.create_access_point(
        AccountId=bucket.account, Name=name, Bucket=bucket.name, PublicAccessBlockConfiguration=ALL_FOUR
    )["AccessPointArn"]
    if allowed := tuple(statements):
        control.put_access_point_policy(AccountId=bucket.account, Name=name, Policy=document(allowed))
    return arn


def new_multi_region_access_point(
    accounts: Accounts, bucket: Bucket, name: str, statements: Iterable[Mapping[str, object]] = ()
) -> None:
    """Make one that leads to a bucket and blocks the public, with a policy where given; the peer chooses its alias."""
    control = accounts.client("s3control", account=bucket.account, region="us-west-2")
    details = {"Name": name, "PublicAccessBlock": ALL_FOUR, "Regions": [{"Bucket": bucket.name}]}
    control.create_multi_region_access_point(AccountId=bucket.account, ClientToken=name, Details=details)
    if allowed := tuple(statements):
        control.put_multi_region_access_point_policy(
            AccountId=bucket.account, ClientToken=f"{name}-policy", Details={"Name": name, "Policy": document(allowed)}
        )


def new_organization(accounts: Accounts, account: str, members: Iterable[str] = ()) -> tuple[str, Mapping[str, str]]:
    """Make an organisation managed by `account`; returns its id and each member's account id, which moto chooses."""
    organizations = accounts.client("organizations", account=account)
    identity: str = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    made = {
        name: organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        for name in members
    }
    return identity, {name: status["AccountId"] for name, status in made.items()}


def new_control_policy(
    accounts: Accounts, management: str, name: str, statements: Iterable[Mapping[str, object]], target: str
) -> str:
    """Make a resource control policy and attach it to a root, unit or account; returns its id."""
    organizations = accounts.client("organizations", account=management)
    made = organizations.create_policy(
        Name=name, Description=name, Type="RESOURCE_CONTROL_POLICY", Content=document(statements)
    )
    identity: str = made["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=identity, TargetId=target)
    return identity


def document(statements: Iterable[Mapping[str, object]]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]})
