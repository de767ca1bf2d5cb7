"""`dataclass(frozen=True, slots=True)` of the standard library, made in a fraction of its time.

The library compiles six methods for every class, which was a third of a short run, and its `__init__` looks up what
stores a field each time. Here only `__init__` is compiled, and stores through the slots themselves. Whatever else makes
a dataclass is left to the library: the fields, `replace`, `asdict`, and what type checkers see.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass

    __all__ = ["dataclass"]
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False, eq: bool = True) -> Callable[[type], type]:
        """The decorator. What only the library makes is refused: other classes, and work after `__init__`."""
        if not (frozen and slots):
            raise ValueError("the standard library makes these")

        def made(cls: type) -> type:
            written = vars(cls).keys()
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
            fields = dataclasses.fields(cls)
            if hasattr(cls, "__post_init__") or not all(field.init for field in fields):
                raise ValueError("the standard library makes these")
            methods = {"__init__": _init(cls, fields), "__repr__": _repr(fields), **_ALWAYS}
            if eq:
                methods |= _comparison([field.name for field in fields if field.compare])
            for name, method in methods.items():
                if name not in written:
                    setattr(cls, name, method)
            return cls

        return made


def _init(cls: type, fields: Sequence[dataclasses.Field[Any]]) -> Callable[..., None]:
    """`def __init__(self, a, *, b=default): store(self, a) …`, compiled."""
    known: dict[str, Any] = {"_missing": dataclasses.MISSING}
    parameters, body = ["self"], []
    for field in sorted(fields, key=lambda field: field.kw_only is True):
        name, default, make = field.name, field.default, field.default_factory
        if default is dataclasses.MISSING and make is dataclasses.MISSING:
            parameter, given = name, name
        elif make is dataclasses.MISSING:
            known[f"_default_{name}"] = default
            parameter, given = f"{name}=_default_{name}", name
        else:
            known[f"_make_{name}"] = make
            parameter, given = f"{name}=_missing", f"_make_{name}() if {name} is _missing else {name}"
        if field.kw_only and "*" not in parameters:
            parameters.append("*")
        parameters.append(parameter)
        known[f"_store_{name}"] = getattr(cls, name).__set__
        body.append(f"_store_{name}(self, {given})")
    lines = "\n ".join(body or ["pass"])
    exec(f"def __init__({', '.join(parameters)}):\n {lines}", known)  # noqa: S102 - of names of fields alone
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _repr(fields: Iterable[dataclasses.Field[Any]]) -> Callable[[object], str]:
    shown = [field.name for field in fields if field.repr]

    @recursive_repr("...")
    def __repr__(self: object) -> str:  # noqa: N807 - the method's name
        members = (f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({', '.join(members)})"

    return __repr__


def _comparison(names: list[str]) -> dict[str, Callable[..., Any]]:
    """Two records are equal when they are of one class and their fields are."""
    values: Callable[[object], object] = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - the method's name
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807 - the method's name
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _refuse(self: object, name: str, _: object = None) -> None:
    message = f"cannot change field {name!r} of a {type(self).__qualname__}"
    raise dataclasses.FrozenInstanceError(message)


def _state(self: Any) -> list[Any]:  # noqa: ANN401 - of any record
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:  # noqa: ANN401 - as above
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_ALWAYS = {"__setattr__": _refuse, "__delattr__": _refuse, "__getstate__": _state, "__setstate__": _restore}
