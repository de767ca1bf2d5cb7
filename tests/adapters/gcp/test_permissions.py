"""The custom role is made from the table of calls, and only reads."""

from __future__ import annotations

import re

from posture.adapters.gcp.calls import CALLS
from posture.adapters.gcp.permissions import least_privilege, least_privilege_hcl, needed

READS = re.compile(r"[a-z]+(\.[A-Za-z]+)?\.(get|list|getIamPolicy|getIpFilter)")


def test_every_call_is_in_the_role_and_nothing_else_but_the_filter_of_a_bucket() -> None:
    assert needed().keys() - {"storage.buckets.getIpFilter"} == {call.permission for call in CALLS if call.permission}
    assert all(needed().values())


def test_it_only_reads() -> None:
    for permission in needed():
        assert READS.fullmatch(permission), permission


def test_both_forms_list_the_same() -> None:
    document = least_privilege()
    permissions = document["includedPermissions"]
    assert isinstance(permissions, list)
    assert re.findall(r'^    "([^"]+)", +#', least_privilege_hcl(), re.MULTILINE) == permissions
    assert 'default     = "900100"' in least_privilege_hcl(organisation="organizations/900100")


def test_the_objects_themselves_are_never_read() -> None:
    assert not [permission for permission in needed() if permission.startswith("storage.objects.")]
