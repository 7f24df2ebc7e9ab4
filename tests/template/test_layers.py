"""What the layers hold is all that a function has: every door opens with them and without anything installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
UV = PROJECT / "build" / "uv" / "bin" / "uv"

OPEN_EVERY_DOOR = """
import importlib.util
import sys
from pathlib import Path

project, *layers = sys.argv[1:]
sys.path[:0] = layers
for handler in sorted(Path(project, "functions").glob("*/handler.py")):
    spec = importlib.util.spec_from_file_location(handler.parent.name, handler)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.lambda_handler), handler
    print(handler.parent.name)

from undertow.bootstrap import console_from_env, desk_from_env, tokens_from_env

desk, _console, _tokens = desk_from_env(), console_from_env(), tokens_from_env()
foreign = [name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", None) or "")]
assert not foreign, foreign
"""

ENVIRONMENT = {
    "UNDERTOW_STAGE": "test",
    "UNDERTOW_TABLE_PREFIX": "undertow-test-",
    "UNDERTOW_FOLLOW_UPS_QUEUE_URL": "http://127.0.0.1:1/queue",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both layers, built as `sam build` does it, for the interpreter that runs the tests."""
    built = []
    for name in ("VendorLayer", "UndertowLayer"):
        artifacts = tmp_path_factory.mktemp(name)
        environment = {
            **os.environ,
            "ARTIFACTS_DIR": str(artifacts),
            "UNDERTOW_BUILD": "local",
            "UNDERTOW_UV": str(UV),
            "UNDERTOW_PYTHON": sys.executable,
        }
        subprocess.run(["make", "-C", str(PROJECT / "layers"), f"build-{name}"], env=environment, check=True)
        built.append(artifacts / "python")
    return built


def test_every_function_runs_on_the_layers_alone(layers: list[Path]) -> None:
    """`-S`: no site-packages, as in Lambda; there the runtime's own SDK comes after the layers."""
    command = [sys.executable, "-S", "-P", "-c", OPEN_EVERY_DOOR, str(PROJECT), *map(str, layers)]
    opened = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert opened.returncode == 0, opened.stderr
    assert len(opened.stdout.split()) == len(list((PROJECT / "functions").glob("*/handler.py")))


def test_the_vendor_layer_holds_no_command_lines_and_no_installers(layers: list[Path]) -> None:
    present = {path.name for path in layers[0].iterdir()}
    assert not present & {"pip", "setuptools", "wheel", "click", "inquirer", "blessed", "yaml", "bin"}


def test_bytecode_lies_beside_every_module_because_a_layer_is_read_only(layers: list[Path]) -> None:
    for layer in layers:
        modules = [path for path in layer.rglob("*.py") if path.parent.name != "__pycache__"]
        assert modules
        assert all(list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")) for path in modules)
