"""What went wrong in the SDKs, as a `ReadFailure`: the one place where azure-core's exceptions are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from azure.core import exceptions as sdk

from posture.model.facts import Reason
from posture.reading import ReadFailure

_BY_STATUS = {
    400: Reason.FAILED,
    401: Reason.DENIED,
    403: Reason.DENIED,
    404: Reason.UNSUPPORTED,  # without a code that names the thing that is not there
    405: Reason.UNSUPPORTED,
    408: Reason.TIMEOUT,
    429: Reason.THROTTLED,
    501: Reason.UNSUPPORTED,
    504: Reason.TIMEOUT,
}
_BY_CODE = {
    "InvalidApiVersionParameter": Reason.UNSUPPORTED,
    "InvalidResourceType": Reason.UNSUPPORTED,
    "NoRegisteredProviderFound": Reason.UNSUPPORTED,
    "ServerBusy": Reason.THROTTLED,
    "TooManyRequests": Reason.THROTTLED,
    "OperationTimedOut": Reason.TIMEOUT,
    "AccountIsDisabled": Reason.DENIED,
}
_LONGEST = 300
UNPARSEABLE = (AttributeError, LookupError, TypeError, ValueError, RecursionError, sdk.DeserializationError)
"""What an SDK raises that trusts an answer's shape."""


@contextmanager
def translated() -> Iterator[None]:
    """Whatever the SDKs raise inside leaves as a `ReadFailure`."""
    try:
        yield
    except ReadFailure:
        raise
    except (sdk.AzureError, *UNPARSEABLE) as error:
        raise failure(error) from error


def failure(error: Exception) -> ReadFailure:
    """The reason, code and words of an exception of the SDKs."""
    match error:
        case sdk.ServiceRequestTimeoutError() | sdk.ServiceResponseTimeoutError():
            return ReadFailure(Reason.TIMEOUT, _name(error), _words(str(error)))
        case sdk.IncompleteReadError():
            return ReadFailure(Reason.MALFORMED, _name(error), _words(str(error)))
        case sdk.DecodeError() | sdk.DeserializationError():
            return ReadFailure(Reason.MALFORMED, _name(error), "the answer cannot be parsed")
        case sdk.HttpResponseError() if error.response is not None:
            return _refused(error)
        case sdk.ClientAuthenticationError():
            return ReadFailure(Reason.DENIED, "NoToken", _words(str(error)))
        case sdk.AzureError():
            timed_out = "timed out" in str(error)
            return ReadFailure(Reason.TIMEOUT if timed_out else Reason.FAILED, _name(error), _words(str(error)))
        case _:
            words = f"the answer has a shape that the SDK cannot read: {error}"
            return ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", _words(words))


def refusal(status: int, body: str) -> ReadFailure:
    """An answer of Azure Resource Manager or Microsoft Graph that says no."""
    code, message = _told(body)
    reason = _BY_CODE.get(code) or _BY_STATUS.get(status, Reason.FAILED)
    return ReadFailure(reason, code or f"HTTP {status}", _words(message))


def _refused(error: sdk.HttpResponseError) -> ReadFailure:
    headers = getattr(error.response, "headers", {})
    code = str(headers.get("x-ms-error-code") or "")
    status = error.status_code or 0
    if not code:
        try:
            return refusal(status, error.response.text())  # type: ignore[union-attr]  # the match saw a response
        except (AttributeError, ValueError, sdk.AzureError):
            pass  # it was never read whole; its status still tells
    reason = _BY_CODE.get(code) or _BY_STATUS.get(status, Reason.FAILED)
    return ReadFailure(reason, code or f"HTTP {status}", _words(error.reason or ""))


def _told(body: str) -> tuple[str, str]:
    """The code and message of an error document; nothing where the body is none."""
    try:
        error = json.loads(body)["error"]
        return str(error["code"]), str(error.get("message", ""))
    except (*UNPARSEABLE,):
        return "", ""


def _name(error: Exception) -> str:
    return type(error).__name__.removesuffix("Error")


def _words(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
