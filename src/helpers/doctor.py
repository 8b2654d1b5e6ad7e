"""Checks of the machine and of a learner's sound file, one line each. Used in lesson 00, by `course doctor` and `course run`.

doctor.report(doctor.check())
doctor.report(doctor.check_file("my_recording.wav"))
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import audio, sources
from .errors import AudioError, CourseError
from .language import language, say

DISTRIBUTION = "audio-classification-course"
MODEL_RATE = 16_000  # hertz; both intent models hear this
_GB = 1e9
# What is left after set-up: bundled lessons write caches of some tens of MB; the Hub's checkpoint alone is 1.26 GB.
_DISK = {"bundled": 0.5, "hub": 3.0}
# Measured peak of a kernel in lesson 00 is about 1 GB; JupyterLab, a browser and the system need theirs.
_MEMORY = 4.0


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes
    ----------
    ok : bool or None
        True: fine. None: a warning, lessons still run. False: something to put right.
    title : str
    detail : str
        What was found and, unless it is fine, what to do.
    """

    ok: bool | None
    title: str
    detail: str

    def __str__(self) -> str:
        mark = {True: "[ OK ]", None: "[WARN]", False: "[FAIL]"}[self.ok]
        return f"{mark} {self.title}: {self.detail}"


def report(checks: Iterable[Check]) -> None:
    """Print one line for each check: `[ OK ]`, `[WARN]` or `[FAIL]`, what was looked at, what was found."""
    for check in checks:
        print(check, flush=True)


# --- the machine ----------------------------------------------------------------------------------------------------------


def _python() -> Check:
    from packaging.specifiers import SpecifierSet

    version = platform.python_version()
    try:
        wanted = importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"]
    except importlib.metadata.PackageNotFoundError:  # `_packages` says so
        wanted = ""
    if not SpecifierSet(wanted).contains(version, prereleases=True):
        return Check(False, "Python", say(f"{version}; {wanted} is needed.", f"{version}. {wanted} 버전이 필요해요."))
    return Check(True, "Python", f"{version}, {platform.system()} {platform.machine()}")


def _packages() -> Check:
    from packaging.requirements import Requirement

    title = say("packages", "패키지")
    try:
        wanted = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or []]
    except importlib.metadata.PackageNotFoundError:
        return Check(
            None,
            title,
            say(
                "the course is not installed as a package, so its ranges are not known: run `make setup`.",
                "코스가 패키지로 설치되어 있지 않아 버전 범위를 알 수 없어요. `make setup`을 실행하세요.",
            ),
        )
    found, wrong = [], []
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(say(f"{requirement} is missing", f"{requirement} 없음"))
            continue
        found.append(f"{requirement.name} {version}")
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(say(f"{requirement} is wanted, {version} is here", f"{requirement} 필요, 현재 {version}"))
    if wrong:
        return Check(False, title, "; ".join(wrong) + say(": run `make setup`.", ". `make setup`을 실행하세요."))
    return Check(True, title, ", ".join(found))


def _first_call() -> tuple[np.ndarray, str, int]:
    """The first bundled clip at the model's rate, its label's name, and how many clips there are."""
    from datasets import load_dataset

    minds = load_dataset(str(_bundled("minds14")), name="en-AU", split="train")
    row = minds.cast_column("audio", audio.Audio(sampling_rate=MODEL_RATE))[0]
    y = audio.validate(row["audio"]["array"], sampling_rate=row["audio"]["sampling_rate"], expected_sampling_rate=MODEL_RATE)
    return y, minds.features["intent_class"].int2str(row["intent_class"]), len(minds)


def _decoding() -> Check:
    y, _, clips = _first_call()
    seconds = len(y) / MODEL_RATE
    return Check(
        True,
        say("sound", "소리"),
        say(
            f"the first of {clips} bundled clips decodes: {seconds:.1f} s at {MODEL_RATE} Hz",
            f"코스에 든 클립 {clips}개 가운데 첫 클립을 디코딩했어요: {MODEL_RATE} Hz, {seconds:.1f}초",
        ),
    )


def _prediction() -> Check:
    from transformers import pipeline

    y, truth, _ = _first_call()
    best = pipeline("audio-classification", model=str(_bundled("intent_model")))(y, top_k=1)[0]
    title, heard = say("model", "모델"), f"{best['label']} {best['score']:.2f}"
    if best["label"] != truth:  # it is right where the course was made, so this machine computes otherwise
        return Check(
            None,
            title,
            say(
                f"the bundled model hears {heard} in the first clip, but the label is {truth}: install the course again.",
                f"코스에 든 모델의 첫 클립 예측은 {heard}인데 실제 레이블은 {truth}예요. 코스를 다시 설치하세요.",
            ),
        )
    return Check(
        True,
        title,
        say(f"the bundled model hears {heard} in it, as its label says", f"코스에 든 모델의 예측이 레이블과 같아요: {heard}"),
    )


def _bundled(name: str) -> Path:
    folder = sources.BUNDLED / name
    if not any(folder.glob("*")):
        raise CourseError(
            say(
                f"the bundled {name} is missing: install the course again (`make setup`).",
                f"코스에 들어 있어야 할 {name}이 없어요. 코스를 다시 설치하세요(`make setup`).",
            )
        )
    return folder


def _disk() -> Check:
    free, need = shutil.disk_usage(Path.cwd()).free / _GB, _DISK[sources.chosen()]
    title = say("disk", "디스크")
    if free < need:
        return Check(
            None,
            title,
            say(
                f"{free:.1f} GB free; the lessons may need {need:g} GB. Make room, or set HF_HOME to a folder on a larger disk.",
                f"{free:.1f} GB 남음. 레슨에 {need:g} GB가 필요할 수 있어요. 공간을 비우거나 "
                "HF_HOME을 더 큰 디스크의 폴더로 정하세요.",
            ),
        )
    return Check(True, title, say(f"{free:.0f} GB free", f"{free:.0f} GB 남음"))


def _memory() -> Check:
    title = say("memory", "메모리")
    total = _total_memory()
    if total is None:
        return Check(None, title, say("its size is not known on this system.", "이 시스템에서는 크기를 알 수 없어요."))
    if total < _MEMORY * _GB:
        return Check(
            None,
            title,
            say(
                f"{total / _GB:.1f} GB; below {_MEMORY:g} GB, close other programs and run one notebook at a time.",
                f"{total / _GB:.1f} GB. {_MEMORY:g} GB보다 작으니 다른 프로그램을 닫고 노트북을 하나씩 실행하세요.",
            ),
        )
    cores = os.cpu_count()
    return Check(True, title, say(f"{total / _GB:.0f} GB, {cores} CPU cores", f"{total / _GB:.0f} GB, CPU 코어 {cores}개"))


def _total_memory() -> float | None:
    """In bytes. A container's own limit is not looked at."""
    try:
        import psutil  # comes with IPython 9.2 and newer

        return float(psutil.virtual_memory().total)
    except ImportError:
        try:
            return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        except (AttributeError, ValueError, OSError):  # Windows has no sysconf
            return None


def _gpu() -> Check:
    import torch

    title = "GPU"
    if torch.cuda.is_available():
        return Check(True, title, f"{torch.cuda.get_device_name(0)} (CUDA {torch.version.cuda})")
    if torch.backends.mps.is_available():
        return Check(True, title, "Apple (MPS)")
    return Check(True, title, say("none; the lessons are made for the CPU", "없음. 레슨은 CPU로 충분해요"))


def _widgets() -> Check:
    from jupyter_core.paths import jupyter_path

    title, found, missing = say("widgets", "위젯"), [], []
    for package, extension in {"jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}.items():
        manifests = [Path(folder) / extension / "package.json" for folder in jupyter_path("labextensions")]
        manifest = next((file for file in manifests if file.is_file()), None)
        if manifest:
            found.append(f"{extension.rpartition('/')[2]} {json.loads(manifest.read_text(encoding='utf-8'))['version']}")
        else:
            missing.append(package)
    if not missing:
        return Check(True, title, ", ".join([f"ipywidgets {importlib.metadata.version('ipywidgets')}", *found]))
    install = f"python -m pip install --force-reinstall {' '.join(missing)}"
    return Check(
        None,
        title,
        say(
            f"JupyterLab lacks an extension, sliders and menus will not show: {install}",
            f"JupyterLab에 확장이 없어서 슬라이더와 메뉴가 보이지 않아요: {install}",
        ),
    )


def _font() -> Check:
    from . import plots

    title = say("Korean font", "한글 글꼴")
    if font := plots.cjk_font():
        return Check(True, title, font)
    return Check(
        None if language() == "ko" else True,
        title,
        say(
            "none found; figures are labelled in English",
            "찾지 못해서 그림의 글자가 영어로 나와요. Noto Sans CJK나 나눔고딕을 설치하세요(예: apt install fonts-noto-cjk).",
        ),
    )


def _source() -> Check:
    note = sources.minds14().note
    title = say("source", "소스")
    return Check(True, title, f"{sources.chosen()}; {note}")


def _checks() -> list[tuple[str, Callable[[], Check]]]:
    return [
        ("Python", _python),
        (say("packages", "패키지"), _packages),
        (say("source", "소스"), _source),
        (say("sound", "소리"), _decoding),
        (say("model", "모델"), _prediction),
        (say("disk", "디스크"), _disk),
        (say("memory", "메모리"), _memory),
        ("GPU", _gpu),
        (say("widgets", "위젯"), _widgets),
        (say("Korean font", "한글 글꼴"), _font),
    ]


def check() -> list[Check]:
    """Look at everything that the lessons use: Python, packages, sound, model, disk, memory, GPU, widgets, fonts, source.

    Returns
    -------
    list of Check
        Always all of them: a check that fails, in whatever way, is a line that says so, not an exception.

    Notes
    -----
    Sound and model are tried on what is bundled, whichever source is chosen, so nothing is downloaded. Used in lesson 00.
    """
    done = []
    with _quiet():
        for title, look in _checks():
            try:
                done.append(look())
            except CourseError as error:
                done.append(Check(False, title, str(error)))
            except Exception as error:  # whatever is broken here is what the reader wants to know
                reason = (str(error).strip().splitlines() or [""])[0][:200]
                again = say("set the environment up again with `make setup`", "`make setup`으로 환경을 다시 준비하세요")
                done.append(Check(False, title, f"{type(error).__name__}: {reason} ({again})"))
    return done


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars or notices from datasets and transformers while the checks run; afterwards as before."""
    import datasets
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    data_bars = not datasets.are_progress_bars_disabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
        if data_bars:
            datasets.enable_progress_bars()


# --- a learner's file -----------------------------------------------------------------------------------------------------


def _length(seconds: float) -> str:
    if seconds < 120:
        return say(f"{seconds:.1f} s", f"{seconds:.1f}초")
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours:
        return say(f"{hours} h {minutes:02d} min", f"{hours}시간 {minutes}분")
    return say(f"{minutes} min", f"{minutes}분")


def _window() -> int | None:
    """How many seconds the bundled model hears, or None where it is not there."""
    try:
        config = json.loads((sources.BUNDLED / "intent_model" / "preprocessor_config.json").read_text(encoding="utf-8"))
        return int(config["chunk_length"])
    except (OSError, ValueError, KeyError):
        return None


def check_file(path: str | os.PathLike[str]) -> list[Check]:
    """Look through a sound file and say what a model will make of it. Its length does not matter: it is read block by block.

    Parameters
    ----------
    path : path
        Of any file.

    Returns
    -------
    list of Check
        What cannot be decoded is a single `[FAIL]` that says what it is instead.

    Notes
    -----
    `course doctor FILE` prints it; used in lesson 04 for your own recording.
    """
    name = Path(path).name
    try:
        found = audio.inspect(path)
    except AudioError as error:
        return [Check(False, say("file", "파일"), str(error))]
    kind = f"{found.format} ({found.subtype})"
    checks = [Check(True, say("file", "파일"), say(f"{name} decodes: {kind}", f"{name}: 디코딩할 수 있어요, {kind}"))]
    checks.append(_check_length(found))
    if found.frames:
        checks += [_check_rate(found), _check_channels(found), _check_level(found)]
    if all(check.ok is not False for check in checks):
        checks.append(
            Check(
                True,
                say("next", "다음"),
                f"array, rate = helpers.audio.decode({os.fspath(path)!r}, sampling_rate=16_000); classifier(array)",
            )
        )
    return checks


def _check_length(found: audio.FileReport) -> Check:
    title, seconds, window = say("length", "길이"), found.duration, _window()
    if not found.frames:
        return Check(
            False, title, say("0 samples: nothing was recorded. Record it again.", "샘플이 0개인 빈 녹음이에요. 다시 녹음하세요.")
        )
    if seconds < audio.MIN_SECONDS:
        return Check(
            False,
            title,
            say(
                f"{seconds * 1000:.0f} ms, too short to hold a word: at least {audio.MIN_SECONDS * 1000:.0f} ms are needed.",
                f"{seconds * 1000:.0f} ms뿐이라 단어 하나도 담을 수 없어요. 적어도 {audio.MIN_SECONDS * 1000:.0f} ms가 필요해요.",
            ),
        )
    if window and seconds > window:
        return Check(
            None,
            title,
            say(
                f"{_length(seconds)}; the bundled model hears the first {window} s only. Cut out what it should hear.",
                f"{_length(seconds)}. 코스에 든 모델은 처음 {window}초만 들어요. 들려주고 싶은 부분을 잘라 내세요.",
            ),
        )
    return Check(True, title, _length(seconds))


def _check_rate(found: audio.FileReport) -> Check:
    title, rate = say("sampling rate", "샘플링 속도"), found.sampling_rate
    if rate == MODEL_RATE:
        return Check(True, title, say(f"{rate} Hz, what the model expects", f"{rate} Hz, 모델이 기대하는 속도예요"))
    if rate < 8_000:
        return Check(
            None,
            title,
            say(
                f"{rate} Hz holds nothing above {rate / 2000:g} kHz, less than a telephone: much speech is lost. "
                f"Record at {MODEL_RATE} Hz.",
                f"{rate} Hz로는 {rate / 2000:g} kHz 위가 담기지 않아 전화보다도 못해요. {MODEL_RATE} Hz로 다시 녹음하세요.",
            ),
        )
    return Check(
        True,
        title,
        say(
            f"{rate} Hz; it is resampled to {MODEL_RATE} Hz when you decode it with sampling_rate=16_000",
            f"{rate} Hz. sampling_rate=16_000으로 디코딩하면 {MODEL_RATE} Hz로 다시 샘플링돼요",
        ),
    )


def _check_channels(found: audio.FileReport) -> Check:
    title, channels = say("channels", "채널"), found.channels
    if channels == 1:
        return Check(True, title, say("1 (mono)", "1개(모노)"))
    return Check(
        True,
        title,
        say(
            f"{channels}; they are mixed down to one when it is decoded",
            f"{channels}개. 디코딩할 때 하나로 섞여요",
        ),
    )


def _check_level(found: audio.FileReport) -> Check:
    title = say("level", "소리 크기")
    if found.non_finite:
        return Check(
            False,
            title,
            say(
                f"NaN or infinite samples: {found.non_finite}. Every score would be NaN. Export the file again, as 16-bit WAV.",
                f"샘플 {found.non_finite}개가 NaN이거나 무한대라서 점수가 모두 NaN이 돼요. 16비트 WAV로 다시 내보내세요.",
            ),
        )
    if found.silent:
        return Check(
            None,
            title,
            say(
                f"silent: nothing is louder than {audio.SILENT_PEAK:g} of full scale. Was the right microphone on?",
                f"무음이에요. 최댓값의 {audio.SILENT_PEAK:g}배보다 큰 소리가 없어요. 마이크가 켜져 있었나요?",
            ),
        )
    if found.peak > audio.LARGEST_PEAK:
        return Check(
            False,
            title,
            say(
                f"peak {found.peak:.0f}, but samples lie between -1 and 1: whole numbers were stored as floats. "
                "Divide 16-bit ones by 32768.",
                f"가장 큰 값이 {found.peak:.0f}인데, 샘플은 -1과 1 사이에 있어야 해요. 정수를 실수로 저장했어요. "
                "16비트라면 32768로 나누세요.",
            ),
        )
    share = found.clipped / (found.frames * found.channels)
    if share > 0.001:
        return Check(
            None,
            title,
            say(
                f"{share:.1%} of the samples are at full scale: it is clipped. Record again, further away or at a lower level.",
                f"샘플의 {share:.1%}가 최대 크기에 걸려 소리가 찌그러졌어요(clipping). 더 멀리서, 또는 더 작게 다시 녹음하세요.",
            ),
        )
    return Check(True, title, say(f"peak {found.peak:.2f} of full scale", f"최대 진폭 {found.peak:.2f}"))
