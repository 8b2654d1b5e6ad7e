"""The Hugging Face Hub as the lessons' source: what can go wrong there, said in a sentence. Used in every lesson.

The learner calls `load_dataset` and `pipeline` himself, so an error comes out of his own cell, under a hundred lines of other
people's code. `listen` lets a notebook show it as `explain` puts it; `check_data` and `prepare_model` look at the small files
before a large one is downloaded. With the source `bundled` nothing here is called.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import downloads
from .errors import SourceError
from .language import say

if TYPE_CHECKING:
    from datasets import Features

STALL_SECONDS = 20.0  # huggingface_hub waits for some answers for ever; a hub that says nothing for so long will not
TRIES = 3  # of a question to the Hub's API, which huggingface_hub asks once; for downloads it has five of its own
CLIENTS = {"huggingface_hub", "datasets", "transformers"}
WEIGHTS = ("model.safetensors", "pytorch_model.bin")  # in the order in which transformers looks for them
LONG_COMMIT = re.compile(r"[0-9a-f]{40}")


def endpoint() -> str:
    """The Hub's address: `HF_ENDPOINT`, else https://huggingface.co."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def cache_folder() -> str:
    """Where the Hub's files are kept on this machine, with the home folder as `~`: it follows HF_HOME."""
    # The same rule as huggingface_hub's, without the quarter of a second that importing it takes.
    base = os.environ.get("HF_HOME") or str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface")
    folder, home = os.path.expanduser(base), str(Path.home())
    return "~" + folder[len(home) :] if folder.startswith(home + os.sep) else folder


# --- sentences ------------------------------------------------------------------------------------------------------------


def _bundled() -> str:
    return say("Or go on without the Hub: COURSE_SOURCE=bundled.", "아니면 Hub 없이 계속하세요: COURSE_SOURCE=bundled")


def explain(error: BaseException) -> str | None:
    """What an error of the Hub's clients means and what to do, in a sentence or two; None for an error that is not about the Hub.

    Parameters
    ----------
    error : BaseException
        As `load_dataset`, `pipeline` or `huggingface_hub` raised it. What it was raised from is looked at as well.

    Returns
    -------
    str or None

    Notes
    -----
    Used by notebooks (`listen`) and by the command `course`.
    """
    errors = list(chain(error))
    for one in errors:
        if isinstance(one, SourceError):
            return str(one)
    if said := _said(errors, rf"{SourceError.__module__}\.SourceError: ([^\n]+)"):
        return said[1]
    for look in (_disk, _own_code, _offline, _configuration, _shape, _status, _connection, _damaged):
        if sentence := look(errors):
            return f"{sentence} {_bundled()}"
    return None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then everything that it was raised from or during."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or any(one is known for known in seen):
            continue
        seen.append(one)
        yield one
        waiting += [one.__cause__, one.__context__]


def _named(errors: list[BaseException], *names: str) -> bool:
    """Whether one of the errors is of a class of this name, or quotes one in its text, as `pipeline` does with its causes.

    By name, because the HTTP client below huggingface_hub has been replaced before.
    """
    pattern = re.compile(rf"\b({'|'.join(names)})\b")
    return any(
        any(kind.__name__ in names for kind in type(one).__mro__)
        or (type(one) in (ValueError, OSError, FileNotFoundError, RuntimeError) and pattern.search(str(one)))
        for one in errors
    )


def _said(errors: list[BaseException], pattern: str) -> re.Match[str] | None:
    return next((found for one in errors if (found := re.search(pattern, str(one), re.DOTALL | re.IGNORECASE))), None)


def _disk(errors: list[BaseException]) -> str | None:
    full = any(isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT) for one in errors)
    if not full and not _said(errors, r"no space left on device|not enough disk space"):
        return None
    return say(
        "The disk is full, so the download stopped. Make room, or set HF_HOME to a folder on a larger disk (now: "
        f"{cache_folder()}), then run this again: what is complete is kept.",
        f"디스크가 가득 차서 내려받기가 멈췄어요. 공간을 비우거나 HF_HOME을 더 큰 디스크의 폴더로 정하고(지금: {cache_folder()}) "
        "다시 실행하세요. 다 받은 파일은 남아 있어요.",
    )


def _own_code(errors: list[BaseException]) -> str | None:
    if not _said(errors, r"trust_remote_code=True|contains custom code|dataset scripts are no longer supported"):
        return None
    return _refuse_own_code()


def _refuse_own_code() -> str:
    return say(
        "This repository wants to run Python code of its own on your machine (`trust_remote_code`). The course refuses: neither "
        "its data nor its model needs that, so somebody has changed the repository or its name.",
        "이 저장소는 자기 파이썬 코드를 여러분의 컴퓨터에서 실행하려고 해요(`trust_remote_code`). 이 코스의 데이터와 모델에는 "
        "필요 없는 일이라 거절해요. 저장소가 바뀌었거나 이름이 잘못된 거예요.",
    )


def _offline(errors: list[BaseException]) -> str | None:
    missing = _said(errors, r"couldn't find cache for .*?(?:available configs in the cache: (\[[^\]]*\])|$)")
    if not missing and not _named(errors, "OfflineModeIsEnabled") and not _offline_and_missing(errors):
        return None
    there = f" ({missing[1]})" if missing and missing[1] else ""
    return say(
        f"The Hub is not asked (HF_HUB_OFFLINE is set), and what this cell needs is not in {cache_folder()}{there}. Unset "
        "HF_HUB_OFFLINE to download it, or point HF_HOME at a folder that `course prefetch` has made.",
        f"HF_HUB_OFFLINE이 설정되어 있어 Hub에 묻지 않는데, 이 셀에 필요한 것이 {cache_folder()}에 없어요{there}. "
        "HF_HUB_OFFLINE을 지워 내려받거나, HF_HOME을 `course prefetch`로 만든 폴더로 정하세요.",
    )


def _offline_and_missing(errors: list[BaseException]) -> bool:
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    return offline and _named(errors, "LocalEntryNotFoundError", "ConnectionError")


def _configuration(errors: list[BaseException]) -> str | None:
    if found := _said(errors, r"BuilderConfig '?([^']+?)'? not found\. Available: \[([^\]]*)\]"):
        return say(
            f"There is no configuration {found[1]}. Write one of these as `name`: {found[2]}.",
            f"{found[1]}라는 구성은 없어요. `name`에 다음 중 하나를 쓰세요: {found[2]}",
        )
    return None


def _shape(errors: list[BaseException]) -> str | None:
    if not _named(errors, "DatasetGenerationCastError", "CastError"):
        return None
    found = _said(errors, r"column names don't match|there are (\d+ new|\d+ missing) columns?[^.\n]*")
    columns = f" ({found[0].strip()})" if found else ""
    return say(
        f"The data set's columns are not those of its card, nor those that the lessons rely on{columns}.",
        f"데이터 세트의 열이 카드에 적힌 것과도, 레슨이 기대하는 것과도 달라요{columns}.",
    )


def _status(errors: list[BaseException]) -> str | None:
    status, url = None, ""
    for one in errors:
        response: Any = getattr(one, "response", None)
        if status is None and hasattr(response, "status_code"):
            status, url = int(response.status_code), str(response.url)
    if status is None:  # where the response itself has got lost on the way
        if found := _said(errors, r"\b(401|403|404|429|5\d\d)\b[^\n]*\burl:? '?(\S+?)[.']?(?:\s|$)"):
            status, url = int(found[1]), found[2]
        elif found := _said(errors, r"\burl:? '?(http\S+?)[.']?\s"):
            status, url = (404, found[1]) if _named(errors, "RemoteEntryNotFoundError", "EntryNotFoundError") else (None, "")
        elif _named(errors, "DatasetNotFoundError", "RepositoryNotFoundError", "GatedRepoError"):
            status = 401
        elif _said(errors, r"does not appear to have a file named"):
            status = 404
    if status is None:
        return None
    what = _file(url)
    if status in (401, 403):
        return say(
            f"The Hub refuses access{what} ({status}). It may have been withdrawn or closed, or a token on this machine is no "
            "longer valid: `hf auth whoami` shows it, `hf auth logout` removes it, and the course needs none.",
            f"Hub가 접근을 거절했어요({status}){what}. 저장소가 내려갔거나 닫혔을 수도 있고, 이 컴퓨터에 저장된 토큰이 만료됐을 "
            "수도 있어요. 토큰은 `hf auth whoami`로 확인하고 `hf auth logout`으로 지워요. 이 코스에는 토큰이 필요 없어요.",
        )
    if status == 404:
        return say(
            f"The Hub does not have what was asked for{what} (404).{_configurations(url)} If you did not change the name or the "
            "revision, the repository has changed: tell the course's authors.",
            f"요청한 것이 Hub에 없어요(404){what}.{_configurations(url)} 이름이나 revision을 바꾸지 않았다면 저장소가 바뀐 "
            "거예요. 코스 저자에게 알려 주세요.",
        )
    if status == 429:
        return say(
            "The Hub has had too many requests from your address (429), also when it was asked again after a while. Wait some "
            "minutes, then run this again; what is complete is kept.",
            "여러분의 주소에서 Hub에 보낸 요청이 너무 많대요(429). 기다렸다 다시 물어도 같았어요. 몇 분 뒤에 다시 실행하세요. "
            "다 받은 파일은 남아 있어요.",
        )
    if status >= 500:
        return say(
            f"The Hub has a fault of its own ({status}), also when it was asked again. Try again in a while; "
            "https://status.huggingface.co says how it is.",
            f"Hub 쪽에 문제가 있어요({status}). 다시 물어도 같았어요. 잠시 뒤에 다시 해 보세요. 상태는 "
            "https://status.huggingface.co 에 나와요.",
        )
    return None


def _file(url: str) -> str:
    """The file that an address names, in brackets."""
    found = re.search(r"/resolve/[^/]+/([^?\s]+)", url)
    return f" [{found[1].rstrip('.')}]" if found else ""


def _configurations(url: str) -> str:
    """A sentence with the configurations that the data set's files show; empty where it is no data set or cannot be asked."""
    found = re.search(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/", url)
    if not found:
        return ""
    try:
        names = ", ".join(configurations(found[1], found[2]))
    except Exception:  # the sentence that is being made is about another error
        return ""
    return say(f" These configurations are there: {names}.", f" 있는 구성: {names}.")


def configurations(repository: str, revision: str | None) -> list[str]:
    """The configurations of a data set of Parquet files, by its folders on the Hub.

    Raises
    ------
    Exception
        Whatever `huggingface_hub` raises where the Hub does not answer.
    """
    from huggingface_hub import HfApi

    files = HfApi().list_repo_files(repository, repo_type="dataset", revision=revision)
    return sorted({file.split("/")[0] for file in files if file.endswith(".parquet") and "/" in file})


def _connection(errors: list[BaseException]) -> str | None:
    where = endpoint()
    if _named(errors, "ConnectError", "ProxyError", "ConnectionError", "ConnectionRefusedError", "gaierror") or _said(
        errors, r"couldn't connect to|couldn't reach"
    ):
        if _said(errors, r"refused"):
            return say(
                f"{where} refuses the connection. Is HF_ENDPOINT or a proxy set wrongly, or a firewall in the way?",
                f"{where}가 연결을 거부했어요. HF_ENDPOINT나 프록시 설정이 잘못됐거나 방화벽에 막혔을 수 있어요.",
            )
        return say(
            f"There is no way to {where}: no network, or its name is not known here. Connect, and run this again.",
            f"{where}에 갈 수 없어요. 인터넷이 끊겼거나 이름을 찾지 못했어요. 연결한 다음 다시 실행하세요.",
        )
    if _named(errors, "TimeoutException", "ReadTimeout", "ConnectTimeout", "TimeoutError"):
        return say(
            f"{where} has stopped answering. The network is slow or cut: run this again when it is better; what is complete is "
            "kept.",
            f"{where}에서 응답이 끊겼어요. 네트워크가 느리거나 끊긴 것 같아요. 나아지면 다시 실행하세요. 다 받은 파일은 남아 "
            "있어요.",
        )
    if _named(errors, "RemoteProtocolError", "ReadError") or _said(errors, r"consistency check failed"):
        return say(
            "The download broke off before the file was complete, and the piece was thrown away. Run this again.",
            "파일을 다 받기 전에 내려받기가 끊겨서, 받던 조각은 버렸어요. 다시 실행하세요.",
        )
    return None


UNREADABLE = (
    "parquet magic bytes|parquet file size|couldn't deserialize thrift|corrupt|pytorchstreamreader|error while deserializing"
)


def _damaged(errors: list[BaseException]) -> str | None:
    if not _named(errors, "NonMatchingSplitsSizesError") and not _said(errors, UNREADABLE):
        return None
    return say(
        f"A file in {cache_folder()} cannot be read. Delete that folder's part of this data set or model, and run this again.",
        f"{cache_folder()}에 있는 파일을 읽을 수 없어요. 그 폴더에서 이 데이터 세트나 모델 부분을 지우고 다시 실행하세요.",
    )


# --- what is done for a notebook ------------------------------------------------------------------------------------------


def in_notebook() -> bool:
    """Whether this runs in IPython, as lessons do, and not in the command `course` or a script."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def listen() -> None:
    """Prepare a process for the Hub: no endless waits, no damaged file, and in a notebook sentences instead of tracebacks.

    Notes
    -----
    `%tb` in the next cell still shows the traceback. Used in every lesson.
    """
    # Transformers would look for a safetensors twin of an old checkpoint in the background, and ask for one to be made.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    _be_patient()
    _verify_downloads()
    if in_notebook():
        from IPython import get_ipython

        get_ipython().set_custom_exc((Exception,), _show)


def _show(shell: Any, kind: type[BaseException], error: BaseException, frames: Any, tb_offset: int | None = None) -> None:
    sentence = explain(error) if isinstance(error, SourceError) or _through_clients(error) else None
    if sentence is None:
        shell.showtraceback((kind, error, frames), tb_offset=tb_offset)
    else:
        shell._showtraceback(SourceError, SourceError(sentence), [sentence])


def _through_clients(error: BaseException) -> bool:
    """Whether the error came out of the Hub's clients: a full disk or a time-out may be the learner's own as well."""
    modules = (
        str(frame.f_globals.get("__name__", "")).split(".")[0]
        for one in chain(error)
        for frame, _ in traceback.walk_tb(one.__traceback__)
    )
    return any(module in CLIENTS for module in modules)


def _be_patient() -> None:
    from huggingface_hub.utils import get_session, set_client_factory

    session = get_session()
    if hasattr(session, "is_patient"):
        return
    client: Any = type(session)  # httpx's, or what huggingface_hub's next version takes in its place

    class Patient(client):
        is_patient = True

        def send(self, request: Any, **options: Any) -> Any:
            limits = request.extensions.get("timeout") or {}
            seconds = {what: limits.get(what) or STALL_SECONDS for what in ("connect", "read", "write", "pool")}
            request.extensions = {**request.extensions, "timeout": seconds}
            asks = request.method == "GET" and request.url.path.startswith("/api/")
            for left in reversed(range(TRIES if asks else 1)):
                response = super().send(request, **options)
                if not left or not (response.status_code == 429 or response.status_code >= 500):
                    break
                response.close()
                time.sleep(min(_retry_after(response), STALL_SECONDS))
            return response

    hooks = session.event_hooks
    set_client_factory(lambda: Patient(event_hooks=hooks, follow_redirects=True, timeout=STALL_SECONDS))


def _retry_after(response: Any) -> float:
    value = str(response.headers.get("Retry-After", ""))
    return float(value) if value.isdigit() else 2.0


def _verify_downloads() -> None:
    """Hold every downloaded file against the hash that the Hub names it by, before it gets into the cache.

    Over plain HTTP huggingface_hub compares the size alone: one wrong byte in the middle would be played, and never noticed.
    """
    from huggingface_hub import file_download

    module: Any = file_download
    move = getattr(module, "_chmod_and_move", None)
    if move is None or move.__module__ == __name__:  # without it, downloads work as anywhere else; tests/hub would fail
        return

    def verified(source: Path, destination: Path) -> None:
        if not downloads.intact(Path(source), Path(destination).name):
            raise downloads.wrong_hash(Path(destination).name)
        move(source, destination)

    module._chmod_and_move = verified


# --- looking before the large download ------------------------------------------------------------------------------------


def _small_file(repository: str, kind: str, name: str, revision: str | None) -> Path | None:
    """A card or a config from the cache or the Hub; None where the Hub may not be asked and the file is not there.

    One question with a short wait comes first: `hf_hub_download` would ask a dead network for minutes before it says so.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache

    cached = try_to_load_from_cache(repository, name, repo_type=kind, revision=revision)
    if isinstance(cached, str) and ((revision and LONG_COMMIT.fullmatch(revision)) or constants.HF_HUB_OFFLINE):
        return Path(cached)
    if constants.HF_HUB_OFFLINE:
        return None
    try:
        get_hf_file_metadata(hf_hub_url(repository, name, repo_type=kind, revision=revision))
    except Exception as error:
        if isinstance(cached, str):
            return Path(cached)  # no network, and it was here before: what the lessons need is likely here too
        if not hasattr(error, "response"):
            raise
    return Path(hf_hub_download(repository, name, repo_type=kind, revision=revision))


def _forget(path: Path) -> None:
    """Take a file that is of no use out of the cache, so that the next run asks for it anew."""
    with contextlib.suppress(OSError):
        path.unlink()


@contextlib.contextmanager
def as_sentences() -> Iterator[None]:
    """Within the block an error that is about the Hub becomes a `SourceError`; others pass."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        raise SourceError(sentence) from error


def check_data(repository: str, revision: str | None, wanted: Features) -> None:
    """Hold the card of a data set on the Hub against the columns and label names that the lessons rely on.

    Parameters
    ----------
    repository : str
        Its id on the Hub.
    revision : str or None
        A commit, or None for the newest.
    wanted : datasets.Features
        Those of the bundled data set.

    Raises
    ------
    SourceError
        If they differ (it says how), or the Hub cannot be asked.
    """
    with as_sentences():
        card = _small_file(repository, "dataset", "README.md", revision)
    if card is None:
        return
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCard

    infos = DatasetInfosDict.from_dataset_card_data(DatasetCard.load(card).data)
    for config, info in infos.items():
        if info.features is not None and (difference := _difference(info.features, wanted)):
            _forget(card)
            raise SourceError(
                say(
                    f"{repository} ({config}) is not as the lessons need it: {difference}. {_bundled()}",
                    f"{repository}({config})가 레슨에 필요한 것과 달라요. {difference}. {_bundled()}",
                )
            )


def _difference(found: Features, wanted: Features) -> str | None:
    from datasets import ClassLabel

    if list(found) != list(wanted):
        have, need = ", ".join(found), ", ".join(wanted)
        return say(f"its columns are {have}, and should be {need}", f"열이 {have}인데, {need}이어야 해요")
    for column, feature in wanted.items():
        if isinstance(feature, ClassLabel):
            names = getattr(found[column], "names", None) or []
            for number, name in enumerate(feature.names):
                mine = names[number] if number < len(names) else "-"
                if mine != name:
                    return say(
                        f"label {number} of {column} is {mine}, and should be {name}",
                        f"{column}의 레이블 {number}번이 {mine}인데, {name}이어야 해요",
                    )
    return None


def needed(files: Iterable[downloads.RemoteFile]) -> list[downloads.RemoteFile]:
    """Of a checkpoint's files, those that a pipeline reads: its settings, and its weights in one of the two formats."""
    wanted = list(files)
    weights = next((name for name in WEIGHTS if any(file.name == name for file in wanted)), None)
    return [file for file in wanted if file.name == weights or ("/" not in file.name and file.name.endswith(".json"))]


def prepare_model(repository: str, revision: str | None, labels: list[str]) -> str | None:
    """Hold a checkpoint's config against the labels of the data, then see that its weights are in the cache.

    `pipeline` would download the weights too, but from the start whenever the line is cut, and where that fails it says no more
    than that a file is missing.

    Parameters
    ----------
    repository : str
        Its id on the Hub.
    revision : str or None
        A commit, or None for the newest.
    labels : list of str
        The names that the model must be able to answer with.

    Returns
    -------
    str or None
        The commit that was found, 40 digits; None where the Hub may not be asked and the config is not in the cache.

    Raises
    ------
    SourceError
        If the checkpoint brings code of its own or other labels (it says which), the Hub does not answer, or the disk is full.
    """
    from huggingface_hub import constants

    with as_sentences():
        path = _small_file(repository, "model", "config.json", revision)
        if path is None:
            return None
        _check_config(repository, path, labels)
        if not constants.HF_HUB_OFFLINE and not any((path.parent / name).is_file() for name in WEIGHTS):
            files = downloads.listed(repository, "model", path.parent.name, STALL_SECONDS)
            downloads.fetch(needed(files), Path(constants.HF_HUB_CACHE))
    return path.parent.name


def _check_config(repository: str, path: Path, labels: list[str]) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    if config.get("auto_map"):
        _forget(path)
        raise SourceError(f"{repository}: {_refuse_own_code()} {_bundled()}")
    found = set(map(str, config.get("id2label", {}).values()))
    missing, strange = sorted(set(labels) - found), sorted(found - set(labels))
    if missing or strange:
        _forget(path)
        lacks, has = ", ".join(missing) or "-", ", ".join(strange) or "-"
        raise SourceError(
            say(
                f"{repository} answers with other labels than the data has. Missing: {lacks}. Not in the data: {has}. "
                f"{_bundled()}",
                f"{repository}의 레이블이 데이터의 레이블과 달라요. 모델에 없는 것: {lacks}. 데이터에 없는 것: {has}. "
                f"{_bundled()}",
            )
        )
