"""Who a member of a binding is: how wide, and whose."""

from __future__ import annotations

import re
from functools import lru_cache

from posture.model.subjects import HolderKind
from posture.model.trust import Holder

_CONVENIENCE = {"projectOwner": "owners", "projectEditor": "editors", "projectViewer": "viewers"}
_PROJECT_ACCOUNT = re.compile(r"[^@]+@([a-z][a-z0-9-]*(?:\.[a-z0-9.-]+)?)\.iam\.gserviceaccount\.com")
_NUMBERED = re.compile(
    r"(?:service-|project-|p|bq-|bqcx-|connection-)?(\d{6,})(?:-[a-z0-9]+)*@[a-z0-9.-]+"
)  # service-123@, 123-compute@, p123-456@, bqcx-123-abcd@
# Projects of Google's in which its service agents lie ("Service agents" in the documentation of IAM). Anybody may name
# an account of a project of his own like an agent, so that it is the whole name of the project which counts.
_AGENTS_START = "gcp-sa-"
_AGENTS = frozenset(
    {
        *("gs-project-accounts", "storage-transfer-service", "compute-system", "gae-api-prod.google.com"),
        *("container-engine-robot", "containerregistry", "serverless-robot-prod", "gcf-admin-robot"),
        *("dataflow-service-producer-prod", "dataproc-accounts", "cloudcomposer-accounts"),
        *("bigquery-encryption", "dlp-api"),
    }
)
_DEFAULT_APP = re.compile(r"([a-z][a-z0-9-]*)@appspot\.gserviceaccount\.com")
_POOL_OF_PROJECT = re.compile(r"principal(?:Set)?://iam\.googleapis\.com/projects/(\d+)/.*")
_ALL_OF = re.compile(r"principalSet://cloudresourcemanager\.googleapis\.com/((projects|folders|organizations)/\d+)/.*")
_CLUSTER = re.compile(r"([a-z][a-z0-9-]*)\.svc\.id\.goog\[.*\]")
_ENTITIES = {"user": "user", "group": "group", "domain": "domain"}


@lru_cache(maxsize=20_000)
def holder(member: str) -> Holder | None:
    """The class of principals; nothing for a deleted member, to whom nothing is given any more."""
    kind, _, name = member.partition(":")
    if member == "allUsers":
        return Holder(kind=HolderKind.ANONYMOUS, name=member)
    if member == "allAuthenticatedUsers":
        return Holder(kind=HolderKind.ANY_ACCOUNT, name=member)
    if kind == "deleted":
        return None
    if kind == "user" and "@" in name:
        return Holder(kind=HolderKind.PRINCIPAL, name=member, account=name.rpartition("@")[2].lower())
    if kind == "serviceAccount" and name:
        return Holder(kind=HolderKind.PRINCIPAL, name=member, account=home(name))
    if kind == "group" and name:
        return Holder(kind=HolderKind.GROUP, name=member)
    if kind == "domain" and name:
        return Holder(kind=HolderKind.DOMAIN, name=name.lower(), account=name.lower())
    if kind in _CONVENIENCE and name:
        return Holder(kind=HolderKind.ACCOUNT, name=member, account=name)
    return _of_sets(member)


def _of_sets(member: str) -> Holder:
    if whole := _ALL_OF.fullmatch(member):
        if whole[2] == "projects":
            return Holder(kind=HolderKind.ACCOUNT, name=member, account=whole[1].partition("/")[2])
        if whole[2] == "organizations":
            return Holder(kind=HolderKind.ACCOUNT, name=member, account=whole[1])
    pool = _POOL_OF_PROJECT.fullmatch(member)
    return Holder(kind=HolderKind.FEDERATED, name=member, account=pool[1] if pool else "")


def home(address: str) -> str:
    """The project of a service account, by its id or number, or the domain of one that Google runs.

    A service agent carries the number of the project that it acts for, and lies in a project of Google's.
    """
    if cluster := _CLUSTER.fullmatch(address):
        return cluster[1]
    if default := _DEFAULT_APP.fullmatch(address):
        return default[1]
    if numbered := _NUMBERED.fullmatch(address):
        own = _PROJECT_ACCOUNT.fullmatch(address)
        if own is None or own[1] in _AGENTS or own[1].startswith(_AGENTS_START):
            return numbered[1]
    if mine := _PROJECT_ACCOUNT.fullmatch(address):
        return _domain_scoped(mine[1])
    return address.rpartition("@")[2].lower()


def _domain_scoped(label: str) -> str:
    """The project `example.com:p` is written `p.example.com` in addresses."""
    project, dot, domain = label.partition(".")
    return f"{domain}:{project}" if dot else project


def of_entity(entity: str) -> str:
    """The member that an entity of a list stands for: lists name the teams of a project by its number."""
    if entity in {"allUsers", "allAuthenticatedUsers"}:
        return entity
    kind, _, name = entity.partition("-")
    if kind == "project":
        team, _, project = name.partition("-")
        convenience = {team: member for member, team in _CONVENIENCE.items()}
        return f"{convenience.get(team, 'projectTeam')}:{project}"
    if kind == "user" and name.endswith("gserviceaccount.com"):
        return f"serviceAccount:{name}"
    return f"{_ENTITIES.get(kind, kind)}:{name}"
