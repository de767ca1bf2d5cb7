"""What S3 has no setting for: networks and secrets of a bucket itself. Policies decide both, and grants show them."""

from __future__ import annotations

from posture.model.facts import Known, Listing
from posture.model.subjects import Credentials, Network


def reached_from() -> Network:
    """S3 answers every bucket at a public address; what a policy asks of the caller's network is in the grants."""
    return Network(
        public_endpoint=Known(value=True, sources=()),
        default_open=Known(value=True, sources=()),
        rules=Listing(items=()),
        trusted_services=Known(value=True, sources=()),
        private_endpoints=Known(value=0, sources=()),
    )


def opened_by() -> Credentials:
    """A request to S3 is signed by an identity of IAM, a presigned URL too: a bucket has no keys of its own."""
    return Credentials(
        shared_keys=Known(value=False, sources=()),
        oldest_key_days=Known(value=0, sources=()),
        longest_token_days=Known(value=0, sources=()),
        local_users=Known(value=False, sources=()),
    )
