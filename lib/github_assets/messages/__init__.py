"""Turns errors into text: a headline and advice. Each module of `errors` has a counterpart of the same name here."""

from __future__ import annotations

from collections import Counter

from github_assets import errors as e
from github_assets.errors import config as settings
from github_assets.locations import Location
from github_assets.text import printable

_ISSUES = "https://github.com/cage1016/github-assets-cnb/issues"


def message(error: e.GithubAssetsError) -> str:
    """Return the text to print when an error ends the run."""
    what, advice = _explain(error)
    attempts = f" (after {error.attempts} attempts)" if error.attempts > 1 else ""
    return f"ERROR: {what}{attempts}\n{advice}" if advice else f"ERROR: {what}{attempts}"


def headline(error: e.GithubAssetsError) -> str:
    """Return the first line of the message, without advice."""
    return _explain(error)[0].partition("\n")[0]


def unexpected(error: Exception) -> str:
    """Return the text to print for a bug in this program."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "unknown"
    return (
        f"ERROR: Internal error: {type(error).__name__} at {place}\n"
        f"This is a bug. Please report it with this line and the log above: {_ISSUES}"
    )


def _explain(error: e.GithubAssetsError) -> tuple[str, str]:
    error = type(error)(**{name: _printable(value) for name, value in vars(error).items()})
    match error:
        case e.SeveralFailed():
            counts = Counter(message(each) for each in error.errors)
            failures = "\n".join(_indented(text, count) for text, count in counts.items())
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


def _printable(value: object) -> object:
    """Return an error's datum without what could break a line, or begin one: much of it is other people's text."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, (list, tuple)):
        return [_printable(each) for each in value]
    if isinstance(value, Location):
        return value._replace(name=printable(value.name))
    return value


def _indented(text: str, count: int) -> str:
    first, *others = text.removeprefix("ERROR: ").split("\n")
    times = f" ({count} assets)" if count > 1 else ""
    return "\n".join(f"  {line}" for line in [f"{first}{times}", *others])
