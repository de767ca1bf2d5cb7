import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEDS = sorted(path.stem for path in (ROOT / "tests" / "testbeds").glob("*.py"))


def test_the_beds_import_with_the_standard_library_alone() -> None:
    modules = [f"tests.testbeds.{name}" for name in BEDS if name not in {"__init__", "fixtures"}]
    assert "tests.testbeds.bed" in modules
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import " + ", ".join(modules)
    command = [sys.executable, "-I", "-S", "-c", script]  # -S: no installed package can be found
    subprocess.run(command, check=True, timeout=30)  # noqa: S603 the script above
