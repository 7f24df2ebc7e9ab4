"""Builds the template for the local interpreter and deploys it, both only when something it depends on has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from local.processes import CloudError, Progress, run_to_end

PROJECT = Path(__file__).resolve().parent.parent
BUILD = PROJECT / "build"
SAM = BUILD / "sam-venv" / "bin" / "sam"
UV = BUILD / "uv" / "bin" / "uv"
EMULATOR_PYTHON = BUILD / "ministack-venv" / "bin" / "python"
LOCAL_BUILD = BUILD / "sam" / "local"

ARTIFACTS_BUCKET = "undertow-local-artifacts"
INPUTS = ("template.yaml", "infra", "functions", "layers", "local/requirements/ministack.txt")
NOT_INPUTS = frozenset({"__pycache__"})


def files_below(paths: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for name in paths:
        path = PROJECT / name
        found.extend([path] if path.is_file() else (p for p in path.rglob("*") if p.is_file()))
    return sorted(p for p in found if not is_ignored(p))


def is_ignored(path: Path) -> bool:
    parts = path.relative_to(PROJECT).parts
    return any(part in NOT_INPUTS or part.endswith(".egg-info") for part in parts)


def digest_of_inputs() -> str:
    digest = hashlib.sha256()
    for path in files_below(INPUTS):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def require_tools() -> None:
    for tool in (SAM, UV, EMULATOR_PYTHON):
        if not tool.exists():
            raise CloudError(f"{tool.relative_to(PROJECT)} is missing: run `make setup`")


def build(environment: Mapping[str, str], progress: Progress) -> str:
    """`sam build` of the project's template for the interpreter the emulator runs handlers in."""
    digest = digest_of_inputs()
    marker = LOCAL_BUILD.with_suffix(".digest")
    if marker.exists() and marker.read_text() == digest and (LOCAL_BUILD / "template.yaml").exists():
        progress.say("build: nothing has changed")
        return digest
    progress.say("build: sam build")
    marker.unlink(missing_ok=True)
    command: list[str | Path] = [SAM, "build", "--template-file", PROJECT / "template.yaml", "--build-dir", LOCAL_BUILD]
    run_to_end(command, sam_environment(environment), LOCAL_BUILD.with_suffix(".log"), "sam build")
    marker.write_text(digest)
    return digest


def deploy(environment: Mapping[str, str], parameters: Mapping[str, str], log: Path) -> None:
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    command: list[str | Path] = [
        SAM, "deploy", "--template-file", LOCAL_BUILD / "template.yaml", "--stack-name", "undertow-local",
        "--s3-bucket", ARTIFACTS_BUCKET, "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND",
        "--parameter-overrides", *overrides,
    ]  # fmt: skip
    run_to_end(command, sam_environment(environment), log, "sam deploy")


def sam_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        **environment,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.3",
        "UNDERTOW_BUILD": "local",
        "UNDERTOW_UV": str(UV),
        "UNDERTOW_PYTHON": str(EMULATOR_PYTHON),
    }


class Deployed:
    """What was deployed last onto a state directory: deploying the same again would only cost time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def matches(self, digest: str, parameters: Mapping[str, str]) -> bool:
        if not self._path.exists():
            return False
        return bool(json.loads(self._path.read_text()) == {"digest": digest, "parameters": dict(parameters)})

    def record(self, digest: str, parameters: Mapping[str, str]) -> None:
        self._path.write_text(json.dumps({"digest": digest, "parameters": dict(parameters)}))

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
