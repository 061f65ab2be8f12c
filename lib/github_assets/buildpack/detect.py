"""bin/detect: is there anything to do? Uses no network, and imports nothing that it does not need."""

from __future__ import annotations

from github_assets.buildpack.context import DetectContext
from github_assets.config.configuration import read_configuration
from github_assets.config.files import misnamed_files
from github_assets.config.settings import ENABLED, FILE, REPO, TARGET, read_enabled, read_provide
from github_assets.config.variable_names import names_meant
from github_assets.errors import CannotWrite
from github_assets.log import Log

PASS = 0
FAIL = 100
PLAN_ENTRY = "github-assets"

_PROVIDES = f'[[provides]]\nname = "{PLAN_ENTRY}"\n'
_REQUIRES = f'\n[[requires]]\nname = "{PLAN_ENTRY}"\n'


def detect(context: DetectContext, log: Log) -> int:
    """Return the exit status of the Buildpack API's detection: 0 pass, 100 fail. Raises CannotWrite.

    It fails only if nothing is configured, or if it is switched off. A wrong configuration passes, and build reports
    what is wrong: a lifecycle skips an optional buildpack whose detect ends with an error, and the image lacks the
    asset. The build plan provides and requires one entry, which other buildpacks can require too, with assets as its
    metadata.
    """
    try:
        plan, reason = _plan(context)
    except Exception:  # build comes to the same, and its errors are not passed over
        plan, reason = _PROVIDES + _REQUIRES, ""
    if not plan:
        log.title(reason)
        return FAIL
    try:
        with open(context.plan_path, "w", encoding="utf-8") as file:
            file.write(plan)
    except OSError as error:
        raise CannotWrite(path=context.plan_path, reason=error.strerror or str(error)) from None
    return PASS


def _plan(context: DetectContext) -> tuple[str, str]:
    """Return the build plan, or the reason why there is none. Raises the errors of `errors.config`."""
    environment = context.environment
    if not read_enabled(environment):
        return "", f"Switched off: {ENABLED} is false."
    if read_configuration(context.app_dir, environment).assets:
        return _PROVIDES + _REQUIRES, ""
    if read_provide(environment):
        return _PROVIDES, ""
    alone = [f"{name} is set, but not {REPO}." for name in (FILE, TARGET) if environment.is_set(name)]
    hints = [f"{name} is set: did you mean {meant}?" for name, meant in names_meant(environment)]
    hints += [
        f"{name} is not read: did you mean {meant}?" for name, meant in misnamed_files(context.app_dir, environment)
    ]
    nothing = (
        "No GitHub release assets are configured: neither REPO (or BP_GITHUB_ASSET_REPO) nor BP_GITHUB_ASSETS is set,"
        " and no file in the application lists assets."
    )
    return "", " ".join([nothing, *alone, *hints])
