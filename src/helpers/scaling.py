"""The same classifier over any number of clips, here or on a cluster: `classify`. Used in lesson 10 and by `course classify`.

Why nothing is lost and nothing is there twice: the input is cut into numbered chunks before anything starts. Whoever classifies
chunk 12, on whichever machine and however often, writes its rows to a file that nobody looks at, and then renames that file to
`part-000012.parquet`. A rename happens wholly or not at all. So a chunk is there or it is not, a retry replaces it by the same
rows, and another run does only what is missing. `_manifest.json` says which input and model the rows belong to; with others the
folder is refused.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import posixpath
import socket
import time
import uuid
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from . import inference, sources
from .audio import decode
from .errors import CourseError
from .language import language, say

if TYPE_CHECKING:
    import ray.data

# Read when Ray is first imported. Ray tells its makers how it is used unless that is turned off. It asks for a token only where
# it is told to, except on a cluster that ray.init starts. And its core warns on every job that a worker's arguments lie in the
# object store, which is where Ray Data puts them.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")

Engine = Literal["local", "ray"]
ENGINES: tuple[Engine, ...] = ("local", "ray")
MANIFEST = "_manifest.json"  # readers of Parquet folders pass over names that begin with _ or .
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff", ".au")
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("label", pa.string()),
        ("scores", pa.list_(pa.struct([("label", pa.string()), ("score", pa.float64())]))),
        ("error", pa.string()),
    ]
)
OBJECT_STORE_BYTES = 200_000_000  # of a cluster started here; chunk numbers pass through it, or a few chunks' sound
CONNECT_SECONDS = 5.0  # a machine of the cluster answers within milliseconds
RETRIES = 10  # of a chunk whose worker died (Ray ends workers when memory runs short); one that ends every worker ends the job


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes
    ----------
    rows : int
        Clips in the input, all of which have a row in the output now.
    errors : int
        Those whose row holds an error instead of a label.
    skipped : int
        Those that an earlier run had already written.
    seconds : float
        From the first clip of this run to its last; starting Ray and loading the model are not in it.
    """

    rows: int
    errors: int
    skipped: int
    seconds: float

    @property
    def clips_per_second(self) -> float:
        """Of this run; NaN where it had nothing to do."""
        return (self.rows - self.skipped) / self.seconds if self.seconds else float("nan")

    def __str__(self) -> str:
        labels, skipped = self.rows - self.errors, ""
        if self.skipped:
            skipped = say(f", {self.skipped} of them written by an earlier run", f"(그중 {self.skipped}개는 앞선 실행이 쓴 것)")
        return say(
            f"{self.rows} clips{skipped}: {labels} with a label, {self.errors} with an error",
            f"클립 {self.rows}개{skipped}: 레이블 {labels}개, 오류 {self.errors}개",
        )


@dataclass(frozen=True)
class _File:
    """A file of the input, as the manifest tells it from another."""

    name: str
    rows: int
    fingerprint: str
    columns: tuple[str, ...] = ()  # of a Parquet file


@dataclass(frozen=True)
class _Chunk:
    """Some rows of one row group of a Parquet file, or some sound files."""

    number: int
    rows: int
    files: tuple[str, ...]
    ids: tuple[str, ...]  # of sound files; of a Parquet file, its name as ids show it
    group: int = 0
    offset: int = 0  # in the row group
    first: int = 0  # in the file

    @property
    def name(self) -> str:
        return f"part-{self.number:06d}.parquet"


@dataclass(frozen=True)
class _Job:
    """All that a worker has to know, wherever it runs."""

    out: Path
    model: str
    revision: str | None
    chunks: tuple[_Chunk, ...]
    audio_column: str
    id_column: str | None
    top_k: int | None
    dtype: str | None
    batch_size: int | None
    threads: int
    gpu: bool
    language: str


def classify(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    engine: Engine = "ray",
    model: sources.Source | str | None = None,
    workers: int = 2,
    threads: int = 1,
    gpus: float = 0,
    address: str | None = None,
    chunk_rows: int = 64,
    batch_size: int | None = None,
    dtype: str | None = None,
    top_k: int | None = 5,
    audio_column: str = "audio",
    id_column: str = "id",
    progress: bool = True,
) -> Report:
    """Classify every clip of a folder, and write the answers as Parquet; run again, it does what is missing.

    Parameters
    ----------
    path : str or path
        A folder of Parquet files (those below it count too), one Parquet file, a folder of sound files, an address that fsspec
        opens (`hf://datasets/PolyAI/minds14@REVISION/en-AU`), or a configuration of the chosen source: "en-AU".
    out : str or path
        The folder to write to: `part-000000.parquet`, … With several machines, one that all of them see.
    engine : "local" or "ray"
        "local": this process, one chunk after the other. "ray": a pool of workers under Ray Data.
    model : Source or str, optional
        A checkpoint's folder or its id on the Hub; by default `sources.intent_model()`.
    workers : int
        With "ray": processes that each hold the model.
    threads : int
        CPU cores for each of them.
    gpus : float
        GPUs for each of them; 0 makes a pool of CPUs. With 1 (or a share of one, such as 0.5) the clips are decoded by CPUs ahead
        of the pool, so that no GPU waits for a file. With "local", any number above 0 means this machine's GPU.
    address : str, optional
        A Ray cluster: "auto" on one of its machines, or HOST:PORT. By default `RAY_ADDRESS`, else a cluster on this machine that
        ends with the call. Where `ray.init` was called before, that cluster is used.
    chunk_rows : int
        Clips in a chunk, at most: what is lost if a worker dies, and what progress is counted in.
    batch_size, dtype, top_k
        As in `inference.classify`, with a dtype's name ("bfloat16"). A chunk's clips are batched there, by total length.
    audio_column : str
        The Parquet column of sounds, `{"bytes", "path"}` as `datasets` writes it, or bytes, or paths.
    id_column : str
        The column to take ids from. Where there is none, the file and the number of the row in it: "train.parquet:17".
    progress : bool
        Show a progress bar (on stderr).

    Returns
    -------
    Report

    Raises
    ------
    CourseError
        If the input, the model, Ray or its cluster is not there, if `out` holds answers of another input or model, or if writing
        fails. What was written before stays, and the same call goes on from there.

    Notes
    -----
    Columns of the output: `id`; `label`, the best one, null where there is an error; `scores`, a list of `{"label", "score"}`,
    the best first; `error`, null or a sentence. Rows are in the order of the input. Memory depends on `chunk_rows` and on the
    size of the input's row groups, not on the number of rows. Used in lesson 10.
    """
    if engine not in ENGINES:
        raise CourseError(say(f"engine is one of {', '.join(ENGINES)}, not {engine!r}.",
                              f"engine에는 {', '.join(ENGINES)} 중 하나를 쓰세요. 받은 값: {engine!r}"))  # fmt: skip
    for name, value in {"workers": workers, "threads": threads, "chunk_rows": chunk_rows, "batch_size": batch_size}.items():
        inference.check_positive(name, value)
    if engine == "ray":
        _ray()  # said before anything is read or written
    address = address or os.environ.get("RAY_ADDRESS")
    out = Path(out).expanduser().absolute()
    files, chunks = _plan(path, out, chunk_rows, audio_column)
    has_ids = all(id_column in file.columns for file in files)
    name, revision, fingerprint = _checkpoint(sources.intent_model() if model is None else model)
    job = _Job(out, name, revision, tuple(chunks), audio_column, id_column if has_ids else None, top_k, dtype, batch_size,
               threads, gpus > 0, language())  # fmt: skip
    _claim(
        out,
        {
            "input": [[file.name, file.rows, file.fingerprint] for file in files],
            "model": fingerprint,
            "settings": {"chunk_rows": chunk_rows, "dtype": dtype, "top_k": top_k, "audio": audio_column, "id": job.id_column},
        },
    )
    total = sum(chunk.rows for chunk in chunks)
    todo = [chunk.number for chunk in chunks if not _is_written(out / chunk.name, chunk.rows)]
    skipped = total - sum(chunks[number].rows for number in todo)
    begins, ends = [], []
    problems: list[str] = []
    # Said only where it is off: an explicit disable=False would overrule TQDM_DISABLE, which the lesson builder sets.
    with tqdm(total=total, initial=skipped, unit="clip", **({} if progress else {"disable": True})) as bar:
        done = _locally(job, todo) if engine == "local" else _with_ray(job, todo, workers, gpus, address)
        try:
            for answer in done if todo else ():
                number = int(answer["number"])
                if answer["problem"]:
                    problems.append(str(answer["problem"]))
                    if answer["fatal"]:
                        break
                elif not (out / chunks[number].name).exists():
                    problems.append(
                        say(
                            f"A worker on {answer['node']} wrote {chunks[number].name}, and it is not in {out} here: with "
                            "several machines, out is a folder that all of them see.",
                            f"{answer['node']}의 작업자가 {chunks[number].name}을(를) 썼는데 이 컴퓨터의 {out}에는 없어요. "
                            "컴퓨터가 여럿이면 out은 모두가 함께 보는 폴더여야 해요.",
                        )
                    )
                    break
                else:
                    begins.append(float(answer["begin"]))
                    ends.append(float(answer["end"]))
                    bar.update(chunks[number].rows)
        except CourseError as error:
            problems.append(str(error))
        finally:
            done.close()
    if problems:
        raise CourseError(_stopped(problems, out, chunks))
    for leftover in out.glob(".part-*"):  # of runs that were killed while they wrote
        leftover.unlink(missing_ok=True)
    written = parts(out)
    return Report(total, int(written["errors"].sum()), skipped, max(ends, default=0.0) - min(begins, default=0.0))


def parts(out: str | os.PathLike[str]) -> pd.DataFrame:
    """Who wrote what: a row for each part in an output folder, from the files' footers alone.

    Returns
    -------
    pd.DataFrame
        `part`, the file's name; `rows`; `errors`, how many of them hold an error; `node`, the Ray node's id ("local" without
        Ray); `worker`, the process on it; `begin` and `end`, in seconds since 1970.
    """
    rows = []
    for file in sorted(Path(out).glob("part-*.parquet")):
        footer = pq.read_metadata(file)
        said = {key.decode(): value.decode() for key, value in (footer.metadata or {}).items() if key.startswith(b"course.")}
        rows.append(
            {
                "part": file.name,
                "rows": footer.num_rows,
                "errors": int(said["course.errors"]),
                "node": said["course.node"],
                "worker": int(said["course.worker"]),
                "begin": float(said["course.begin"]),
                "end": float(said["course.end"]),
            }
        )
    return pd.DataFrame(rows, columns=["part", "rows", "errors", "node", "worker", "begin", "end"])


def _stopped(problems: list[str], out: Path, chunks: list[_Chunk]) -> str:
    total = sum(chunk.rows for chunk in chunks)
    there = sum(chunk.rows for chunk in chunks if (out / chunk.name).exists())
    more = len(problems) - 1
    others = say(f" ({more} more like this.)", f" (비슷한 문제가 {more}개 더 있어요.)") if more else ""
    return say(
        f"{problems[0]}{others} {there} of {total} rows are safe in {out}; run the same again to go on from there.",
        f"{problems[0]}{others} {total}행 가운데 {there}행은 {out}에 안전하게 있어요. 같은 명령을 다시 실행하면 "
        "거기서 이어서 해요.",
    )


# --- the input ------------------------------------------------------------------------------------------------------------


def _address(path: str | os.PathLike[str]) -> str:
    """What fsspec opens for a path, an address or the name of a configuration."""
    text = os.fspath(path)
    if "://" in text or Path(text).expanduser().exists():
        return text if "://" in text else str(Path(text).expanduser().absolute())
    data = sources.minds14()
    inside = f"hf://datasets/{data.path}@{data.revision}/{text}" if data.revision else str(Path(data.path) / text)
    if data.revision and "-" in text and "/" not in text or not data.revision and Path(inside).is_dir():
        return inside
    raise CourseError(
        say(
            f"There is no file or folder {text}, and the chosen source ({sources.chosen()}) has no configuration of that name.",
            f"{text}(이)라는 파일이나 폴더가 없고, 고른 소스({sources.chosen()})에 그런 이름의 구성도 없어요.",
        )
    )


def _plan(path: Any, out: Path, chunk_rows: int, audio_column: str) -> tuple[list[_File], list[_Chunk]]:
    """The files of the input, and the chunks that they are cut into: the same for the same input, in its order."""
    address = _address(path)
    fs, root = fsspec.core.url_to_fs(address)
    local = "file" in fs.protocol if not isinstance(fs.protocol, str) else fs.protocol == "file"
    if local and out.resolve().is_relative_to(Path(root).resolve()):
        raise CourseError(
            say(
                f"The output {out} lies in the input {root}: the answers would be taken for clips. Name another folder.",
                f"출력 폴더 {out}이(가) 입력 폴더 {root} 안에 있어요. 답을 클립으로 잘못 읽게 되니 다른 폴더를 지정하세요.",
            )
        )
    try:
        single = fs.isfile(root)
        found = {root: fs.info(root)} if single else fs.find(root, detail=True)
    except Exception as error:  # a file system of the network has errors of its own
        raise CourseError(
            say(f"{address} cannot be listed ({type(error).__name__}: {error}).",
                f"{address}의 목록을 읽을 수 없어요({type(error).__name__}: {error}).")) from error  # fmt: skip
    base = posixpath.dirname(root.rstrip("/")) if single else root.rstrip("/")
    names = {file: file[len(base) :].lstrip("/") for file in sorted(found) if not posixpath.basename(file).startswith((".", "_"))}
    tables = [file for file in names if file.lower().endswith(".parquet")]
    sounds = [] if tables else [file for file in names if file.lower().endswith(SOUNDS)]
    url = (lambda file: file) if local else fs.unstrip_protocol
    files: list[_File] = []
    chunks: list[_Chunk] = []
    for file in tables:
        footer, fingerprint = _footer(fs, file)
        columns = footer.schema.to_arrow_schema().names
        if audio_column not in columns:
            raise CourseError(
                say(
                    f"{names[file]} has no column {audio_column}; it has {', '.join(columns)}. Name yours: audio_column=.",
                    f"{names[file]}에 {audio_column} 열이 없어요. 있는 열은 {', '.join(columns)}이에요. "
                    "audio_column=으로 열 이름을 알려 주세요.",
                )
            )
        files.append(_File(names[file], footer.num_rows, fingerprint, tuple(columns)))
        first = 0
        for group in range(footer.num_row_groups):
            rows = footer.row_group(group).num_rows
            for offset in range(0, rows, chunk_rows):
                size = min(chunk_rows, rows - offset)
                chunks.append(_Chunk(len(chunks), size, (url(file),), (names[file],), group, offset, first + offset))
            first += rows
    for begin in range(0, len(sounds), chunk_rows):
        some = sounds[begin : begin + chunk_rows]
        chunks.append(_Chunk(len(chunks), len(some), tuple(map(url, some)), tuple(names[file] for file in some)))
    files += [_File(names[file], 1, str(found[file].get("size"))) for file in sounds]
    if not chunks:
        raise CourseError(
            say(
                f"There is nothing to classify in {address}: no Parquet file with rows, and no sound file ({', '.join(SOUNDS)}).",
                f"{address}에 분류할 것이 없어요. 행이 든 Parquet 파일도, 소리 파일({', '.join(SOUNDS)})도 없어요.",
            )
        )
    return files, chunks


def _footer(fs: Any, file: str) -> tuple[pq.FileMetaData, str]:
    """A Parquet file's footer, and a fingerprint of it: it holds sizes and bounds of every column, so new data have a new one."""
    try:
        with fs.open(file, "rb") as stream:
            footer = pq.ParquetFile(stream).metadata
            stream.seek(-8 - footer.serialized_size, os.SEEK_END)
            return footer, hashlib.sha256(stream.read(footer.serialized_size)).hexdigest()[:16]
    except (OSError, pa.ArrowException, ValueError) as error:
        raise CourseError(
            say(
                f"{file} is no Parquet file that can be read ({error}): get it again, or move it out of the folder.",
                f"{file}: 읽을 수 있는 Parquet 파일이 아니에요({error}). 다시 받거나 폴더에서 빼세요.",
            )
        ) from error


def _read(job: _Job, chunk: _Chunk, held: dict[Any, pa.Table]) -> tuple[list[str], list[Any]]:
    """Ids and sounds (bytes, a path, or the error that says why there is none) of a chunk's rows.

    `held` keeps the row group that was read last: its other chunks come next.
    """
    if not chunk.ids[0].lower().endswith(".parquet"):
        return list(chunk.ids), [file if "://" not in file else _fetched(file) for file in chunk.files]
    file, name = chunk.files[0], chunk.ids[0]
    if (file, chunk.group) not in held:
        held.clear()
        columns = [job.audio_column, *([job.id_column] if job.id_column else [])]
        with fsspec.open(file, "rb") as stream:
            held[file, chunk.group] = pq.ParquetFile(stream).read_row_group(chunk.group, columns=columns)
    table = held[file, chunk.group].slice(chunk.offset, chunk.rows)
    ids = [str(value) for value in table[job.id_column].to_pylist()] if job.id_column else []
    sounds = [_sound(value, file) for value in table[job.audio_column].to_pylist()]
    return ids or [f"{name}:{chunk.first + i}" for i in range(chunk.rows)], sounds


def _fetched(file: str) -> Any:
    try:
        with fsspec.open(file, "rb") as stream:
            return stream.read()
    except Exception as error:  # one file that is gone must not sink the rest
        return error


def _sound(value: Any, file: str) -> Any:
    data, path = (value.get("bytes"), value.get("path")) if isinstance(value, dict) else (value, None)
    if isinstance(data, str):
        data, path = None, data
    if data is not None:
        return data
    if path is None:
        return CourseError(
            say("This row holds neither the bytes of a clip nor a path.", "이 행에는 클립의 바이트도 경로도 없어요.")
        )
    return path if "://" in file else os.path.join(os.path.dirname(file), path)


# --- the model ------------------------------------------------------------------------------------------------------------


def _checkpoint(source: sources.Source | str) -> tuple[str, str | None, str]:
    """Folder or id, revision, and what tells this checkpoint from another: a digest of its files, or the Hub's commit."""
    path, revision = (source.path, source.revision) if isinstance(source, sources.Source) else (os.fspath(source), None)
    folder = Path(path).expanduser()
    if folder.is_dir():
        digest = hashlib.sha256()
        for file in sorted(file for file in folder.iterdir() if file.suffix in {".json", ".safetensors", ".bin"}):
            digest.update(file.name.encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return str(folder.absolute()), None, digest.hexdigest()[:16]
    from huggingface_hub import hf_hub_download

    try:
        commit = Path(hf_hub_download(path, "config.json", revision=revision)).parent.name  # the cache's folder of a commit
    except Exception as error:
        raise CourseError(
            say(
                f"There is no model {path}: no such folder, and the Hub does not give it ({type(error).__name__}).",
                f"{path} 모델이 없어요. 그런 폴더도 없고 Hub에서도 받을 수 없어요({type(error).__name__}).",
            )
        ) from error
    return path, commit, f"{path}@{commit}"


# --- the output -----------------------------------------------------------------------------------------------------------


def _claim(out: Path, manifest: dict[str, Any]) -> None:
    """Write down what the folder holds the answers of; refuse it if it holds others."""
    file = out / MANIFEST
    try:
        out.mkdir(parents=True, exist_ok=True)
        if file.exists():
            before = json.loads(file.read_text(encoding="utf-8"))
            different = [key for key in manifest if before.get(key) != json.loads(json.dumps(manifest[key]))]
            if different:
                raise CourseError(
                    say(
                        f"{out} holds the answers of another run: its {' and its '.join(different)} differ from this one's. "
                        "Name another folder, or delete that one.",
                        f"{out}에는 다른 실행의 답이 들어 있어요. 이번 실행과 다른 것: {', '.join(different)}. "
                        "다른 폴더를 지정하거나 그 폴더를 지우세요.",
                    )
                )
            return
        if any(out.iterdir()):
            raise CourseError(
                say(
                    f"{out} is not empty, and no run of this command began in it. Name another folder.",
                    f"{out}은(는) 비어 있지 않은데, 이 명령이 쓰던 폴더도 아니에요. 다른 폴더를 지정하세요.",
                )
            )
        _whole(file, lambda beside: beside.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise CourseError(
            say(f"{out} cannot be used for the output: {_reason(error)}.", f"{out}에 쓸 수 없어요: {_reason(error)}.")
        ) from error


def _whole(file: Path, write: Any) -> None:
    """Write a file wholly or not at all: under another name first, down to the disk, and then renamed."""
    beside = file.with_name(f".{file.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        write(beside)
        with beside.open("rb+") as stream:  # a full disk may show only here
            os.fsync(stream.fileno())
        beside.replace(file)
    except FileNotFoundError:
        if not file.exists():  # else another run of the same job finished, and tidied up
            raise
    finally:
        beside.unlink(missing_ok=True)


def _is_written(file: Path, rows: int) -> bool:
    try:
        return bool(pq.read_metadata(file).num_rows == rows)
    except (OSError, pa.ArrowException):
        return False


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return say("the disk is full; free some space", "디스크가 가득 찼어요. 공간을 비우세요")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
    return said.splitlines()[0].rstrip(".")


# --- the work -------------------------------------------------------------------------------------------------------------


class _Worker:
    """Classifies chunks and writes their parts; Ray makes one of it in each process of the pool."""

    def __init__(self, job: _Job) -> None:
        _speak(job.language)
        self.job = job
        self.held: dict[Any, pa.Table] = {}
        self.node = _node()
        self.loaded: tuple[Any, Any] | None = None

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[Any]]:
        """Do the one chunk of `batch` and say how it went. A problem comes back as a sentence: an exception would end the job."""
        number = int(batch["number"][0])
        answer: dict[str, Any] = {"number": number, "problem": "", "fatal": False, "begin": 0.0, "end": 0.0, "node": self.node}
        chunk = self.job.chunks[number]
        try:
            model, extractor = self._load()
            answer["begin"] = time.time()
            packed = batch["sounds"][0] if "sounds" in batch else None
            ids, sounds = _read(self.job, chunk, self.held) if packed is None else _unpacked(packed)
            table = self._table(ids, sounds, model, extractor)
        except Exception as error:
            answer["problem"] = say(
                f"{chunk.ids[0]}, rows from {chunk.first}, could not be classified on {self.node}: {_reason(error)}.",
                f"{chunk.ids[0]}의 {chunk.first}번 행부터 {self.node}에서 분류하지 못했어요: {_reason(error)}.",
            )
            answer["fatal"] = self.loaded is None
            return {key: [value] for key, value in answer.items()}
        answer["end"] = time.time()
        said = {"errors": chunk.rows - table["label"].length() + table["label"].null_count, "node": self.node,
                "worker": os.getpid(), "begin": answer["begin"], "end": answer["end"]}  # fmt: skip
        table = table.replace_schema_metadata({f"course.{key}": str(value) for key, value in said.items()})
        try:
            _whole(self.job.out / chunk.name, lambda beside: pq.write_table(table, beside))
        except OSError as error:
            answer["fatal"] = True
            answer["problem"] = say(
                f"{chunk.name} could not be written to {self.job.out}: {_reason(error)}.",
                f"{chunk.name}을(를) {self.job.out}에 쓰지 못했어요: {_reason(error)}.",
            )
        return {key: [value] for key, value in answer.items()}

    def _load(self) -> tuple[Any, Any]:
        if self.loaded is None:
            import torch
            from transformers import AutoFeatureExtractor, AutoModelForAudioClassification
            from transformers.utils import logging

            logging.disable_progress_bar()
            if self.job.gpu and not torch.cuda.is_available():
                raise CourseError(say("PyTorch sees no GPU there", "거기서는 PyTorch가 GPU를 찾지 못해요"))
            name = {"pretrained_model_name_or_path": self.job.model, "revision": self.job.revision or "main"}
            model = AutoModelForAudioClassification.from_pretrained(**name).to("cuda" if self.job.gpu else "cpu")
            self.loaded = inference.prepare(model.eval(), dtype=self.job.dtype), AutoFeatureExtractor.from_pretrained(**name)
        return self.loaded

    def _table(self, ids: list[str], sounds: Iterable[Any], model: Any, extractor: Any) -> pa.Table:
        answers = list(
            inference.classify(
                sounds,
                model,
                extractor,
                batch_size=self.job.batch_size,
                dtype=self.job.dtype,
                num_threads=self.job.threads,
                top_k=self.job.top_k,
                progress=False,
            )
        )
        rows = [
            {
                "id": name,
                "label": answer.scores[0]["label"] if answer.scores else None,
                "scores": answer.scores,
                "error": answer.error,
            }
            for name, answer in zip(ids, answers, strict=True)
        ]
        return pa.Table.from_pylist(rows, schema=SCHEMA)


def _speak(wanted: str) -> None:
    """Have errors in the language of whoever started the job; another process cannot know it."""
    if language() != wanted:
        os.environ["COURSE_LANG"] = wanted


def _node() -> str:
    try:
        import ray

        return str(ray.get_runtime_context().get_node_id()) if ray.is_initialized() else "local"
    except ImportError:
        return "local"


def _locally(job: _Job, todo: list[int]) -> Generator[dict[str, Any], None, None]:
    import torch

    worker = _Worker(replace(job, threads=torch.get_num_threads()))
    worker.node = "local"
    for number in todo:
        yield {key: value[0] for key, value in worker({"number": np.array([number])}).items()}


# --- Ray ------------------------------------------------------------------------------------------------------------------


def _ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise CourseError(
            say(
                f'Ray is not installed here ({error}). Install it with `pip install "ray[data]"`, in the course\'s environment '
                "(`make setup` does it), or use engine local, which needs no Ray.",
                f'Ray가 설치되어 있지 않아요({error}). 코스의 환경에서 `pip install "ray[data]"`로 설치하거나(`make setup`이면 '
                "함께 설치돼요), Ray가 필요 없는 local 엔진을 쓰세요.",
            )
        ) from error
    return ray


@contextmanager
def _cluster(address: str | None, cpus: int) -> Iterator[Any]:
    """The cluster that `ray.init` connected to before, else the one at an address, else one on this machine until then."""
    ray = _ray()
    if ray.is_initialized():
        yield ray
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address in (None, "", "local"):
        where = say("on this machine", "이 컴퓨터에서")
        start: dict[str, Any] = {"address": "local", "num_cpus": cpus, "include_dashboard": False,
                                 "object_store_memory": OBJECT_STORE_BYTES}  # fmt: skip
    else:
        where = str(address)
        _check_reachable(str(address))
        start = {"address": address}
    try:
        ray.init(**start, **quiet)
    except Exception as error:  # ConnectionError, RuntimeError and others, by what is wrong
        ray.shutdown()
        raise CourseError(
            say(
                f"Ray cannot be started or reached ({where}): {_reason(error)}. Is a cluster running there, with this version of "
                f"Ray ({ray.__version__}) and of Python? `ray status` tells on its machines.",
                f"Ray를 시작하거나 연결할 수 없어요({where}): {_reason(error)}. 거기에 같은 버전의 Ray({ray.__version__})와 "
                "Python으로 클러스터가 떠 있나요? 그 컴퓨터에서 `ray status`로 확인하세요.",
            )
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Raise where nobody listens at HOST:PORT: Ray itself would go on trying for long."""
    host, _, port = address.split("://")[-1].rpartition(":")
    if not host or not port.isdigit():
        return  # "auto", or a name that Ray alone understands
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        reason = say("no answer", "응답 없음") if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise CourseError(
            say(
                f"There is no Ray cluster at {address} ({reason}). Start one with `ray start --head`, or check the address and "
                "the firewall.",
                f"{address}에 Ray 클러스터가 없어요({reason}). `ray start --head`로 시작하거나, 주소와 방화벽을 확인하세요.",
            )
        ) from error


def _with_ray(
    job: _Job, todo: list[int], workers: int, gpus: float, address: str | None
) -> Generator[dict[str, Any], None, None]:
    workers = min(workers, len(todo))
    with _cluster(address, workers * job.threads + (1 if gpus else 0)) as ray:
        _enough(ray, workers, job.threads, gpus)
        data = _pipeline(ray, job, todo, workers, gpus, decode_ahead=gpus > 0)
        try:
            yield from data.iter_rows()
        except ray.exceptions.RayActorError as error:
            raise CourseError(
                say(
                    f"A worker died {RETRIES + 1} times over the same clips, as it does when memory runs out.",
                    f"같은 클립에서 작업자가 {RETRIES + 1}번 죽었어요. 메모리가 모자랄 때 이렇게 돼요.",
                )
            ) from error
        except ray.exceptions.RayError as error:
            last = " ".join([line for line in str(error).splitlines() if line.strip()][-1:])
            raise CourseError(say(f"Ray gave the job up: {last}.", f"Ray가 작업을 포기했어요: {last}.")) from error


def _pipeline(ray: Any, job: _Job, todo: list[int], workers: int, gpus: float, *, decode_ahead: bool) -> ray.data.Dataset:
    """Chunk numbers in, one row of what became of each out; sound passes between processes only where it is decoded ahead."""
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised, in a sentence
    data = ray.data.from_items([{"number": number} for number in todo], override_num_blocks=len(todo))
    if decode_ahead:
        data = data.map_batches(partial(_packed, job), batch_size=1, num_cpus=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of max_task_retries, which has no other place yet; hence ray<2.64
        return data.map_batches(
            _Worker,
            fn_constructor_args=[job],
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2),
            num_cpus=job.threads,
            num_gpus=gpus or None,
            max_task_retries=RETRIES,
        )


def _enough(ray: Any, workers: int, threads: int, gpus: float) -> None:
    """Raise where the pool does not fit into the cluster: Ray would wait for machines without an end."""
    have = ray.cluster_resources()
    need = {"CPU": workers * threads + (1 if gpus else 0), "GPU": workers * gpus}
    for kind, amount in need.items():
        if amount > have.get(kind, 0):
            raise CourseError(
                say(
                    f"The pool ({workers} workers) needs {amount:g} {kind}s, and the cluster has {have.get(kind, 0):g}: ask for "
                    "fewer workers, or let more machines join with `ray start --address=…`.",
                    f"작업자 {workers}개에는 {kind} {amount:g}개가 필요한데 클러스터에는 {have.get(kind, 0):g}개가 있어요. "
                    "작업자를 줄이거나 `ray start --address=…`로 컴퓨터를 더 참여시키세요.",
                )
            )


def _packed(job: _Job, batch: dict[str, np.ndarray]) -> dict[str, list[Any]]:
    """A chunk's clips, decoded by a CPU for the pool of GPUs: ids, samples at the model's rate, errors."""
    _speak(job.language)
    from transformers import AutoFeatureExtractor

    number = int(batch["number"][0])
    rate = AutoFeatureExtractor.from_pretrained(job.model, revision=job.revision or "main").sampling_rate
    ids, sounds = _read(job, job.chunks[number], {})
    rows = []
    for name, sound in zip(ids, sounds, strict=True):
        try:
            if isinstance(sound, Exception):
                raise sound
            rows.append({"id": name, "samples": decode(sound, sampling_rate=rate)[0].tobytes(), "error": None})
        except Exception as error:  # as inference.classify words it
            said = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
            rows.append({"id": name, "samples": None, "error": said})
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist(
        rows, schema=pa.schema([("id", pa.string()), ("samples", pa.large_binary()), ("error", pa.string())])
    )
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return {"number": [number], "sounds": [sink.getvalue().to_pybytes()]}


def _unpacked(packed: bytes) -> tuple[list[str], list[Any]]:
    rows = pa.ipc.open_stream(packed).read_all().to_pylist()
    return [row["id"] for row in rows], [
        np.frombuffer(row["samples"], np.float32) if row["samples"] is not None else CourseError(row["error"]) for row in rows
    ]
