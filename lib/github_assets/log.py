"""The only place that prints."""

from __future__ import annotations

import sys

from github_assets.errors import OutputUnavailable
from github_assets.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from github_assets.secrets import Secret

_END_OF_URL = " \t\n\"'<>"


_RED, _YELLOW = "1;31", "33"
"""Parameters of the control sequence SGR (ECMA-48, section 8.3.117)."""


class Log:
    """The build's output, indented like that of other buildpacks: title, step, detail.

    Registered secrets and the queries of URLs, which may contain a signature, are never printed. Neither are control
    characters, nor line breaks except in `block` and `error`: names in releases, archives and previous images are
    untrusted, and terminals and CI systems interpret what is printed.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._secrets: set[str] = set()
        self.quiet = False
        """Whether steps and details are left out."""
        self.debugging = False
        """Whether `debug` prints."""
        self.color: bool | None = None
        """Whether to use colors; None: on terminals."""

    def add_secrets(self, secrets: Iterable[Secret]) -> None:
        """Print `***` instead of these values from now on."""
        self._secrets.update(text for secret in secrets if (text := secret.reveal()))

    def title(self, text: str) -> None:
        """Print a line without indentation, such as the buildpack's name."""
        self._print(self._out, [text])

    def step(self, text: str) -> None:
        """Print a step of the build."""
        if not self.quiet:
            self._print(self._out, [text], "  ")

    def detail(self, text: str) -> None:
        """Print a detail of the step above."""
        if not self.quiet:
            self._print(self._out, [text], "    ")

    def section(self, heading: str, details: Iterable[str]) -> None:
        """Print a step and its details, with nothing of another thread's between them."""
        if not self.quiet:
            self._print(self._out, [heading, *(f"  {detail}" for detail in details)], "  ")

    def debug(self, text: str) -> None:
        """Print a detail for whoever asked for all of them."""
        if self.debugging:
            self._print(self._out, [f"debug: {text}"], "    ")

    def warning(self, text: str, paste: str = "") -> None:
        """Print a problem that does not stop the build, and lines to paste that end it."""
        lines = [f"  {line}" for line in paste.split("\n") if paste]
        self._print(self._out, [f"Warning: {text}", *lines], "  ", mark="Warning:", style=_YELLOW)

    def block(self, text: str, indent: str = "    ") -> None:
        """Print several lines to paste, below a warning or detail."""
        self._print(self._out, text.rstrip("\n").split("\n"), indent)

    def error(self, text: str) -> None:
        """Print the error that stops the build, if there is anywhere to print it."""
        try:
            self._print(self._err, text.split("\n"), mark="ERROR:", style=_RED)
        except OutputUnavailable:
            return

    def redact(self, text: str) -> str:
        """Return the text without registered secrets and without the queries of URLs."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        if "://" not in text or "?" not in text:
            return text
        return _without_queries(text)

    def _print(
        self, stream: TextIO | None, lines: Iterable[str], indent: str = "", *, mark: str = "", style: str = ""
    ) -> None:
        """Print lines at once; the `mark` that the first one begins with in a style."""
        shown = [printable(self.redact(line)) for line in lines]
        if stream is None:  # the interpreter was started without it
            raise OutputUnavailable(reason="it is closed", closed=False)
        try:
            if mark and shown[0].startswith(mark) and (stream.isatty() if self.color is None else self.color):
                shown[0] = f"\x1b[{style}m{mark}\x1b[0m{shown[0].removeprefix(mark)}"
            stream.write("".join(f"{indent}{line}\n" if line else "\n" for line in shown))
            stream.flush()
        except OSError as error:
            raise output_error(error) from None


def output_error(error: OSError) -> OutputUnavailable:
    """Return what it means that the output cannot be written."""
    return OutputUnavailable(reason=error.strerror or str(error), closed=isinstance(error, BrokenPipeError))


def _without_queries(text: str) -> str:
    """Return the text without the queries of URLs, which may contain URLs themselves."""
    shown, *rest = text.split("://")
    inside = False
    for part in rest:
        end = min((at for mark in _END_OF_URL if (at := part.find(mark)) >= 0), default=len(part))
        query = 0 if inside else part.find("?", 0, end)
        if query >= 0:
            closing = part.find(")", query, end)
            if closing >= 0 and "=" not in part[closing:end]:
                end = closing
            shown += part[end:] if inside else f"://{part[:query]}{part[end:]}"
        else:
            shown += f"://{part}"
        inside = query >= 0 and end == len(part)
    return shown
