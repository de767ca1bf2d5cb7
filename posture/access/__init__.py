"""Who can do what: decided over policy files, or taken from the record of a store, in one published shape."""

from posture.access.files import read_policies
from posture.access.policies import Question, compare, listing, resource_of
from posture.access.record import Access, as_json, schema_files
from posture.access.requests import judge, read_request
from posture.access.stores import store_access

__all__ = [
    "Access",
    "Question",
    "as_json",
    "compare",
    "judge",
    "listing",
    "read_policies",
    "read_request",
    "resource_of",
    "schema_files",
    "store_access",
]
