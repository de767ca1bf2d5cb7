"""What a broken answer looks like in each protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.testbeds.operations import Operation, Protocol


class Fault(StrEnum):
    """What happens instead of the peer's answer.

    HALF is half a body that HTTP takes for whole, with status 200; CUT_OFF promises the whole and closes halfway.
    WRONG_SHAPE and MISSING_MEMBER are well formed, with status 200.
    """

    DENIED = "denied"
    THROTTLED = "throttled"
    FAILED = "failed"
    RESET = "reset"
    HANG = "hang"
    HALF = "half"
    CUT_OFF = "cut_off"
    WRONG_SHAPE = "wrong_shape"
    MISSING_MEMBER = "missing_member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer; `length` promises another size than the body has."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    length: int | None = None


def broken(operation: Operation, fault: Fault) -> Answer:
    """The answer that makes the SDK raise its typed error, or that is well formed and says nothing of use."""
    match fault:
        case Fault.WRONG_SHAPE:
            return Answer(headers=_content_type(operation.protocol), body=operation.wrong)
        case Fault.MISSING_MEMBER:
            return Answer(headers=_content_type(operation.protocol), body=operation.missing)
        case _:
            status, code = _ERRORS[operation.protocol, fault]
            headers = _content_type(operation.protocol)
            if operation.protocol is Protocol.BLOB:
                headers += (("x-ms-error-code", code),)
            if status == 429:
                headers += (("Retry-After", "1"),)
            return Answer(status=status, headers=headers, body=_error(operation.protocol, code, fault).encode())


def _content_type(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    match protocol:
        case Protocol.S3 | Protocol.S3_CONTROL:
            return (("Content-Type", "application/xml"),)
        case Protocol.QUERY:
            return (("Content-Type", "text/xml"),)
        case Protocol.JSON:
            return (("Content-Type", "application/x-amz-json-1.1"),)
        case Protocol.DATABRICKS | Protocol.ARM | Protocol.GRAPH | Protocol.GOOGLE:
            return (("Content-Type", "application/json"),)
        case Protocol.BLOB:
            return (("Content-Type", "application/xml"),)


def _error(protocol: Protocol, code: str, fault: Fault) -> str:
    message = f"the fault proxy says {fault}"
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    ids = "<RequestId>fault-proxy</RequestId>"
    match protocol:
        case Protocol.S3:
            return f"<Error>{inner}{ids}</Error>"
        case Protocol.S3_CONTROL:
            return f"<ErrorResponse><Error>{inner}</Error>{ids}</ErrorResponse>"
        case Protocol.QUERY:
            return f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>{ids}</ErrorResponse>"
        case Protocol.JSON:
            return json.dumps({"__type": code, "message": message})
        case Protocol.GOOGLE:
            status, _ = _ERRORS[protocol, fault]
            errors = [{"domain": "global", "reason": code, "message": message}]
            return json.dumps({"error": {"code": status, "message": message, "errors": errors}})
        case Protocol.DATABRICKS:
            return json.dumps({"error_code": code, "message": message})
        case Protocol.ARM | Protocol.GRAPH:
            return json.dumps({"error": {"code": code, "message": message}})
        case Protocol.BLOB:
            return f"<Error>{inner}</Error>"


_ERRORS: Mapping[tuple[Protocol, Fault], tuple[int, str]] = {
    (Protocol.S3, Fault.DENIED): (403, "AccessDenied"),
    (Protocol.S3, Fault.THROTTLED): (503, "SlowDown"),
    (Protocol.S3, Fault.FAILED): (500, "InternalError"),
    (Protocol.S3_CONTROL, Fault.DENIED): (403, "AccessDenied"),
    (Protocol.S3_CONTROL, Fault.THROTTLED): (503, "SlowDown"),
    (Protocol.S3_CONTROL, Fault.FAILED): (500, "InternalError"),
    (Protocol.JSON, Fault.DENIED): (400, "AccessDeniedException"),
    (Protocol.JSON, Fault.THROTTLED): (400, "ThrottlingException"),
    (Protocol.JSON, Fault.FAILED): (500, "InternalFailure"),
    (Protocol.QUERY, Fault.DENIED): (403, "AccessDenied"),
    (Protocol.QUERY, Fault.THROTTLED): (400, "Throttling"),
    (Protocol.QUERY, Fault.FAILED): (500, "InternalFailure"),
    (Protocol.GOOGLE, Fault.DENIED): (403, "forbidden"),
    (Protocol.GOOGLE, Fault.THROTTLED): (429, "rateLimitExceeded"),
    (Protocol.GOOGLE, Fault.FAILED): (500, "backendError"),
    (Protocol.DATABRICKS, Fault.DENIED): (403, "PERMISSION_DENIED"),
    (Protocol.DATABRICKS, Fault.THROTTLED): (429, "REQUEST_LIMIT_EXCEEDED"),
    (Protocol.DATABRICKS, Fault.FAILED): (500, "INTERNAL_ERROR"),
    (Protocol.ARM, Fault.DENIED): (403, "AuthorizationFailed"),
    (Protocol.ARM, Fault.THROTTLED): (429, "TooManyRequests"),
    (Protocol.ARM, Fault.FAILED): (500, "InternalServerError"),
    (Protocol.GRAPH, Fault.DENIED): (403, "Authorization_RequestDenied"),
    (Protocol.GRAPH, Fault.THROTTLED): (429, "TooManyRequests"),
    (Protocol.GRAPH, Fault.FAILED): (500, "InternalServerError"),
    (Protocol.BLOB, Fault.DENIED): (403, "AuthorizationPermissionMismatch"),
    (Protocol.BLOB, Fault.THROTTLED): (503, "ServerBusy"),
    (Protocol.BLOB, Fault.FAILED): (500, "InternalError"),
}
