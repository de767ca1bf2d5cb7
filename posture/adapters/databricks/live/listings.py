"""The listings of the account API, page by page, as raw JSON.

Raw, through the SDK's own `ApiClient.do`, and not through its typed services: sign-in, retries, time limits and error
parsing stay the SDK's, but what it cannot represent stays visible. Its services make None of an enum value they do not
know, take a missing member for an empty listing, follow a page token for ever, and cost a third more to import.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from posture.adapters.databricks.calls import Collection
from posture.adapters.databricks.live.sign_in import Limits, SignedIn, within
from posture.model.facts import Reason
from posture.reading import Json, ReadFailure, clean


def items(signed_in: SignedIn, collection: Collection, limits: Limits) -> Iterator[Json]:
    """Every item of every page. An empty page may carry a token; a token that came before would never end."""
    ends = time.monotonic() + limits.listing
    token, seen = "", set[str]()
    while True:
        body = _page(signed_in, collection, token, min(limits.request, ends - time.monotonic()))
        found, token = _content(collection, body)
        yield from found
        if not token:
            return
        if token in seen:
            raise ReadFailure(Reason.MALFORMED, "PageTokenRepeated", "the listing leads back to a page that was read")
        seen.add(token)


def _page(signed_in: SignedIn, collection: Collection, token: str, seconds: float) -> Json:
    if seconds <= 0:
        raise ReadFailure(Reason.TIMEOUT, "Timeout", "the listing has more pages than the time limit allows")
    path = f"/api/2.0/accounts/{quote(signed_in.account_id, safe='')}/{collection.path}"
    query = {"page_token": token} if token else None
    headers = {"Accept": "application/json"}
    try:
        return clean(within(seconds, lambda: signed_in.client.do("GET", path, query=query, headers=headers)))
    except ReadFailure:
        raise
    except (OSError, ValueError, TypeError, RecursionError, KeyError, AttributeError, NotImplementedError) as error:
        raise signed_in.translator.failure(error) from None


def _content(collection: Collection, body: Json) -> tuple[Sequence[Json], str]:
    """The items and the next token. The API reference shows an object, the SDK takes some listings for bare arrays."""
    match body:
        case list() if collection.array:
            return body, ""
        case Mapping():
            token = body.get("next_page_token")
            found = body.get(collection.member, () if token else None)
            if isinstance(found, list | tuple) and isinstance(token, str | None):
                return found, token or ""
        case _:
            pass
    detail = f"the answer lacks {collection.member}; something between us and Databricks may have answered in its place"
    raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", detail)
