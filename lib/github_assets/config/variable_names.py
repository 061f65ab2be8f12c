"""Variables that are nearly one of ours: with our prefix they are an error, for the short names a hint."""

from __future__ import annotations

from github_assets.config.settings import (
    ASSETS,
    ASSETS_PATH,
    EXECUTABLE,
    EXTRACT,
    FILE,
    OWN_VARIABLES,
    PATH,
    PREFIX,
    REPO,
    TARGET,
    TOKEN,
    TOKEN_PREFIX,
    TOKENS,
    VERSION,
    Environment,
)
from github_assets.errors import ErrorCollector
from github_assets.errors.config import VariableUnknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_RESERVED = PREFIX.rstrip("_")
_SHORT = (REPO, FILE, TARGET, VERSION, TOKEN)
_SYNONYMS = {"TAG": VERSION, "ASSET": FILE}
_WORDS = frozenset(("BP", "GITHUB", "GH", "ASSET", "ASSETS", "RELEASE"))
"""What names of ours begin with, in part or in another order."""


def check_variable_names(environment: Environment, allowed: Collection[str]) -> None:
    """Raise VariableUnknown for each variable with our prefix that is not ours, SeveralFailed for several.

    `allowed` holds names that the configuration gives a meaning.
    """
    errors = ErrorCollector()
    for name in sorted(environment.names() - {*OWN_VARIABLES, ASSETS_PATH, *allowed}):
        if _is_meant_for_us(name) and not name.startswith(TOKEN_PREFIX) and environment.is_set(name):
            with errors:
                raise _unknown(name)
    errors.raise_collected()


def names_meant(environment: Environment) -> list[tuple[str, str]]:
    """Return the variables that are nearly REPO, one of its companions or BP_GITHUB_ASSETS, each with that one.

    Those that are set count for nothing else.
    """
    missing = [name for name in _SHORT if not (environment.is_set(name) or environment.is_set(PREFIX + name))]
    if not environment.is_set(ASSETS):
        missing.append(ASSETS)
    return [
        (name, meant)
        for name in sorted(environment.names())
        for meant in missing
        if name != meant and _is_nearly(name.upper(), meant) and environment.is_set(name)
    ]


def _is_meant_for_us(name: str) -> bool:
    name = _as_written(name)
    if name.startswith(_RESERVED):
        return True
    similar = "ASSET" in name or "GITHUB" in name
    return similar and any(_is_one_edit(name, known) for known in (*OWN_VARIABLES, ASSETS_PATH))


def _as_written(name: str) -> str:
    """Return the name with what names of variables are made of; Kubernetes allows more."""
    return name.upper().replace("-", "_").replace(".", "_")


def _is_nearly(name: str, meant: str) -> bool:
    if meant == ASSETS:
        return name in ("GITHUB_ASSETS", "GH_ASSETS", "BP_GH_ASSETS")
    prefix, _, last = name.rpartition("_")
    if prefix and _WORDS.issuperset(prefix.split("_")) and last == meant:
        return name not in TOKENS
    return _SYNONYMS.get(name) == meant or _is_one_edit(name, meant)


def _is_one_edit(name: str, other: str) -> bool:
    """Whether a letter more, less, or another one, or two that are swapped, make one of the other."""
    if abs(len(name) - len(other)) > 1:
        return False
    pairs = enumerate(zip(name, other, strict=False))
    same = next((place for place, (left, right) in pairs if left != right), min(len(name), len(other)))
    left, right = name[same:], other[same:]
    return (
        left[1:] == right
        or left == right[1:]
        or left[1:] == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )


def _unknown(name: str) -> VariableUnknown:
    from github_assets.config.tables import KEYS, key_meant
    from github_assets.text import nearest_first

    upper = _as_written(name)
    word = upper.removeprefix(_RESERVED).removeprefix("S").removeprefix("_").lower()
    key = word if word in KEYS else key_meant(word) or word
    if upper.removeprefix("BP_") == ASSETS_PATH:
        return VariableUnknown(name=name, nearest=ASSETS_PATH)
    if key.upper() in (*_SHORT, PATH, EXTRACT, EXECUTABLE):
        return VariableUnknown(name=name, nearest=PREFIX + key.upper())
    if key in KEYS:
        return VariableUnknown(name=name, key=key)
    return VariableUnknown(name=name, nearest=nearest_first(upper, (*OWN_VARIABLES, ASSETS_PATH))[0])
