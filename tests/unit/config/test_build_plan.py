"""Assets that other buildpacks require."""

from __future__ import annotations

from github_assets.config.build_plan import read_plan_requests
from github_assets.config.patterns import Pattern
from github_assets.config.request import AssetRequest, Repository, Token
from github_assets.config.settings import OPERATOR, Environment
from github_assets.config.versions import Version
from github_assets.locations import Location
from github_assets.secrets import Secret

from .conftest import App

PLAN = """
[[entries]]
name = "github-assets"

[[entries]]
name = "github-assets"
[entries.metadata]

[[entries]]
name = "node"
[entries.metadata]
version = "20"
build = true

[[entries]]
name = "github-assets"
[entries.metadata]
repo = "mikefarah/yq"
version = "^4"
file = "yq_linux_*"
target = "yq"
strip_components = 0
token_env = "GITHUB_TOKEN"
process = false
"""


def test_entries_with_metadata_are_assets(app: App) -> None:
    app.plan.write_text(PLAN)
    assert read_plan_requests(str(app.plan), Environment(None, {"GITHUB_TOKEN": "t"})) == [
        AssetRequest(
            Repository("mikefarah", "yq"),
            Location("entry 4 of the buildpack plan"),
            Version("^4"),
            Pattern("yq_linux_*"),
            "yq",
            Token(Secret("t"), "GITHUB_TOKEN", OPERATOR),
            process=False,
        )
    ]


def test_target_that_the_application_has_too(app: App) -> None:
    app.plan.write_text(PLAN)
    app.write("github-assets.toml", '[[assets]]\nrepo = "a/b"\ntarget = "yq"\nlayer = "other"\n')
    assert [asset.destination for asset in app.read({"GITHUB_TOKEN": "t"}).assets] == [
        "other/bin/yq",
        "github-assets/bin/yq",
    ]


def test_a_missing_plan_requests_nothing(app: App) -> None:
    assert read_plan_requests(str(app.plan), Environment(None, {})) == []
