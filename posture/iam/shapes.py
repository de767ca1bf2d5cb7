"""The shapes of the values that AWS assigns: names, ids, accounts; and the parts of a caller's ARN."""

from typing import Final

from posture.iam.request import CallerKind
from posture.iam.wildcard import DIGIT, Language, Pattern, Wild, literal

NAME_CHARS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-"
NAME: Final[Pattern] = (Wild(many=False, only=NAME_CHARS), Wild(many=True, only=NAME_CHARS))
PATH: Final = Wild(many=True, only="".join(map(chr, range(0x21, 0x7F))))
NAMES: Final = Language(globs=frozenset({NAME, (PATH, "/", *NAME)}))  # an IAM path and name
PLAIN_NAMES: Final = Language(globs=frozenset({NAME}))
ID_CHARS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ID: Final[Pattern] = (Wild(many=False, only=ID_CHARS), Wild(many=True, only=ID_CHARS))
USER_IDS: Final = Language(globs=frozenset({(*literal("AIDA"), *ID)}))
ROLE_IDS: Final = Language(globs=frozenset({(*literal("AROA"), *ID, ":", *NAME)}))
ACCOUNTS: Final[Pattern] = (DIGIT,) * 12
SERVICE_VALUE: Final = Language(literals=frozenset({"undocumented"}))  # whatever it is, it is no customer's identity
ASSIGNED: Final = Language(globs=frozenset({(Wild(many=False, without="*?"), Wild(many=True, without="*?"))}))
ORG_IDS: Final = Language(
    globs=frozenset({(*literal("o-"), Wild(many=False, without="/*?"), Wild(many=True, without="/*?"))})
)


STEMS: Final = {
    CallerKind.USER: ("iam", "user/"),
    CallerKind.ROLE_SESSION: ("iam", "role/"),
    CallerKind.ROOT: ("iam", "root"),
    CallerKind.FEDERATED_USER: ("sts", "federated-user/"),
}
