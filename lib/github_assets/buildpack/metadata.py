"""Layer content metadata: what `<layer>.toml` records about a layer's assets, and whether the layer can be reused.

Buildpack spec, "Layer Content Metadata (TOML)".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from github_assets.config.names import valid_file_name
from github_assets.config.request import (
    ALL,
    AUTO,
    BIN,
    DIGEST,
    EXECUTABLES,
    LAYER_PLACEHOLDER,
    UNVERIFIED,
    AssetRequest,
)
from github_assets.platforms import Platform
from github_assets.transfer.source import OF_THE_RELEASE

if TYPE_CHECKING:
    from github_assets.resolution.plan import PlannedAsset

FORMAT = "2"
"""Incremented when the same input gives a different layer."""


class LayerAsset(NamedTuple):
    """An asset of a layer. All fields are strings: not all TOML types survive the round trip through the image label.

    Fields up to `options` decide reuse. The others are only known after the download, or help to avoid one.
    """

    repository: str
    tag: str
    asset: str
    id: str
    size: str
    digest: str
    target: str
    options: str = ""
    sha256: str = ""
    verified_by: str = ""
    level: str = ""
    """How far it is verified: `attested`, `digest` or `unverified`."""
    executables: str = ""
    """Paths relative to the layer, one a line."""
    seal: str = ""
    """Computed with the token: proves that a build with this token and the same request wrote this metadata."""
    etag: str = ""
    """To ask the API whether the release has changed; only recorded with a token, because it is not free without."""

    @property
    def paths(self) -> list[str]:
        """The executables' paths, relative to the layer."""
        return self.executables.split("\n") if self.executables else []


SIZE_ONLY = "size only"
"""How an asset without a digest was verified."""
_HEXADECIMAL = frozenset("0123456789abcdef")
_OF_THE_RUN = frozenset(("sha256", "verified_by", "level", "executables", "seal", "etag"))
_WORDS = {"repository": "repository", "tag": "release", "id": "asset id", "asset": "asset", "size": "size"}


class LayerMetadata(NamedTuple):
    """`[metadata]` of `<layer>.toml`: everything that decides whether the layer can be reused."""

    platform: Platform
    assets: tuple[LayerAsset, ...]
    format: str = FORMAT

    def to_toml(self) -> dict[str, Any]:
        """Return the table that `from_toml` reads."""
        return {
            "format": self.format,
            "os": self.platform.os,
            "arch": self.platform.arch,
            "libc": self.platform.libc or "",
            "assets": [
                {field: text for field, text in asset._asdict().items() if text or field not in ("seal", "etag")}
                for asset in self.assets
            ],
        }

    @classmethod
    def from_toml(cls, table: Any) -> LayerMetadata | None:
        """Return the metadata that an earlier build wrote, or None if it has another format."""
        try:
            if table["format"] != FORMAT:
                return None
            assets = tuple(LayerAsset(**asset) for asset in table["assets"])
            platform = Platform(table["os"], table["arch"], table["libc"] or None)
        except (LookupError, TypeError, AttributeError):
            return None
        texts = [platform.os, platform.arch, platform.libc or "", *(text for asset in assets for text in asset)]
        printable = all(isinstance(text, str) and text.replace("\n", "").isprintable() for text in texts)
        return cls(platform, assets) if printable else None

    def reused_for(self, wanted: LayerMetadata, planned: Sequence[PlannedAsset]) -> LayerMetadata:
        """Return the metadata of the layer when it is reused for these assets."""
        pairs = zip(self.in_order_of(wanted).assets, planned, strict=True)
        return self._replace(assets=tuple(verified(it, _verified_by(it, each), each) for it, each in pairs))

    def in_order_of(self, wanted: LayerMetadata) -> LayerMetadata:
        """Return the same assets in the order of the current request, with the current seals and ETags."""
        assets = _by_target(self.assets)
        return self._replace(
            assets=tuple(
                assets[name]._replace(seal=now.seal, etag=now.etag) for name, now in _by_target(wanted.assets).items()
            )
        )

    def reasons_to_replace(self, previous: LayerMetadata, planned: Sequence[PlannedAsset]) -> list[str]:
        """Return why the previous layer cannot be reused for these assets; empty if it can."""
        reasons = self.differences(previous)
        if not reasons:
            pairs = zip(planned, previous.in_order_of(self).assets, strict=True)
            reasons = [
                f"the previous image's metadata of {was.target} is invalid" for now, was in pairs if not _fits(was, now)
            ]
        return reasons

    def differences(self, previous: LayerMetadata) -> list[str]:
        """Return the differences from the previous metadata that prevent reuse, one per line."""
        reasons = []
        if self.platform != previous.platform:
            reasons.append(f"the platform changed from {previous.platform} to {self.platform}")
        old, new = _by_target(previous.assets), _by_target(self.assets)
        reasons += [f"{target} is no longer configured" for target in old.keys() - new.keys()]
        reasons += [f"{target} is new" for target in new.keys() - old.keys()]
        for target in sorted(new.keys() & old.keys()):
            was, now = old[target]._asdict(), new[target]._asdict()
            reasons += [
                f"the {_WORDS.get(field, field)} of {target} changed"
                f" from {was[field] or 'none'} to {now[field] or 'none'}"
                for field in LayerAsset._fields
                if field not in _OF_THE_RUN and was[field] != now[field]
            ]
        return sorted(reasons)


def _by_target(assets: Iterable[LayerAsset]) -> dict[str, LayerAsset]:
    """Return the assets by target. If several directories have files of one name, the later ones get a suffix."""
    found: dict[str, LayerAsset] = {}
    for asset in assets:
        name = asset.target
        while name in found:
            name += "'"
        found[name] = asset
    return found


def _fits(asset: LayerAsset, planned: PlannedAsset) -> bool:
    """Return whether what only an earlier build could know about an asset is plausible.

    Anyone who can write the image can write its metadata, so it is compared with everything known now: the digest,
    or, if that is unknown, who publishes digests for the asset, and the files that the asset can install.
    """
    if len(asset.sha256) != 64 or not _HEXADECIMAL.issuperset(asset.sha256):
        return False
    if planned.expected:
        return asset.sha256 == planned.expected.digest and _executables_fit(asset.paths, planned)
    return _verified_by(asset, planned) == asset.verified_by and _executables_fit(asset.paths, planned)


def _verified_by(asset: LayerAsset, planned: PlannedAsset) -> str:
    """Return how an earlier build verified the asset, as far as its claim is plausible."""
    first = planned.expected.by if planned.expected else SIZE_ONLY
    others = asset.verified_by.removeprefix(first).removeprefix(", ") if planned.expected else asset.verified_by
    checksum_files = {f"{each.name}{OF_THE_RELEASE}" for each in planned.release.assets if each != planned.asset}
    return asset.verified_by if others and checksum_files.issuperset(others.split(", ")) else first


def _executables_fit(paths: Sequence[str], planned: PlannedAsset) -> bool:
    request = planned.request
    if not paths:
        return request.extract != EXECUTABLES or not request.executable
    folder = BIN if request.folder is None or request.extract == ALL else request.folder
    parts = [path.rpartition("/") for path in paths]
    names = [name for _, _, name in parts]
    inside = all(parent == folder and valid_file_name(name) for parent, _, name in parts)
    return inside and (request.extract == ALL or request.target is None or names == [request.target])


def resolution(request: AssetRequest, asset: LayerAsset) -> str:
    """Return the line that says what was asked for, in which setting, and what it resolved to."""
    unverified = ", not verified" if asset.level == UNVERIFIED else ""
    return f"{request.repository} {request.version} ({request.source}): {asset.tag}, {asset.asset}{unverified}"


def verified(asset: LayerAsset, by: str, planned: PlannedAsset) -> LayerAsset:
    """Return the asset as it was verified."""
    return asset._replace(verified_by=by, level=planned.level or (UNVERIFIED if by == SIZE_ONLY else DIGEST))


def describe(planned: PlannedAsset) -> LayerAsset:
    """Return the metadata of an asset, as far as it is known before the download."""
    request, asset = planned.request, planned.asset
    return LayerAsset(
        repository=str(request.repository),
        tag=planned.release.tag,
        asset=asset.name,
        id=str(asset.id),
        size=str(asset.size),
        digest=planned.digest,
        target=asset.name if request.extract == ALL else planned.resolved.target,
        options=_options(request),
    )


def environment_files(request: AssetRequest, layer: str = LAYER_PLACEHOLDER) -> dict[str, str]:
    """Return the files in env.launch/ of a layer at this path that set an asset's variables, by name."""
    return {name: text for variable in request.env for name, text in variable.files(layer).items()}


def _options(request: AssetRequest) -> str:
    """Return the options that affect installation and differ from their defaults, as text."""
    deciding = ("path", "strip_components", "extract", "executable", "folder")
    values = {name: getattr(request, name) for name in deciding}
    chosen = {name: value for name, value in values.items() if value != getattr(AssetRequest, name)}
    if request.verify != AUTO:
        chosen["verify"] = request.verify
    if request.minimum:
        chosen["minimum"] = request.minimum
    if request.env:
        chosen["env"] = environment_files(request)
    if not chosen:
        return ""
    import json

    return json.dumps(chosen, sort_keys=True)
