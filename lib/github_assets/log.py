"""The only place that prints."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from github_assets.secrets import Secret


class Log:
    """Lines for whoever reads the build's output, indented as buildpacks do: title, step, detail.

    Registered secrets and the queries of URLs, where signed URLs carry their signature, never get through.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._secrets: set[str] = set()

    def add_secrets(self, secrets: Iterable[Secret]) -> None:
        """Replace these values by `***` in every line from now on."""
        self._secrets.update(text for secret in secrets if (text := secret.reveal()))

    def title(self, text: str) -> None:
        """Print the buildpack's name, or what else heads the lines that follow."""
        self._print(self._out, text)

    def step(self, text: str) -> None:
        """Print one thing that is done."""
        self._print(self._out, text, "  ")

    def detail(self, text: str) -> None:
        """Print one fact about the step."""
        self._print(self._out, text, "    ")

    def warning(self, text: str) -> None:
        """Print what the user should change although the build goes on."""
        self._print(self._out, f"Warning: {text}", "  ")

    def error(self, text: str) -> None:
        """Print why the build stops."""
        self._print(self._err, text)

    def redact(self, text: str) -> str:
        """Return the text without registered secrets and without the queries of URLs."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        if "://" in text and "?" in text:
            import re

            text = re.sub(r"(\b[a-zA-Z][\w+.-]*://[^\s?\"'<>]*)\?[^\s\"'<>)]*", r"\1", text)
        return text

    def _print(self, stream: TextIO, text: str, indent: str = "") -> None:
        lines = [indent + line if line else "" for line in self.redact(text).split("\n")]
        stream.write("\n".join(lines) + "\n")
        stream.flush()
