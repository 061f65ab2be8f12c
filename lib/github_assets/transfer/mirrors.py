"""Where assets are had instead of GitHub: Paketo's dependency mirrors (RFC 0060) and dependency mappings (RFC 0010)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from github_assets.config.application_files import real_path
from github_assets.config.bindings import Binding
from github_assets.config.settings import DEPENDENCY_MIRROR, Environment, Setting
from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid, SettingsConflict
from github_assets.errors.http import InvalidResponse
from github_assets.errors.transfer import FolderNotMirror
from github_assets.http.credential import Credential
from github_assets.http.urls import host_of, origin
from github_assets.log import Log
from github_assets.secrets import Secret

MAPPING_BINDING = "dependency-mapping"
MIRROR_BINDING = "dependency-mirror"
DEFAULT = "default"
ORIGINAL_HOST = "{originalHost}"
FILE = "file"

_IN_PATHS = "/~!$&'()*+,;=:@"
_OF_RELEASES = ["releases", "download"]
"""What follows owner and name in the path of every asset's browser URL."""
_EXPECTED = "an https:// or file:/// URL without query, optionally followed by ,skip-path=/…; write a comma as %2C"


class MirrorLocation(NamedTuple):
    """A URL that stands for another, the setting that says so, and the user that the setting names."""

    url: str
    setting: str
    credential: Credential | None = None


class Mirrors:
    """The mirrors and mappings of one run."""

    def __init__(self, environment: Environment, bindings: Sequence[Binding], log: Log) -> None:
        """Read the bindings.

        Raises SettingsConflict for two mappings of one digest, or two mirrors of one host, SettingInvalid for one that
        cannot be read, SeveralFailed for several.
        """
        self._environment = environment
        self._log = log
        errors = ErrorCollector()
        with errors:
            self._mappings = _entries(bindings, MAPPING_BINDING)
        with errors:
            self._mirrors = _entries(bindings, MIRROR_BINDING)
        errors.raise_collected()

    def check(self, server: str) -> None:
        """Raise SettingInvalid if the mirror of a GitHub, if it has one, has no valid URL."""
        mirror = self._mirror(urlsplit(server).hostname or "")
        if mirror:
            self._parsed(mirror)

    def location(self, url: str, digests: Iterable[str]) -> MirrorLocation | None:
        """Return where to get what is at a URL, and has one of these SHA-256 digests, or None: there.

        A mapping wins over a mirror, a host's mirror over the default one, a variable over a binding. Raises
        FolderNotMirror, SettingInvalid, which holds no user, and InvalidResponse for what no mirror can stand for.
        """
        for digest in digests:
            for name in (digest, f"sha256:{digest}", f"sha256_{digest}"):
                if name in self._mappings:
                    return self._mapped(self._mappings[name])
        host = urlsplit(url).hostname or ""
        mirror = self._mirror(host)
        return self._mirrored(mirror, url, host) if mirror else None

    def _mirror(self, host: str) -> Setting | None:
        variable = f"{DEPENDENCY_MIRROR}_{host.upper().replace('-', '__').replace('.', '_')}"
        for name, entry in ((variable, host), (DEPENDENCY_MIRROR, DEFAULT)):
            text = self._environment.get(name)
            if text:
                return Setting(name, text)
            if entry in self._mirrors:
                return self._mirrors[entry]
        return None

    def _mapped(self, setting: Setting) -> MirrorLocation:
        """Return what a mapping names; plain http will do without a user, because the digest is known."""
        return self._location(setting, setting.value, ("https", "http", FILE))

    def _parsed(self, setting: Setting) -> tuple[MirrorLocation, str]:
        """Return the mirror's own URL, and what it lacks of the path of an asset."""
        mirror, skipped = "", ""
        for part in setting.value.split(","):
            name, _, value = part.partition("=")
            if name == "skip-path":
                skipped = unquote(value)
            elif not mirror:
                mirror = part.removeprefix("mirror=")
            else:
                raise _invalid(setting)
        if "?" in mirror or "#" in mirror:
            raise _invalid(setting)
        if "%" in _split(mirror)[0] and "@" not in mirror:
            mirror = unquote(mirror)  # for a user that is escaped as a whole, libpak unescapes all of it
        return self._location(setting, mirror, ("https", FILE)), skipped

    def _mirrored(self, setting: Setting, url: str, host: str) -> MirrorLocation:
        place, skipped = self._parsed(setting)
        wanted = "/" + unquote(urlsplit(url).path).replace(skipped, "", 1).removeprefix("/")
        if ".." in (host, *wanted.split("/")):
            raise InvalidResponse(host=host_of(url), reason="an asset URL that contains ..")
        root, path = _split(place.url)
        prefix = unquote(path).replace(ORIGINAL_HOST, host, 1).removesuffix("/")
        if root == f"{FILE}://" and not setting.bound:
            self._check_folder(setting, prefix, wanted)
        return place._replace(url=root + quote(prefix + wanted, safe=_IN_PATHS))

    def _check_folder(self, setting: Setting, folder: str, wanted: str) -> None:
        """Raise FolderNotMirror where a variable, which may be the application's, leads to another file than an asset.

        What is mounted for others, secrets above all, does not lie where a mirror has its assets.
        """
        file = real_path(folder + wanted) if "\0" not in folder + wanted else ""
        inside = file.startswith(f"{real_path(folder).rstrip('/')}/")
        if not inside or wanted.split("/")[3:5] != _OF_RELEASES or self._environment.application.is_given(file):
            raise FolderNotMirror(setting=setting.name, folder=folder)

    def _location(self, setting: Setting, url: str, schemes: Sequence[str]) -> MirrorLocation:
        root, path = _split(url)
        user, _, host = root.partition("://")[2].rpartition("@")
        scheme = root.partition("://")[0].lower()
        plain = f"{scheme}://{host}{path}"
        try:
            parts = urlsplit(plain)
            usable = parts.port != 0 and bool(parts.hostname) is not (scheme == FILE)
        except ValueError:
            usable = False
        encrypted = scheme == "https"
        if (
            scheme not in schemes
            or not usable
            or (user and not encrypted)
            or any(character.isspace() for character in plain)
        ):
            raise _invalid(setting)
        return MirrorLocation(plain, setting.name, self._credential(user, plain, setting) if user else None)

    def _credential(self, user: str, url: str, setting: Setting) -> Credential:
        name, _, password = user.partition(":")
        plain = f"{unquote(name)}:{unquote(password)}"
        token = Secret(b64encode(plain.encode()).decode())
        self._log.add_secrets([token, *(Secret(text) for text in (user, password, unquote(password)))])
        return Credential(token, origin(url), setting.name, scheme="Basic")


def _entries(bindings: Sequence[Binding], kind: str) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for binding in bindings:
        if binding.type != kind:
            continue
        for entry in binding.entries:
            value = binding.read(entry)
            name = entry.lower()
            if name in found and found[name].value != value:
                raise SettingsConflict(
                    where=f"binding type {kind}", settings=[found[name].name, binding.setting(entry)]
                )
            if value:
                found[name] = Setting(binding.setting(entry), value, bound=True)
    return found


def _split(url: str) -> tuple[str, str]:
    """Return a URL's scheme, user and host, and its path with what follows."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host}", f"{slash}{path}"


def _invalid(setting: Setting) -> SettingInvalid:
    return SettingInvalid(where=setting.name, value="(not shown)", expected=_EXPECTED)
