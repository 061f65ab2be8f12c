"""docs/platforms.md says what `make e2e-kube` and `make e2e-platforms` prove, and with which versions."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from testing.toolchain import envoy, golang

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/platforms.md").read_text()


def statements() -> list[tuple[str, str]]:
    found = []
    for file in [*(ROOT / "tests/kube").glob("test_*.py"), *(ROOT / "tests/platforms").glob("test_*.py")]:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append((file.stem.removeprefix("test_"), (ast.get_docstring(node) or "").rstrip(".")))
    return found


@pytest.mark.parametrize(("platform", "statement"), statements())
def test_what_is_proven(platform: str, statement: str) -> None:
    assert statement
    assert f"| {platform} | {statement} |" in PAGE


def test_nothing_else_is_claimed() -> None:
    rows = re.findall(r"^\| (\w+) \| (.*?) \|[^|]*\|$", PAGE.partition("| what was proven |")[2], re.M)
    assert sorted(rows) == sorted(statements())


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Kubernetes", golang.KUBERNETES_VERSION),
        ("kpack", golang.KPACK_VERSION),
        ("Tekton Pipelines", golang.TEKTON_VERSION),
        ("Skaffold", golang.SKAFFOLD_VERSION),
        ("Consul", golang.CONSUL_VERSION),
        ("Envoy", envoy.VERSION),
        ("lifecycle", golang.LIFECYCLE_VERSION),
        ("pack", golang.PACK_VERSION),
    ],
)
def test_versions(name: str, version: str) -> None:
    assert f"| {name} | {version} |" in PAGE
