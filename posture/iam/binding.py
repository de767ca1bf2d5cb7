"""What a condition key is in a scenario: constant, absent, or a reading of a variable."""

from typing import Final

from posture.frozen import dataclass
from posture.iam.formula import YES_NO, Sort, Variable
from posture.iam.keys import MULTIVALUED, NETWORK_NAMES, TLS_VERSIONS, KeyKind, doubt_of, kind_of
from posture.iam.shapes import ASSIGNED
from posture.iam.wildcard import ALL, Language, Pattern, within


@dataclass(frozen=True, slots=True)
class Constant:
    """The key has these values, or is absent where there are none."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """The key reads a variable; the key's value is `prefix` + the variable, or a component of it."""

    variable: Variable
    prefix: str = ""
    frames: tuple[Pattern, ...] = ()
    tail: Pattern = ()
    stop: str = ""

    def view(self, language: Language) -> Language:
        """The values of the variable for which the key's value is in the language."""
        if not self.frames:
            return language.after(self.prefix)
        return Language.of(
            (*frame, *within(pattern, self.stop), *self.tail)
            for pattern in language.patterns()
            for frame in self.frames
        )


Binding = Constant | Open
ABSENT: Final = Constant(())


def free(key: str, *, optional: bool = True, domain: Language | None = None, reason: str = "") -> Open:
    """The key as a variable of its own."""
    kind = kind_of(key)
    sort, language = Sort.TEXT, ALL
    match kind:
        case KeyKind.BOOL:
            language = YES_NO
        case KeyKind.CHOICE:
            language = TLS_VERSIONS
        case KeyKind.NUMBER | KeyKind.TIME:
            sort = Sort.NUMBER
        case KeyKind.ADDRESS:
            sort = Sort.ADDRESS
        case KeyKind.TEXT:
            sort = Sort.TEXTS if key in MULTIVALUED else Sort.TEXT
            language = ASSIGNED if key in NETWORK_NAMES else ALL
    variable = Variable(
        name=key, sort=sort, optional=optional, domain=domain or language, reason=reason or doubt_of(key)
    )
    return Open(variable)
