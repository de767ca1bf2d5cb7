"""Replication rules: of the resource of their own, and of the bucket's own block in older versions."""

from __future__ import annotations

from typing import Final

from posture.adapters.aws.config import CopyRule
from posture.adapters.aws.terraform.places import Place, References
from posture.model.facts import Fact, Known, Unknown, every_known

_ENABLED: Final = "Enabled"
_STATUS: Final = {_ENABLED: True, "Disabled": False}


def replication(rules: Place, references: References) -> Fact[tuple[CopyRule, ...]]:
    """A list of rules; the target of each is followed."""

    def read(places: tuple[Place, ...]) -> Fact[tuple[CopyRule, ...]]:
        return every_known(_rule(place, references) for place in places).then(
            lambda found: Known(value=found, sources=(rules.values.source,))
        )

    return rules.each().then(read)


def _rule(rule: Place, references: References) -> Fact[CopyRule]:
    return rule.block("destination").then(lambda target: _to(rule, target or rule.at("destination"), references))


def _to(rule: Place, target: Place, references: References) -> Fact[CopyRule]:
    match rule.text("status"), references.bucket(target.at("bucket")), _prefix(rule):
        case Known(value=status), Known(value=bucket), Known(value=(prefix, tagged)) if status in _STATUS and bucket:
            made = CopyRule(
                name=_text(rule, "id"),
                enabled=_STATUS[status],
                prefix=prefix,
                tagged=tagged,
                bucket=bucket,
                account=_text(target, "account") or _text(target, "account_id"),
                kms_objects=_kms(rule),
                delete_markers=_text(rule, "delete_marker_replication_status") == _ENABLED
                or _status(rule, "delete_marker_replication"),
                source=rule.values.source,
            )
            return Known(value=made, sources=(rule.values.source,))
        case (Unknown() as unknown, _, _) | (_, Unknown() as unknown, _) | (_, _, Unknown() as unknown):
            return unknown
        case _:
            return rule.values.misfit("a rule of replication")


def _prefix(rule: Place) -> Fact[tuple[str, bool]]:
    def read(block: Place | None) -> Fact[tuple[str, bool]]:
        if block is None:
            return rule.text("prefix").map(lambda prefix: (prefix, False))
        return block.block("and").then(lambda combined: joined(block, combined))

    def joined(block: Place, combined: Place | None) -> Fact[tuple[str, bool]]:
        places = (rule, block) if combined is None else (rule, block, combined)
        prefixes = every_known(place.text("prefix") for place in places)
        tagged = any(_is_there(place, name) for place in places[1:] for name in ("tag", "tags"))
        return prefixes.map(lambda texts: (next((text for text in texts if text), ""), tagged))

    return rule.block("filter").then(read)


def _is_there(place: Place, name: str) -> bool:
    values = place.at(name).values
    return bool(values.raw) or values.unknown is True


def _kms(rule: Place) -> bool:
    """Whether objects under a KMS key are copied too: a status, or true in the older form; unknown is no."""
    match rule.block("source_selection_criteria"):
        case Known(value=Place() as criteria):
            match criteria.block("sse_kms_encrypted_objects"):
                case Known(value=Place() as objects):
                    enabled = objects.flag("enabled")
                    return _text(objects, "status") == _ENABLED or (isinstance(enabled, Known) and enabled.value)
                case _:
                    return False
        case _:
            return False


def _status(rule: Place, name: str) -> bool:
    match rule.block(name):
        case Known(value=Place() as block):
            return _text(block, "status") == _ENABLED
        case _:
            return False


def _text(place: Place, name: str) -> str:
    match place.text(name):
        case Known(value=text):
            return text
        case _:
            return ""
