"""From what the user gave to a client that is signed in, by the SDK's own profiles, environment and methods."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from posture.adapters.databricks.live.failures import SignInError, Translator, is_unreadable, root_of
from posture.adapters.databricks.live.sdk import Sdk, load
from posture.frozen import dataclass
from posture.model.facts import Reason
from posture.model.settings import DatabricksAccess
from posture.model.trust import DATABRICKS_PARTITIONS, GOOGLE_HOST
from posture.reading import ReadFailure

T = TypeVar("T")
_SIGN_IN_RETRY_SECONDS = 5  # a host that is not there is a mistake in the configuration more often than a bad moment
_HELP_CREDENTIALS = (
    "set DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET to those of a service principal, "
    "or name a profile of ~/.databrickscfg"
)
_HELP_ACCOUNT = "set account_id in posture.yaml, DATABRICKS_ACCOUNT_ID, or account_id in the profile"
_HELP_WITHOUT = "without Databricks access, name the stores: --store s3://bucket/prefix"
_HELP_HOST = "set host in posture.yaml, DATABRICKS_HOST, or host in the profile, to one of: " + ", ".join(
    [*(f"{partition.account_host} ({partition.name})" for partition in DATABRICKS_PARTITIONS), f"{GOOGLE_HOST} (gcp)"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds: for one HTTP exchange, for one request with its retries, for one listing with all its pages."""

    http: float = 20.0
    retries: float = 30.0
    listing: float = 60.0

    @property
    def request(self) -> float:
        """The longest that the SDK may take: an exchange that begins just before the retries end."""
        return self.retries + self.http


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A client that has signed in, and as whom. `host` is without anything secret."""

    host: str
    account_id: str
    principal: str
    method: str
    cloud: str  # aws, azure or gcp
    client: Any  # databricks.sdk.core.ApiClient: naming the type would make every type check read the whole SDK
    translator: Translator


def sign_in(access: DatabricksAccess, limits: Limits) -> SignedIn:
    """Sign in, or raise a SignInError that says what to set."""
    sdk = load()
    strategy = _Strategy(sdk, limits)
    try:
        return within(limits.request, lambda: _signed_in(access, sdk, strategy, limits))
    except SignInError:
        raise
    except ReadFailure as failure:
        host = strategy.host or strategy.translator().clean(access.host) or "the configured host"
        message = f"Databricks at `{host}` did not let us sign in within {limits.request:g} seconds"
        raise SignInError(failure.reason, failure.code, message, help=_HELP_HOST) from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError, NotImplementedError) as error:
        raise _explained(error, strategy) from None


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work`, or a ReadFailure when the time is up.

    The SDK asks for tokens without any time limit, and none of its limits ends an answer that trickles. The thread is a
    daemon, because one that hangs must not keep the process from ending.
    """
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            result.set_exception(error)

    threading.Thread(target=run, name="posture-databricks", daemon=True).start()
    try:
        return result.result(timeout=seconds)
    except TimeoutError:
        if result.done():
            raise
        raise ReadFailure(Reason.TIMEOUT, "Timeout", f"no answer within {seconds:g} seconds") from None


def _signed_in(access: DatabricksAccess, sdk: Sdk, strategy: _Strategy, limits: Limits) -> SignedIn:
    given = {"host": account_host(access.host), "account_id": access.account_id, "profile": access.profile}
    with _without_warnings():
        config = sdk.core.Config(
            credentials_strategy=strategy,
            http_timeout_seconds=limits.http,
            retry_timeout_seconds=min(_whole(limits.retries), _SIGN_IN_RETRY_SECONDS),
            disable_async_token_refresh=True,  # in the background no time limit of ours would end it
            **{name: value for name, value in given.items() if value},
        )
    headers = config.authenticate()
    config.retry_timeout_seconds = _whole(limits.retries)
    translator = strategy.translator(headers.get("Authorization", "").split())
    return SignedIn(
        host=translator.clean(config.host),
        account_id=config.account_id,
        principal=translator.clean(_principal(config)),
        method=config.auth_type,
        cloud="azure" if config.is_azure else "gcp" if config.is_gcp else "aws",
        client=sdk.core.ApiClient(config),
        translator=translator,
    )


class _Strategy:
    """The SDK's own chain of methods, after a look at what every one of them needs."""

    def __init__(self, sdk: Sdk, limits: Limits) -> None:
        self._sdk = sdk
        self._chain = sdk.core.DefaultCredentials()
        self._probe_seconds = min(limits.http, _SIGN_IN_RETRY_SECONDS)
        self.config: Any = None

    @property
    def host(self) -> str:
        """As the SDK resolved it; empty as long as it has not."""
        return self.translator().clean(str(self.config.host)) if self.config is not None else ""

    @property
    def account_id(self) -> str:
        """As the SDK resolved it; empty as long as it has not."""
        return str(self.config.account_id) if self.config is not None else ""

    def auth_type(self) -> str:
        """The method that the chain chose."""
        return str(self._chain.auth_type())

    def translator(self, *more: list[str]) -> Translator:
        """Knows every secret of the configuration."""
        if self.config is None:
            return Translator(self._sdk)
        attributes = [attribute.name for attribute in type(self.config).attributes() if attribute.sensitive]
        secrets = [str(getattr(self.config, name) or "") for name in attributes]
        secrets += [word for words in more for word in words if word not in {"Bearer", "Basic"}]
        return Translator(self._sdk, secrets=secrets, noise=self.config.debug_string())

    def __call__(self, config: Any) -> Callable[[], dict[str, str]]:  # noqa: ANN401 - the SDK's Config, as above
        self.config = config
        if not config.host:
            message = "no Databricks account host is given"
            raise SignInError(Reason.NOT_COLLECTED, "NoHost", message, help=f"{_HELP_HOST}; {_HELP_WITHOUT}")
        if not config.account_id:
            message = f"no Databricks account id is given for `{self.host}`"
            raise SignInError(Reason.NOT_COLLECTED, "NoAccountId", message, help=_HELP_ACCOUNT)
        if not config.discovery_url:
            self._look_for(config)
        chosen: Callable[[], dict[str, str]] = self._chain(config)
        return chosen

    def _look_for(self, config: Any) -> None:  # noqa: ANN401 - the SDK's Config, as above
        """The host did not say where it signs in. Either it cannot be reached, or it does not publish that."""
        import requests  # noqa: PLC0415 - only beside the SDK, which imports it anyway

        try:
            url = f"{config.host}/.well-known/databricks-config"
            requests.get(url, timeout=self._probe_seconds, allow_redirects=False)
        except (requests.RequestException, ValueError) as error:
            failure = self.translator().failure(error)
            message = f"cannot reach Databricks at `{self.host}`: {failure.message}"
            raise SignInError(failure.reason, failure.code, message, help=_HELP_HOST) from None
        account = f"{config.host}/oidc/accounts/{config.account_id}"
        config.discovery_url = f"{account}/.well-known/oauth-authorization-server"


def _explained(error: Exception, strategy: _Strategy) -> SignInError:
    """Why the SDK could not sign in, by the error at the bottom of those it wrapped."""
    translator, root = strategy.translator(), root_of(error)
    if strategy.config is not None and is_unreadable(error):
        failure = translator.failure(error)
        message = f"Databricks at `{strategy.host}` did not sign us in: {failure.message}"
        return SignInError(failure.reason, failure.code, message, help=f"check HTTPS_PROXY; {_HELP_HOST}")
    failure = translator.failure(root)
    if strategy.config is None:
        message = f"the Databricks configuration was refused: {failure.message}"
        return SignInError(Reason.NOT_COLLECTED, failure.code, message, help=_HELP_CREDENTIALS)
    if failure.reason is Reason.NOT_FOUND:
        message = f"Databricks at `{strategy.host}` does not know the account `{strategy.account_id}`"
        return SignInError(failure.reason, failure.code, message, help=f"{_HELP_ACCOUNT}; {_HELP_HOST}")
    if "cannot configure default credentials" in str(root):
        message = f"no credentials for Databricks at `{strategy.host}`"
        return SignInError(Reason.NOT_COLLECTED, "NoCredentials", message, help=_HELP_CREDENTIALS)
    message = f"Databricks at `{strategy.host}` refused to sign us in: {failure.message}"
    return SignInError(failure.reason, failure.code, message, help=_HELP_CREDENTIALS)


def account_host(given: str) -> str:
    """A partition's name stands for its host, and `gcp` for that of Google Cloud."""
    if given == "gcp":
        return GOOGLE_HOST
    return next((partition.account_host for partition in DATABRICKS_PARTITIONS if partition.name == given), given)


def _principal(config: Any) -> str:  # noqa: ANN401 - the SDK's Config, as above
    for name in ("client_id", "azure_client_id", "google_service_account", "username"):
        if value := getattr(config, name):
            return str(value)
    return f"{config.auth_type} credentials"


def _whole(seconds: float) -> int:
    """The SDK cuts fractions off, and takes 0 for its default of five minutes."""
    return max(1, math.ceil(seconds))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """The SDK warns on stderr when a host publishes no metadata, which `_look_for` deals with."""
    logger = logging.getLogger("databricks.sdk")

    def silent(record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING

    logger.addFilter(silent)
    try:
        yield
    finally:
        logger.removeFilter(silent)
