"""Settings of provider configurations. They stand beside credentials, so only what is asked for is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.terraform.document import Part
from posture.terraform.values import AFTER_APPLY, SENSITIVE, Json


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Providers:
    """The provider configurations of a plan, by key, and the variables that they use."""

    configured: Mapping[str, Json] = field(repr=False)
    declared: Mapping[str, Json] = field(repr=False)
    given: Mapping[str, Json] = field(repr=False)

    def setting(self, key: str, name: str, *inner: str) -> Fact[Json]:
        """A setting as it is written or as a variable gives it; null where it is not set.

        `inner` leads on into a block; of several the last one counts, as in a chain of roles.
        """
        source = Source(operation=f"provider {key}").at(name, *inner)
        provider = self.configured.get(key)
        if not isinstance(provider, dict):
            return _open(source, "the plan does not show the configuration of the provider")
        expressions = provider.get("expressions")
        expression = expressions.get(name) if isinstance(expressions, dict) else None
        for step in inner:
            block = expression[-1] if isinstance(expression, list) and expression else expression
            expression = block.get(step) if isinstance(block, dict) else None
        match expression:
            case None:
                return Known(value=None, sources=(source,))
            case {"constant_value": value}:
                return Known(value=value, sources=(source,))
            case {"references": [str(text)]} if "module_address" not in provider and text.startswith("var."):
                return self.variable(text.removeprefix("var."), source)
            case _:
                return _open(source, AFTER_APPLY)

    def variable(self, name: str, source: Source | None = None) -> Fact[Json]:
        """The value of a variable of the root module."""
        source = source or Source(operation=f"var.{name}")
        declared, given = self.declared.get(name), self.given.get(name)
        if not isinstance(declared, dict) or declared.get("sensitive"):
            return _open(source, SENSITIVE)
        if not isinstance(given, dict) or "value" not in given:
            return _open(source, AFTER_APPLY)
        return Known(value=given["value"], sources=(source,))


def read_providers(document: Part) -> Providers:
    """What a plan says of them."""
    configuration = document.member("configuration")
    return Providers(
        configured=configuration.member("provider_config").mapping(),
        declared=configuration.member("root_module").member("variables").mapping(),
        given=document.member("variables").mapping(),
    )


def _open(source: Source, why: str) -> Unknown:
    return Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=why)
