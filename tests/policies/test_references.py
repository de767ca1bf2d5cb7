"""A reference says what a control is evidence of. Each id that is used has its meaning here, and what may evidence it.

The meanings are paraphrased. An id that is not in the table, or a control that reads none of the facts that its id is
about, fails: this is what keeps a requirement on retention off a control on access, or MFA for people off MFA delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from posture.policy.assertions import words_used
from posture.policy.controls import Control
from tests.policies.shipped import CONTROLS, names

_DELIVERY = (
    *("delivery.", "encryption.key_admits", "network.trusted", "integrity.worm_admits"),
    *("stops_delivery", "narrows_delivery"),
)
_PUBLIC = ("exposure.", "acl.", "grants", "network.", "containers[].public", "resilience.copies_may_leave")
_GRANTS = ("grants", "delivery.writer_", "encryption.key_grants", "exposure.owner_locked_out", "credentials.")
_TLS = ("encryption.tls_", "encryption.judges_tls")
_KEYS = ("encryption.", "resilience.replicas[].key_manager", "destroys_key")
_APART = ("isolation.", "delivery.configurations[].shares_workspace_root")
_KEPT = (
    *("integrity.", "resilience.replicas[].versioning", "resilience.replicas[].deletions", "retention.noncurrent_days"),
    *("destroys_store", "force_destroy", "protections"),
)
_COPIES = ("resilience.",)
_RETAINED = ("retention.", "integrity.worm_days", "destroys_store", "shortens_retention")
_RECORDED = ("monitoring.",)
_CHANGE = (
    *("destroys_store", "destroys_key", "force_destroy", "stops_delivery", "narrows_delivery", "shortens_retention"),
    *("protections[].removed", "changed_outside", "leaves_terraform"),
)
_VERSIONS = (
    *("integrity.versioning", "integrity.soft_delete", "integrity.store_deletion", "resilience."),
    "containers[].restorable",
)

Meaning = tuple[str, tuple[str, ...]]
MEANINGS: Mapping[str, Mapping[str, Meaning]] = MappingProxyType(
    {
        "soc2": {
            "CC6.1": (
                "information assets are known, and access to them is restricted, by encryption too",
                (*_PUBLIC, *_GRANTS, *_KEYS, *_APART, "inventory.", "protections"),
            ),
            "CC6.3": ("access follows roles, least privilege and separated duties", ("acl.", *_GRANTS, *_APART)),
            "CC6.6": ("access from outside the boundary is fended off", (*_PUBLIC, *_GRANTS)),
            "CC6.7": (
                "information is protected while it is transmitted, and moved by nobody else",
                (*_TLS, "exposure.subscribers", "resilience.copies_may_leave"),
            ),
            "CC6.8": ("unauthorised change is prevented or detected", (*_KEPT, "changed_outside")),
            "CC7.1": ("weaknesses and intrusions are detected", ("monitoring.threats",)),
            "CC7.2": ("components are monitored for anomalies", (*_DELIVERY, *_RECORDED, "inventory.")),
            "CC7.3": ("events can be evaluated", (*_DELIVERY, *_RECORDED, "integrity.worm_")),
            "CC7.4": ("incidents can be answered, from logs that are still there", _RETAINED),
            "CC7.5": (
                "what an incident destroyed can be recovered",
                (
                    *(*_VERSIONS, "retention.", "encryption.key_pending", "encryption.key_recoverable"),
                    *("destroys_store", "destroys_key", "force_destroy"),
                ),
            ),
            "CC8.1": ("changes are authorised, tested and approved before they are made", _CHANGE),
            "A1.2": ("backups and recovery infrastructure exist", _VERSIONS),
            "C1.1": ("confidential information is protected for as long as it is kept", (*_KEYS, "retention.")),
        },
        "nist_800_53": {
            "AC-3": ("access is enforced", (*_PUBLIC, *_GRANTS)),
            "AC-4": (
                "flows of information are enforced",
                ("exposure.public_cors", "exposure.subscribers", "resilience.copies_may_leave"),
            ),
            "AC-6": ("least privilege", ("acl.", *_GRANTS, *_APART)),
            "AU-2": ("events to be logged are chosen, access to logs among them", _RECORDED),
            "AU-4(1)": ("logs are transferred to another system in time", ("delivery.configurations[].hours",)),
            "AU-5": ("failures of logging are noticed", ("delivery.configurations[].",)),
            "AU-9": (
                "audit information is protected from access, change and deletion",
                (*_PUBLIC, *_KEYS, *_KEPT, *_VERSIONS),
            ),
            "AU-9(2)": ("audit records are stored on a separate system", ("isolation.separate", "monitoring.target")),
            "AU-9(3)": ("cryptography protects the integrity of audit information", ("monitoring.trail_validated",)),
            "AU-9(4)": ("few privileged users manage audit information", (*_GRANTS, *_APART, "integrity.worm_mode")),
            "AU-11": ("audit records are retained", _RETAINED),
            "AU-12": ("audit records are generated", (*_DELIVERY, *_RECORDED)),
            "CM-3": ("changes are reviewed for what they do to security before they are made", _CHANGE),
            "CM-12": ("the location of information is known", ("inventory.",)),
            "CP-6": ("an alternate storage site exists", ("resilience.replicas[].other",)),
            "CP-9": ("information is backed up", _VERSIONS),
            "SC-7": ("the boundary is watched and closed but for managed interfaces", ("network.",)),
            "SC-8(1)": ("cryptography protects information in transit", _TLS),
            "SC-12": ("keys are established and managed", _KEYS),
            "SC-28(1)": (
                "cryptography protects information at rest",
                (
                    "encryption.at_rest",
                    "encryption.key_manager",
                    "encryption.judges",
                    "encryption.twice",
                    "resilience.replicas[].key_manager",
                ),
            ),
            "SI-4": ("systems are monitored for attacks", ("monitoring.threats",)),
            "SI-7": (
                "unauthorised change of information is detected",
                ("monitoring.trail_validated", "changed_outside"),
            ),
        },
        "iso_27001": {
            "A.5.3": ("conflicting duties are segregated", ("isolation.separate",)),
            "A.5.9": ("information and where it lies is inventoried", ("inventory.",)),
            "A.5.15": ("access control", ("acl.", *_GRANTS, "isolation.separate")),
            "A.5.18": ("access rights are given and taken away", _GRANTS),
            "A.5.28": ("evidence is preserved", ("integrity.worm_", "monitoring.trail_validated", "destroys_store")),
            "A.5.33": (
                "records are protected from loss and falsification",
                (
                    *(*_KEPT, *_RETAINED, *_VERSIONS, "encryption.key_pending", "encryption.key_recoverable"),
                    "destroys_key",
                ),
            ),
            "A.8.3": ("access to information is restricted", (*_PUBLIC, *_GRANTS, *_APART)),
            "A.8.12": (
                "leakage is prevented",
                ("exposure.", "grants", "containers[].public", "resilience.copies_may_leave"),
            ),
            "A.8.13": ("information is backed up", _VERSIONS),
            "A.8.14": ("there is redundancy", _COPIES),
            "A.8.15": ("logs are produced, stored and protected", (*_DELIVERY, *_RECORDED)),
            "A.8.16": ("systems are monitored for what is unusual", ("monitoring.threats",)),
            "A.8.32": ("changes follow a procedure", _CHANGE),
            "A.8.24": ("cryptography and its keys are managed", _KEYS),
        },
        "cis_aws": {
            "2.21": ("resource policies let no stranger in", ("grants", "exposure.policy_public")),
            "3.1.1": ("requests in clear text are refused", _TLS),
            "3.1.2": ("MFA delete is enabled on buckets", ("integrity.mfa_delete",)),
            "3.1.4": ("Block Public Access is configured", ("exposure.blocked.",)),
            "4.2": ("trails validate their log files", ("monitoring.trail_validated",)),
            "4.6": ("customer keys are rotated", ("encryption.key_rotating",)),
        },
        "cis_azure": {
            "2.1.7": ("diagnostic logs of Databricks are delivered", ("delivery.enabled", "delivery.categories")),
            "8.1.5.1": ("Defender for Storage is on", ("monitoring.threats",)),
            "8.3.5": ("Key Vaults are recoverable", ("encryption.key_recoverable",)),
            "9.2.1": ("soft deletion of blobs is on", ("integrity.soft_delete_days",)),
            "9.2.2": ("soft deletion of containers is on", ("containers[].restorable",)),
            "9.3.1.1": ("reminders of making account keys anew are set", ("credentials.renewal_reminder_days",)),
            "9.3.1.2": ("account keys are regenerated in time", ("credentials.oldest_key_days",)),
            "9.3.1.3": ("shared key access is off", ("credentials.shared_keys",)),
            "9.3.2.2": ("public network access is off", ("network.public_endpoint",)),
            "9.3.2.3": ("the network rules deny by default", ("network.default_open",)),
            "9.3.5": ("trusted Azure services get through", ("network.trusted_services",)),
            "9.3.7": ("cross-tenant replication is off", ("resilience.copies_may_leave",)),
            "9.3.8": ("anonymous blob access is off", ("exposure.public_blocked",)),
            "9.3.9": ("the account has a delete lock", ("integrity.store_deletion_blocked",)),
        },
        "pci_dss": {
            "10.2.1": ("audit logs are enabled and active", _DELIVERY),
            "10.2.1.3": ("audit logs capture all access to audit logs", _RECORDED),
            "10.3.1": ("only those who need to can read audit logs", (*_PUBLIC, *_GRANTS, *_APART)),
            "10.3.2": ("audit logs are protected from modification", (*_KEPT, *_GRANTS, *_APART)),
            "10.3.3": (
                "audit logs are promptly copied to where they are hard to change",
                ("delivery.configurations[].hours", *_COPIES, "isolation.separate"),
            ),
            "10.5.1": ("audit logs are kept for twelve months", _RETAINED),
        },
        "hipaa": {
            "164.312(a)(2)(iv)": (
                "data are encrypted",
                (
                    "encryption.at_rest",
                    "encryption.key_manager",
                    "encryption.judges",
                    "resilience.replicas[].key_manager",
                ),
            ),
            "164.312(b)": ("activity is recorded and can be examined", (*_DELIVERY, *_RECORDED)),
            "164.312(e)(1)": ("data are protected in transit", _TLS),
            "164.312(c)(1)": ("data are protected from alteration and destruction", _KEPT),
        },
    }
)

# Controls that are evidence of no requirement, and why.
WITHOUT_REFERENCE = {"bucket-key-enabled": "it saves money and requests; no framework asks for it"}

PAIRS = [
    pytest.param(control, framework, reference, id=f"{control.info.id}-{framework}-{reference}")
    for control in CONTROLS
    for framework, references in control.info.references
    for reference in references
]


@pytest.mark.parametrize(("control", "framework", "reference"), PAIRS)
def test_a_reference_fits_the_facts_that_the_control_reads(control: Control, framework: str, reference: str) -> None:
    _, about = MEANINGS[framework][reference]
    used = words_used(control.require)
    assert any(path.startswith(about) for path in used), f"{sorted(used)} is no evidence of {framework} {reference}"


def test_every_meaning_is_used() -> None:
    used = {(framework, ref) for control in CONTROLS for framework, refs in control.info.references for ref in refs}
    assert {(framework, ref) for framework, refs in MEANINGS.items() for ref in refs} - used == set()


def test_every_control_has_references_or_a_reason_for_none() -> None:
    assert {control.info.id for control in CONTROLS if not control.info.references} == set(WITHOUT_REFERENCE)


def test_a_benchmark_for_the_account_and_the_bucket_is_evidenced_at_both_levels() -> None:
    flags = {
        path for control in CONTROLS if ("cis_aws", ("3.1.4",)) in control.info.references for path in _flags(control)
    }
    assert {path.split(".")[2] for path in flags} == {"account", "bucket", "effective"}
    for level in ("account", "bucket"):
        assert len({path for path in flags if f".{level}." in path}) == 4


def _flags(control: Control) -> frozenset[str]:
    return frozenset(path for path in words_used(control.require) if path.startswith("exposure.blocked."))


@pytest.mark.parametrize("control", CONTROLS, ids=names)
def test_references_are_sorted_out_per_framework_without_repetition(control: Control) -> None:
    for framework, references in control.info.references:
        assert references, framework
        assert len(set(references)) == len(references), framework
