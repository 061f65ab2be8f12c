"""Every invalid configuration, and its message."""

from __future__ import annotations

import os
import re

import pytest

from github_assets.config import tables
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import KeyUnknown, SettingMissing, TargetConflict, VariableConflict
from github_assets.messages import message
from tests.messages import parts_of

from .conftest import App

TOML = "github-assets.toml"
YAML = "github-assets.yaml"
ASSET = '[[assets]]\nrepo = "a/b"\n'
FIRST = "[[assets]] number 1 in github-assets.toml"
A_STRING = "Expected: a string in quotes."
A_TAG = "Expected: a tag such as v1.2.3, latest, or a range such as ^1.2 or >=1 <2."
A_TARGET = "Expected: a file name, without directories, .. or control characters."
A_LAYER = "Expected: a layer name: ASCII letters, digits, - and _; not build, launch or store."
A_DURATION = "Expected: a duration in quotes, a number followed by s, m, h, d or w, such as 24h or 3d."
A_PROCESS = "Expected: a process type: ASCII letters, digits, - . and _; not web, which belongs to the application."
A_PATH = "Expected: a path relative to the archive's root: no leading /, no .., no \\."
SPACED = "BP_GITHUB_ASSET_TOKEN_SPACED"
A_VARIABLE = "Expected: the name of an environment variable, such as GITHUB_TOKEN"
DEEP = 1500

KEYS = [
    # the line of the asset's table, what is said
    ("repo2 = 1", f'{FIRST} has the unknown key "repo2".', 'Did you mean "repo"?'),
    ("vesion = 'v1'", f'{FIRST} has the unknown key "vesion".', 'Did you mean "version"?'),
    ("tokenenv = 'X'", f'{FIRST} has the unknown key "tokenenv".', 'Did you mean "token_env"?'),
    ("strip-components = 1", f'{FIRST} has the unknown key "strip-components".', 'Did you mean "strip_components"?'),
    ("'\\u001b' = 1", f'{FIRST} has the unknown key "\\u001b".', "Did you mean"),
    ("token = 's3cr3t'", f"{FIRST} contains a token.", "Remove it. Put it in an environment variable"),
    (
        "version = 1.10",
        f"version of {FIRST} is a float.",
        'Expected: a string in quotes, such as "1.10".',
    ),
    ("version = 1", f"version of {FIRST} is an integer.", 'Expected: a string in quotes, such as "1.10".'),
    ("version = 2024-01-02", f"version of {FIRST} is a date.", 'Expected: a string in quotes, such as "1.10".'),
    ("version = 'a b'", f'version of {FIRST} is invalid: "a b".', A_TAG),
    ("version = '> ../..'", f'version of {FIRST} is invalid: "> ../..".', "Expected: a range such as ^1.2"),
    ("version = ''", f'version of {FIRST} is invalid: "".', "Expected: a string in quotes"),
    ("file = ''", f'file of {FIRST} is invalid: "".', "Expected: a string in quotes, not empty"),
    ("file = ' x'", f'file of {FIRST} is invalid: " x".', "Expected: a string in quotes, not empty"),
    ("file = ['x']", f"file of {FIRST} is a list.", A_STRING),
    ('file = "a\\nb"', f'file of {FIRST} is invalid: "a\N{REPLACEMENT CHARACTER}b".', "Expected: a string"),
    ("target = '../x'", f'target of {FIRST} is invalid: "../x".', A_TARGET),
    ("target = 'a/b'", f'target of {FIRST} is invalid: "a/b".', A_TARGET),
    ("target = true", f"target of {FIRST} is a boolean.", A_STRING),
    ("sha256 = 'abc'", f'sha256 of {FIRST} is invalid: "abc".', "Expected: the asset's SHA-256, 64"),
    (f"sha256 = '{'g' * 64}'", f'sha256 of {FIRST} is invalid: "{"g" * 64}".', "Expected: the asset's SHA-256"),
    ("sha256 = ''", f'sha256 of {FIRST} is invalid: "".', A_STRING[:-1]),
    ("path = []", f'path of {FIRST} is invalid: "[]".', "Expected: a glob of paths in the archive"),
    ("path = ['a', 1]", f"path of {FIRST} is an integer.", "Expected: a glob of paths in the archive"),
    ("path = '/etc/*'", f'path of {FIRST} is invalid: "/etc/*".', A_PATH),
    ("path = 'a/../../b'", f'path of {FIRST} is invalid: "a/../../b".', A_PATH),
    ("path = 'a\\b'", f'path of {FIRST} is invalid: "a\\b".', A_PATH),
    ("strip_components = '1'", f"strip_components of {FIRST} is a string.", "Expected: an integer, without quotes."),
    ("strip_components = true", f"strip_components of {FIRST} is a boolean.", "Expected: an integer, without quotes."),
    ("strip_components = -1", f'strip_components of {FIRST} is invalid: "-1".', "Expected: a number from 0 to 100."),
    (
        f"strip_components = 0x{'f' * 9999}",
        f"strip_components of {FIRST} is invalid: (not shown).",
        "Expected: a number from 0",
    ),
    (
        "extract = 'everything'",
        f'extract of {FIRST} is invalid: "everything".',
        "Expected: executables or all or none.",
    ),
    ("extract = true", f"extract of {FIRST} is a boolean.", A_STRING),
    ("executable = 'no'", f"executable of {FIRST} is a string.", "Expected: true or false, without quotes."),
    ("prerelease = 1", f"prerelease of {FIRST} is an integer.", "Expected: true or false, without quotes."),
    ("layer = 'a.b'", f'layer of {FIRST} is invalid: "a.b".', A_LAYER),
    ("layer = '../b'", f'layer of {FIRST} is invalid: "../b".', A_LAYER),
    ("layer = 'launch'", f'layer of {FIRST} is invalid: "launch".', A_LAYER),
    ("layer = 'build'", f'layer of {FIRST} is invalid: "build".', A_LAYER),
    ("layer = 'store'", f'layer of {FIRST} is invalid: "store".', A_LAYER),
    ("layer = 'ä'", f'layer of {FIRST} is invalid: "ä".', A_LAYER),
    (f"layer = '{'x' * 241}'", f'layer of {FIRST} is invalid: "{"x" * 200}".', A_LAYER),
    ("tag_pattern = {}", f"tag_pattern of {FIRST} is a table.", A_STRING),
    ("min_age = 24", f"min_age of {FIRST} is an integer.", A_DURATION),
    ("min_age = '24'", f'min_age of {FIRST} is invalid: "24".', A_DURATION),
    ("min_age = '1.5d'", f'min_age of {FIRST} is invalid: "1.5d".', A_DURATION),
    ("min_age = '-1d'", f'min_age of {FIRST} is invalid: "-1d".', A_DURATION),
    ("min_age = '²d'", f'min_age of {FIRST} is invalid: "²d".', A_DURATION),
    ("min_age = 'd'", f'min_age of {FIRST} is invalid: "d".', A_DURATION),
    ("verify = 'off'", f'verify of {FIRST} is invalid: "off".', "Expected: auto or required."),
    ("minimum = 'none'", f'minimum of {FIRST} is invalid: "none".', "Expected: attested or digest."),
    ("process = 'web'", f'process of {FIRST} is invalid: "web".', A_PROCESS),
    ("process = 'a b'", f'process of {FIRST} is invalid: "a b".', A_PROCESS),
    ("process = 0", f"process of {FIRST} is an integer.", "Expected: a process type, or false."),
    ("api_url = 'http://x.io'", f'api_url of {FIRST} is invalid: "http://x.io".', "Expected: an https:// URL"),
    ("api_url = 'https://me:s3cr3t@x.io'", f'api_url of {FIRST} is invalid: "https://***@x.io".', "Expected: an"),
    ("env = 'A=b'", f"env of {FIRST} is a string.", "Expected: a table of environment variables such as NAME"),
    (
        "env.'A B' = 'c'",
        f'a name in env of {FIRST} is invalid: "A B".',
        "Expected: the name of an environment variable.",
    ),
    ("env.1A = 'c'", f'a name in env of {FIRST} is invalid: "1A".', "Expected: the name of an environment variable."),
    ("env.A = 1", f"A in env of {FIRST} is an integer.", "Expected: a string in quotes, or a table such as {"),
    ("env.A = {}", f'A in env of {FIRST} is invalid: "".', "Expected: one of the keys override, default, append, "),
    ("env.A.appned = 'x'", f'A in env of {FIRST} has the unknown key "appned".', 'Did you mean "append"?'),
    ("env.A.default = true", f"default of A in env of {FIRST} is a boolean.", A_STRING),
    (
        'env.A = "x\\u0000"',
        f'A in env of {FIRST} is invalid: "x\N{REPLACEMENT CHARACTER}".',
        "Expected: a string in quotes, without control characters.",
    ),
    (
        "env.A.append = 'x'",
        f'A in env of {FIRST} is invalid: "append without delimiter".',
        'Expected: a delimiter as well, such as delimiter = " " or',
    ),
    (
        "env.A = { append = 'x', prepend = 'y', delimiter = ':' }",
        f"A in env of {FIRST} has both append and prepend.",
        "Keep only one.",
    ),
    (
        "env.A = { default = 'x', delimiter = ':' }",
        f"A in env of {FIRST} has both default and delimiter.",
        "Keep only one.",
    ),
    ("token_env = ''", f"token_env of {FIRST} is invalid: (not shown).", A_VARIABLE),
    ("token_env = '../x'", f"token_env of {FIRST} is invalid: (not shown).", A_VARIABLE),
    ("token_env = 'ghp_s3cr3t'", f"token_env of {FIRST} is invalid: (not shown).", A_VARIABLE),
    ("token_env = 'github_pat_s3cr3t'", f"token_env of {FIRST} is invalid: (not shown).", A_VARIABLE),
    (f"token_env = '{'abcdef0123' * 4}'", f"token_env of {FIRST} is invalid: (not shown).", A_VARIABLE),
    ("token_env = 1", f"token_env of {FIRST} is an integer.", A_VARIABLE),
    (f"token_env = '{SPACED}'", f"{SPACED} is invalid: (not shown).", "Expected: a token"),
    ("token_env = 'NPM_TOKEN'", f'token_env of {FIRST} is invalid: "NPM_TOKEN".', "Expected: TOKEN, BP_GITHUB_"),
]

FILES = [
    # the file, its content, what is said
    (TOML, "[[assets]]\nrepo = 'x'\n", f'repo of {FIRST} is invalid: "x".', "Expected: owner/name, such as"),
    (TOML, "[[assets]]\nrepo = 1\n", f"repo of {FIRST} is an integer.", A_STRING),
    (TOML, "[[assets]]\nfile = 'x'\n", f"{FIRST} has no repo.", 'Add it: repo = "owner/name"'),
    (TOML, "[[assets]]\n", f"{FIRST} has no repo.", 'Add it: repo = "owner/name"'),
    (
        TOML,
        "[[assets]]\nrepo='a/b'\n[[assets]]\nrpo='c/d'\n",
        '[[assets]] number 2 in github-assets.toml has the unknown key "rpo".',
        'Did you mean "repo"?',
    ),
    (
        TOML,
        "[assets]\nrepo = 'a/b'\n",
        "assets in github-assets.toml is a table.",
        "Expected: a list of tables, [[assets]].",
    ),
    (TOML, "assets = ['a/b']\n", f"{FIRST} is a string.", 'Expected: a table of keys such as repo = "owner/name".'),
    (TOML, "[[asset]]\nrepo = 'a/b'\n", 'github-assets.toml has the unknown key "asset".', 'Did you mean "assets"?'),
    (
        TOML,
        "\n[[assets]\n",
        "Cannot read github-assets.toml: Expected ']]' at the end of an array declaration (at line 2",
        "",
    ),
    (
        TOML,
        ASSET + "repo = 'c/d'\n",
        "Cannot read github-assets.toml: Cannot overwrite a value (at line 3, column",
        "",
    ),
    (TOML, ASSET + "file = x\n", "Cannot read github-assets.toml: Invalid value (at line 3, column 8).", ""),
    (TOML, f"x = {'9' * 5000}", "Cannot read github-assets.toml: a number has too many digits.", ""),
    (TOML, f"x = {'[' * DEEP}", "Cannot read github-assets.toml: it is nested too deeply.", ""),
    (TOML, b"# one\n\xff", "Cannot read github-assets.toml: it is not UTF-8 (at line 2).", ""),
    (TOML, "#" * 1_100_000, "Cannot read github-assets.toml: it is larger than 262144 bytes.", ""),
    (YAML, "a: 1", 'github-assets.yaml has the unknown key "a".', 'Did you mean "assets"?'),
    (YAML, "1: 2", "a key of github-assets.yaml is an integer.", A_STRING),
    (YAML, "assets:", "assets in github-assets.yaml is empty.", "Expected: a list of tables, assets."),
    (YAML, "assets: 7", "assets in github-assets.yaml is an integer.", "Expected: a list of tables, assets."),
    (YAML, "- repo: a/b", "Cannot read github-assets.yaml: the top level is not a table of keys.", ""),
    (YAML, "assets: [a/b@v1]", "assets number 1 in github-assets.yaml is a string.", "Expected: a table of keys"),
    (YAML, "assets: &a [*a]", "assets number 1 in github-assets.yaml is a list.", "Expected: a table of keys"),
    (
        YAML,
        "assets:\n- {repo: a/b, version: 1.10}",
        "version of assets number 1 in github-assets.yaml is a float.",
        'Expected: a string in quotes, such as "1.10".',
    ),
    (
        YAML,
        "assets:\n- {repo: a/b, file: !!binary YQ==}",
        "file of assets number 1 in github-assets.yaml is a bytes.",
        A_STRING,
    ),
    (
        YAML,
        "assets:\n- {repo: a/b, version: }",
        "version of assets number 1 in github-assets.yaml is empty.",
        "Expected: a",
    ),
    (
        YAML,
        "assets:\n- repo: a/b\n  file: x\n  file: y\n",
        "Cannot read github-assets.yaml: duplicate key (at line 4, column 3).",
        "",
    ),
    (
        YAML,
        "assets:\n- repo: a/b\n file: x\n",
        "Cannot read github-assets.yaml: expected <block end>, but found '<block mapping start>' (at line 3,",
        "",
    ),
    (
        YAML,
        "assets:\n\t- x",
        "Cannot read github-assets.yaml: found character '\\t' that cannot start any token (at line 2",
        "",
    ),
    (
        YAML,
        "assets: [",
        "Cannot read github-assets.yaml: expected the node content, but found '<stream end>' (at line 1",
        "",
    ),
    (YAML, "a: *b", "Cannot read github-assets.yaml: found undefined alias 'b' (at line 1, column 4).", ""),
    (YAML, "a: 1\n---\nb: 2", "Cannot read github-assets.yaml: but found another document (at line 2", ""),
    (YAML, "a: 1\nb: \x01", "Cannot read github-assets.yaml: special characters are not allowed (at line 2).", ""),
    (YAML, "a: !!python/object:os.system x", "Cannot read github-assets.yaml: could not determine a constructor", ""),
    (YAML, "\na: !!bool x", "Cannot read github-assets.yaml: not a valid bool (at line 2, column 4).", ""),
    (
        YAML,
        "a: !!timestamp x",
        "Cannot read github-assets.yaml: not a valid timestamp (at line 1, column 4).",
        "",
    ),
    (YAML, "a: 2024-13-45", "Cannot read github-assets.yaml: not a valid timestamp (at line 1, column 4).", ""),
    (YAML, "a: !!int ''", "Cannot read github-assets.yaml: not a valid int (at line 1, column 4).", ""),
    (YAML, "a: " + "9" * 5000, "Cannot read github-assets.yaml: not a valid int (at line 1, column 4).", ""),
    (YAML, "{? [a] : b}", "Cannot read github-assets.yaml: found unhashable key (at line 1, column 4).", ""),
    (YAML, "[" * 999, "Cannot read github-assets.yaml: it is nested too deeply.", ""),
    (
        YAML,
        "a: &a {" + ", ".join(f"k{n}: 1" for n in range(250)) + "}\nb: {<<: [" + ", ".join(["*a"] * 250) + "]}",
        "Cannot read github-assets.yaml: too many keys and values (at line 2, column 4).",
        "",
    ),
    (
        "project.toml",
        "[[metadata.github-assets]]\nrepo = 'a/b'\n[[_.metadata.github-assets]]\nrepo = 'c/d'\n",
        "project.toml has both [[metadata.github-assets]] and [[_.metadata.github-assets]].",
        "Keep only one.",
    ),
    (
        "project.toml",
        "[[metadata.github-assets]]\nrepo = \n",
        "Cannot read project.toml: Invalid value (at line 2, column 8).",
        "",
    ),
    (
        "project.toml",
        "[[metadata.github_assets]]\nrepo = 'a/b'\n",
        '[metadata] in project.toml has the unknown key "github_assets".',
        'Did you mean "github-assets"?',
    ),
    (
        "project.toml",
        "[[_.metadata.github-asset]]\nrepo = 'a/b'\n",
        '[_.metadata] in project.toml has the unknown key "github-asset".',
        'Did you mean "github-assets"?',
    ),
    (
        "project.toml",
        "[metadata.github-assets]\nrepo = 'a/b'\n",
        "metadata.github-assets in project.toml is a table.",
        "Expected: a list of tables, [[metadata.github-assets]].",
    ),
    (
        "project.toml",
        "[metadata]\ngithubassets = ['a/b']\n",
        "[[metadata.githubassets]] number 1 in project.toml is a string.",
        "Expected: a table of keys",
    ),
    (
        "project.toml",
        "[metadata]\ngithubassets = 'a/b'\n",
        "metadata.githubassets in project.toml is a string.",
        "Expected: a list of tables, [[metadata.githubassets]].",
    ),
]

NAMED = [
    ("nowhere.toml", 'GITHUB_ASSETS_PATH is invalid: "nowhere.toml".', "Expected: an existing file,"),
    ("../app.toml", 'GITHUB_ASSETS_PATH is invalid: "../app.toml".', "Expected: a file inside the application"),
    ("a/../../x.toml", 'GITHUB_ASSETS_PATH is invalid: "a/../../x.toml".', "Expected: a file inside the application"),
    ("link.toml", 'GITHUB_ASSETS_PATH is invalid: "link.toml".', "Expected: a file inside the application"),
    (".", 'GITHUB_ASSETS_PATH is invalid: ".".', "Expected: a file name ending in .toml"),
    (
        "a.json",
        'GITHUB_ASSETS_PATH is invalid: "a.json".',
        "Expected: a file name ending in .toml, .yaml or .yml",
    ),
    ("dir.toml", "Cannot read dir.toml: Is a directory.", "Fix the file."),
    ("other.toml", 'other.toml has the unknown key "project".', 'Did you mean "assets"?'),
]


def error_texts(app: App, error: type[GithubAssetsError] = GithubAssetsError, **variables: str) -> tuple[str, str]:
    with pytest.raises(error) as raised:
        app.read({"GH_TOKEN": "", SPACED: "s3cr3t s3cr3t", **variables})
    assert raised.value.__cause__ is None
    assert "s3cr3t" not in message(raised.value)
    said = parts_of(raised.value)
    return said.headline, said.advice


def without_excerpt(advice: str) -> str:
    return re.sub(r"\A  \d+ \| .*\n +\| *\^\n", "", advice)


@pytest.mark.parametrize(("line", "what", "advice"), KEYS, ids=[line[:40] for line, _, _ in KEYS])
def test_key(app: App, line: str, what: str, advice: str) -> None:
    app.write(TOML, ASSET + line + "\n")
    headline, advice_given = error_texts(app)
    assert headline == what
    assert advice_given.startswith(advice)


@pytest.mark.parametrize(
    ("file", "text", "what", "advice"), FILES, ids=[f"{file} {what[-50:]}" for file, _, what, _ in FILES]
)
def test_file(app: App, file: str, text: str | bytes, what: str, advice: str) -> None:
    app.write(file, text)
    headline, advice_given = error_texts(app)
    assert headline.startswith(what)
    assert without_excerpt(advice_given).startswith(advice or "Fix the file.")


@pytest.mark.parametrize(("path", "what", "advice"), NAMED)
def test_named_file(app: App, path: str, what: str, advice: str) -> None:
    app.write("../app.toml", "[[assets]]\nrepo = 'a/b'\n")
    app.write("a.json", "{}")
    app.write("other.toml", "[project]\nid = 'x'\n")
    (app.folder / "dir.toml").mkdir()
    os.symlink("../app.toml", app.folder / "link.toml")
    headline, advice_given = error_texts(app, GITHUB_ASSETS_PATH=path)
    assert headline == what
    assert advice_given.startswith(advice)


@pytest.mark.parametrize(
    ("variables", "yaml", "sources"),
    [
        (
            {"REPO": "a/b", "FILE": "x-linux", "TARGET": "x"},
            "{repo: c/d, target: x}",
            "REPO in the environment and assets number 1 in github-assets.yaml",
        ),
        (
            {"BP_GITHUB_ASSETS": "a/b:x,c/d>x"},
            "{repo: e/f}",
            "BP_GITHUB_ASSETS item 1 and BP_GITHUB_ASSETS item 2",
        ),
        (
            {"BP_GITHUB_ASSETS": "e/f>y"},
            "{repo: a/b, file: x}, {repo: c/d, target: x}",
            "assets number 1 in github-assets.yaml and assets number 2 in github-assets.yaml",
        ),
    ],
)
def test_target_given_twice(app: App, variables: dict[str, str], yaml: str, sources: str) -> None:
    app.write(YAML, f"assets: [{yaml}]")
    what, advice = error_texts(app, TargetConflict, **variables)
    assert what == f"{sources} would both write github-assets/bin/x."
    assert advice == "Set a different target for one of them."


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ("{A: x}", "{A: y}, layer: other", True),
        ("{A: {append: x, delimiter: ' '}}", "{A: {append: y, delimiter: ' '}}", True),
        ("{A: {append: x, delimiter: ' '}}", "{A: {prepend: y, delimiter: ' '}}, layer: other", False),
        ("{A: {append: x, delimiter: ' '}}", "{A: {default: y}}, layer: other", True),
        ("{A: x}", "{B: y}", False),
    ],
)
def test_variable_set_twice(app: App, first: str, second: str, conflict: bool) -> None:
    app.write(YAML, f"assets: [{{repo: a/b, env: {first}}}, {{repo: c/d, env: {second}}}]")
    if not conflict:
        assert len(app.read().assets) == 2
        return
    assert error_texts(app, VariableConflict) == (
        "assets number 1 in github-assets.yaml and assets number 2 in github-assets.yaml set A in env.",
        "Set it in one of them. Only append and prepend can be combined, in different layers.",
    )


def test_target_without_repo_is_an_error_beside_other_assets_too(app: App) -> None:
    app.write(YAML, "assets: [{repo: a/b}]")
    assert error_texts(app, SettingMissing, BP_GITHUB_ASSET_TARGET="x")[0] == (
        "BP_GITHUB_ASSET_REPO is required because BP_GITHUB_ASSET_TARGET is set."
    )


@pytest.mark.parametrize(
    ("plan", "what"),
    [
        ("repo = 'a/b'\nfiel = 'x'", 'entry 2 of the buildpack plan has the unknown key "fiel".'),
        ("launch = true", 'entry 2 of the buildpack plan has the unknown key "launch".'),
        ("file = 'x'", "entry 2 of the buildpack plan has no repo."),
        ("repo = 1", "repo of entry 2 of the buildpack plan is an integer."),
        ("repo = ", "Cannot read the buildpack plan: Invalid value (at line 6, column 8)."),
    ],
)
def test_plan(app: App, plan: str, what: str) -> None:
    app.plan.write_text(
        f"[[entries]]\nname = 'github-assets'\n[[entries]]\nname = 'github-assets'\n[entries.metadata]\n{plan}\n"
    )
    assert error_texts(app)[0] == what


def test_a_plan_with_more_entries_than_anybody_needs(app: App) -> None:
    app.plan.write_text("[[entries]]\nname = 'github-assets'\nmetadata = {}\n" * 1001)
    assert error_texts(app)[0] == '[[entries]] of the buildpack plan is invalid: "1001 assets".'


def test_a_plan_whose_entries_are_not_a_list(app: App) -> None:
    app.plan.write_text("entries = 'metadata'")
    assert error_texts(app) == (
        "entries of the buildpack plan is a string.",
        "Expected: a list of tables, [[entries]].",
    )


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("checksum", "sha256"),
        ("checksums", "sha256"),
        ("Checksum-SHA256", "sha256"),
        ("tags", "version"),
        ("asset_name", "file"),
        ("dest", "target"),
        ("repo_url", "repo"),
        ("unpack", "extract"),
        ("attestations", "minimum"),
        ("pre-release", "prerelease"),
        ("verifyy", "verify"),
        ("strip", "strip_components"),
    ],
)
def test_what_a_key_is_called_elsewhere(word: str, key: str) -> None:
    with pytest.raises(KeyUnknown) as caught:
        tables.check_keys({word: 1}, "a table", tables.KEYS)
    assert caught.value.known[0] == key
