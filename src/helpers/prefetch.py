"""The genuine data and model in one folder, for a room without a network: `course prefetch`. Used with the source `hub`.

DIR/hf              HF_HOME: the Hub's files in the cache's layout, and the data as `datasets` prepares them
DIR/wheels          with `--wheels`: the packages of constraints.txt, for this system and this Python
DIR/manifest.json   every file's size and SHA-256, the commits, and what the folder was made for

There are regular files alone, no links, so that a stick of any format can hold them.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import downloads, hub, sources
from .errors import SourceError
from .language import say

MANIFEST = "manifest.json"
LESSON_CONFIGS = ("en-AU", "ko-KR")  # what the lessons load


# --- downloading ----------------------------------------------------------------------------------------------------------


def wanted_files(configs: Iterable[str]) -> tuple[list[downloads.RemoteFile], list[downloads.RemoteFile]]:
    """What the lessons need of the data set and of the checkpoint, at the pinned revision and at the newest commit.

    Raises
    ------
    SourceError
        If the data set has no such configuration; the message lists those it has. Also where the Hub does not answer.
    """
    with hub.as_sentences():
        data = downloads.listed(sources.MINDS14_ID, "dataset", sources.MINDS14_REVISION, hub.STALL_SECONDS)
        model = downloads.listed(sources.INTENT_MODEL_ID, "model", None, hub.STALL_SECONDS)
    parquet = [file for file in data if file.name.endswith(".parquet")]
    existing = sorted({file.name.split("/")[0] for file in parquet})
    if missing := [config for config in configs if config not in existing]:
        raise SourceError(
            say(
                f"{sources.MINDS14_ID} has no configuration {', '.join(missing)}. These exist: {', '.join(existing)}.",
                f"{sources.MINDS14_ID}에 {', '.join(missing)} 구성은 없어요. 있는 구성: {', '.join(existing)}.",
            )
        )
    chosen = [file for file in parquet if file.name.split("/")[0] in set(configs)]
    return [file for file in data if file.name == "README.md"] + chosen, hub.needed(model)


def fill_cache(configs: Iterable[str] = LESSON_CONFIGS) -> None:
    """Bring what the lessons need into this machine's own cache, with a progress bar, before `course run` executes them.

    Raises
    ------
    SourceError
        In a sentence, what went wrong. What has arrived stays.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return
    data, model = wanted_files(configs)
    with hub.as_sentences():
        downloads.fetch(data + model, Path(constants.HF_HUB_CACHE))


def prefetch(folder: Path, configs: Iterable[str] = LESSON_CONFIGS, constraints: Path | None = None) -> dict[str, Any]:
    """Fill a folder from which the lessons run with no network; a call that was cut short is taken up where it stopped.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    configs : iterable of str
        The data set's configurations, by default those that the lessons load.
    constraints : Path, optional
        The list of packages whose wheels are wanted as well.

    Returns
    -------
    dict
        The manifest, which is in the folder too.

    Raises
    ------
    SourceError
        In a sentence, what went wrong. What is complete stays.
    """
    configs = list(configs)
    folder = folder.expanduser().resolve()
    cache = folder / "hf" / "hub"
    with _full_disk_said(folder), hub.as_sentences():
        folder.mkdir(parents=True, exist_ok=True)
        _throw_out_damaged(folder)
        data, model = wanted_files(configs)
        # Prepared for `datasets`, the data take about a fifth more than as Parquet.
        room = 0 if _prepared(folder, configs) else sum(int(file.size * 1.25) for file in data)
        downloads.fetch(data + model, cache, verify=True, extra=room)
        commit = model[0].commit
        reference = downloads.repository_folder(cache, "model", sources.INTENT_MODEL_ID) / "refs" / "main"
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit, encoding="utf-8")
        _prepare(folder, configs, offline=False)
        _tidy(folder)
        _prepare(folder, configs, offline=True)  # the proof that nothing is missing
        _tidy(folder)
        if constraints is not None:
            _wheels(folder / "wheels", constraints)
        manifest = {
            "data": {"id": sources.MINDS14_ID, "revision": sources.MINDS14_REVISION, "configurations": configs},
            "model": {"id": sources.INTENT_MODEL_ID, "revision": commit},
            "wheels": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}" if constraints else None,
            "files": _measured(folder),
        }
        unfinished = folder / (MANIFEST + ".part")
        unfinished.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
        unfinished.replace(folder / MANIFEST)
    return manifest


@contextmanager
def _full_disk_said(folder: Path) -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        if not any(isinstance(one, OSError) and one.errno == errno.ENOSPC for one in hub.chain(error)):
            raise
        raise SourceError(
            say(
                f"The disk of {folder} is full. What is complete stays there: make room and give the same command again, or "
                "choose a larger disk with --to. The lessons also run without the Hub: COURSE_SOURCE=bundled.",
                f"{folder}가 있는 디스크가 가득 찼어요. 다 받은 것은 거기 남아 있어요. 공간을 비우고 같은 명령을 다시 "
                "실행하거나, --to로 더 큰 디스크를 고르세요. 레슨은 Hub 없이도 돌아가요: COURSE_SOURCE=bundled",
            )
        ) from error


def _prepared(folder: Path, configs: Iterable[str]) -> bool:
    prepared = folder / "hf" / "datasets" / sources.MINDS14_ID.replace("/", "___")
    return all(any((prepared / config).rglob("*.arrow")) for config in configs)


def _prepare(folder: Path, configs: list[str], *, offline: bool) -> None:
    """Load all of it once, as a lesson does, in a process whose HF_HOME is the folder: `datasets` needs its own files offline."""
    env = {name: value for name, value in os.environ.items() if name not in {"HF_HUB_CACHE", "HF_DATASETS_CACHE"}}
    env |= {
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_OFFLINE": "1" if offline else "0",
        "HF_HUB_DISABLE_SYMLINKS": "1",
        "HF_HUB_DISABLE_SYMLINKS_WARNING": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "DATASETS_VERBOSITY": "error",
        "PYTHONUTF8": "1",
    }
    code = f"from helpers import prefetch; prefetch.load_all({configs!r})"
    done = subprocess.run([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode:
        raise SourceError(done.stdout.strip() or say("The data could not be prepared.", "데이터를 준비하지 못했어요."))


def load_all(configs: list[str]) -> None:
    """Load each configuration and find the checkpoint by this process's own environment; an error is printed as a sentence."""
    hub.listen()
    try:
        with hub.as_sentences():
            from datasets import load_dataset
            from huggingface_hub import hf_hub_download

            for config in configs:
                load_dataset(sources.MINDS14_ID, name=config, split="train", revision=sources.MINDS14_REVISION)
            for name in ("config.json", "preprocessor_config.json"):
                hf_hub_download(sources.INTENT_MODEL_ID, name)
    except SourceError as error:
        print(error)
        raise SystemExit(2) from error


def _tidy(folder: Path) -> None:
    """Take away what only this process needed: locks, and pieces of files that a process left when it was killed."""
    for pattern in ("*.lock", "*.incomplete"):
        for path in (folder / "hf").rglob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for name in (Path("hub", ".locks"), Path("xet")):
        shutil.rmtree(folder / "hf" / name, ignore_errors=True)


def _wheels(folder: Path, constraints: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--prefer-binary"]
    command += ["--dest", str(folder), "--requirement", str(constraints)]
    if subprocess.run(command, check=False).returncode:
        raise SourceError(
            say(
                f"pip could not download every package (it says why above); what it has is in {folder}. Give the same command "
                "again, or leave --wheels out.",
                f"pip이 패키지를 다 내려받지 못했어요(이유는 위에 나와 있어요). 받은 것은 {folder}에 있어요. 같은 명령을 다시 "
                "실행하거나 --wheels를 빼세요.",
            )
        )


# --- the manifest ---------------------------------------------------------------------------------------------------------


def _measured(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file in the folder, by its path with forward slashes."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in {MANIFEST, MANIFEST + ".part"})
    with _bar(sum(path.stat().st_size for path in paths), say("Checking", "확인하는 중")) as progress:
        return {
            path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": _sha256(path, progress)}
            for path in paths
        }


def _sha256(path: Path, progress: Callable[[int], object]) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            hashed.update(block)
            progress(len(block))
    return hashed.hexdigest()


@contextmanager
def _bar(total: int, label: str) -> Iterator[Callable[[int], object]]:
    from tqdm import tqdm

    with tqdm(total=total, unit="B", unit_scale=True, desc=label) as bar:
        yield bar.update


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder that `prefetch` has filled.

    Raises
    ------
    SourceError
        If there is none, or it cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if all(isinstance(entry["size"], int) and isinstance(entry["sha256"], str) for entry in manifest["files"].values()):
            return dict(manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise SourceError(
        say(
            f"{folder} has no {MANIFEST} that can be read, so nothing tells what should be there: `course prefetch --to "
            f"{folder}` completes the folder and writes one.",
            f"{folder}에 읽을 수 있는 {MANIFEST}이 없어서 무엇이 있어야 하는지 알 수 없어요. `course prefetch --to {folder}`를 "
            "실행하면 폴더를 채우고 다시 만들어요.",
        )
    )


def damaged(folder: Path) -> dict[str, str]:
    """What is not as the manifest says, by path: missing, of another size, or of another content. Files besides are no matter.

    Raises
    ------
    SourceError
        If there is no manifest.
    """
    folder = folder.expanduser()
    files = read_manifest(folder)["files"]
    found: dict[str, str] = {}
    with _bar(sum(entry["size"] for entry in files.values()), say("Checking", "확인하는 중")) as progress:
        for name, entry in sorted(files.items()):
            path = folder.joinpath(*name.split("/"))
            if not path.is_file():
                found[name] = say("missing", "없음")
            elif path.stat().st_size != entry["size"]:
                size, wanted = path.stat().st_size, entry["size"]
                found[name] = say(f"{size} bytes instead of {wanted}", f"{wanted}바이트여야 하는데 {size}바이트")
            elif _sha256(path, progress) != entry["sha256"]:
                found[name] = say("another content (SHA-256)", "내용이 다름(SHA-256)")
    return found


def _throw_out_damaged(folder: Path) -> None:
    if not (folder / MANIFEST).is_file():
        return
    for name in damaged(folder):
        if name.startswith("hf/datasets/"):
            shutil.rmtree(folder / "hf" / "datasets", ignore_errors=True)  # made again from the Parquet files
        folder.joinpath(*name.split("/")).unlink(missing_ok=True)
