"""GitHub's own OpenAPI description, and checking responses against it.

The npm package @octokit/openapi carries it; `npm pack` fetches a pinned version once, into `.cache/openapi/`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from jsonschema import Draft4Validator

from testing.toolchain import nodejs

Name = Literal["api.github.com", "ghes-3.19"]

_PACKAGE: Final = "@octokit/openapi@23.0.2"
_SHA512: Final = "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
_CACHE: Final = Path(__file__).parents[2] / ".cache" / "openapi"


def fetch() -> Path:
    """The directory with the descriptions, which are downloaded if it is empty.

    Raises:
        ValueError: the package is not the pinned one.
        ToolchainError: there is no npm, and it could not be installed.
        subprocess.CalledProcessError: npm failed.
    """
    folder = _CACHE / _SHA512[:8]
    if folder.exists():
        return folder
    _CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE) as scratch:
        subprocess.run(
            [*nodejs.npm(), "pack", "--silent", _PACKAGE], cwd=scratch, check=True, stdout=subprocess.DEVNULL
        )
        (package,) = Path(scratch).glob("*.tgz")
        if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != _SHA512:
            raise ValueError(f"{_PACKAGE} is not the package that was pinned")
        done = Path(scratch, "done")
        done.mkdir()
        with tarfile.open(package) as archive:
            for name in ("api.github.com.json", "ghes-3.19.json"):
                member = archive.extractfile(f"package/generated/{name}")
                assert member is not None
                (done / name).write_bytes(member.read())
        done.rename(folder)
    return folder


def excerpt(name: Name, paths: Sequence[str]) -> dict[str, Any]:
    """What a description says of the GETs at some of its `paths`, in its own words but for two things.

    The path of the server's URL (`/api/v3` of an Enterprise Server) is part of the paths. And JSON is also had as
    `application/vnd.github+json`, which GitHub asks clients to accept (docs.github.com/rest, "Media types").
    """
    whole = json.loads((fetch() / f"{name}.json").read_bytes())
    (server,) = whole["servers"]
    _, slash, base = server["url"].partition("://")[2].partition("/")
    parts = {key: whole[key] for key in ("openapi", "info")}
    parts["paths"] = {
        slash + base + path: {"get": whole["paths"][path]["get"]} for path in paths if path in whole["paths"]
    }
    missing = _references(parts["paths"])
    while missing:
        _, section, kind, key = missing.pop().split("/")
        place = parts.setdefault(section, {}).setdefault(kind, {})
        if key not in place:
            place[key] = whole[section][kind][key]
            missing |= _references(place[key])
    cut = json.loads(json.dumps(parts), object_hook=_also_as_github_json)
    assert isinstance(cut, dict)
    return cut


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {reference for each in node for reference in _references(each)}
    if not isinstance(node, dict):
        return set()
    here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return here.union(*map(_references, node.values()))


def _also_as_github_json(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "application/vnd.github+json": node["application/json"]} if "application/json" in node else node


@functools.cache
def description(name: Name) -> dict[str, Any]:
    """A description as parsed JSON, with `nullable` in the words of JSON Schema."""
    loaded = json.loads((fetch() / f"{name}.json").read_bytes(), object_hook=_nullable)
    assert isinstance(loaded, dict)
    return loaded


def errors(name: Name, path: str, value: Any, status: int = 200) -> list[str]:
    """What is wrong with the JSON of a GET's answer: `path` is a key of the description's `paths`.

    Fields that the description does not know are wrong, too.
    """
    document = description(name)
    response = document["paths"][path]["get"]["responses"][str(status)]
    if "$ref" in response:
        response = _resolve(document, response)
    schema = response["content"]["application/json"]["schema"]
    validator = Draft4Validator({"allOf": [schema], "components": document["components"]})
    broken = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    return broken + list(_unknown(document, schema, value, "$"))


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("nullable") is not True:
        return schema
    return {"anyOf": [{k: v for k, v in schema.items() if k != "nullable"}, {"type": "null"}]}


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "anyOf" in schema:
        if "anyOf" in schema:
            schema = schema["anyOf"][0]
        else:
            schema = functools.reduce(lambda node, key: node[key], schema["$ref"].split("/")[1:], document)
    return schema


def _unknown(document: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> list[str]:
    schema = _resolve(document, schema)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [line for i, one in enumerate(value) for line in _unknown(document, items, one, f"{where}[{i}]")]
    properties = schema.get("properties")
    if not isinstance(value, dict) or not properties:
        return []
    lines = [f"{where}.{key}: not in the description" for key in value if key not in properties]
    for key in value.keys() & properties.keys():
        lines += _unknown(document, properties[key], value[key], f"{where}.{key}")
    return lines
