"""One provider call becomes an answer or an Unknown, here and nowhere else.

Every call passes through a `Reading`: it is made once per (identity, operation, parameters), counted, timed, redacted,
and kept for a snapshot. A `Reading` made from kept answers gives them back and never calls.
"""

from posture.reading.calls import Answer, Answered, Call, Json, Kept, Key, NotConfigured, Pages, ReadFailure
from posture.reading.json import canonical, clean, digest
from posture.reading.needs import Needs
from posture.reading.reader import Reading

__all__ = [
    "Answer",
    "Answered",
    "Call",
    "Json",
    "Kept",
    "Key",
    "Needs",
    "NotConfigured",
    "Pages",
    "ReadFailure",
    "Reading",
    "canonical",
    "clean",
    "digest",
]
