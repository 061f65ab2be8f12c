"""GitHub's JSON objects, with every field that its OpenAPI description requires, and raw snappy."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from .state import Asset, Release, Repository

Json = dict[str, Any]

_USER_URLS: Final = {
    "followers": "/followers",
    "following": "/following{/other_user}",
    "gists": "/gists{/gist_id}",
    "starred": "/starred{/owner}{/repo}",
    "subscriptions": "/subscriptions",
    "organizations": "/orgs",
    "repos": "/repos",
    "events": "/events{/privacy}",
    "received_events": "/received_events",
}
_REPOSITORY_URLS: Final = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}
_COUNTS: Final = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "network_count",
    "subscribers_count",
)


def instant(moment: datetime) -> str:
    """A moment as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def user(api: str, web: str, login: str) -> Json:
    """The OpenAPI object `simple-user`."""
    url = f"{api}/users/{login}"
    return {
        "login": login,
        "id": 583231,
        "node_id": _node_id("User", 583231),
        "avatar_url": f"{web}/{login}.png",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{web}/{login}",
        **{f"{name}_url": url + path for name, path in _USER_URLS.items()},
        "type": "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def asset(api: str, web: str, release: Release, asset: Asset) -> Json:
    """The OpenAPI object `release-asset`."""
    repository = release.repository
    url = f"{api}/repos/{repository.full_name}/releases/assets/{asset.id}"
    return {
        "url": url,
        "id": asset.id,
        "node_id": _node_id("ReleaseAsset", asset.id),
        "name": asset.name,
        "label": asset.label,
        "uploader": user(api, web, _owner(repository)),
        "content_type": asset.content_type,
        "state": asset.state,
        "size": asset.size if asset.reported_size is None else asset.reported_size,
        "digest": asset.digest,
        "download_count": 42,
        "created_at": instant(asset.created_at),
        "updated_at": instant(asset.created_at),
        "browser_download_url": browser_download_url(web, release, asset),
    }


def browser_download_url(web: str, release: Release, asset: Asset) -> str:
    """The public URL of an asset; a slash in the tag stays one."""
    tag = quote(release.tag, safe="/~")
    return f"{web}/{release.repository.full_name}/releases/download/{tag}/{quote(asset.name, safe='~')}"


def release(api: str, web: str, release: Release) -> Json:
    """The OpenAPI object `release`."""
    repository = release.repository
    home = f"{api}/repos/{repository.full_name}"
    url = f"{home}/releases/{release.id}"
    published = release.published_at
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "html_url": f"{web}/{repository.full_name}/releases/tag/{quote(release.tag, safe='/~')}",
        "id": release.id,
        "author": user(api, web, _owner(repository)),
        "node_id": _node_id("Release", release.id),
        "tag_name": release.tag,
        "target_commitish": "main",
        "name": release.name,
        "draft": release.draft,
        "immutable": release.immutable,
        "prerelease": release.prerelease,
        "created_at": instant(release.created_at),
        "updated_at": instant(published or release.created_at),
        "published_at": instant(published) if published else None,
        "assets": [asset(api, web, release, one) for one in release.assets],
        "tarball_url": f"{home}/tarball/{quote(release.tag, safe='/~')}",
        "zipball_url": f"{home}/zipball/{quote(release.tag, safe='/~')}",
        "body": release.body,
    }


def repository(api: str, web: str, repository: Repository, *, push: bool) -> Json:
    """The OpenAPI object `full-repository`."""
    name = repository.full_name
    url = f"{api}/repos/{name}"
    dates = [instant(one.created_at) for one in repository.releases] or ["2024-01-01T00:00:00Z"]
    return {
        "id": repository.id,
        "node_id": _node_id("Repository", repository.id),
        "name": name.partition("/")[2],
        "full_name": name,
        "private": repository.private,
        "visibility": "private" if repository.private else "public",
        "owner": user(api, web, _owner(repository)),
        "html_url": f"{web}/{name}",
        "description": None,
        "fork": False,
        "url": url,
        **{f"{field}_url": url + path for field, path in _REPOSITORY_URLS.items()},
        "clone_url": f"{web}/{name}.git",
        "git_url": f"git:{name}.git",
        "ssh_url": f"git@localhost:{name}.git",
        "svn_url": f"{web}/{name}",
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": "main",
        "archived": False,
        "disabled": False,
        **{f"has_{what}": True for what in ("issues", "projects", "wiki", "discussions")},
        "has_pages": False,
        "is_template": False,
        "topics": [],
        **dict.fromkeys(_COUNTS, 0),
        "pushed_at": max(dates),
        "created_at": min(dates),
        "updated_at": max(dates),
        "permissions": {"admin": False, "push": push, "pull": True},
    }


def rate_limit(rate: dict[str, int], *, with_rate: bool) -> Json:
    """The OpenAPI object `rate-limit-overview`; API version 2026-03-10 has no `rate` any more."""
    resources = dict.fromkeys(("core", "search", "graphql", "integration_manifest"), rate)
    return {"resources": resources, **({"rate": rate} if with_rate else {})}


def snappy(data: bytes) -> bytes:
    """Data in the raw snappy format, of literals only (format_description.txt of google/snappy)."""
    packed = bytearray()
    length = len(data)
    while length > 0x7F:
        packed.append(length & 0x7F | 0x80)
        length >>= 7
    packed.append(length)
    for start in range(0, len(data), 0x10000):
        literal = data[start : start + 0x10000]
        last = len(literal) - 1
        packed += bytes([last << 2]) if last < 60 else bytes([61 << 2]) + last.to_bytes(2, "little")
        packed += literal
    return bytes(packed)


def _owner(repository: Repository) -> str:
    return repository.full_name.partition("/")[0]


def _node_id(kind: str, identity: int) -> str:
    return b64encode(f"0{len(kind)}:{kind}{identity}".encode()).decode()
