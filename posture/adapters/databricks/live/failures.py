"""The one place where what the Databricks SDK and requests raise becomes a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from posture.adapters.databricks.live.sdk import Sdk
from posture.model.facts import Reason
from posture.reading import ReadFailure
from posture.redaction import MASK, redact

_LONGEST = 300
_UNREADABLE = "the answer cannot be read as one of Databricks; something in between may have sent it"
_UNPARSED = "unable to parse response"  # how the SDK begins what it says of an error that is a page
_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")


class SignInError(ReadFailure):
    """Nobody could sign in: also what the user can do about it."""

    def __init__(self, reason: Reason, code: str, message: str, *, help: str) -> None:  # noqa: A002 - as PostureError
        super().__init__(reason, code, message)
        self.help = help


class Translator:
    """Knows what must not be shown: the secrets of a configuration, and the configuration the SDK appends to texts."""

    def __init__(self, sdk: Sdk, *, secrets: Iterable[str] = (), noise: str = "") -> None:
        self._sdk = sdk
        self._secrets = tuple(secret for secret in secrets if secret)
        self._noise = noise

    def failure(self, error: BaseException) -> ReadFailure:
        """The reason, the provider's code and its words. After retries the last error is the one that says why."""
        if isinstance(error, TimeoutError) and error.__cause__ is not None:
            return self.failure(error.__cause__)
        return ReadFailure(self._reason(error), self._code(error), self.words(error))

    def words(self, error: BaseException) -> str:
        """What the error says, of a failed connection only its innermost cause, without anything secret, in short."""
        from requests import RequestException  # noqa: PLC0415 - only beside the SDK, which imports it anyway

        if is_unreadable(error):
            return _UNREADABLE
        root = root_of(error) if isinstance(error, RequestException) else error
        text = str(getattr(root, "strerror", None) or root).partition(" Request log:")[0]
        return self.clean(text)

    def clean(self, text: str) -> str:
        """Any text, as it may be shown."""
        if self._noise:
            text = text.replace(self._noise, "")
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        text = redact(" ".join(_USER_IN_URL.sub("", text).split())).rstrip(" .")
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def _code(self, error: BaseException) -> str:
        code = getattr(error, "error_code", None)
        return self.clean(code) if isinstance(code, str) and code else type(error).__name__

    def _reason(self, error: BaseException) -> Reason:
        import requests  # noqa: PLC0415 - as above

        errors, gone = self._sdk.errors, requests.exceptions
        if getattr(error, "error_code", None) == "ENDPOINT_NOT_FOUND":
            return Reason.UNSUPPORTED
        if is_unreadable(error):  # also a refusal, which is none of Databricks then
            return Reason.MALFORMED
        table = (
            ((errors.Unauthenticated, errors.PermissionDenied), Reason.DENIED),
            ((errors.NotFound,), Reason.NOT_FOUND),
            ((errors.TooManyRequests,), Reason.THROTTLED),
            ((errors.NotImplemented,), Reason.UNSUPPORTED),
            ((errors.DeadlineExceeded, gone.Timeout, TimeoutError), Reason.TIMEOUT),
            ((gone.ContentDecodingError,), Reason.MALFORMED),
            ((errors.DatabricksError, gone.RequestException), Reason.FAILED),
            # ValueError and the rest come from renewing a token: the peer's refusal, or an answer that is none.
            ((ValueError,), Reason.DENIED),
        )
        return next((reason for types, reason in table if isinstance(error, types)), Reason.FAILED)


def is_unreadable(error: BaseException) -> bool:
    """Whether the SDK could not read an answer: it trusts the shape of each, and says so in many ways."""
    from requests import exceptions as gone  # noqa: PLC0415 - as above

    # TypeError: the SDK merges every body that is no array into a dictionary, whatever it is.
    broken = (gone.InvalidJSONError, gone.MissingSchema, gone.TooManyRedirects)
    kinds = (*broken, json.JSONDecodeError, AttributeError, KeyError, TypeError, RecursionError)
    return any(isinstance(one, kinds) or str(one).startswith(_UNPARSED) for one in _chain(error))


def root_of(error: BaseException) -> BaseException:
    """The innermost cause: three libraries wrap the one sentence that matters."""
    *_, root = _chain(error)
    return root


def _chain(error: BaseException) -> Iterator[BaseException]:
    yield error
    while inner := error.__cause__ or error.__context__:
        yield (error := inner)
