"""helpers.downloads: hashes, places and room; downloads themselves are tested against a hub, in tests/hub."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from helpers import downloads
from helpers.errors import SourceError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a file"
    path.write_bytes(b"what is in it\n" * 100_000)
    return path


def test_both_kinds_of_hash_are_checked(file: Path):
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    blob = subprocess.run(["git", "hash-object", file], capture_output=True, text=True, check=True).stdout.strip()
    seen: list[int] = []
    for digest in (sha256, blob):
        assert downloads.intact(file, digest, seen.append)
        assert not downloads.intact(file, digest[:-1] + ("0" if digest[-1] != "0" else "1"))
    assert sum(seen) == 2 * file.stat().st_size
    assert downloads.intact(file, "an ETag that is no hash")


def test_place_is_where_huggingface_hub_looks(tmp_path: Path):
    from huggingface_hub import try_to_load_from_cache

    commit = "0123456789" * 4
    remote = downloads.RemoteFile("owner/name", "dataset", commit, "en-AU/a.parquet", 1, "")
    place = remote.place(tmp_path)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x")
    found = try_to_load_from_cache("owner/name", "en-AU/a.parquet", cache_dir=tmp_path, revision=commit, repo_type="dataset")
    assert found == str(place)


def test_nothing_is_asked_for_what_is_there(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(downloads, "_download", lambda *_: pytest.fail("it is there"))
    remote = downloads.RemoteFile("owner/name", "model", "0" * 40, "config.json", 2, hashlib.sha256(b"{}").hexdigest())
    place = remote.place(tmp_path)
    place.parent.mkdir(parents=True)
    place.write_text("{}", encoding="utf-8")
    assert downloads.fetch([remote], tmp_path, verify=True) == [place]


@pytest.mark.parametrize("content", [None, "[", "[]"])
def test_what_is_missing_short_or_wrong_is_fetched(tmp_path: Path, monkeypatch, content: str | None):
    fetched = []
    monkeypatch.setattr(downloads, "_download", lambda file, place, bar: fetched.append(place))
    remote = downloads.RemoteFile("owner/name", "model", "0" * 40, "config.json", 2, hashlib.sha256(b"{}").hexdigest())
    place = remote.place(tmp_path)
    if content is not None:
        place.parent.mkdir(parents=True)
        place.write_text(content, encoding="utf-8")
    downloads.fetch([remote], tmp_path, verify=True)
    assert fetched == [place]


def test_too_small_a_disk_says_how_much_is_wanted_and_free(tmp_path: Path):
    downloads.require_space(tmp_path / "not" / "made" / "yet", 1_000)
    with pytest.raises(SourceError, match=r"1000000\.00 GB are still to be downloaded, and the disk of .* has [\d.]+ [MG]B free"):
        downloads.require_space(tmp_path / "not" / "made" / "yet", 10**15)
