"""Assets that other buildpacks ask for."""

from __future__ import annotations

from github_assets.config.build_plan import read_plan_requests
from github_assets.config.patterns import Pattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.settings import Environment
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
token_env = "YQ_TOKEN"
process = false
"""


def test_entries_with_metadata_are_assets(app: App) -> None:
    app.plan.write_text(PLAN)
    assert read_plan_requests(str(app.plan), Environment(None, {"YQ_TOKEN": "t"})) == [
        AssetRequest(
            Repository("mikefarah", "yq"),
            Location("entry 4 of the buildpack plan"),
            Version("^4"),
            Pattern("yq_linux_*"),
            "yq",
            Secret("t"),
            "YQ_TOKEN",
            process=False,
        )
    ]


def test_target_that_the_application_has_too(app: App) -> None:
    app.plan.write_text(PLAN)
    app.write("github-assets.toml", '[[assets]]\nrepo = "a/b"\ntarget = "yq"\nlayer = "other"\n')
    assert [asset.place for asset in app.read({"YQ_TOKEN": "t"}).assets] == ["other/bin/yq", "github-assets/bin/yq"]


def test_plan_that_is_not_there_asks_for_nothing(app: App) -> None:
    assert read_plan_requests(str(app.plan), Environment(None, {})) == []
