"""Users of a planned storage account itself, who sign in over SFTP."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.config import LocalUser
from posture.model.facts import Fact, Known, both, every_known
from posture.terraform.place import Place

_LETTERS: Final = {"read": "r", "write": "w", "delete": "d", "list": "l", "create": "c"}


def user(place: Place) -> Fact[LocalUser]:
    """One of them, with what it may do to blobs."""

    def scope(block: Place) -> Fact[tuple[str, str, str]]:
        granted = block.block("permissions").then(
            lambda inner: (
                Known(value="", sources=())
                if inner is None
                else every_known(inner.flag(name) for name in _LETTERS).map(
                    lambda flags: "".join(letter for letter, on in zip(_LETTERS.values(), flags, strict=True) if on)
                )
            )
        )
        return both(both(block.text("service"), block.text("resource_name")), granted).map(
            lambda found: (*found[0], found[1])
        )

    scopes = place.each("permission_scope").then(lambda blocks: every_known(map(scope, blocks)))
    return both(place.text("name"), scopes).map(
        lambda found: LocalUser(
            name=found[0],
            permissions=tuple((name, letters) for service, name, letters in found[1] if service.lower() == "blob"),
        )
    )
