"""Assets that other buildpacks ask for (Buildpack spec, "Buildpack Plan (TOML)")."""

from __future__ import annotations

from github_assets.config.files import TABLE, decode, read_bytes
from github_assets.config.request import AssetRequest, check_number
from github_assets.config.settings import Environment
from github_assets.errors import ErrorCollector
from github_assets.locations import Location

_FILE = "the buildpack plan"


def read_plan_requests(plan_path: str, environment: Environment) -> list[AssetRequest]:
    """Return the assets that entries of the plan at $CNB_BP_PLAN_PATH describe in their metadata, with the same keys.

    Our own entry has no metadata. Raises the errors of `errors.config`.
    """
    data = read_bytes(plan_path, _FILE)
    if data is None or b"metadata" not in data:
        return []
    from github_assets.config.parsing import parse_toml
    from github_assets.config.tables import mistyped, read_table

    entries = parse_toml(decode(data, _FILE), _FILE).get("entries", [])
    if not isinstance(entries, list):
        raise mistyped(entries, f"entries of {_FILE}", "a list of tables, [[entries]]")
    check_number(len(entries), f"[[entries]] of {_FILE}")
    errors = ErrorCollector()
    assets = list[AssetRequest]()
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, dict) and entry.get("name") == TABLE and entry.get("metadata"):
            with errors:
                assets.append(read_table(entry["metadata"], Location(f"entry {number} of {_FILE}"), environment))
    errors.raise_collected()
    return assets
