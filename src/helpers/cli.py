"""The command `course`: run, lab, reset, build, doctor, source, prefetch, classify.

Used by the Makefile's run, lab, notebooks and test.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CourseError, LessonError, SourceError
from .language import LANGUAGES, language, say

# Everything heavier is imported by the command that needs it: `course --help` answers at once.
if TYPE_CHECKING:
    from .lessons import Course

COPIES = ".copies.json"  # in work/: what each lesson was when it was copied there


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0 when all went well, 1 when a check found something, 2 for what the user can put right (the sentence is on stderr),
    130 when interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A Windows console in a legacy code page cannot show Korean; a question mark is better than a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    if getattr(options, "lang", None):
        os.environ["COURSE_LANG"] = options.lang
    try:
        return int(options.command(options))
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(say("\ncourse: stopped.", "\ncourse: 멈췄어요."), file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course",
        description=say(
            "The audio classification course: run its lessons, open them, keep your own copy.",
            "오디오 분류 코스: 레슨을 실행하고, 열고, 내 사본을 관리해요.",
        ),
    )
    commands = parser.add_subparsers(required=True, metavar=say("COMMAND", "명령"))

    def add(name: str, command: Callable[[argparse.Namespace], int], en: str, ko: str, *, lang: bool = False):  # type: ignore[no-untyped-def]
        sub = commands.add_parser(name, help=say(en, ko), description=say(en, ko))
        sub.set_defaults(command=command)
        if lang:
            sub.add_argument("--lang", choices=LANGUAGES, help=say("the edition (default: en)", "언어판(기본값: en)"))
        return sub

    lesson = say("lesson numbers, such as 00 03 (default: all)", "레슨 번호, 예: 00 03(기본값: 전부)")
    sub = add("run", _run, "check this machine and run the lessons", "이 컴퓨터를 점검하고 레슨을 실행해요", lang=True)
    sub.add_argument("numbers", nargs="*", metavar="NN", help=lesson)
    sub = add("lab", _lab, "open your copy of the lessons in JupyterLab", "내 레슨 사본을 JupyterLab에서 열어요", lang=True)
    sub.add_argument(
        "--port", type=int, default=8888, help=say("default: 8888, or the next free one", "기본값: 8888 또는 그다음 빈 번호")
    )
    sub.add_argument("--no-browser", action="store_true", help=say("print the address only", "주소만 출력해요"))
    sub = add(
        "reset",
        _reset,
        "a fresh copy of a lesson; yours is kept beside it",
        "레슨을 새로 복사해요. 쓰던 것은 옆에 남겨 둬요",
        lang=True,
    )
    sub.add_argument("number", metavar="NN")
    sub = add("build", _build, "execute the sources into notebooks/en and ko", "소스를 실행해서 notebooks/en과 ko를 만들어요")
    sub.add_argument("numbers", nargs="*", metavar="NN", help=lesson)
    sub.add_argument(
        "--check",
        action="store_true",
        help=say("execute nothing: are sources and notebooks in step?", "실행하지 않고 소스와 노트북이 맞는지만 확인해요"),
    )
    sub.add_argument(
        "--solved",
        action="store_true",
        help=say(
            "the teacher's edition, with solutions, into build/solved",
            "풀이가 든 교사용 노트북을 build/solved에 만들어요",
        ),
    )
    sub = add("doctor", _doctor, "check this machine, or a sound file", "이 컴퓨터나 소리 파일을 점검해요")
    sub.add_argument("file", nargs="?", type=Path, metavar="FILE", help=say("a sound file of yours", "내 소리 파일"))
    sub = add(
        "source", _source, "show or choose where data and models come from", "데이터와 모델을 어디에서 가져올지 보거나 골라요"
    )
    sub.add_argument("choice", nargs="?", metavar="bundled|hub")
    sub = add(
        "prefetch",
        _prefetch,
        "the genuine data and model in one folder, for a room without a network",
        "인터넷이 없는 곳에서 쓸 수 있게 진짜 데이터와 모델을 폴더 하나에 받아요",
    )
    sub.add_argument("--to", type=Path, metavar="DIR", help=say("the folder to fill or to complete", "채우거나 이어서 채울 폴더"))
    sub.add_argument(
        "--config",
        nargs="+",
        metavar="NAME",
        help=say("languages (default: what the lessons load)", "언어(기본값: 레슨에서 불러오는 것)"),
    )
    sub.add_argument(
        "--wheels",
        action="store_true",
        help=say(
            "the packages of constraints.txt too, for this system and this Python",
            "constraints.txt의 패키지도(이 시스템과 파이썬용)",
        ),
    )
    sub.add_argument("--verify", type=Path, metavar="DIR", help=say("only check a folder's files", "폴더의 파일을 확인만 해요"))
    sub = add(
        "classify",
        _classify,
        "classify a folder of clips into Parquet; run again to go on where it stopped",
        "클립 폴더를 분류해서 Parquet로 써요. 멈췄다면 다시 실행하면 이어서 해요",
    )
    sub.add_argument(
        "path",
        metavar="PATH",
        help=say(
            "a folder of Parquet or sound files, one such file, an address, or a configuration such as en-AU",
            "Parquet나 소리 파일의 폴더, 파일 하나, 주소, 또는 en-AU 같은 구성",
        ),
    )
    sub.add_argument("--out", required=True, type=Path, metavar="DIR", help=say("where to write", "쓸 폴더"))
    sub.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help=say("this process, or a pool of workers (default: local)", "이 프로세스, 또는 작업자 여럿(기본값: local)"),
    )
    sub.add_argument(
        "--model", help=say("a folder or an id on the Hub (default: the intent model)", "폴더나 Hub의 id(기본값: 의도 모델)")
    )
    sub.add_argument("--workers", type=int, default=2, help=say("of Ray (default: 2)", "Ray의 작업자 수(기본값: 2)"))
    sub.add_argument(
        "--threads", type=int, default=1, help=say("CPU cores a worker (default: 1)", "작업자마다 CPU 코어 수(기본값: 1)")
    )
    sub.add_argument("--gpus", type=float, default=0, help=say("GPUs a worker (default: 0)", "작업자마다 GPU 수(기본값: 0)"))
    sub.add_argument("--address", help=say("a Ray cluster, HOST:PORT or auto", "Ray 클러스터: HOST:PORT 또는 auto"))
    sub.add_argument(
        "--chunk-rows",
        type=int,
        default=64,
        help=say("clips written at a time (default: 64)", "한 번에 쓰는 클립 수(기본값: 64)"),
    )
    return parser


# -------------------------------------------------------------------------------------------------- run


def _progress(label: str) -> Callable[..., None]:
    """Rewrites the current line on a terminal, and is silent elsewhere, so that logs hold one line a lesson."""

    def show(*at: object) -> None:
        *edition, done, total = at
        if sys.stdout.isatty():
            print(f"\r{label}  {''.join(f'{name} ' for name in edition)}{done}/{total}", end="", flush=True)

    return show


def _start(label: str) -> None:
    print(label, end="", flush=True)


def _finish(label: str, text: str) -> None:
    print(f"\r{label}  {text}" if sys.stdout.isatty() else f"  {text}", flush=True)


def _download_first() -> None:
    """What the lessons need from the Hub, with a progress bar: in a lesson that runs here nobody could see one."""
    from . import hub, prefetch, sources

    print(sources.minds14().note, sources.intent_model().note, sep="\n")
    hub.listen()
    try:
        prefetch.fill_cache()
    except SourceError as error:  # it may all be here already; if it is not, the lessons say so
        print(f"[WARN] hub: {error}")


def _run(options: argparse.Namespace) -> int:
    from . import hub, lessons, sources

    course = lessons.course()
    paths = lessons.find(course.notebooks / "source", options.numbers)
    if sources.chosen() == "hub":
        _download_first()
    os.environ.update(
        lessons.environment()
    )  # before datasets and transformers are imported here: no bars, no network for bundled

    from . import doctor

    checks = doctor.check()
    doctor.report(checks)
    if any(check.ok is False for check in checks):
        raise CourseError(
            say(
                "put right what [FAIL] says above, then run this again; no lesson was run.",
                "위의 [FAIL] 항목을 먼저 고치고 다시 실행하세요. 레슨은 아직 실행하지 않았어요.",
            )
        )
    edition = language()
    folder = course.root / "build" / "run" / edition
    width = max(len(path.stem) for path in paths)
    failed = []
    begin = time.monotonic()
    print()
    for position, path in enumerate(paths, start=1):
        label = f"[{position}/{len(paths)}] {path.stem.ljust(width)}"
        _start(label)
        try:
            ran = lessons.run(path, folder, edition, course, _progress(label))
            _finish(label, say(f"ok  {ran.cells} cells  {ran.seconds:.1f} s", f"ok  셀 {ran.cells}개  {ran.seconds:.1f}초"))
        except LessonError as error:
            failed.append(path.stem)
            _finish(label, say("FAILED", "실패"))
            print(f"    {error}", flush=True)
    good, seconds = len(paths) - len(failed), time.monotonic() - begin
    print(
        say(
            f"{good} of {len(paths)} lessons ran in {seconds:.0f} s; the executed notebooks are in {folder}.",
            f"레슨 {len(paths)}개 가운데 {good}개를 {seconds:.0f}초 동안 실행했어요. 실행한 노트북은 {folder}에 있어요.",
        )
    )
    if failed:
        raise LessonError(
            say(
                f"{', '.join(failed)} failed; what ran until then is in {folder}.",
                f"{', '.join(failed)} 레슨이 실패했어요. 그때까지 실행된 것은 {folder}에 있어요.",
            )
        )
    with hub.as_sentences() if sources.chosen() == "hub" else nullcontext():
        print(first_clip())
    return 0


def first_clip(config: str = "en-AU") -> str:
    """The first clip's words and true label, and the model's five best answers beside it, as `course run` ends."""
    from datasets import load_dataset
    from transformers import pipeline
    from transformers.utils import logging

    from . import sources
    from .audio import Audio

    logging.disable_progress_bar()  # the weights are read in a moment, and the table is what is to be seen
    data, model = sources.minds14(), sources.intent_model()
    minds = load_dataset(data.path, name=config, split="train", revision=data.revision)
    row = minds.cast_column("audio", Audio(sampling_rate=16_000))[0]
    label = minds.features["intent_class"].int2str(row["intent_class"])
    answers = pipeline("audio-classification", model=model.path, revision=model.revision)(row["audio"]["array"], top_k=5)
    lines = [
        "",
        say(f"The first clip of {config}: “{row['transcription']}”", f"{config}의 첫 클립: “{row['transcription']}”"),
        data.note,
        "",
        say(f"    true label   {label}", f"    실제 레이블  {label}"),
    ]
    for rank, answer in enumerate(answers, start=1):
        mark = say("  = the label", "  = 레이블") if answer["label"] == label else ""
        lines.append(f"    {rank}  {answer['score']:.3f}    {answer['label']}{mark}")
    return "\n".join(lines)


# -------------------------------------------------------------------------------------------------- the learner's copy


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_lessons(course: Course) -> tuple[list[Path], list[Path]]:
    """Bring `work/` up to date: new lessons are added, copies that were never touched follow the course, others stay as they are.

    Returns
    -------
    added, behind : list of Path
        What was copied now, and copies with the learner's changes whose lesson has changed since.
    """
    work = course.root / "work"
    work.mkdir(exist_ok=True)
    record = work / COPIES
    copied: dict[str, str] = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    added, behind = [], []
    for lang in LANGUAGES:
        for lesson in sorted((course.notebooks / lang).glob("*.ipynb")):
            name, mine, now = f"{lang}/{lesson.name}", work / lang / lesson.name, _digest(lesson)
            if mine.exists() and _digest(mine) != copied.get(name):
                if copied.get(name) != now:
                    behind.append(mine)
                continue
            if not mine.exists() or copied[name] != now:
                mine.parent.mkdir(exist_ok=True)
                shutil.copyfile(lesson, mine)
                copied[name] = now
                added.append(mine)
    record.write_text(json.dumps(copied, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return added, behind


def reset_lesson(course: Course, number: str, lang: str) -> tuple[Path, Path | None]:
    """Copy a lesson afresh into `work/`; a copy that is there is renamed, never deleted.

    Returns
    -------
    fresh : Path
    kept : Path or None
        Where the old copy is now: `NN_name.backup-1.ipynb`, or the next number that is free.

    Raises
    ------
    LessonError
        If there is no such lesson.
    """
    from .lessons import find

    source = find(course.notebooks / "source", [number])[0]
    if not (course.notebooks / lang / f"{source.stem}.ipynb").is_file():
        raise LessonError(
            say(
                f"{source.stem} is not built yet: `course build {number}`.",
                f"{source.stem} 레슨을 아직 만들지 않았어요: `course build {number}`",
            )
        )
    mine = course.root / "work" / lang / f"{source.stem}.ipynb"
    kept = None
    if mine.exists():
        names = (mine.with_name(f"{source.stem}.backup-{count}.ipynb") for count in itertools.count(1))
        kept = mine.rename(next(name for name in names if not name.exists()))
    copy_lessons(course)
    return mine, kept


def _lab(options: argparse.Namespace) -> int:
    from .lessons import course

    here = course()
    added, behind = copy_lessons(here)
    work = here.root / "work"
    if added:
        print(say(f"{len(added)} lessons copied to {work}.", f"레슨 {len(added)}개를 {work}에 복사했어요."))
    for mine in behind:
        number = mine.name[:2]
        print(
            say(
                f"{mine.relative_to(work)} holds your work, and the lesson has changed since: "
                f"`course reset {number}` gets the new one and keeps yours beside it.",
                f"{mine.relative_to(work)}에는 작업하신 내용이 있는데, 그 뒤로 레슨이 바뀌었어요. "
                f"`course reset {number}`로 새 레슨을 받으면 쓰던 것은 옆에 남아요.",
            )
        )
    # Without COURSE_LANG each notebook speaks its folder's language, also when both editions are open.
    env = {name: value for name, value in os.environ.items() if name != "COURSE_LANG"}
    return subprocess.call(lab_command(work, options.port, browser=not options.no_browser), env=env)


def lab_command(work: Path, port: int, *, browser: bool) -> list[str]:
    """What starts JupyterLab on the learner's copies, at the first lesson in the reader's language."""
    edition = language()
    first = min((path.name for path in (work / edition).glob("*.ipynb")), default="")
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        # This machine alone can reach it, and only with the token that Jupyter prints.
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={work}",
        f"--LabApp.default_url=/lab/tree/{edition}/{first}",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is often nobody else
    return command


def _reset(options: argparse.Namespace) -> int:
    from .lessons import course

    fresh, kept = reset_lesson(course(), options.number, language())
    print(say(f"Fresh copy: {fresh}", f"새 사본: {fresh}"))
    if kept:
        print(say(f"Yours is kept: {kept}", f"쓰던 사본: {kept}"))
    return 0


# -------------------------------------------------------------------------------------------------- build, doctor, source


def _build(options: argparse.Namespace) -> int:
    from . import lessons

    course = lessons.course()
    if options.check:
        problems = lessons.check(course)
        print(*problems, sep="\n") if problems else print(
            say("Sources and notebooks are in step.", "소스와 노트북이 서로 맞아요.")
        )
        return 1 if problems else 0
    for path in lessons.find(course.notebooks / "source", options.numbers):
        begin = time.monotonic()
        _start(path.stem)
        if options.solved:
            for lang in LANGUAGES:
                lessons.build_solved(path, course, lang, partial(_progress(path.stem), lang))
            _finish(
                path.stem,
                say(f"solved: en, ko  {time.monotonic() - begin:.1f} s", f"풀이: en, ko  {time.monotonic() - begin:.1f}초"),
            )
            continue
        noise = lessons.build(path, course, _progress(path.stem))
        _finish(path.stem, f"en, ko  {time.monotonic() - begin:.1f} s")
        print(*(f"    {line}" for line in noise), sep="\n", end="\n" if noise else "")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from . import doctor

    checks = doctor.check_file(options.file) if options.file else doctor.check()
    doctor.report(checks)
    return int(any(check.ok is False for check in checks))


def _source(options: argparse.Namespace) -> int:
    from . import sources

    if options.choice:
        sources.choose(options.choice)
    now = sources.chosen()
    print(say(f"source: {now}", f"소스: {now}"))
    if options.choice and now != options.choice:
        print(
            say(
                f"{options.choice} is saved, but COURSE_SOURCE={os.environ['COURSE_SOURCE']} goes first; unset it.",
                f"{options.choice}을(를) 저장했지만 COURSE_SOURCE={os.environ['COURSE_SOURCE']}가 먼저예요. 그 변수를 지우세요.",
            )
        )
    print(f"    {sources.minds14().note}")
    print(f"    {sources.intent_model().note}")
    return 0


# -------------------------------------------------------------------------------------------------- prefetch


def _prefetch(options: argparse.Namespace) -> int:
    from . import prefetch

    if options.verify:
        problems = prefetch.damaged(options.verify)
        for name, what in problems.items():
            print(f"{name}: {what}")
        if problems:
            print(
                say(
                    f"{len(problems)} files are not as they were written. `course prefetch --to {options.verify}` fetches them "
                    "again.",
                    f"파일 {len(problems)}개가 처음과 달라요. `course prefetch --to {options.verify}`를 실행하면 다시 받아요.",
                )
            )
            return 1
        files = prefetch.read_manifest(options.verify)["files"].values()
        gigabytes = sum(entry["size"] for entry in files) / 1e9
        print(
            say(
                f"All {len(files)} files ({gigabytes:.2f} GB) are as they were written.",
                f"파일 {len(files)}개({gigabytes:.2f} GB)가 모두 처음 그대로예요.",
            )
        )
        return 0
    if not options.to:
        raise CourseError(
            say(
                "say where: `course prefetch --to DIR` fills a folder, `course prefetch --verify DIR` checks one.",
                "폴더를 알려 주세요. `course prefetch --to DIR`은 폴더를 채우고, `course prefetch --verify DIR`은 확인해요.",
            )
        )
    constraints = None
    if options.wheels:
        from .lessons import course

        constraints = course().root / "constraints.txt"
    manifest = prefetch.prefetch(options.to, options.config or prefetch.LESSON_CONFIGS, constraints)
    gigabytes = sum(entry["size"] for entry in manifest["files"].values()) / 1e9
    folder = options.to.expanduser().resolve()
    print(say(f"{folder} is complete: {gigabytes:.2f} GB.", f"{folder}를 다 채웠어요: {gigabytes:.2f} GB"))
    print(say("With no network, from the course's folder:", "인터넷이 없을 때는 코스 폴더에서 이렇게 실행하세요:"))
    settings = {"HF_HOME": folder / "hf", "HF_HUB_OFFLINE": "1", "COURSE_SOURCE": "hub"}
    if os.name == "nt":
        print(*(f"    set {name}={value}" for name, value in settings.items()), "    course lab", sep="\n")
    else:
        print("    " + " ".join(f"{name}={shlex.quote(str(value))}" for name, value in settings.items()), "make lab")
    if constraints:
        print(
            say(
                f"To set it up there first: PIP_NO_INDEX=1 PIP_FIND_LINKS={folder / 'wheels'} make setup",
                f"거기서 처음 설치할 때: PIP_NO_INDEX=1 PIP_FIND_LINKS={folder / 'wheels'} make setup",
            )
        )
    return 0


# -------------------------------------------------------------------------------------------------- classify


def _classify(options: argparse.Namespace) -> int:
    from . import scaling

    report = scaling.classify(
        options.path,
        options.out,
        engine=options.engine,
        model=options.model,
        workers=options.workers,
        threads=options.threads,
        gpus=options.gpus,
        address=options.address,
        chunk_rows=options.chunk_rows,
    )
    print(f"{report}. {options.out}")
    if report.seconds:
        print(say(f"{report.clips_per_second:.1f} clips a second.", f"초당 클립 {report.clips_per_second:.1f}개."))
    return 0
