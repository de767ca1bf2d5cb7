"""Who is told of new objects: the topics of Pub/Sub that a bucket notifies, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable

from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.subjects import HolderKind, Scope, Subscriber
from posture.model.trust import Holder

_TOPIC = re.compile(r"(?://pubsub\.googleapis\.com/)?projects/([^/]+)/topics/[^/]+")


def subscribers(topics: Listing[str], scope: Callable[[Holder], Fact[Scope]]) -> Listing[Subscriber]:
    """A notification carries the name of the object, whatever the topic's owner may do on the bucket."""
    items = tuple(_subscriber(topic, scope, topics) for topic in topics.items)
    return Listing(items=items, gaps=topics.gaps, sources=topics.sources)


def _subscriber(topic: str, scope: Callable[[Holder], Fact[Scope]], topics: Listing[str]) -> Subscriber:
    target: Fact[str] = Known(value=topic, sources=topics.sources)
    project = _TOPIC.fullmatch(topic)
    if project is None:
        nobody = Unknown(
            reason=Reason.UNDETERMINED, sources=topics.sources, detail=f"`{topic}` does not say whose topic it is"
        )
        return Subscriber(target=target, account=nobody, scope=nobody)
    whose = scope(Holder(kind=HolderKind.ACCOUNT, name=topic, account=project[1]))
    if isinstance(whose, Known):
        whose = Known(value=whose.value, sources=(*topics.sources, *whose.sources))
    return Subscriber(target=target, account=Known(value=project[1], sources=topics.sources), scope=whose)
