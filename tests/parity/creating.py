"""Makes in AWS's test bed what a Terraform state says is there, by the API calls that the provider makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tests.testbeds.aws import HOME, Accounts
from tests.testbeds.seed import ALL_FOUR, Bucket, block_account, encrypt, new_bucket, own_objects

Values: TypeAlias = "Mapping[str, Any]"  # of one resource, as `terraform show -json` says them
Creator: TypeAlias = Callable[[Accounts, Values], None]

_FLAGS: Final = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


def resources(module: Values) -> Iterator[Values]:
    """The managed resources of a module and of those below it."""
    yield from (each for each in module.get("resources", ()) if each["mode"] == "managed")
    for child in module.get("child_modules", ()):
        yield from resources(child)


def create(state: Values, accounts: Accounts) -> Mapping[str, str]:
    """Make everything; gives the ids that the bed chose itself, by those of the state."""
    found = list(resources(state["values"]["root_module"]))
    known = {*_CREATORS, "aws_kms_key"}
    unmade = {each["type"] for each in found if each["type"].startswith("aws_")} - known
    assert not unmade, f"nothing makes {unmade}"
    ids = dict(_key(accounts, each["values"]) for each in found if each["type"] == "aws_kms_key")
    for kind, creator in _CREATORS.items():
        for each in found:
            if each["type"] == kind:
                creator(accounts, renamed(each["values"], ids))
    return ids


def finish(state: Values, accounts: Accounts) -> None:
    """Give buckets that Terraform made in the bed what AWS gives to new ones, where nothing of the state sets it."""
    found = list(resources(state["values"]["root_module"]))
    of_kind = {
        kind: {each["values"]["bucket"] for each in found if each["type"] == kind}
        for kind in ("aws_s3_bucket", "aws_s3_bucket_public_access_block", "aws_s3_bucket_ownership_controls")
    }
    for name in of_kind["aws_s3_bucket"] - of_kind["aws_s3_bucket_public_access_block"]:
        accounts.client("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict(ALL_FOUR))
    for name in of_kind["aws_s3_bucket"] - of_kind["aws_s3_bucket_ownership_controls"]:
        own_objects(accounts, Bucket(name=name, account=HOME), "BucketOwnerEnforced")
    for each in found:
        if each["type"] == "aws_s3_bucket" and not each["values"]["server_side_encryption_configuration"]:
            encrypt(accounts, Bucket(name=each["values"]["bucket"], account=HOME), {"SSEAlgorithm": "AES256"})


def renamed(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """The same, with other names in its texts."""
    match value:
        case str():
            for old, new in names.items():
                value = value.replace(old, new)
            return value
        case list():
            return [renamed(item, names) for item in value]
        case dict():
            return {key: renamed(item, names) for key, item in value.items()}
        case _:
            return value


def _key(accounts: Accounts, values: Values) -> tuple[str, str]:
    kms = accounts.client("kms")
    policy = {"Policy": values["policy"]} if values["policy"] else {}
    made: str = kms.create_key(Description=values["description"], **policy)["KeyMetadata"]["KeyId"]
    if values["enable_key_rotation"]:
        kms.enable_key_rotation(KeyId=made)
    if not values["is_enabled"]:
        kms.disable_key(KeyId=made)
    return values["key_id"], made


def _role(accounts: Accounts, values: Values) -> None:
    accounts.client("iam").create_role(RoleName=values["name"], AssumeRolePolicyDocument=values["assume_role_policy"])


def _role_policy(accounts: Accounts, values: Values) -> None:
    accounts.client("iam").put_role_policy(
        RoleName=values["role"], PolicyName=values["name"], PolicyDocument=values["policy"]
    )


def _account_block(accounts: Accounts, values: Values) -> None:
    block_account(accounts, HOME, {name: values[attribute] for name, attribute in _FLAGS.items()})


def _bucket(accounts: Accounts, values: Values) -> None:
    options = {"ObjectLockEnabledForBucket": True} if values["object_lock_enabled"] else {}
    new_bucket(accounts, Bucket(name=values["bucket"], account=HOME), options=options)


def _block(accounts: Accounts, values: Values) -> None:
    flags = {name: values[attribute] for name, attribute in _FLAGS.items()}
    accounts.client("s3").put_public_access_block(Bucket=values["bucket"], PublicAccessBlockConfiguration=flags)


def _ownership(accounts: Accounts, values: Values) -> None:
    rules = [{"ObjectOwnership": rule["object_ownership"]} for rule in values["rule"]]
    accounts.client("s3").put_bucket_ownership_controls(Bucket=values["bucket"], OwnershipControls={"Rules": rules})


def _acl(accounts: Accounts, values: Values) -> None:
    accounts.client("s3").put_bucket_acl(Bucket=values["bucket"], ACL=values["acl"])


def _versioning(accounts: Accounts, values: Values) -> None:
    (setting,) = values["versioning_configuration"]
    if setting["status"] != "Disabled":  # then the provider makes no call
        accounts.client("s3").put_bucket_versioning(
            Bucket=values["bucket"], VersioningConfiguration={"Status": setting["status"]}
        )


def _encryption(accounts: Accounts, values: Values) -> None:
    rules = []
    for rule in values["rule"]:
        (default,) = rule["apply_server_side_encryption_by_default"]
        key = {"KMSMasterKeyID": default["kms_master_key_id"]} if default["kms_master_key_id"] else {}
        applied = {"SSEAlgorithm": default["sse_algorithm"], **key}
        rules.append(
            {"ApplyServerSideEncryptionByDefault": applied, "BucketKeyEnabled": bool(rule["bucket_key_enabled"])}
        )
    accounts.client("s3").put_bucket_encryption(
        Bucket=values["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
    )


def _lock(accounts: Accounts, values: Values) -> None:
    (rule,) = values["rule"]
    (kept,) = rule["default_retention"]
    term = {"Days": kept["days"]} if kept["days"] else {"Years": kept["years"]}
    setting = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": kept["mode"], **term}}}
    accounts.client("s3").put_object_lock_configuration(Bucket=values["bucket"], ObjectLockConfiguration=setting)


def _lifecycle(accounts: Accounts, values: Values) -> None:
    rules = [_lifecycle_rule(rule) for rule in values["rule"]]
    accounts.client("s3").put_bucket_lifecycle_configuration(
        Bucket=values["bucket"], LifecycleConfiguration={"Rules": rules}
    )


def _lifecycle_rule(rule: Values) -> Mapping[str, object]:
    prefix = next((each["prefix"] for each in rule["filter"]), rule["prefix"])
    found: dict[str, object] = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": prefix}}
    for expiration in rule["expiration"]:
        found["Expiration"] = {"Days": expiration["days"]}
    for expiration in rule["noncurrent_version_expiration"]:
        found["NoncurrentVersionExpiration"] = {"NoncurrentDays": expiration["noncurrent_days"]}
    return found


def _logging(accounts: Accounts, values: Values) -> None:
    target = {"TargetBucket": values["target_bucket"], "TargetPrefix": values["target_prefix"]}
    accounts.client("s3").put_bucket_logging(Bucket=values["bucket"], BucketLoggingStatus={"LoggingEnabled": target})


def _cors(accounts: Accounts, values: Values) -> None:
    rules = [
        {"AllowedMethods": rule["allowed_methods"], "AllowedOrigins": rule["allowed_origins"]}
        for rule in values["cors_rule"]
    ]
    accounts.client("s3").put_bucket_cors(Bucket=values["bucket"], CORSConfiguration={"CORSRules": rules})


def _website(accounts: Accounts, values: Values) -> None:
    (index,) = values["index_document"]
    accounts.client("s3").put_bucket_website(
        Bucket=values["bucket"], WebsiteConfiguration={"IndexDocument": {"Suffix": index["suffix"]}}
    )


def _access_point(accounts: Accounts, values: Values) -> None:
    control = accounts.client("s3control")
    given: Sequence[Values] = values["public_access_block_configuration"]
    flags = {name: given[0][attribute] if given else True for name, attribute in _FLAGS.items()}
    control.create_access_point(
        AccountId=HOME, Name=values["name"], Bucket=values["bucket"], PublicAccessBlockConfiguration=flags
    )
    if values["policy"]:
        control.put_access_point_policy(AccountId=HOME, Name=values["name"], Policy=values["policy"])


def _policy(accounts: Accounts, values: Values) -> None:
    accounts.client("s3").put_bucket_policy(Bucket=values["bucket"], Policy=values["policy"])


_CREATORS: Final[Mapping[str, Creator]] = {  # in this order
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_public_access_block": _block,
    "aws_s3_bucket_acl": _acl,
    "aws_s3_bucket_versioning": _versioning,
    "aws_s3_bucket_server_side_encryption_configuration": _encryption,
    "aws_s3_bucket_object_lock_configuration": _lock,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
    "aws_s3_bucket_policy": _policy,
    "aws_s3_bucket_logging": _logging,
    "aws_s3_bucket_cors_configuration": _cors,
    "aws_s3_bucket_website_configuration": _website,
    "aws_s3_access_point": _access_point,
    "aws_s3_account_public_access_block": _account_block,
}
