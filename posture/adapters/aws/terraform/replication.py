"""Replication rules: of the resource of their own, and of the bucket's own block in older versions."""

from __future__ import annotations

from typing import Final

from posture.adapters.aws.config import CopyRule
from posture.adapters.aws.terraform.places import References
from posture.model.facts import Fact, Known, Unknown, any_true, both, every_known
from posture.terraform.place import Place

_ENABLED: Final = "Enabled"
_NO: Final[Fact[bool]] = Known(value=False, sources=())
_NOTHING: Final[Fact[Place | None]] = Known(value=None, sources=())
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
    def made(named: tuple[str, str], prefix: tuple[str, bool], flags: tuple[bool, bool]) -> Fact[CopyRule]:
        status, bucket = named
        if status not in _STATUS or not bucket:
            return rule.values.misfit("a rule of replication")
        copy = CopyRule(
            name=_text(rule, "id"),
            enabled=_STATUS[status],
            prefix=prefix[0],
            tagged=prefix[1],
            bucket=bucket,
            account=_text(target, "account") or _text(target, "account_id"),
            kms_objects=flags[0],
            key_id=key.value if isinstance(key, Known) else "",
            unresolved=key if isinstance(key, Unknown) else None,
            delete_markers=flags[1],
            source=rule.values.source,
        )
        return Known(value=copy, sources=(rule.values.source,))

    key = _key(target, references)
    named = both(rule.text("status"), references.bucket(target.at("bucket")))
    flags = both(_kms(rule), _markers(rule))
    return both(named, both(_prefix(rule), flags)).then(lambda each: made(each[0], *each[1]))


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


def _kms(rule: Place) -> Fact[bool]:
    """Whether objects under a KMS key are copied too: a status, or true in the older form."""
    older = rule.block("source_selection_criteria").then(
        lambda criteria: _NOTHING if criteria is None else criteria.block("sse_kms_encrypted_objects")
    )
    return older.then(
        lambda objects: _NO if objects is None else any_true((_is_enabled(objects), objects.flag("enabled")))
    )


def _key(target: Place, references: References) -> Fact[str]:
    """The key of the copies: in a block of its own, or beside the bucket in the older form; empty for none."""

    def read(block: Place | None) -> Fact[str]:
        return references.key(target.at("replica_kms_key_id") if block is None else block.at("replica_kms_key_id"))

    return target.block("encryption_configuration").then(read)


def _markers(rule: Place) -> Fact[bool]:
    """Whether delete markers are copied: as it says, and always by a rule of the first version, which has no filter."""
    first = rule.block("filter").map(lambda block: block is None)
    inside = rule.block("delete_marker_replication").then(lambda block: _NO if block is None else _is_enabled(block))
    return any_true((rule.text("delete_marker_replication_status").map(lambda text: text == _ENABLED), inside, first))


def _is_enabled(block: Place) -> Fact[bool]:
    return block.text("status").map(lambda text: text == _ENABLED)


def _text(place: Place, name: str) -> str:
    match place.text(name):
        case Known(value=text):
            return text
        case _:
            return ""
