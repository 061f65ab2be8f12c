"""The model as TOML or JSON, for the state file and the control endpoint's `/state`.

    tokens = ["ghp_…"]              # valid, beside the repositories' readers and writers
    signed_url_seconds = 3600       # also: direct, inline_bundles, rate_limits = {anonymous, token}
    shape.store = { first_byte_ms = 20, bytes_per_second = 10_000_000 }

    [[repositories]]
    name = "owner/name"             # also: private, readers, writers, renamed_to
    attestations = [{ digest = "sha256:…", bundle = "bundle.json", predicate_type = "…" }]
    [[repositories.releases]]
    tag = "v1.0.0"                  # also: the fields of state.Release
    [[repositories.releases.assets]]
    name = "tool-linux-amd64"       # also: the fields of state.Asset; digest = "" is GitHub's null
    path = "out/tool"               # relative to the state file; or text = "…"

What exists already is changed: a release by its tag, an asset by its name.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from .server import Server
from .state import Attestation, RateLimits, Release, Repository

_OPTIONS: Final = ("signed_url_seconds", "direct", "inline_bundles")
_RELEASE: Final = (
    "name",
    "created_at",
    "published_at",
    "draft",
    "prerelease",
    "make_latest",
    "immutable",
    "body",
    "id",
)
_ASSET: Final = ("digest", "state", "content_type", "label", "created_at", "reported_size", "id")


def load(path: str) -> dict[str, Any]:
    """The mapping in a TOML or JSON file, by its extension."""
    with open(path, "rb") as file:
        return json.load(file) if path.endswith(".json") else tomllib.load(file)


def apply(server: Server, state: Mapping[str, Any], directory: str) -> None:
    """Put a mapping into a server's model; raises ValueError if the model has no such field.

    Args:
        server: the server.
        state: the mapping.
        directory: where its relative paths begin.
    """
    known = ("tokens", "rate_limits", "shape", "repositories", *_OPTIONS)
    _check("the state", state, known)
    github = server.github
    github.tokens.update(state.get("tokens", ()))
    for option in _OPTIONS:
        if option in state:
            setattr(github, option, state[option])
    if "rate_limits" in state:
        github.rate_limits = RateLimits(**state["rate_limits"])
    for role, shape in state.get("shape", {}).items():
        server.shape(role, **shape)
    for entry in state.get("repositories", ()):
        _check(
            "a repository", entry, ("name", "private", "readers", "writers", "renamed_to", "attestations", "releases")
        )
        repository = github.find(entry["name"]) or github.repository(entry["name"])
        _fill(repository, entry, directory)


def _fill(repository: Repository, entry: Mapping[str, Any], directory: str) -> None:
    repository.private = entry.get("private", repository.private)
    repository.readers.update(entry.get("readers", ()))
    repository.writers.update(entry.get("writers", ()))
    for one in entry.get("attestations", ()):
        _check("an attestation", one, ("digest", "bundle", "predicate_type"))
        with open(os.path.join(directory, one["bundle"]), "rb") as file:
            fields = {"predicate_type": one["predicate_type"]} if "predicate_type" in one else {}
            attestation = Attestation(json.load(file), **fields)
        repository.attestations.setdefault(one["digest"], []).append(attestation)
    for one in entry.get("releases", ()):
        _check("a release", one, ("tag", "assets", *_RELEASE))
        fields = {name: _value(name, one[name]) for name in _RELEASE if name in one}
        release = next((release for release in repository.releases if release.tag == one["tag"]), None)
        if release is None:
            release = repository.release(one["tag"], **fields)
        else:
            for name, value in fields.items():
                setattr(release, name, value)
        for asset in one.get("assets", ()):
            _add_asset(release, asset, directory)
    if "renamed_to" in entry:
        repository.rename(entry["renamed_to"])


def _add_asset(release: Release, entry: Mapping[str, Any], directory: str) -> None:
    _check("an asset", entry, ("name", "path", "text", *_ASSET))
    if ("path" in entry) == ("text" in entry):
        raise ValueError(f"asset {entry['name']}: one of path and text is needed")
    content = os.path.join(directory, entry["path"]) if "path" in entry else entry["text"].encode()
    release.assets = [asset for asset in release.assets if asset.name != entry["name"]]
    fields = {name: _value(name, entry[name]) for name in _ASSET if name in entry}
    release.asset(entry["name"], content, **fields)


def _value(name: str, value: Any) -> Any:
    if name == "digest":
        return value or None
    return datetime.fromisoformat(value) if name.endswith("_at") and isinstance(value, str) else value


def _check(what: str, entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in entry:
        if key not in known:
            raise ValueError(f"{what} has no {key!r}; it has {', '.join(known)}")
