"""How the SDK is imported: late, without the services nobody uses, and so that others can still use it whole."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 the test's own
    return done.stdout.strip()


LOADED = "sorted({name.split('.')[0] for name in sys.modules} & {'databricks', 'requests', 'google'})"


def test_importing_and_making_the_wing_imports_no_sdk() -> None:
    code = f"""
import sys
from posture.adapters.databricks.wing import DatabricksWing
from posture.adapters.databricks.permissions import permissions
from posture.model.settings import DatabricksAccess, Settings
wing = DatabricksWing(Settings(databricks=(DatabricksAccess(host='https://example.com'),)))
wing.calls, permissions().as_json()
print({LOADED})
"""
    assert run(code) == "[]"


def test_only_the_core_is_imported() -> None:
    code = """
import sys
from posture.adapters.databricks.live.sdk import load
sdk = load()
print(sdk.core.__name__, len([name for name in sys.modules if name.startswith('databricks.sdk.service.')]) < 5)
"""
    assert run(code) == "databricks.sdk.core True"


@pytest.mark.parametrize(
    "use",
    [
        "from databricks.sdk import AccountClient as found",
        "import databricks.sdk; found = databricks.sdk.AccountClient",
        "from databricks import sdk; found = sdk.AccountClient",
        "from databricks.sdk import WorkspaceClient, AccountClient as found",
        "from databricks.sdk.service.billing import LogDeliveryAPI; from databricks.sdk import AccountClient as found",
    ],
)
def test_the_whole_sdk_stays_usable(use: str) -> None:
    code = f"""
from posture.adapters.databricks.live.sdk import load
before = load()
{use}
import databricks.sdk.core
after = load()
print(found.__name__, before == after, databricks.sdk.core is after.core, issubclass(after.errors.NotFound, OSError))
"""
    assert run(code) == "AccountClient True True True"


def test_a_name_the_sdk_does_not_have_is_still_an_error() -> None:
    code = """
from posture.adapters.databricks.live.sdk import load
load()
import databricks.sdk
print(hasattr(databricks.sdk, 'NoSuchClient'), hasattr(databricks.sdk, 'AccountClient'))
"""
    assert run(code) == "False True"


def test_an_sdk_that_is_there_already_is_used_as_it_is() -> None:
    code = """
import databricks.sdk
from posture.adapters.databricks.live.sdk import load
print(load().core is databricks.sdk.core)
"""
    assert run(code) == "True"


def test_where_the_short_way_fails_the_plain_import_serves() -> None:
    """As after a release whose core needs its package."""
    code = """
import importlib, sys
from posture.adapters.databricks.live import sdk
class Refuse:
    failed = 0
    def find_spec(self, name, path=None, target=None):
        if name == 'databricks.sdk.config' and not Refuse.failed:
            Refuse.failed += 1
            raise ImportError('needs the package')
        return None
sys.meta_path.insert(0, Refuse())
loaded = sdk.load()
from databricks.sdk import AccountClient
print(Refuse.failed, loaded.core.Config.__name__, loaded.core is sys.modules['databricks.sdk.core'])
"""
    assert run(code) == "1 Config True"
