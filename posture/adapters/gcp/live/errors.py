"""Whatever Google's libraries raise leaves as a `ReadFailure`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from posture.model.facts import Reason
from posture.reading import ReadFailure

_REASONS = {401: Reason.FAILED, 403: Reason.DENIED, 404: Reason.NOT_FOUND, 405: Reason.UNSUPPORTED}
_REASONS |= {408: Reason.TIMEOUT, 429: Reason.THROTTLED, 501: Reason.UNSUPPORTED, 504: Reason.TIMEOUT}
_THROTTLED = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"})
_CHARGED = frozenset({"USER_PROJECT_DENIED"})  # about who is charged for a call, not about what it reads
_OFF = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
_UNPARSEABLE = (AttributeError, LookupError, TypeError, ValueError)


@contextmanager
def translated() -> Iterator[None]:
    """Whatever is raised inside leaves as a `ReadFailure`."""
    try:
        yield
    except (api.GoogleAPIError, auth.GoogleAuthError, requests.RequestException, OSError, *_UNPARSEABLE) as error:
        raise failure(error) from error


def failure(error: BaseException) -> ReadFailure:
    """The reason, code and words of an exception."""
    match error:
        case api.RetryError():
            return failure(error.cause) if error.cause is not None else ReadFailure(Reason.TIMEOUT, "Retry", str(error))
        case api.GoogleAPICallError():
            return _refused(error)
        case auth.GoogleAuthError():
            return ReadFailure(Reason.FAILED, _name(error), _signing_in(error))
        case requests.JSONDecodeError():
            return ReadFailure(Reason.MALFORMED, "NotJson", "the answer cannot be parsed")
        case requests.Timeout():
            return ReadFailure(Reason.TIMEOUT, "Timeout", "no answer within the time limit")
        case requests.RequestException() | OSError():
            return ReadFailure(Reason.FAILED, _name(error), _plain(str(error)))
        case _:
            return ReadFailure(
                Reason.MALFORMED, "UnexpectedAnswer", f"the answer has a shape that cannot be read: {error}"
            )


def _signing_in(error: auth.GoogleAuthError) -> str:
    """The library's words, and those of Google's answer where the library keeps them apart."""
    words = _plain(str(error.args[0] if error.args else error))
    try:
        answer = json.loads(error.args[1])["error"]["message"]
    except (LookupError, TypeError, ValueError):
        return words
    return f"{words}: {answer}"


def _refused(error: api.GoogleAPICallError) -> ReadFailure:
    status, code = int(error.code or 0), _code(error)
    if code in _THROTTLED:
        return ReadFailure(Reason.THROTTLED, code, _plain(error.message))
    if code in _CHARGED or "requester pays" in str(error.message):
        return ReadFailure(
            Reason.FAILED, code, f"{_plain(error.message)} (`quota_project` under `gcp` in posture.yaml)"
        )
    if code in _OFF:  # nothing of this service can be there, or it is hidden: only turning it on tells
        return ReadFailure(Reason.UNSUPPORTED, code, _plain(error.message))
    return ReadFailure(_REASONS.get(status, Reason.FAILED), code, _plain(error.message))


def _code(error: api.GoogleAPICallError) -> str:
    """Google's own word for the reason: in the details, in the older errors, or the status."""
    for detail in error.details or ():
        if isinstance(detail, Mapping) and isinstance(detail.get("reason"), str):
            return str(detail["reason"])
    for entry in error.errors or ():
        if isinstance(entry, Mapping) and isinstance(entry.get("reason"), str):
            return str(entry["reason"])
    return str(int(error.code or 0))


def _plain(words: str) -> str:
    """Without the request's address in front; a proxy in between answers with a page, which is no message."""
    bare = words.partition("prettyPrint=false: ")[2] or words
    return "the answer is a web page, not one of the service" if "<html" in bare.lower() else bare


def _name(error: BaseException) -> str:
    return type(error).__name__.removesuffix("Error")
