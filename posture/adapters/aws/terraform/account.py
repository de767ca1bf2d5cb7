"""What a plan decides for a whole account: Block Public Access, and trails. The rest comes from the context."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.aws.config import AccountConfig, TrailConfig
from posture.adapters.aws.terraform import trails
from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.aws.terraform.settings import all_alike, block_public_access
from posture.model.accounts import same
from posture.model.facts import Fact, Gap, Known, Listing, Unknown
from posture.model.subjects import BlockPublicAccess
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource

_BLOCK: Final = "aws_s3_account_public_access_block"


class Accounts:
    """The accounts of one plan."""

    def __init__(self, plan: Plan, homes: Homes) -> None:
        self._plan = plan
        self._homes = homes
        self._trails = tuple((trails.trail(each, homes), homes.of(each).account) for each in plan.of_kind(trails.KIND))

    def config(self, account: Fact[str], live: AccountConfig) -> AccountConfig:
        """An account, by this plan where it decides, else as it was."""
        return AccountConfig(block=self._block(account, live.block), trails=self._listed(account, live.trails))

    def _block(self, account: Fact[str], live: BlockPublicAccess) -> BlockPublicAccess:
        for resource in self._plan.of_kind(_BLOCK):
            match self._of(resource, account):
                case Known(value=True):
                    return block_public_access(Place(values=resource.after, resource=resource))
                case Unknown() as unknown:
                    return all_alike(unknown)
                case _:
                    pass
        for departure in self._plan.departures:
            if departure.address.kind == _BLOCK and departure.action is Action.DELETE:
                return self._without(departure, account, live)
        return live

    def _without(self, departure: Departure, account: Fact[str], live: BlockPublicAccess) -> BlockPublicAccess:
        """All four are off once the resource is destroyed."""
        former = departure.before.optional("account_id").text().map(lambda text: text or "")
        ours = account.then(lambda mine: former.then(lambda theirs: same(mine, theirs)))
        sources = (departure.before.source,)
        if isinstance(ours, Unknown):
            return all_alike(replace(ours, sources=sources))
        return all_alike(Known(value=False, sources=sources)) if ours.value else live

    def _listed(self, account: Fact[str], live: Listing[TrailConfig]) -> Listing[TrailConfig]:
        """Trails of this plan, and of the context those that this plan has no part in."""
        mine: list[TrailConfig] = []
        gaps = list(live.gaps)
        for trail, owner in self._trails:
            # mypy infers no type for a lambda that binds the variable of its loop
            ours = account.then(lambda one, owner=owner: owner.then(lambda other: same(one, other)))  # type: ignore[misc]
            if isinstance(ours, Unknown):
                gaps.append(Gap(unknown=ours))
            elif ours.value:
                mine.append(trail)
        planned = {trail.arn for trail in mine}
        gone = {
            departure.before.text("arn").map(str)
            for departure in self._plan.departures
            if departure.address.kind == trails.KIND and departure.action is Action.DELETE
        }
        left = {arn.value for arn in gone if isinstance(arn, Known)}
        others = tuple(trail for trail in live.items if trail.arn not in planned | left)
        return Listing(items=(*mine, *others), gaps=tuple(gaps), sources=live.sources)

    def _of(self, resource: Resource, account: Fact[str]) -> Fact[bool]:
        home = self._homes.of(resource).account
        return account.then(lambda one: home.then(lambda other: same(one, other)))
