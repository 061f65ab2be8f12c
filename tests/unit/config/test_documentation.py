"""The documentation says what the code says."""

from __future__ import annotations

import re
import tomllib

from github_assets import __version__
from github_assets.config.tables import KEYS
from tests.documents import DOCUMENTS, ROOT, blocks

from .conftest import App


def test_the_keys_in_the_documentation() -> None:
    _, section = (ROOT / "docs" / "assets.md").read_text().split("## Keys\n", 1)
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section.split("\n## ", 1)[0], re.M)

    assert dict(rows) == {name: key.description for name, key in KEYS.items()}


def test_the_migrated_tables_in_the_documentation(app: App) -> None:
    (script,) = (block for name, block in blocks("sh") if name == "docs/migration.md-1")
    (migrated,) = (block for name, block in blocks("toml") if name == "docs/migration.md-1")
    app.write("project.toml", script.split("<<'EOF'\n")[1].split("EOF\n")[0])

    (warning,) = app.read().warnings

    assert warning.partition("\n\n")[2].strip() == migrated.strip()


def test_the_package_is_installed_from_a_release_only() -> None:
    """An index may have somebody else's package of the same name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wheel = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    release = f"https://github.com/cage1016/github-assets-cnb/releases/download/v{__version__}/{wheel}"
    commands = [line for document in DOCUMENTS for line in re.findall(r"pip3? install .*", document.read_text())]

    ours = [command for command in commands if "github" in command]
    assert len(ours) >= 2
    for command in ours:
        assert release in command
