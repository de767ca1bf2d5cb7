"""What went wrong in the SDK, as a `ReadFailure`: the one place where botocore's exceptions are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from posture.adapters.aws.live.credentials import CREDENTIAL_CODES
from posture.model.facts import Reason
from posture.reading import ReadFailure

_DENIED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AccountAccessDenied",
        "AllAccessDisabled",
        "AuthorizationError",
        "Forbidden",
        "KMSAccessDeniedException",
        "UnauthorizedOperation",
    }
)
_THROTTLED = frozenset(
    {
        "429",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_TIMEOUT = frozenset({"RequestTimeout", "RequestTimeoutException"})
_UNSUPPORTED = frozenset(
    {
        "404",  # a status without an error document: the service itself always sends one
        "405",
        "501",
        "InvalidAction",
        "InvalidURI",
        "MethodNotAllowed",
        "NotImplemented",
        "UnknownOperationException",
    }
)
_UNREADABLE = "500"  # what botocore makes of an answer of S3 that it cannot parse, whatever its status was
_PAGE = "the answer is a web page, not one of the service; a proxy in between may have sent it"
_NAMELESS = "the answer names no error, as the service would: it was cut off, or something in between answered"
_UNPARSEABLE = (AttributeError, LookupError, TypeError, ValueError, ParseError)  # botocore trusts an answer's shape


@contextmanager
def translated(expected_owner: str = "") -> Iterator[None]:
    """Whatever the SDK raises inside leaves as a `ReadFailure`."""
    try:
        yield
    except (sdk.BotoCoreError, sdk.ClientError, ResponseParserError, *_UNPARSEABLE) as error:
        raise failure(error, expected_owner) from error


@contextmanager
def opened() -> Iterator[None]:
    """The same while a client is made, before there is an answer: there a mistake of ours stays what it is."""
    try:
        yield
    except (sdk.BotoCoreError, sdk.ClientError) as error:
        raise failure(error) from error
    except ValueError as error:  # an endpoint that is none
        raise ReadFailure(Reason.FAILED, "InvalidSetting", str(error)) from error


def failure(error: Exception, expected_owner: str = "") -> ReadFailure:
    """The reason, code and words of an exception of the SDK."""
    match error:
        case sdk.ClientError():
            return _refused(error, expected_owner)
        case sdk.ReadTimeoutError() | sdk.ConnectTimeoutError():
            return ReadFailure(Reason.TIMEOUT, _name(error), str(error))
        case ResponseParserError():
            return ReadFailure(
                Reason.MALFORMED, _name(error), "the answer cannot be parsed"
            )  # its words quote it whole
        case sdk.PaginationError() | sdk.IncompleteReadError() | sdk.ResponseStreamingError():
            return ReadFailure(Reason.MALFORMED, _name(error), str(error))
        case sdk.BotoCoreError():
            return ReadFailure(Reason.FAILED, _name(error), str(error))
        case _:
            words = f"the answer has a shape that the SDK cannot read: {error}"
            return ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)


def _refused(error: sdk.ClientError, expected_owner: str) -> ReadFailure:
    details: Mapping[str, object] = error.response.get("Error", {})
    metadata: Mapping[str, object] = error.response.get("ResponseMetadata", {})
    code = str(details.get("Code") or metadata.get("HTTPStatusCode") or "Unknown")
    words = _words(code, str(details.get("Message") or ""), page=_is_page(metadata))
    reason = Reason.FAILED if words.endswith(_PAGE) else _reason(code, metadata.get("HTTPStatusCode"))
    if reason is Reason.DENIED and expected_owner:
        words += f" (also said when the bucket belongs to another account than {expected_owner})"
    if metadata.get("RetryQuotaReached"):
        words += " (not retried to the end: the client's retry budget was used up)"
    return ReadFailure(reason, code, words)


def _reason(code: str, status: object) -> Reason:
    if code in CREDENTIAL_CODES:
        return Reason.FAILED
    if code in _DENIED:
        return Reason.DENIED
    if code in _THROTTLED or status == 429:  # noqa: PLR2004 - Too Many Requests
        return Reason.THROTTLED
    if code in _TIMEOUT:
        return Reason.TIMEOUT
    if code in _UNSUPPORTED or status == 501:  # noqa: PLR2004 - Not Implemented
        return Reason.UNSUPPORTED
    return Reason.FAILED


def _words(code: str, message: str, *, page: bool) -> str:
    """What was said. An error without a name is not the service's: botocore calls it by its status, or by 500."""
    if message.lstrip().startswith("<") or (page and code.isdecimal()):
        return _PAGE
    if not code.isdecimal():
        return message
    said = "" if code == _UNREADABLE else message
    return "; ".join(part for part in (said, _NAMELESS) if part)


def _is_page(metadata: Mapping[str, object]) -> bool:
    headers = metadata.get("HTTPHeaders")
    return isinstance(headers, Mapping) and "html" in str(headers.get("content-type", ""))


def _name(error: Exception) -> str:
    return type(error).__name__.removesuffix("Error")
