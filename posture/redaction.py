"""Secrets are taken out of every text before it is kept, shown or written. Ids, ARNs and conditions stay."""

from __future__ import annotations

import re

MASK = "[redacted]"

_SECRETS = (
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b"  # AWS access key ids, long-lived and temporary
    r"|(?<=X-Amz-Signature=)[0-9A-Fa-f]+"  # presigned URLs
    r"|(?<=X-Amz-Security-Token=)[^&\s\"']+"
    r"|(?<=X-Amz-Credential=)[^&\s\"']+"
    r"|(?<=[?&]sig=)[^&\s\"']+"  # Azure shared access signatures
    r"|\bdapi[0-9a-f]{32}(?:-\d+)?\b"  # Databricks personal access tokens
    r"|\bdose[0-9a-f]{32}\b"  # Databricks OAuth secrets
    r"|\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*"  # JSON Web Tokens
    r"|(?i:(?<=bearer ))[\w.~+/=-]{8,}"
    r"|(?i:(?<=client_secret=))[^&\s\"',]+"
)


_MARKS = ("akia", "asia", "x-amz-", "sig=", "dapi", "dose", "eyj", "bearer ", "ecret=")  # every secret has one


def redact(text: str) -> str:
    """The text with every secret that has a known shape replaced by a mask."""
    lowered = text.lower()  # to look for marks is quick, and most texts have none
    return re.sub(_SECRETS, MASK, text) if any(mark in lowered for mark in _MARKS) else text
