"""Which organisations a caller's account may belong to, where policies ask for one."""

from typing import Final

from posture.iam.cells import Membership, World
from posture.iam.mentions import Mentions

ORG_KEYS: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
FRESH_ORGANISATION: Final = "o-fresh00000"


def of_strangers(named: Mentions) -> tuple[str, ...]:
    """For an account that no policy names: none, or an organisation that no policy names either."""
    keys = (named.keys | named.referenced) & ORG_KEYS
    if not keys:
        return (Membership.NONE,)
    if keys != ORG_KEYS:
        return (Membership.NONE, Membership.OTHER)
    different = (Membership.DIFFERENT,) if named.partial_organisations else ()
    return (Membership.NONE, *different, FRESH_ORGANISATION)


def memberships(account: str, named: Mentions, world: World, stranger: tuple[str, ...]) -> tuple[str, ...]:
    """For a named account: the one that is known, or any; the answer names the one it needs."""
    if not (named.keys | named.referenced) & ORG_KEYS:
        return (Membership.NONE,)
    own = world.membership(account)
    if own:
        return (world.organisation or Membership.NONE,)
    known = named.organisations if own is None else tuple(set(named.organisations) - {world.organisation})
    return (*stranger, *sorted(known))
