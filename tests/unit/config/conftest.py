from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.configuration import read_configuration
from github_assets.config.request import AssetRequest, Configuration
from github_assets.config.settings import Environment


class App:
    """An application directory, and the configuration read from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = folder.parent / "plan.toml"
        self.platform = folder.parent / "platform"

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def set(self, **variables: str) -> None:
        """Write variables where platforms have the user's and project.toml's."""
        for name, value in variables.items():
            path = self.platform / "env" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value)

    def environment(self, variables: Mapping[str, str] | None = None) -> Environment:
        """Return what a build reads, with an operator's variables."""
        platform = str(self.platform)
        return Environment(platform, variables or {}, ApplicationFiles(str(self.folder), platform))

    def read(self, variables: Mapping[str, str] | None = None) -> Configuration:
        return read_configuration(str(self.folder), self.environment(variables), str(self.plan))

    def only(self, variables: Mapping[str, str] | None = None) -> AssetRequest:
        (asset,) = self.read(variables).assets
        return asset


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "app").mkdir()
    return App(tmp_path / "app")
