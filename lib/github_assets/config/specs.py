"""Short specs: `owner/repo[@version][:file][>target]`.

Commas and white space separate them, so that neither can stand in one. A version ends at the first `:` or `>`; it may
hold `/` and `@`, as tags do. A file ends at the first `>`; if it starts with `/` it is a regular expression and ends at
the last `/`, so that it may hold `>`, `:` and `@`.
"""

from __future__ import annotations

from github_assets.config.patterns import Pattern, parse_pattern
from github_assets.config.request import AssetRequest, check_number, check_target, parse_repository
from github_assets.config.settings import ASSETS, Environment
from github_assets.config.versions import LATEST, parse_version
from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid, ValueQuoted
from github_assets.locations import QUOTES, ShortSpec

_ELSEWHERE = "commas, spaces and > are separators here; to use them in a value, set it in a file, or in FILE or VERSION"


def read_specs(environment: Environment) -> list[AssetRequest]:
    """Return the assets of BP_GITHUB_ASSETS. Raises SettingInvalid, ValueQuoted, SeveralFailed for several."""
    errors = ErrorCollector()
    assets = list[AssetRequest]()
    words = environment.words(ASSETS)
    if not words:
        raise SettingInvalid(where=ASSETS, value=",", expected="owner/repo[@version][:file][>target], one or more")
    check_number(len(words), ASSETS)
    for number, text in enumerate(words, start=1):
        with errors:
            assets.append(parse_spec(text, f"{ASSETS} item {number}"))
    errors.raise_collected()
    return assets


def parse_spec(text: str, source: str) -> AssetRequest:
    """Return the asset that one short spec names. Raises SettingInvalid, ValueQuoted."""
    scheme, separator, rest = text.partition("://")
    if scheme.lower() in ("https", "http"):
        host, path = _until("/", rest)
        server = scheme + separator + host
    else:
        server, path = "", text
    name, path = _until("@:>", path)
    looks_like_login = not server and "/" not in name and "/" in path
    if looks_like_login:
        repository = parse_repository(text, source)
        return AssetRequest(repository, ShortSpec(source, (("repo", str(repository)),)))
    repository = parse_repository(server + name, source)
    tag, version, file, target = None, LATEST, None, None
    if path.startswith("@"):
        tag, path = _until(":>", path[1:])
        _check_unquoted(tag, f"version of {source}")
        if not tag:
            raise SettingInvalid(where=f"version of {source}", value="", expected=f"a tag or a range ({_ELSEWHERE})")
        version = parse_version(tag, f"version of {source}")
    if path.startswith(":"):
        file, path = _file(path[1:], source)
    if path:
        _check_unquoted(path[1:], f"target of {source}")
        target = check_target(path[1:], f"target of {source}")
        if ">" in target:
            raise SettingInvalid(where=f"target of {source}", value=target, expected="a single > and a file name")
    texts = {"repo": server + name, "version": tag, "file": file and file.text, "target": target}
    location = ShortSpec(source, tuple((key, value) for key, value in texts.items() if value))
    return AssetRequest(repository, location, version, file, target)


def _file(text: str, source: str) -> tuple[Pattern, str]:
    """Return the file and what follows it: nothing, or `>` and a target."""
    if not text.startswith("/"):
        file, rest = _until(">", text)
    else:
        end = text.rfind("/") + 1
        file, rest = text[:end], text[end:]
        if end < 3 or rest[:1] not in ("", ">"):
            raise SettingInvalid(
                where=f"file of {source}",
                value=text,
                expected=f"a /regular expression/ with its closing / ({_ELSEWHERE})",
            )
    _check_unquoted(file, f"file of {source}")
    if not file:
        raise SettingInvalid(where=f"file of {source}", value="", expected="a name or a pattern after the colon")
    return parse_pattern(file, f"file of {source}"), rest


def _check_unquoted(text: str, setting: str) -> None:
    if text.startswith(QUOTES):
        raise ValueQuoted(setting=setting)


def _until(marks: str, text: str) -> tuple[str, str]:
    end = min((position for mark in marks if (position := text.find(mark)) >= 0), default=len(text))
    return text[:end], text[end:]
