"""The version of the package. In a layer it lies as plain files, without what an installation would know of it."""

from typing import Final

VERSION: Final = "0.1.0"
"""As in layers/undertow/pyproject.toml; a test compares the two."""
