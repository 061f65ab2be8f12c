"""Turns errors into text. Each module of `errors` has a counterpart of the same name here.

A message has the headline, the facts, what to do or the line to paste, and last the id with its address in
docs/errors.md, which `catalog` describes.
"""

from __future__ import annotations

from collections import Counter

from github_assets import errors as e
from github_assets.errors import config as settings
from github_assets.locations import Location
from github_assets.messages.wording import fact
from github_assets.text import printable

_ISSUES = "https://github.com/cage1016/github-assets-cnb/issues"


def message(error: e.GithubAssetsError) -> str:
    """Return the text to print when an error ends the run."""
    return f"ERROR: {_message(error, _facts(error))}"


def headline(error: e.GithubAssetsError) -> str:
    """Return the first line of the message, without advice."""
    return _explain(error)[0].partition("\n")[0]


def unexpected(error: Exception) -> str:
    """Return the text to print for a bug in this program."""
    from github_assets.messages.catalog import INTERNAL, address

    place, trace = "unknown", error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if trace.tb_lineno:  # the package's copy of the standard library has no line numbers
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"ERROR: Internal error: {type(error).__name__} at {place}\n"
        f"This is a bug. Please report it with this line and the log above: {_ISSUES}\n"
        f"{INTERNAL}: {address(INTERNAL)}"
    )


def _message(error: e.GithubAssetsError, facts: list[tuple[str, str]]) -> str:
    what, advice = _explain(error)
    first, *details = what.split("\n")
    if error.attempts > 1:
        first += f" (after {error.attempts} attempts)"
    details += [fact(label, value) for label, value in facts if value not in what]
    return "\n".join([first, *details, *([advice] if advice else []), *_reference(error)])


def _facts(error: e.GithubAssetsError) -> list[tuple[str, str]]:
    """Return what is known about any error's asset; the headline has some of it."""
    release = error.release or " ".join(str(getattr(error, name, "")) for name in ("repository", "tag"))
    key = error.asset_key
    # Where the version is wrong, there is no such release.
    has_release = (hasattr(error, "tag") or error.release) and key != "version"
    facts = [("release", printable(release))] if has_release else []
    if not error.source:
        return facts
    place = error.source.place(key) if key and key in dict(error.source.asset) else str(error.source)
    return [*facts, ("set in", printable(place))]


def _reference(error: e.GithubAssetsError) -> list[str]:
    """Return the line with the error's id; several errors have theirs in their own messages."""
    if isinstance(error, e.SeveralFailed):
        return []
    from github_assets.messages.catalog import address, id_of

    return [f"{id_of(error)}: {address(id_of(error))}"]


def _explain(error: e.GithubAssetsError) -> tuple[str, str]:
    error = type(error)(**{name: _printable(value) for name, value in vars(error).items()})
    match error:
        case e.SeveralFailed():
            failures = "\n".join(f"  {line}" for text in _grouped(error) for line in text.split("\n"))
            configured = all(type(each).__module__ == settings.__name__ for each in error.errors)
            number = f"{'At least ' if len(error.errors) == e.MOST_ERRORS else ''}{len(error.errors)}"
            return f"{number} {'settings are invalid' if configured else 'assets failed'}:\n{failures}", ""
        case e.CannotWrite():
            return (
                f"Cannot write to {error.path}: {error.reason}.",
                "Give the build more disk space, or check the directory's permissions.",
            )
        case e.OutputUnavailable():
            return (
                f"Cannot write the output: {error.reason}.",
                "Free some disk space, or send the output somewhere else.",
            )
        case e.Interrupted():
            return f"Stopped by signal {error.signal}. Nothing was installed.", ""
    from importlib import import_module

    module = type(error).__module__.rpartition(".")[2]
    explain = import_module(f"{__name__}.{module}").explain
    what, advice = explain(error)
    return what, advice


def _grouped(several: e.SeveralFailed) -> list[str]:
    """Return the messages of several errors. Those that say the same of several assets are one, without their facts."""
    texts = [_message(each, []) for each in several.errors]
    counts, seen, shown = Counter(texts), set[str](), []
    for text, each in zip(texts, several.errors, strict=True):
        if counts[text] == 1:
            shown.append(_message(each, _facts(each)))
        elif text not in seen:
            first, rest = text.split("\n", 1) if "\n" in text else (text, "")
            shown.append("\n".join([f"{first} ({counts[text]} assets)", *([rest] if rest else [])]))
        seen.add(text)
    return shown


def _printable(value: object) -> object:
    """Return an error's datum without what could break a line, or begin one: much of it is other people's text."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, (list, tuple)):
        return [_printable(each) for each in value]
    if isinstance(value, Location):
        return value._replace(name=printable(value.name))
    return value
