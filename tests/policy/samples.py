"""A good policy that uses every construct of the language, good waivers, a good configuration; how to spoil them."""

from pathlib import Path


def refusals(name: str) -> list[dict[str, str]]:
    """The blocks of a list of refusals, each by the marks that its lines begin with."""
    blocks = (Path(__file__).parent / name).read_text(encoding="utf-8").strip("\n").split("\n\n")[1:]
    return [
        {mark: "\n".join(line[2:] for line in block.splitlines() if line[0] == mark) for mark in "-+@=?"}
        for block in blocks
    ]


POLICY = """\
# a comment in front
language: "1"
policy: store-baseline
title: What a store of logs must be

parameters:
  minimum_days:
    type: integer
    description: How long a log object is kept, in days.
    default: 365
    minimum: 90
    maximum: 3650
  trusted:
    type: list(string)
    description: Accounts that may hold a grant.
    default: []
  manager:
    type: string
    description: Who manages the key.
    default: customer
  rotated:
    type: boolean
    description: Whether keys must be rotated.
    default: true

controls:
  - id: customer-key
    title: Logs are encrypted with a key of our own
    severity: high
    since: "1.0"
    why: A key of our own can be revoked.
    fix:
      aws: Use SSE-KMS.
    about: store
    applies_to: {provider: [aws], mode: [live]}
    require:
      encryption.key_manager: {equals: {parameter: manager}}
      encryption.key_enabled: {equals: true}
      encryption.key_rotating: {equals: {parameter: rotated}}
    examples:
      pass:
        - {encryption.key_manager: customer, encryption.key_enabled: true, encryption.key_rotating: true}
      fail:
        - {encryption.key_manager: provider}
      unknown:
        - {encryption.key_manager: {unknown: denied}, encryption.key_enabled: true, encryption.key_rotating: true}

  - id: kept-a-year
    title: Logs are kept for a year
    severity: medium
    since: "1.0"
    why: Intrusions are found late.
    fix: {aws: Raise the expiration., gcp: Raise the age.}
    references: {soc2: [CC7.2], pci_dss: ["10.5.1"]}
    about: store
    require:
      retention.days: {at_least: {parameter: minimum_days}}
    examples:
      pass: [{retention.days: 365}, {retention.days: forever}]
      fail: [{retention.days: 364}]
      unknown: [{retention.days: {unknown: failed}}]

  - id: narrow-grants
    title: Only named accounts hold grants
    severity: critical
    since: "1.1"
    why: Whoever reads the logs learns where to hide.
    fix: {aws: Remove the statement.}
    about: store
    require:
      for_each: grants
      where:
        scope: {not_equals: own}
      require:
        scope: {none_of: [public, outside]}
        account: {one_of: {parameter: trusted}}
    examples:
      pass: [{grants: []}, {grants: [{scope: own}]}]
      fail: [{grants: [{scope: own}, {scope: public}]}]
      unknown: [{grants: {unknown: denied}}, {}]

  - id: deletion-is-slow
    title: Logs cannot be deleted silently
    severity: low
    since: "1.2.3"
    why: Deletion hides an intrusion.
    fix: {aws: Turn on Object Lock.}
    about: store
    require:
      any_of:
        - integrity.worm_mode: {equals: compliance}
          integrity.worm_days: {at_least: 30}
        - all_of:
            - integrity.versioning: {one_of: [enabled]}
            - integrity.mfa_delete: {not_equals: false}
    examples:
      pass: [{integrity.worm_mode: compliance, integrity.worm_days: 30}]
      fail: [{integrity.worm_mode: none, integrity.versioning: never}]
      unknown: [{integrity.worm_mode: {unknown: denied}, integrity.versioning: never}]

  - id: delivery-is-on
    title: Audit logs are delivered
    severity: high
    since: "1.0"
    why: What is not delivered is lost after a year.
    fix: {databricks: Create a delivery.}
    about: source
    require: {delivery.enabled: {equals: true}}
    examples:
      pass: [{delivery.enabled: true}]
      fail: [{delivery.enabled: false}]
      unknown: [{}]

  - id: all-was-found
    title: Every place was looked into
    severity: high
    since: "1.0"
    status: deprecated
    why: What was not looked into may hold anything.
    fix: {aws: Grant the permissions.}
    about: estate
    require: {inventory.complete: {equals: true}}
    examples:
      pass: [{inventory.complete: true}]
      fail: [{inventory.complete: false}]
      unknown: [{inventory.complete: {unknown: throttled}}]
"""

WAIVERS = """\
waivers:
  - id: legacy-retention
    control: kept-a-year
    subject: s3://legacy-logs/*
    status: accepted_risk
    reason: The bucket is emptied in spring.
    owner: Ada
    approver: Grace
    ticket: SEC-1
    created: "2026-01-01"
    expires: "2026-06-30"
    facts: 0000000000000000000000000000000000000000000000000000000000000abc
    evidence: https://example.com/SEC-1
  - id: other-store
    control: kept-a-year
    subject: s3://other
    status: compensating_control
    reason: A second copy is kept for three years.
    owner: Ada
    approver: Grace
    ticket: SEC-2
    created: "2026-01-01"
    expires: "2027-01-02"
    facts: 0000000000000000000000000000000000000000000000000000000000000def
"""

CONFIGURATION = """\
databricks:
  - host: https://accounts.cloud.databricks.com
    account_id: 0d1e2f30-1111-2222-3333-444455556666
  - profile: staging
stores:
  - uri: s3://audit.logs.example/pré fix/
    account: "111122223333"
    role: backup
  - uri: s3://second
aws: {profile: audit, region: eu-west-1}
accounts:
  "111122223333": {role_arn: "arn:aws:iam::111122223333:role/reader", external_id: "e-1"}
  "444455556666": {profile: other}
trust:
  accounts: ["111122223333"]
  organisation: o-abcdefghij
  accepted:
    - {principal: "222233334444", reason: shared SIEM, expires: "2026-12-31"}
parameters:
  minimum_days: 400
  trusted: ["222233334444"]
policies: [default, own/rules.yaml]
waivers: [waivers.yaml]
concurrency: 8
seconds_per_target: 30
"""
