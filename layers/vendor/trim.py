"""Removes from a freshly installed vendor layer what no function imports.

Chalice declares its command line as a dependency (pip, setuptools, a terminal toolkit), and botocore carries the
description of every AWS service. Both are most of the bytes and none of the behaviour.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PACKAGES = frozenset(
    {
        "Crypto",
        "annotated_types",
        "anyio",
        "aws_lambda_powertools",
        "boto3",
        "botocore",
        "certifi",
        "chalice",
        "coincurve",
        "dateutil",
        "h11",
        "httpcore",
        "httpx",
        "idna",
        "jmespath",
        "pydantic",
        "pydantic_core",
        "pynamodb",
        "s3transfer",
        "six",
        "typing_extensions",
        "typing_inspection",
        "urllib3",
    }
)
AWS_SERVICES = frozenset({"apigatewaymanagementapi", "dynamodb", "kms", "lambda", "sns", "sqs", "ssm", "sts"})
# Of Crypto only keccak is used: the signature itself is coincurve's.
UNUSED_PARTS = (
    "Crypto/Cipher",
    "Crypto/IO",
    "Crypto/Math",
    "Crypto/Protocol",
    "Crypto/PublicKey",
    "Crypto/SelfTest",
    "Crypto/Signature",
    "boto3/examples",
    "botocore/.changes",
    "chalice/cdk",
    "chalice/cli",
    "chalice/deploy",
    "chalice/templates",
)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def distribution_of(entry: Path) -> str:
    """`pydantic_core-2.50.4.dist-info` -> `pydantic_core`; `six.py` -> `six`."""
    name = entry.name.removesuffix(".py")
    return name.split("-", 1)[0] if name.endswith(".dist-info") else name


def trim(root: Path) -> None:
    kept_licences = {name.lower() for name in PACKAGES} | {"pycryptodome", "python_dateutil"}
    for entry in root.iterdir():
        wanted = kept_licences if entry.name.endswith(".dist-info") else PACKAGES
        name = distribution_of(entry)
        if (name.lower() if entry.name.endswith(".dist-info") else name) not in wanted:
            remove(entry)
    for service in (root / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in AWS_SERVICES:
            remove(service)
    for part in UNUSED_PARTS:
        if (root / part).exists():
            remove(root / part)
    for stray in [*root.rglob("__pycache__"), *root.rglob("*.pyi")]:
        remove(stray)


def check(root: Path) -> None:
    present = {distribution_of(entry) for entry in root.iterdir()}
    if missing := sorted(PACKAGES - present):
        raise SystemExit(f"{root}: the lock file no longer brings {', '.join(missing)}: mend vendor/trim.py")
    if missing := sorted(name for name in AWS_SERVICES if not (root / "botocore" / "data" / name).is_dir()):
        raise SystemExit(f"{root}: botocore no longer knows {', '.join(missing)}: mend vendor/trim.py")


if __name__ == "__main__":
    layer = Path(sys.argv[1])
    trim(layer)
    check(layer)
