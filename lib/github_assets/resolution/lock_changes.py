"""What changes from one lock to the next, and what must not change in silence."""

from __future__ import annotations

from collections.abc import Iterator

from github_assets.resolution.lock import Attestation, Lock, LockedAsset


def unexpected_changes(previous: Lock, now: LockedAsset) -> list[str]:
    """Return what has changed since the previous lock that no newer release explains, in words."""
    found: list[str] = []
    for was in previous.assets:
        if (was.key.repository.lower(), was.key.server) == (now.key.repository.lower(), now.key.server):
            found += _changes(was, now)
    return list(dict.fromkeys(found))


def was_attested(previous: Lock, now: LockedAsset) -> bool:
    """Return whether attestations are locked of what the asset takes the place of."""
    return any(was.attestations for was in previous.assets if _takes_place_of(now, was))


def news(previous: Lock | None, lock: Lock) -> Iterator[str]:
    """Yield what is new in a lock, a line each."""
    previous = previous or Lock((), ())
    keys, previous_keys = ({each.key: each for each in one.assets} for one in (lock, previous))
    added = [key for key in keys if key not in previous_keys]
    repositories = {key.repository for key in previous_keys}
    yield from (f"Added {key.repository} {keys[key].tag}" for key in added if key.repository not in repositories)
    for key, was in previous_keys.items():
        if key in keys:
            if keys[key].tag != was.tag:
                yield f"Upgraded {key.repository} from {was.tag} to {keys[key].tag}"
            continue
        changes = [other.differences(key) for other in added if other.repository == key.repository]
        if changes:
            fewest: list[str] = min(changes, key=len)
            yield f"Changed {key}: {', '.join(fewest)}"
        else:
            yield f"Dropped {key}: no longer configured"
    names = {each.name for each in lock.platforms}
    yield from (f"Dropped {each.name}" for each in previous.platforms if each.name not in names)


def _changes(was: LockedAsset, now: LockedAsset) -> Iterator[str]:
    release = f"{now.key.repository} {now.tag}"
    if was.repository_id != now.repository_id:
        ids = f"id {now.repository_id}, locked as {was.repository_id}"
        yield f"{now.key.repository} is a different repository now: {ids}"
    if was.tag == now.tag:
        if was.release_id != now.release_id:
            yield f"{release} was deleted and published again: release id {now.release_id}, locked as {was.release_id}"
        if was.immutable and not now.immutable:
            yield f"{release} is no longer immutable"
        if was.asset == now.asset and (was.id, was.size, was.sha256) != (now.id, now.size, now.sha256):
            digests = f"sha256 {now.sha256}, locked as {was.sha256}"
            yield f"{now.name} was uploaded again: id {now.id}, locked as {was.id}; {digests}"
    if _takes_place_of(now, was):
        yield from _attestation_changes(was, now)


def _takes_place_of(now: LockedAsset, was: LockedAsset) -> bool:
    """Return whether it is the asset of another version that was locked."""

    def what(locked: LockedAsset) -> tuple[object, ...]:
        key = locked.key
        return key.repository.lower(), key.server, key.file, key.target, locked.platform.name

    return what(now) == what(was)


def _attestation_changes(was: LockedAsset, now: LockedAsset) -> Iterator[str]:
    signers = {_kind(each): each.signer for each in now.attestations}
    identities = {(_kind(each), _workflow(each)) for each in now.attestations}
    for each in was.attestations:
        if (_kind(each), _workflow(each)) in identities:
            continue
        if _kind(each) in signers:
            yield f"{now.name} is signed by {signers[_kind(each)]}, locked as {each.signer}"
        else:
            yield f"{now.name} no longer has an attestation {each}"


def _kind(attestation: Attestation) -> str:
    """Return the predicate type without its version."""
    return attestation.predicate.rpartition("/")[0]


def _workflow(attestation: Attestation) -> str:
    """Return the signer without the branch or tag, which is another one with every release."""
    return attestation.signer.partition("@")[0]
