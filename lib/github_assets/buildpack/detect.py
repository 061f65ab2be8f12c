"""bin/detect: is there anything to do? Without network, and with no import that it does not need."""

from __future__ import annotations

from github_assets.buildpack.context import DetectContext
from github_assets.config.collect import read_requests
from github_assets.config.settings import read_provide
from github_assets.errors import CannotWrite
from github_assets.log import Log

PASS = 0
FAIL = 100
PLAN_ENTRY = "github-assets"

_PROVIDES = f'[[provides]]\nname = "{PLAN_ENTRY}"\n'
_REQUIRES = f'\n[[requires]]\nname = "{PLAN_ENTRY}"\n'


def detect(context: DetectContext, log: Log) -> int:
    """Return the exit status of the Buildpack API's detection: 0 pass, 100 fail. Raises what `read_requests` raises.

    The plan provides and requires one entry, which other buildpacks may require too, with assets in its metadata.
    """
    requests = read_requests(context.app_dir, context.environment).assets
    if requests:
        plan = _PROVIDES + _REQUIRES
    elif read_provide(context.environment):
        plan = _PROVIDES
    else:
        log.title(
            "No GitHub release assets are configured: neither REPO (or BP_GITHUB_ASSET_REPO) nor BP_GITHUB_ASSETS"
            " is set, and no file in the application lists assets."
        )
        return FAIL
    try:
        with open(context.plan_path, "w", encoding="utf-8") as file:
            file.write(plan)
    except OSError as error:
        raise CannotWrite(path=context.plan_path, reason=error.strerror or str(error)) from None
    return PASS
