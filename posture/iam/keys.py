"""What is known of condition keys: the kind of value, whether there can be several, whether they are documented."""

from enum import Enum
from typing import Final

from posture.iam.wildcard import Language


class KeyKind(Enum):
    """The kind of value that a condition key carries."""

    TEXT = "text"
    BOOL = "bool"
    NUMBER = "number"
    TIME = "time"
    ADDRESS = "address"
    CHOICE = "choice"


MULTIVALUED: Final = frozenset(
    {
        *("aws:principalorgpaths", "aws:tagkeys", "aws:calledvia", "aws:principalservicenameslist"),
        *("aws:vpceorgpaths", "aws:sourceorgpaths", "aws:resourceorgpaths", "s3:requestobjecttagkeys"),
        *("s3:inventoryaccessibleoptionalfields", "kms:encryptioncontextkeys", "kms:grantoperations"),
        *("kms:resourcealiases", "sts:transitivetagkeys", "sts:identitytokenaudience", "sts:requestcontextproviders"),
    }
)
BOOLS: Final = frozenset(
    {
        *("aws:securetransport", "aws:viaawsservice", "aws:multifactorauthpresent", "aws:principalisawsservice"),
        *("kms:grantisforawsresource", "kms:bypasspolicylockoutsafetycheck", "kms:multiregion"),
        *("kms:reencryptonsamekey", "s3:objectcreationoperation", "s3:isreplicationpauserequest"),
        *("sts:roleauthorizedbyidp", "aws:ismcpserviceaction"),
    }
)
NUMBERS: Final = frozenset(
    {
        *("aws:multifactorauthage", "s3:max-keys", "s3:signatureage", "s3:object-lock-remaining-retention-days"),
        *("s3:existingjobpriority", "s3:requestjobpriority", "s3:max-annotation-results", "sts:durationseconds"),
        *("s3:object-lock-event-hold-duration-days", "kms:rotationperiodindays", "kms:trailingdayswithoutkeyusage"),
        "kms:schedulekeydeletionpendingwindowindays",
    }
)
TIMES: Final = frozenset(
    {
        *("aws:currenttime", "aws:epochtime", "aws:tokenissuetime"),
        *("s3:object-lock-retain-until-date", "kms:validto"),
    }
)
ADDRESSES: Final = frozenset({"aws:sourceip", "aws:vpcsourceip", "aws:ec2instancesourceprivateipv4"})
TLS_VERSIONS: Final = Language(literals=frozenset({"1.0", "1.1", "1.2", "1.3"}))

PRINCIPAL_KEYS: Final = frozenset(
    {
        *("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"),
        *("aws:principaltype", "aws:userid", "aws:username", "aws:principalisawsservice"),
        *("aws:principalservicename", "aws:principalservicenameslist", "kms:calleraccount"),
    }
)
SOURCE_KEYS: Final = frozenset(
    {"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"}
)
ENDPOINT_KEYS: Final = frozenset(
    {
        *("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip"),
        *("aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"),
    }
)
NETWORK_NAMES: Final = (ENDPOINT_KEYS - {"aws:vpcsourceip"}) | {"aws:ec2instancesourcevpc"}  # asserted by AWS
ACCESS_POINT_KEYS: Final = frozenset(
    {"s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:accesspointnetworkorigin"}
)
CREDENTIAL_KEYS: Final = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime"})
OWNER_KEYS: Final = frozenset(
    {"aws:resourceaccount", "s3:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"}
)
ALWAYS: Final = frozenset(
    {
        *("aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:viaawsservice"),
        *("aws:useragent", "aws:sourceip", "aws:vpceaccount", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"),
    }
)
GLOBAL_KEYS: Final = frozenset(
    {
        *PRINCIPAL_KEYS,
        *SOURCE_KEYS,
        *ENDPOINT_KEYS,
        *CREDENTIAL_KEYS,
        *ALWAYS,
        *ADDRESSES,
        *OWNER_KEYS,
        *ACCESS_POINT_KEYS,
        *("aws:referer", "aws:sourceidentity", "aws:federatedprovider", "aws:tagkeys", "aws:calledvia"),
        *("aws:calledviafirst", "aws:calledvialast", "aws:ec2instancesourcevpc", "aws:chatbotsourcearn"),
        *("aws:assumedroot", "aws:sourceinstancearn"),
    }
)
S3_KEYS: Final = frozenset(
    f"s3:{name}"
    for name in [
        "accessgrantslocationscope",
        "accessgrantscope",
        "accessgrantsinstancearn",
        "annotation-prefix",
        "authtype",
        "deliverysourcearn",
        "delimiter",
        "destinationregion",
        "existingjoboperation",
        "existingjobpriority",
        "if-match",
        "if-none-match",
        "inventoryaccessibleoptionalfields",
        "isreplicationpauserequest",
        "jobsuspendedcause",
        "locationconstraint",
        "logtype",
        "max-annotation-results",
        "max-keys",
        "object-lock-event-hold",
        "object-lock-event-hold-duration-days",
        "object-lock-legal-hold",
        "object-lock-mode",
        "object-lock-remaining-retention-days",
        "object-lock-retain-until-date",
        "objectcreationoperation",
        "prefix",
        "requestjoboperation",
        "requestjobpriority",
        "requestobjecttagkeys",
        "resourcearnbeingauthorized",
        "signatureage",
        "signatureversion",
        "tlsversion",
        "versionid",
        "x-amz-acl",
        "x-amz-bucket-namespace",
        "x-amz-content-sha256",
        "x-amz-copy-source",
        "x-amz-grant-full-control",
        "x-amz-grant-read",
        "x-amz-grant-read-acp",
        "x-amz-grant-write",
        "x-amz-grant-write-acp",
        "x-amz-metadata-directive",
        "x-amz-object-annotation-directive",
        "x-amz-object-if-match",
        "x-amz-object-ownership",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
    ]
)
FREE_PREFIXES: Final = (
    *("aws:principaltag/", "aws:requesttag/", "s3:requestobjecttag/", "s3:existingobjecttag/"),
    *("kms:", "sts:", "saml:"),
)
FIXED_PREFIXES: Final = ("aws:resourcetag/", "s3:buckettag/", "s3:accesspointtag/", "iam:resourcetag/")


def kind_of(key: str) -> KeyKind:
    """The kind of value, text where nothing else is documented."""
    if key == "s3:tlsversion":
        return KeyKind.CHOICE
    for keys, kind in ((BOOLS, KeyKind.BOOL), (NUMBERS, KeyKind.NUMBER), (TIMES, KeyKind.TIME)):
        if key in keys:
            return kind
    return KeyKind.ADDRESS if key in ADDRESSES else KeyKind.TEXT


def doubt_of(key: str) -> str:
    """Why a key leaves its meaning open, empty for documented keys that the request decides."""
    if key.startswith(FIXED_PREFIXES):
        return f"`{key}` depends on the resource's tags, which were not given"
    return "" if is_known(key) else f"`{key}` is no known condition key"


def is_known(key: str) -> bool:
    """Whether the documentation has the key."""
    prefixed = key.startswith((*FREE_PREFIXES, *FIXED_PREFIXES)) or "." in key.split(":", 1)[0]
    return key in GLOBAL_KEYS or key in S3_KEYS or (prefixed and key[-1] not in "/:")
