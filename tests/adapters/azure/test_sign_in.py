"""Tokens: one for all clients until it ends, of the tenant that the configuration names."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from azure.core.credentials import AccessToken

from posture.adapters.azure.live.sign_in import InTenant


class Counting:
    """Gives tokens that live for some seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self.asked: list[tuple[tuple[str, ...], dict[str, object]]] = []

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        self.asked.append((scopes, options))
        return AccessToken(f"token {len(self.asked)}", int(time.time()) + self.seconds)


def test_one_token_serves_every_client_at_once() -> None:
    chain = Counting(3600)
    credential = InTenant(chain, "")
    with ThreadPoolExecutor(8) as pool:
        tokens = {each.token for each in pool.map(lambda _: credential.get_token("a/.default"), range(50))}
    assert tokens == {"token 1"}
    assert credential.get_token("b/.default").token == "token 2"


def test_a_token_that_ends_soon_is_made_anew() -> None:
    credential = InTenant(Counting(299), "")
    assert [credential.get_token("a/.default").token for _ in range(2)] == ["token 1", "token 2"]


def test_a_challenge_is_answered_by_a_new_token() -> None:
    credential = InTenant(Counting(3600), "")
    options = {"claims": "c", "enable_cae": True}
    assert [credential.get_token("a/.default", **options).token for _ in range(2)] == ["token 1", "token 2"]


def test_tokens_are_of_the_tenant_that_is_named() -> None:
    chain = Counting(3600)
    InTenant(chain, "ours").get_token("a/.default")
    InTenant(chain, "ours").get_token("a/.default", tenant_id="theirs")
    assert [options["tenant_id"] for _, options in chain.asked] == ["ours", "theirs"]
