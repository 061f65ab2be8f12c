from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from github_assets.config.configuration import read_configuration
from github_assets.config.request import AssetRequest, Configuration
from github_assets.config.settings import Environment


class App:
    """An application directory, and what its configuration comes to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = folder.parent / "plan.toml"

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self, variables: Mapping[str, str] | None = None) -> Configuration:
        return read_configuration(str(self.folder), Environment(None, variables or {}), str(self.plan))

    def only(self, variables: Mapping[str, str] | None = None) -> AssetRequest:
        (asset,) = self.read(variables).assets
        return asset


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "app").mkdir()
    return App(tmp_path / "app")
