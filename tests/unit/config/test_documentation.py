"""The documentation says what the code says."""

from __future__ import annotations

import re
import tomllib

from github_assets import __version__
from github_assets.config.settings import ASSETS_PATH, FILE, OWN_VARIABLES, REPO, TARGET, TOKEN, VERSION
from github_assets.config.tables import KEYS
from tests.documents import DOCUMENTS, ROOT, blocks

from .conftest import App

VARIABLES = {*OWN_VARIABLES, REPO, FILE, TARGET, VERSION, TOKEN, ASSETS_PATH}


def test_the_keys_in_the_documentation() -> None:
    _, section = (ROOT / "docs" / "assets.md").read_text().split("## Keys\n", 1)
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section.split("\n## ", 1)[0], re.M)

    assert dict(rows) == {name: key.description for name, key in KEYS.items()}


def test_the_variables_in_the_documentation() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/settings.md").read_text().split("\n## ", 1)[0], re.M)

    assert set(re.findall(r"`(\w+)`", " ".join(rows))) >= VARIABLES


def test_the_variables_in_the_buildpacks_metadata() -> None:
    configurations = tomllib.loads((ROOT / "buildpack.toml").read_text())["metadata"]["configurations"]

    assert {each["name"] for each in configurations} == VARIABLES
    assert all(each["build"] and each["description"] for each in configurations)


def test_the_migrated_tables_in_the_documentation(app: App) -> None:
    (script,) = (block for name, block in blocks("sh") if name == "docs/migration.md-1")
    (migrated,) = (block for name, block in blocks("toml") if name == "docs/migration.md-1")
    app.write("project.toml", script.split("<<'EOF'\n")[1].split("EOF\n")[0])

    (warning,) = app.read().warnings

    assert warning.partition("\n\n")[2].strip() == migrated.strip()


def test_the_package_is_installed_from_a_release_or_the_repository() -> None:
    """An index may have somebody else's package of the same name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wheel = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    release = f"https://github.com/cage1016/github-assets-cnb/releases/download/v{__version__}/{wheel}"
    commands = [line for document in DOCUMENTS for line in re.findall(r"pip3? install .*", document.read_text())]

    ours = [command for command in commands if "github" in command]
    assert len(ours) >= 2
    for command in ours:
        assert release in command or "git+https://github.com/cage1016/github-assets-cnb" in command
    assert any(release in command for command in ours)


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        text = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if "://" in path:
                continue
            file = (document.parent / path) if path else document
            assert file.exists(), f"{document.name}: {target}"
            if anchor and file.suffix == ".md":
                headings = re.findall(r"^#+ (.*)$", file.read_text(), re.M)
                anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
                assert anchor in anchors, f"{document.name}: {target}"
