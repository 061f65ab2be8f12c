"""bin/detect: is there anything to do? Without network, and with no import that it does not need."""

from __future__ import annotations

from github_assets.buildpack.context import DetectContext
from github_assets.config.environment import read_asset_request
from github_assets.errors import CannotWrite
from github_assets.log import Log

PASS = 0
FAIL = 100
PLAN_ENTRY = "github-assets"

_PLAN = f"""[[provides]]
name = "{PLAN_ENTRY}"

[[requires]]
name = "{PLAN_ENTRY}"
"""


def detect(context: DetectContext, log: Log) -> int:
    """Return the exit status of the Buildpack API's detection: 0 pass, 100 fail. Raises SettingInvalid, SettingMissing.

    The plan provides and requires one entry, so that other buildpacks may require it too.
    """
    if read_asset_request(context.environment) is None:
        log.title("No GitHub release asset is asked for: REPO (or BP_GITHUB_ASSET_REPO) is not set.")
        return FAIL
    try:
        with open(context.plan_path, "w", encoding="utf-8") as plan:
            plan.write(_PLAN)
    except OSError as error:
        raise CannotWrite(path=context.plan_path, reason=error.strerror or str(error)) from None
    return PASS
