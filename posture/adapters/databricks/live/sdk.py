"""The Databricks SDK, without the four fifths of it that a reader of the account API never uses."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from posture.frozen import dataclass

_PACKAGE = "databricks.sdk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """The modules that posture uses."""

    core: ModuleType  # Config, ApiClient, DefaultCredentials
    errors: ModuleType


def load() -> Sdk:
    """Import the SDK's core. Its package imports every service, five times the cost of what is used here.

    So the package is put in place unexecuted, and executes itself when somebody asks it for a name, as
    `from databricks.sdk import AccountClient` does. Where that does not work, the SDK is imported as it is.
    """
    if _PACKAGE not in sys.modules:
        try:
            _defer_package()
            return _modules()
        except (ImportError, AttributeError):
            _forget()
    return _modules()


def _modules() -> Sdk:
    core = importlib.import_module(f"{_PACKAGE}.core")
    for name in ("Config", "ApiClient", "DefaultCredentials"):
        getattr(core, name)
    return Sdk(core=core, errors=importlib.import_module(f"{_PACKAGE}.errors"))


def _defer_package() -> None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.loader is None:
        message = f"no module named {_PACKAGE}"
        raise ImportError(message)
    package = importlib.util.module_from_spec(spec)
    package.__dict__["__getattr__"] = lambda name: _execute(package, spec, name)
    sys.modules[_PACKAGE] = package
    sys.modules["databricks"].__dict__["sdk"] = package


def _execute(package: ModuleType, spec: ModuleSpec, name: str) -> object:
    """What a name of the package is. Import machinery asks for submodules too, before it imports them: not here."""
    if name.startswith("__") or importlib.util.find_spec(f"{_PACKAGE}.{name}") is not None:
        message = f"module {_PACKAGE!r} has no attribute {name!r}"
        raise AttributeError(message)
    if package.__dict__.pop("__getattr__", None) is not None and spec.loader is not None:
        spec.loader.exec_module(package)
    return getattr(package, name)


def _forget() -> None:
    for name in [name for name in sys.modules if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")]:
        del sys.modules[name]
    sys.modules["databricks"].__dict__.pop("sdk", None) if "databricks" in sys.modules else None
