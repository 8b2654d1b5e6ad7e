"""Files from the Hugging Face Hub into its cache: they go on where they were cut, and none is used before its hash is right.

huggingface_hub throws an unfinished file away, which is hard on 1.26 GB over a slow line, and over plain HTTP it compares sizes
alone. Used with the source `hub` by every lesson that loads the model, by `course run` and by `course prefetch`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import SourceError
from .language import say

TRIES = 5  # without a byte in between


@dataclass(frozen=True)
class RemoteFile:
    """A file on the Hub at one commit.

    Attributes
    ----------
    repository : str
        Its repository's id.
    kind : str
        "dataset" or "model".
    commit : str
        40 digits.
    name : str
        Its path inside the repository.
    size : int
        In bytes.
    digest : str
        SHA-256 (64 digits, large files) or git's blob id (40 digits, small ones).
    """

    repository: str
    kind: str
    commit: str
    name: str
    size: int
    digest: str

    def place(self, cache: Path) -> Path:
        """Where huggingface_hub looks for it in a cache folder (`HF_HOME/hub`)."""
        return repository_folder(cache, self.kind, self.repository).joinpath("snapshots", self.commit, *self.name.split("/"))


def repository_folder(cache: Path, kind: str, repository: str) -> Path:
    """The folder of a repository in a cache folder."""
    return cache / "--".join([f"{kind}s", *repository.split("/")])


def listed(repository: str, kind: str, revision: str | None, timeout: float) -> list[RemoteFile]:
    """What a repository holds, with the commit that the revision stands for.

    Raises
    ------
    Exception
        Whatever `huggingface_hub` raises where the Hub does not answer; `helpers.hub.explain` puts it in a sentence.
    """
    from huggingface_hub import HfApi

    info: Any = HfApi().repo_info(repository, repo_type=kind, revision=revision, files_metadata=True, timeout=timeout)
    return [
        RemoteFile(
            repository, kind, str(info.sha), file.rfilename, int(file.size), file.lfs.sha256 if file.lfs else str(file.blob_id)
        )
        for file in info.siblings or []
    ]


def intact(path: Path, digest: str, progress: Callable[[int], object] | None = None) -> bool:
    """Whether a file has this SHA-256 (64 digits) or git blob id (40 digits); what is neither is no hash, and passes.

    Parameters
    ----------
    path : Path
        Of the file.
    digest : str
        Lower-case hexadecimal digits, as in the Hub's ETag.
    progress : callable, optional
        Called with the number of bytes read since the last call.
    """
    if re.fullmatch(r"[0-9a-f]{64}", digest):
        hashed = hashlib.sha256()
    elif re.fullmatch(r"[0-9a-f]{40}", digest):
        hashed = hashlib.sha1(b"blob %d\0" % path.stat().st_size)
    else:
        return True
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            hashed.update(block)
            if progress:
                progress(len(block))
    return hashed.hexdigest() == digest


def wrong_hash(digest: str) -> SourceError:
    """The error for a file whose content is not what the Hub announced."""
    return SourceError(
        say(
            f"A downloaded file is not what the Hub announced (its hash should begin with {digest[:12]}), so it was thrown away. "
            "Run this again; if it happens again, a proxy on the way is changing files. Or go on without the Hub: "
            "COURSE_SOURCE=bundled.",
            f"내려받은 파일이 Hub가 알려 준 것과 달라서(해시가 {digest[:12]}(으)로 시작해야 해요) 버렸어요. 다시 실행하세요. 또 "
            "그러면 중간의 프록시가 파일을 바꾸고 있는 거예요. 아니면 Hub 없이 계속하세요: COURSE_SOURCE=bundled",
        )
    )


def require_space(folder: Path, size: int) -> None:
    """Say that a disk is too small before a download rather than in the middle of it.

    Raises
    ------
    SourceError
        If fewer than `size` bytes are free where `folder` lies.
    """
    here = next(path for path in [folder, *folder.parents] if path.exists())
    free = shutil.disk_usage(here).free
    if free < size:
        raise SourceError(
            say(
                f"{_megabytes(size)} are still to be downloaded, and the disk of {folder} has {_megabytes(free)} free: make "
                "room, or choose a folder on a larger disk. What is complete is kept. Or go on without the Hub: "
                "COURSE_SOURCE=bundled.",
                f"아직 {_megabytes(size)}를 더 받아야 하는데 {folder}가 있는 디스크에는 {_megabytes(free)}만 남았어요. 공간을 "
                "비우거나 더 큰 디스크의 폴더를 고르세요. 다 받은 파일은 남아 있어요. 아니면 Hub 없이 계속하세요: "
                "COURSE_SOURCE=bundled",
            )
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def fetch(files: Iterable[RemoteFile], cache: Path, *, verify: bool = False, extra: int = 0) -> list[Path]:
    """Bring files into a cache folder, as regular files that any disk and any copying program can keep.

    Parameters
    ----------
    files : iterable of RemoteFile
        At a commit that is final.
    cache : Path
        `HF_HOME/hub`, or another folder of that layout.
    verify : bool
        Whether to hold what is there already against its hash as well, instead of its size alone.
    extra : int
        Bytes that must stay free besides, for what is made from the files.

    Returns
    -------
    list of Path
        Where they are.

    Raises
    ------
    SourceError
        If the disk is too small, or a file is not what the Hub announced.
    Exception
        Whatever the HTTP client raises where the Hub does not answer. What has arrived stays, and the next call goes on there.
    """
    from tqdm.auto import tqdm

    wanted = list(files)
    places = [file.place(cache) for file in wanted]
    missing = [
        (file, place)
        for file, place in zip(wanted, places, strict=True)
        if not place.is_file() or place.stat().st_size != file.size or (verify and not intact(place, file.digest))
    ]
    if not missing:
        return places
    arrived = sum(_part(place).stat().st_size for _, place in missing if _part(place).is_file())
    total = sum(file.size for file, _ in missing)
    require_space(cache, total - arrived + extra)
    with tqdm(total=total, unit="B", unit_scale=True, desc=say("Downloading", "내려받는 중")) as bar:
        for file, place in missing:
            _download(file, place, bar)
    return places


def _part(place: Path) -> Path:
    return place.with_name(place.name + ".part")


def _download(file: RemoteFile, place: Path, bar: Any) -> None:
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.errors import HTTPError
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_stream_backoff

    place.parent.mkdir(parents=True, exist_ok=True)
    part = _part(place)
    url = hf_hub_url(file.repository, file.name, repo_type=file.kind, revision=file.commit)
    bar.set_postfix_str(place.name)
    left, shown = TRIES, 0
    part.touch()
    while (have := part.stat().st_size) < file.size:
        headers = build_hf_headers() | ({"Range": f"bytes={have}-"} if have else {}) | {"Accept-Encoding": "identity"}
        try:
            with http_stream_backoff(
                "GET", url, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT, retry_on_exceptions=()
            ) as response:
                hf_raise_for_status(response)
                with part.open("ab" if response.status_code == 206 else "wb") as sink:
                    bar.update(sink.tell() - shown)
                    shown = sink.tell()
                    for block in response.iter_bytes():
                        sink.write(block)
                        bar.update(len(block))
                        shown += len(block)
            cut: Exception | None = None
        except OSError:  # a status that stays, a full disk
            raise
        except HTTPError as error:  # cut, stalled, unreachable
            cut = error
        if part.stat().st_size > have:
            left = TRIES
        else:
            left -= 1
            if not left:
                raise cut or OSError(f"Consistency check failed: {file.name} ends after {have} of {file.size} bytes")
            time.sleep(1)
    bar.update(file.size - shown)
    if part.stat().st_size != file.size or not intact(part, file.digest):
        part.unlink()
        raise wrong_hash(file.digest)
    part.replace(place)
