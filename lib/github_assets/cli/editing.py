"""Adds an asset to a file, and leaves everything else in it as it is, comments too."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from github_assets.config.parsing import parse
from github_assets.errors.config import FileUnreadable, NotEditable

_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


def with_asset(text: str, file: str, keys: Sequence[str], asset: Mapping[str, object]) -> str:
    """Return the text of a TOML or YAML file with one more asset in the list that the keys lead to.

    Raises FileUnreadable, MergeConflict, and NotEditable if an addition at its end does not do it.
    """
    lines = asset_lines(text, file, keys, asset)
    before = text.rstrip("\n")
    is_list = before and file.endswith((".yaml", ".yml"))
    added = "\n".join([before, *([] if is_list or not before else [""]), *lines, ""]).lstrip("\n")
    try:
        done = parse(added, file) == _expected(parse(text, file), keys, asset)
    except FileUnreadable:
        done = False
    if not done:
        raise NotEditable(file=file, lines=lines)
    return added


def asset_lines(text: str, file: str, keys: Sequence[str], asset: Mapping[str, object]) -> list[str]:
    """Return the asset in the syntax of a file with this text. The values of JSON are those of TOML and YAML."""
    values = {key: json.dumps(value, ensure_ascii=False) for key, value in asset.items()}
    if not file.endswith((".yaml", ".yml")):
        return [f"[[{'.'.join(keys)}]]", *(f"{key} = {value}" for key, value in values.items())]
    item = _ITEM.search(text)
    indent = item[1] if item else "  "
    header = [] if item else [f"{keys[-1]}:"]
    marks = (f"{indent}- ", *(f"{indent}  ",) * len(values))
    return [*header, *(f"{mark}{key}: {value}" for mark, (key, value) in zip(marks, values.items(), strict=False))]


def _expected(document: dict[str, Any], keys: Sequence[str], asset: Mapping[str, object]) -> dict[str, Any]:
    """Return the document with the asset."""
    expected = copy.deepcopy(document)
    table = expected
    for key in keys[:-1]:
        table = table.setdefault(key, {})
    table[keys[-1]] = [*(table.get(keys[-1]) or []), dict(asset)]
    return expected
