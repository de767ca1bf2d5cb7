"""Which codes say that an identity has no usable credentials, and that AWS cannot be reached."""

from __future__ import annotations

from posture.model.facts import Unknown

CREDENTIAL_CODES = frozenset(
    {
        # what AWS answers
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotSignedUp",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
        # what the SDK finds before it calls
        "ConfigNotFound",
        "ConfigParse",
        "CredentialRetrieval",
        "InfiniteLoopConfig",
        "InvalidConfig",
        "NoAuthToken",
        "NoCredentials",
        "PartialCredentials",
        "ProfileNotFound",
        "RefreshWithMFAUnsupported",
        "SSO",
        "SSOTokenLoad",
        "TokenRetrieval",
        "UnauthorizedSSOToken",
        "Login",
        "LoginAuthorizationCode",
        "LoginInsufficientPermissions",
        "LoginRefreshRequired",
        "LoginTokenLoad",
        "UnknownCredential",
    }
)

UNREACHABLE_CODES = frozenset({"ConnectTimeout", "EndpointConnection", "InvalidSetting", "ProxyConnection", "SSL"})

_OF_THE_CLOCK = ("RequestTimeTooSkewed", "RequestExpired", "Signature expired", "Signature not yet current")


def code_of(unknown: Unknown) -> str:
    """The provider's own code; a reading keeps it in front of the detail."""
    return unknown.detail.partition(":")[0]


def blames_the_clock(unknown: Unknown) -> bool:
    """Whether a request was refused for its time: the clock of this machine is wrong, not who asks."""
    return any(words in unknown.detail for words in _OF_THE_CLOCK)
