"""The names of the frameworks that policies refer to, and what a reference means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "soc2": "SOC 2 (TSC 2017)",
        "iso_27001": "ISO/IEC 27001:2022, Annex A",
        "nist_800_53": "NIST SP 800-53 rev. 5",
        "pci_dss": "PCI DSS 4.0.1",
        "hipaa": "HIPAA Security Rule",
        "cis_aws": "CIS AWS Foundations",
        "cis_azure": "CIS Azure Foundations",
        "cis_gcp": "CIS GCP Foundations",
    }
)

MEANING = (
    "A reference names a criterion that a control gives evidence for. It never says that the criterion is met: "
    "that takes more than one control, more than one system, and an auditor's judgement."
)


def framework_name(framework: str) -> str:
    """The name people know, or the id itself for a framework of one's own."""
    return NAMES.get(framework, framework)
