"""Rebuilds with a token: GitHub is asked whether anything has changed, which costs no rate limit where nothing has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from github_assets import __version__
from github_assets.buildpack.layers import LayerAsset, LayerMetadata
from github_assets.buildpack.outside import Outside
from github_assets.config.request import LATEST, AssetRequest, Repository
from github_assets.github.api import Api
from github_assets.github.releases import Release
from github_assets.log import Log
from github_assets.network import Credential
from github_assets.parallel import in_parallel
from github_assets.platforms import Platform


class _Question(NamedTuple):
    """Whether a release is what it was when it had the ETag; `tag` is None where it is the latest."""

    api: str
    credential: Credential
    repository: Repository
    tag: str | None
    etag: str


def find_unchanged(
    requests: Sequence[AssetRequest],
    previous: Mapping[str, LayerMetadata],
    outside: Outside,
    platform: Platform,
    log: Log,
) -> dict[str, LayerMetadata]:
    """Return those of the previous image's layers that are asked for as before, and whose releases are as they were.

    Raises what `Api.unchanged` raises, SeveralFailed for several.
    """
    asked: dict[str, list[AssetRequest]] = {layer: [] for layer in previous}
    for request in requests:
        if request.layer in asked:
            asked[request.layer].append(request)
    questions: dict[str, list[_Question]] = {}
    for layer, metadata in previous.items():
        if metadata.platform == platform and len(asked[layer]) == len(metadata.assets):
            pairs = zip(asked[layer], metadata.assets, strict=True)
            of_layer = [question for pair in pairs if (question := _question(*pair, outside))]
            if len(of_layer) == len(asked[layer]):
                questions[layer] = of_layer
    distinct = list(dict.fromkeys(question for of_layer in questions.values() for question in of_layer))

    def ask(question: _Question) -> bool:
        api = Api(outside.network, question.api, question.credential)
        return api.unchanged(question.repository, question.tag, question.etag)

    answers = dict(zip(distinct, in_parallel(ask, distinct), strict=True))
    unchanged = {layer: previous[layer] for layer, of_layer in questions.items() if all(map(answers.get, of_layer))}
    said = (
        f"{request.repository} {request.version}: release {entry.tag}, not modified"
        for layer, metadata in unchanged.items()
        for request, entry in zip(asked[layer], metadata.assets, strict=True)
    )
    for line in dict.fromkeys(said):
        log.step(line)
    return unchanged


def remembered(entry: LayerAsset, request: AssetRequest, release: Release, api: Api) -> LayerAsset:
    """Return the entry with what the next build can ask with, if there is a token, and an ETag to be had."""
    if not (api.credential and _is_etag(release.etag or "")):
        return entry
    return entry._replace(request=_digest(request, api), etag=release.etag or "")


def _question(request: AssetRequest, entry: LayerAsset, outside: Outside) -> _Question | None:
    api = outside.api(request)
    if not (api.credential and _is_etag(entry.etag)) or entry.request != _digest(request, api):
        return None
    tag = None if request.version == LATEST else entry.tag
    return _Question(api.url, api.credential, request.repository, tag, entry.etag)


def _digest(request: AssetRequest, api: Api) -> str:
    """Return what tells two requests apart, wherever they stand and whatever their token is."""
    asked = request._replace(source="", token=None, token_env=None)
    return hashlib.sha256(repr((__version__, api.url, asked)).encode()).hexdigest()


def _is_etag(text: str) -> bool:
    """Whether a header can hold it."""
    return text.isascii() and text.isprintable() and 0 < len(text) < 200
