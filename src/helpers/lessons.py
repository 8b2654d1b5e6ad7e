"""Builds, runs and checks lessons: one source, two executed notebooks. Used by `course run` and `course build`, for every lesson.

A lesson is `notebooks/source/NN_name.py`, in jupytext's percent format. A text cell with lang="en" is followed directly by its
partner with lang="ko"; code stands once and goes to both editions. What is built lies in `notebooks/en` and `notebooks/ko` and is
never edited by hand.

An exercise is two code cells: one whose answer stands between `### BEGIN SOLUTION` and `### END SOLUTION`, and directly below it
`q1.check(answer)`. Learners get `answer = ...` in place of the solution; the solved edition, for teachers and tests, keeps it.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from . import sources
from .errors import LessonError
from .language import LANGUAGES, Language, say

LESSON_NAME = re.compile(r"\d\d_[a-z0-9]+(_[a-z0-9]+)*")
MOST_BYTES = 3_000_000  # GitHub and the viewers on the way to a learner stop showing notebooks much larger than this
CELL_SECONDS = 600  # a cell that takes longer hangs: a whole lesson is meant to take minutes
# With the genuine 300 M parameter model, lesson 05 asks about 1.5 hours of calls in one cell: 17 minutes on two idle cores.
HUB_CELL_SECONDS = 7_200
IGNORE = "nbval-ignore-output"
SET_UP = "set-up"
TAGS = {IGNORE, "raises-exception"}
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

ADDRESS = re.compile(r"<[^<>\n]* at 0x[0-9a-fA-F]+")
MACHINE_PATH = re.compile(r"(?<![\w.])(?:/home/|/Users/|/root/|[A-Z]:\\Users\\)[^\s'\"<>]*|site-packages")
HANGUL = re.compile(r"[가-힣]")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# The one way to mark a solution, and whatever looks like it: nbgrader takes that for a marker too.
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
LIKE_A_MARKER = re.compile(r"^.*\b(BEGIN|END)[ _-]*(SOLUTION|HIDDEN[ _-]*TESTS)\b.*$", re.MULTILINE | re.IGNORECASE)
CHECK = re.compile(r"(q\d+)\.check\((\w+)\)")
NBVAL_COMMENT = re.compile(r"^\s*#+\s*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*$", re.MULTILINE)
# What need not be translated: code, links' targets, formulas, HTML tags.
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|\$\$.*?\$\$|\$[^$\n]*\$|<[^>]*>", re.DOTALL)


@dataclass(frozen=True)
class Course:
    """The project's folder, and the setting that links and set-up cells are made from: `[tool.course]` in its pyproject.toml."""

    root: Path
    repository: str
    branch: str

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"


@dataclass(frozen=True)
class SourceCell:
    """A cell of a lesson's source; `number` counts from 1, as an author counts."""

    number: int
    kind: str
    source: str
    metadata: dict[str, Any]

    @property
    def lang(self) -> str | None:
        return self.metadata.get("lang")

    @property
    def tags(self) -> list[str]:
        return list(self.metadata.get("tags", []))


@dataclass(frozen=True)
class Lesson:
    """A lesson's source that keeps the rules; its first two cells are the title, in English and in Korean."""

    name: str
    cells: tuple[SourceCell, ...]


# -------------------------------------------------------------------------------------------------- finding


def course(start: Path | None = None) -> Course:
    """The project that this package is installed from, else the one that the current folder lies in.

    Raises
    ------
    LessonError
        If there is no project: the package alone, as a wheel brings it, has no lessons.
    """
    here = start or Path.cwd()
    for folder in (Path(__file__).resolve().parents[2], here, *here.parents):
        if (folder / "notebooks" / "source").is_dir() and (folder / "pyproject.toml").is_file():
            return read_settings(folder)
    raise LessonError(
        say(
            f"There are no lessons in {here} or above it, and this installation of `helpers` came without them. "
            "Clone the course's repository and run `course` in its folder.",
            f"{here}와 그 위 폴더에 레슨이 없고, 설치된 `helpers`에도 레슨이 들어 있지 않아요. "
            "코스 저장소를 복제(clone)하고 그 폴더에서 `course`를 실행하세요.",
        )
    )


def read_settings(root: Path) -> Course:
    """`repository` and `branch` from `[tool.course]` in the project's pyproject.toml.

    Raises
    ------
    LessonError
        If the setting is missing or is not of the form OWNER/NAME.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {}).get("course", {})
    repository = str(settings.get("repository", ""))
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise LessonError(
            say(
                f'{root / "pyproject.toml"}: [tool.course] repository is {repository!r}; write it as "OWNER/NAME".',
                f'{root / "pyproject.toml"}: [tool.course]의 repository가 {repository!r}예요. "OWNER/NAME" 꼴로 쓰세요.',
            )
        )
    return Course(root, repository, str(settings.get("branch", "main")))


def find(folder: Path, numbers: Iterable[str] = ()) -> list[Path]:
    """The lesson sources in `folder`, all of them or those with the given numbers ("3" and "03" are the same).

    Raises
    ------
    LessonError
        If a number is no lesson's; the message lists those that exist.
    """
    found = sorted(path for path in folder.glob("*.py"))
    wanted = [number.zfill(2) for number in numbers]
    missing = [number for number in wanted if not any(path.stem.split("_")[0] == number for path in found)]
    if missing:
        existing = ", ".join(path.stem for path in found)
        raise LessonError(
            say(
                f"There is no lesson {', '.join(missing)}. These exist: {existing}.",
                f"레슨 {', '.join(missing)}은(는) 없어요. 있는 레슨: {existing}.",
            )
        )
    return [path for path in found if not wanted or path.stem.split("_")[0] in wanted]


# -------------------------------------------------------------------------------------------------- reading


def first_line(text: str) -> str:
    """The first line that is not empty, shortened, as messages quote it."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 60 else line[:59] + "…"


def _place(file: str, number: int, text: str) -> str:
    return say(f"{file}, cell {number} ({first_line(text)})", f"{file}, 셀 {number} ({first_line(text)})")


def read(source: Path) -> Lesson:
    """Read a lesson's source and hold it against the rules.

    Parameters
    ----------
    source : Path
        `NN_name.py` in jupytext's percent format.

    Returns
    -------
    Lesson

    Raises
    ------
    LessonError
        With a line for each rule that is broken: file, cell, the cell's first line, what to do.
    """
    file = source.name
    if not LESSON_NAME.fullmatch(source.stem):
        raise LessonError(
            say(
                f"{file}: a lesson is named by its number and a name, such as 03_see_the_waveform.py; rename the file.",
                f"{file}: 레슨 파일 이름은 03_see_the_waveform.py처럼 번호와 이름이어야 해요. 파일 이름을 바꾸세요.",
            )
        )
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    cells = tuple(
        SourceCell(number, cell.cell_type, cell.source, dict(cell.metadata))
        for number, cell in enumerate(notebook.cells, start=1)
    )
    problems: list[str] = []
    kernel = notebook.metadata.get("kernelspec", KERNELSPEC).get("name")
    if kernel != KERNELSPEC["name"]:
        problems.append(
            say(
                f"{file}: the kernel in its header is {kernel!r}; it must be 'python3', which every learner has.",
                f"{file}: 머리글의 커널이 {kernel!r}예요. 누구에게나 있는 'python3'이어야 해요.",
            )
        )
    for cell in cells:
        rules = _code_cell if cell.kind == "code" else _text_cell if cell.kind == "markdown" else _other_cell
        problems += [f"{_place(file, cell.number, cell.source)}: {problem}" for problem in rules(cell)]
    problems += [f"{_place(file, cell.number, cell.source)}: {problem}" for cell, problem in [*_pairs(cells), *_exercises(cells)]]
    if not any(re.match(r"# \S", cell.source) for cell in cells[:1]) or not cells[0].lang:
        problems.append(
            say(
                f'{file}: a lesson begins with its title, a text cell with lang="en" whose first line is `# Title`.',
                f'{file}: 레슨은 제목으로 시작해요. lang="en" 텍스트 셀의 첫 줄이 `# 제목`이어야 해요.',
            )
        )
    if problems:
        raise LessonError("\n".join(problems))
    return Lesson(source.stem, cells)


def _unknown(cell: SourceCell, known: set[str]) -> list[str]:
    # jupytext files what it cannot parse (lang=en without quotes) under a key of its own, a bare word under "title", and blank
    # lines under keys that begin with "lines_to".
    strange = sorted(
        f"{key}={value!r}" for key, value in cell.metadata.items() if key not in known and not key.startswith("lines_to")
    )
    if not strange:
        return []
    keys = ", ".join(sorted(known))
    return [
        say(
            f'unknown cell metadata {", ".join(strange)}; write key="value" with one of: {keys}.',
            f'모르는 셀 메타데이터예요: {", ".join(strange)}. key="value" 꼴로 쓰고 다음 중에서 고르세요: {keys}.',
        )
    ]


def _code_cell(cell: SourceCell) -> list[str]:
    problems = _unknown(cell, {"tags", "reason", "lang"})
    if "lang" in cell.metadata:
        problems.append(
            say(
                "a code cell has a lang; take it away: both editions have the same code, and helpers speak for each.",
                "코드 셀에 lang이 있어요. 지우세요. 코드는 두 언어판에서 같고, 독자의 언어로 말하는 일은 helpers가 해요.",
            )
        )
    if not cell.source.strip():
        problems.append(say("the code cell is empty; take it away.", "코드 셀이 비어 있어요. 지우세요."))
    if cell.source.rstrip().endswith(";"):
        problems.append(
            say(
                "the code cell ends in `;`, which hides nothing when values are compared; end it with plt.show() "
                "or a helper that returns None.",
                "코드 셀이 `;`로 끝나요. 값을 비교할 때는 출력이 숨겨지지 않아요. plt.show()나 None을 돌려주는 "
                "helper로 끝내세요.",
            )
        )
    if marker := NBVAL_COMMENT.search(cell.source):
        problems.append(
            say(
                f'`# {marker[1]}` would stand in the learner\'s code; use tags=["{IGNORE}"] reason="…" in the cell\'s header.',
                f'`# {marker[1]}` 주석이 학습자의 코드에 남아요. 셀 머리글에 tags=["{IGNORE}"] reason="…"을 쓰세요.',
            )
        )
    if strange := sorted(set(cell.tags) - TAGS):
        problems.append(
            say(
                f"unknown tag {', '.join(strange)}; known are: {', '.join(sorted(TAGS))}.",
                f"모르는 태그예요: {', '.join(strange)}. 쓸 수 있는 태그: {', '.join(sorted(TAGS))}.",
            )
        )
    if IGNORE in cell.tags and not str(cell.metadata.get("reason", "")).strip():
        problems.append(
            say(
                f'the tag {IGNORE} needs its reason: add reason="timings differ", say, to the cell\'s header.',
                f'태그 {IGNORE}에는 이유가 필요해요. 셀 머리글에 reason="시간은 매번 달라요"처럼 덧붙이세요.',
            )
        )
    return problems


def _text_cell(cell: SourceCell) -> list[str]:
    problems = _unknown(cell, {"lang"})
    if cell.lang is None:
        if not problems and any(map(str.isalpha, re.sub(r"\$\$.*?\$\$", "", cell.source, flags=re.DOTALL))):
            problems.append(
                say(
                    'text without a language; give it lang="en" and write its lang="ko" partner directly below '
                    "(only rules and $$ formulas go to both editions).",
                    '언어가 없는 텍스트예요. lang="en"을 붙이고 바로 아래에 lang="ko" 짝을 쓰세요'
                    "(두 언어판에 함께 들어가는 것은 구분선과 $$ 수식뿐이에요).",
                )
            )
    elif cell.lang not in LANGUAGES:
        problems.append(
            say(
                f"lang={cell.lang!r} is no language of this course; use one of: {', '.join(LANGUAGES)}.",
                f"lang={cell.lang!r}은(는) 이 코스의 언어가 아니에요. 다음 중에서 쓰세요: {', '.join(LANGUAGES)}.",
            )
        )
    elif cell.lang == "ko" and not HANGUL.search(cell.source) and any(map(str.isalpha, NOT_PROSE.sub("", cell.source))):
        problems.append(
            say(
                "the Korean cell holds no Korean; write the text of the cell above in Korean.",
                "한국어 셀에 한국어가 없어요. 바로 위 셀의 내용을 한국어로 쓰세요.",
            )
        )
    return problems


def _other_cell(cell: SourceCell) -> list[str]:
    return [
        say(
            f"a {cell.kind} cell is not shown to learners; make it text or code.",
            f"{cell.kind} 셀은 학습자에게 보이지 않아요. 텍스트나 코드로 바꾸세요.",
        )
    ]


def _pairs(cells: tuple[SourceCell, ...]) -> list[tuple[SourceCell, str]]:
    problems = []
    texts = {cell.number: cell.lang for cell in cells if cell.kind == "markdown"}
    for cell in cells:
        if cell.kind == "markdown" and cell.lang == "en" and texts.get(cell.number + 1) != "ko":
            problems.append(
                (
                    cell,
                    say(
                        'its Korean partner is missing; write a text cell with lang="ko" directly below.',
                        '한국어 짝이 없어요. 바로 아래에 lang="ko" 텍스트 셀을 쓰세요.',
                    ),
                )
            )
        if cell.kind == "markdown" and cell.lang == "ko" and texts.get(cell.number - 1) != "en":
            problems.append(
                (
                    cell,
                    say(
                        'its English partner is missing or stands elsewhere; the text cell with lang="en" comes directly above.',
                        '영어 짝이 없거나 다른 곳에 있어요. lang="en" 텍스트 셀이 바로 위에 있어야 해요.',
                    ),
                )
            )
    return problems


# -------------------------------------------------------------------------------------------------- exercises


def solution(cell: SourceCell) -> str | None:
    """The code between the cell's markers, without them; None where there is no marker, or not one pair in its order."""
    lines = cell.source.splitlines()
    if [line for line in lines if line in (BEGIN, END)] != [BEGIN, END]:
        return None
    return "\n".join(lines[lines.index(BEGIN) + 1 : lines.index(END)]).strip("\n")


def answer_name(code: str) -> str | None:
    """The name that a solution's last statement gives its answer to; None where that is no plain assignment."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return None
    last = statements[-1] if statements else None
    match last:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return None


def _exercises(cells: tuple[SourceCell, ...]) -> list[tuple[SourceCell, str]]:
    """What is wrong with the exercises: each would put a solution before learners, or leave them without a stub or a check."""
    problems = []
    code = {cell.number: cell.source.strip() for cell in cells if cell.kind == "code"}
    asked = 0
    for cell in cells:
        markers = [found[0] for found in LIKE_A_MARKER.finditer(cell.source)]
        answer = solution(cell)
        name = answer_name(answer) if answer is not None else None
        check = CHECK.fullmatch(code.get(cell.number + 1, ""))
        if not markers:
            if CHECK.fullmatch(code.get(cell.number, "")) and BEGIN not in code.get(cell.number - 1, ""):
                problems.append(
                    (
                        cell,
                        say(
                            "a check without an exercise; the cell directly above it holds the solution.",
                            "문제 없는 확인 셀이에요. 바로 위 셀에 풀이가 있어야 해요.",
                        ),
                    )
                )
        elif cell.kind != "code" or any(marker not in (BEGIN, END) for marker in markers):
            problems.append(
                (
                    cell,
                    say(
                        f"`{markers[0].strip()}` is not how a solution is marked, and learners would see it; write {BEGIN} "
                        f"and {END}, each on a line of its own in a code cell.",
                        f"`{markers[0].strip()}`은(는) 풀이를 표시하는 방법이 아니어서 학습자에게 보여요. 코드 셀에 {BEGIN}과 "
                        f"{END}을 한 줄씩 쓰세요.",
                    ),
                )
            )
        elif answer is None:
            problems.append(
                (
                    cell,
                    say(
                        f"a cell holds one solution: {BEGIN}, below it {END}, and neither twice.",
                        f"셀 하나에는 풀이가 하나예요. {BEGIN}, 그 아래 {END}을 한 번씩만 쓰세요.",
                    ),
                )
            )
        elif name is None:
            problems.append(
                (
                    cell,
                    say(
                        "its solution does not end with `name = value`, from which the learner's `name = ...` is made.",
                        "풀이가 `이름 = 값`으로 끝나지 않아요. 학습자의 `이름 = ...`은 그 줄에서 만들어져요.",
                    ),
                )
            )
        elif not check or check[2] != name or check[1] != f"q{asked + 1}":
            problems.append(
                (
                    cell,
                    say(
                        f"directly below the exercise comes a code cell with `q{asked + 1}.check({name})` and nothing else.",
                        f"문제 바로 아래에는 `q{asked + 1}.check({name})`만 있는 코드 셀이 와야 해요.",
                    ),
                )
            )
        asked += bool(check and answer is not None)
    return problems


def solutions(lesson: Lesson) -> dict[str, str]:
    """Each question's solution, by its name (q1, q2, …): what `q1.solution()` shows."""
    following = {cell.number - 1: cell.source.strip() for cell in lesson.cells}
    found = {}
    for cell in lesson.cells:
        code = solution(cell) if cell.kind == "code" else None
        if code is not None and (check := CHECK.fullmatch(following[cell.number])):
            found[check[1]] = code
    return found


def solutions_text(lesson: Lesson) -> str:
    """What `helpers/exercises/solutions/NN_name.json` holds: helpers show solutions where no lesson's source is at hand."""
    return json.dumps(solutions(lesson), indent=1, ensure_ascii=False) + "\n"


def _solutions_file(name: str, course: Course) -> Path:
    return course.root / "src" / "helpers" / "exercises" / "solutions" / f"{name}.json"


def _exercise_cell(cell: SourceCell, lesson: Lesson, solved: bool) -> tuple[str, dict[str, Any]]:
    """A code cell's source for learners or teachers, and what nbgrader needs to know of it."""
    code = solution(cell)
    if code is not None:
        before, _, rest = cell.source.partition(BEGIN)
        after = rest.partition(END)[2]
        stub = f"{answer_name(code)} = ..."
        # The stub stands in the solved edition too, above the solution: nbgrader only has to take the solution away.
        source = f"{before}{stub}\n{BEGIN}\n{code}\n{END}{after}" if solved else f"{before}{stub}{after}"
        following = next(other for other in lesson.cells if other.number == cell.number + 1)
        check = CHECK.fullmatch(following.source.strip())
        assert check  # `read` has seen to it
        return source, {"grade": False, "grade_id": f"{lesson.name}-{check[1]}", "locked": False, "solution": True}
    if check := CHECK.fullmatch(cell.source.strip()):
        # A learner's wrong answer gets a sentence, never an error. So what nbgrader grades by stands in a hidden test.
        test = f"\n### BEGIN HIDDEN TESTS\nassert {check[1]}.correct\n### END HIDDEN TESTS" if solved else ""
        about = {"grade": True, "grade_id": f"{lesson.name}-{check[1]}-check", "locked": True, "points": 1, "solution": False}
        return cell.source + test, about
    return cell.source, {}


# -------------------------------------------------------------------------------------------------- making an edition


def edition(lesson: Lesson, language: Language, course: Course, *, solved: bool = False) -> NotebookNode:
    """The lesson's notebook in one language, not executed: links, title, set-up cell, and then the lesson.

    The set-up cell is made here, the same for every lesson, and is the one cell whose code differs between the editions: by the
    word "en" or "ko". Colab opens a notebook without its folder, so nothing else there could tell helpers the reader's language.
    With `solved`, exercises keep their solutions and their checks must come out right: the edition that nbgrader releases from.
    """
    mine = [cell for cell in lesson.cells if cell.lang in (None, language)]
    cells = [nbformat.v4.new_markdown_cell(_links(lesson, language, course))]
    for cell in mine:
        if cell.kind == "code":
            kept: dict[str, Any] = {key: cell.metadata[key] for key in ("tags", "reason") if key in cell.metadata}
            source, nbgrader = _exercise_cell(cell, lesson, solved)
            if nbgrader:
                kept["nbgrader"] = {"cell_type": "code", "schema_version": 3, "task": False, **nbgrader}
            cells.append(nbformat.v4.new_code_cell(source, metadata=kept))
        else:
            cells.append(nbformat.v4.new_markdown_cell(cell.source))
    cells.insert(2, nbformat.v4.new_code_cell(_set_up(language, course), metadata={"tags": [SET_UP]}))
    for position, cell in enumerate(cells):
        cell.id = hashlib.sha256(f"{lesson.name}/{language}/{position}".encode()).hexdigest()[:12]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = _metadata(language, mine[0].source.splitlines()[0].removeprefix("# ").strip())
    return notebook


def _metadata(language: Language, title: str) -> NotebookNode:
    return nbformat.from_dict({"kernelspec": KERNELSPEC, "lang": language, "language_info": {"name": "python"}, "title": title})


def _links(lesson: Lesson, language: Language, course: Course) -> str:
    path = f"notebooks/{language}/{lesson.name}.ipynb"
    colab = f"https://colab.research.google.com/github/{course.repository}/blob/{course.branch}/{path}"
    binder = f"https://mybinder.org/v2/gh/{course.repository}/{course.branch}?urlpath=lab/tree/{path}"
    if language == "ko":
        return f"[Colab에서 열기]({colab}) · [Binder에서 열기]({binder}) · [English](../en/{lesson.name}.ipynb)"
    return f"[Open in Colab]({colab}) · [Open in Binder]({binder}) · [한국어](../ko/{lesson.name}.ipynb)"


def _set_up(language: Language, course: Course) -> str:
    return f"""\
# Set-up: run this first. Where the course is not installed yet (on Colab, say), it is installed now; elsewhere nothing happens.
import importlib.util
import os

os.environ.setdefault("COURSE_LANG", "{language}")  # the language in which helpers speak
if importlib.util.find_spec("helpers") is None:
    %pip install -q "git+https://github.com/{course.repository}@{course.branch}\""""


def serialised(notebook: NotebookNode) -> str:
    """The notebook's text, the same to the byte for the same content: sorted keys, indented by one, one newline at the end."""
    return str(nbformat.writes(notebook, version=4, indent=1, sort_keys=True)).rstrip("\n") + "\n"


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook whole or not at all, so that an interruption leaves no half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(serialised(notebook), encoding="utf-8", newline="\n")
    beside.replace(path)


# -------------------------------------------------------------------------------------------------- executing


def environment(source: str | None = None) -> dict[str, str]:
    """The environment in which lessons are executed and compared: what would make two runs differ is settled here.

    Parameters
    ----------
    source : str, optional
        "bundled" or "hub"; the reader's own choice where it is left out.
    """
    env = dict(os.environ)
    # The set-up cell and the folder say the language; matplotlib's inline backend is the kernel's own default.
    for name in ("COURSE_LANG", "MPLBACKEND", "JPY_SESSION_NAME", "PYTHONWARNINGS"):
        env.pop(name, None)
    env |= {
        "PYTHONHASHSEED": "0",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TQDM_DISABLE": "1",  # bars carry timings
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    env["COURSE_SOURCE"] = source or sources.chosen()
    if env["COURSE_SOURCE"] == "bundled":
        env |= {"HF_HUB_OFFLINE": "1"}
    return env


def execute(
    notebook: NotebookNode,
    *,
    name: str,
    folder: Path,
    env: dict[str, str],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Execute every cell in a fresh kernel, in place; what ran before a failure keeps its outputs.

    Parameters
    ----------
    notebook : NotebookNode
        An edition, as `edition` makes it.
    name : str
        How messages name the lesson.
    folder : Path
        The kernel's working folder; its name tells helpers the language.
    env : dict
        The kernel's environment, as `environment` makes it.
    progress : callable, optional
        Called with the number of code cells done and of all.

    Raises
    ------
    LessonError
        If a cell raises, takes too long or ends the kernel: lesson, cell, its first line, the error.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    longest = HUB_CELL_SECONDS if env.get("COURSE_SOURCE") == "hub" else CELL_SECONDS
    at = {"index": 0, "done": 0}

    def started(cell: NotebookNode, cell_index: int) -> None:
        at["index"] = cell_index
        # nbclient answers Ctrl-C by ending the kernel, and then fails on its absence. Without its handler (Windows has none) this
        # process is interrupted as any other, and nbclient's own exit handler ends the kernel.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    def executed(cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        at["done"] += 1
        if progress:
            progress(at["done"], total)

    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=longest,
        kernel_name=KERNELSPEC["name"],
        extra_arguments=["--log-level=CRITICAL"],  # each kernel warns that it talks over loopback, and complains when it is ended
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_start=started,
        on_cell_executed=executed,
    )
    try:
        # What a cell writes comes back from the kernel; what programs below it write (Ray's core does) would land here.
        client.execute(cwd=str(folder), env=env, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        # What the cell shows: with the source `hub` that is a sentence, and the exception's own text may be a hundred lines.
        shown = [output for output in notebook.cells[at["index"]].outputs if output.output_type == "error"]
        what = f"{shown[-1].ename}: {shown[-1].evalue}" if shown else f"{error.ename}: {error.evalue}"
    except CellTimeoutError:
        what = say(f"it took longer than {longest} s", f"{longest}초가 넘게 걸렸어요")
    except DeadKernelError:
        what = say("the kernel ended (out of memory?)", "커널이 끝나 버렸어요(메모리가 모자란가요?)")
    else:
        return
    raise LessonError(f"{_place(name, at['index'] + 1, notebook.cells[at['index']].source)}: {what}")


def clean(notebook: NotebookNode, file: str) -> list[str]:
    """Take what differs from run to run out of an executed notebook, in place: stderr, widgets' ids and state, versions, timings.

    Returns
    -------
    list of str
        The first line that each cell wrote to stderr, for the author to see.
    """
    noise = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        kept = {key: cell.metadata[key] for key in ("tags", "reason", "nbgrader") if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
        outputs = []
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                noise.append(f"{_place(file, number, cell.source)}: stderr: {first_line(output.text)}")
                continue
            if output.output_type == "error":
                # The traceback names files of this machine; the last line is what a learner is shown.
                output.traceback = [f"{output.ename}: {output.evalue}"]
            if "data" in output:
                output.data.pop(WIDGET_VIEW, None)
                if not output.data:
                    continue
            outputs.append(output)
        cell.outputs = outputs
    notebook.metadata = _metadata(notebook.metadata.lang, notebook.metadata.title)
    return noise


# -------------------------------------------------------------------------------------------------- checking


def _texts(output: NotebookNode) -> dict[str, str]:
    """What an output says, by kind; pictures are not text."""
    if output.output_type == "stream":
        return {output.name: output.text}
    if output.output_type == "error":
        return {"error": f"{output.ename}: {output.evalue}"}
    return {
        kind: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for kind, value in output.data.items()
        if not kind.startswith("image/") or kind == "image/svg+xml"
    }


def compared(cell: NotebookNode) -> bool:
    """Whether nbval holds this cell's outputs against new ones."""
    return cell.cell_type == "code" and bool(cell.outputs) and IGNORE not in cell.metadata.get("tags", [])


def output_problems(notebook: NotebookNode, file: str, root: Path) -> list[str]:
    """Every rule on outputs that an executed notebook breaks, a line each; an empty list when it keeps them all."""
    problems: list[str] = []
    count = 0
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            count += 1
            found = _cell_output_problems(cell, root)
            if cell.execution_count != count:
                found.append(
                    say(
                        "it was not executed in order from a fresh kernel; run `make notebooks`.",
                        "새 커널에서 차례대로 실행되지 않았어요. `make notebooks`를 실행하세요.",
                    )
                )
            problems += [f"{_place(file, number, cell.source)}: {problem}" for problem in found]
    size = len(serialised(notebook).encode())
    if size > MOST_BYTES:
        this, most = f"{size / 1e6:.1f} MB", f"{MOST_BYTES / 1e6:.0f} MB"
        problems.append(
            say(
                f"{file}: {this}; a notebook stays under {most}: show fewer or shorter players and figures.",
                f"{file}: {this}예요. 노트북은 {most}를 넘지 않아야 해요. 플레이어와 그림을 줄이세요.",
            )
        )
    return problems


def _cell_output_problems(cell: NotebookNode, root: Path) -> list[str]:
    problems = []
    pictures = sum(any(kind.startswith("image/") for kind in output.get("data", {})) for output in cell.outputs)
    printed = "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
    if pictures > sum(bool(line.strip()) for line in printed.splitlines()):
        problems.append(
            say(
                "a figure without a description; print one sentence for each picture (the helpers in `plots` do).",
                "설명이 없는 그림이에요. 그림마다 한 문장씩 출력하세요(`plots`의 helper는 그렇게 해요).",
            )
        )
    for output in cell.outputs:
        texts = _texts(output)
        if re.search(r"<(audio|video)\b", texts.get("text/html", "")) and not re.match(r"[^<\s]", texts.get("text/plain", "")):
            problems.append(
                say(
                    "a player without a text form; show sound through helpers.player.",
                    "텍스트 형태가 없는 플레이어예요. 소리는 helpers.player로 보여 주세요.",
                )
            )
        if "stderr" in texts or WIDGET_VIEW in texts:
            problems.append(
                say(
                    "stderr or widget ids, which change from run to run, are still in it; run `make notebooks`.",
                    "실행할 때마다 바뀌는 stderr나 위젯 id가 남아 있어요. `make notebooks`를 실행하세요.",
                )
            )
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
            problems.append(
                say(
                    f"it raises {output.ename}; mend it, or tag the cell raises-exception where the error is what it shows.",
                    f"{output.ename} 오류가 나요. 고치거나, 오류를 보여 주는 셀이면 raises-exception 태그를 붙이세요.",
                )
            )
        for text in texts.values():
            if found := ADDRESS.search(text):
                problems.append(
                    say(
                        f"`{found[0]}>` holds a memory address, which changes from run to run; print what matters, "
                        "or end the cell with plt.show() or a helper that returns None.",
                        f"`{found[0]}>`에 실행할 때마다 바뀌는 메모리 주소가 있어요. 필요한 값만 출력하거나, "
                        "plt.show()나 None을 돌려주는 helper로 셀을 끝내세요.",
                    )
                )
            if found := re.search(re.escape(str(root)), text) or MACHINE_PATH.search(text):
                problems.append(
                    say(
                        f"`{found[0]}` is a path of this machine, and differs on every other; print a name instead.",
                        f"`{found[0]}`은(는) 이 컴퓨터의 경로라서 다른 컴퓨터에서는 달라요. 경로 대신 이름을 출력하세요.",
                    )
                )
    return problems


def edition_problems(english: NotebookNode, korean: NotebookNode, name: str) -> list[str]:
    """Where the Korean edition is not the English one in Korean.

    Both have the same code and the same outputs; where a helper spoke Korean, the text holds Hangul and the same numbers.
    Pictures are not compared, nor are the outputs of cells tagged nbval-ignore-output. The set-up cell differs by the word
    "en" or "ko".
    """
    problems = []
    pairs = list(zip(_code(english), _code(korean), strict=False))
    if len(_code(english)) != len(_code(korean)):
        problems.append(name + say(": the editions differ in their number of code cells.", ": 두 언어판의 코드 셀 수가 달라요."))
    for number, (en, ko) in enumerate(pairs, start=1):
        where = _place(say(f"{name} (code cells)", f"{name} (코드 셀)"), number, en.source)
        if SET_UP in en.metadata.get("tags", []):
            continue
        if en.source != ko.source:
            problems.append(where + say(": the code differs between the editions.", ": 두 언어판의 코드가 달라요."))
        elif compared(en) or compared(ko):
            mine, theirs = ([(kind, text) for o in cell.outputs for kind, text in _texts(o).items()] for cell in (en, ko))
            if [kind for kind, _ in mine] != [kind for kind, _ in theirs]:
                problems.append(where + say(": the editions have different outputs.", ": 두 언어판의 출력 종류가 달라요."))
                continue
            for (kind, english_text), (_, korean_text) in zip(mine, theirs, strict=True):
                if not same_but_for_language(english_text, korean_text):
                    problems.append(
                        where
                        + say(
                            f": {kind} differs in more than language: {_difference(english_text, korean_text)}.",
                            f": {kind} 출력이 언어 말고도 달라요: {_difference(english_text, korean_text)}.",
                        )
                    )
    return problems


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def same_but_for_language(english: str, korean: str) -> bool:
    """Whether two texts are equal, or the second holds Hangul and the same numbers, in whatever order a sentence needs."""
    return english == korean or (
        HANGUL.search(korean) is not None and Counter(NUMBER.findall(english)) == Counter(NUMBER.findall(korean))
    )


def _difference(english: str, korean: str) -> str:
    only_english, only_korean = Counter(NUMBER.findall(english)), Counter(NUMBER.findall(korean))
    if only_english != only_korean:
        left, right = sorted((only_english - only_korean).elements()), sorted((only_korean - only_english).elements())
        return f"{left[:5]} / {right[:5]}"
    line = next((pair for pair in zip(english.splitlines(), korean.splitlines(), strict=False) if pair[0] != pair[1]), ("", ""))
    return f"{first_line(line[0])!r} / {first_line(line[1])!r}"


def check(course: Course) -> list[str]:
    """Hold the built notebooks against their sources, without executing anything.

    Returns
    -------
    list of str
        A line for each thing that is out of step; empty when nothing is.
    """
    problems: list[str] = []
    folder = course.notebooks
    paths = find(folder / "source")
    names = {path.stem for path in paths}
    made = [*(folder / language for language in LANGUAGES), _solutions_file("", course).parent]
    for stale in sorted(path for made_here in made for path in made_here.glob("*") if path.stem not in names):
        problems.append(
            say(
                f"{stale.relative_to(course.root).as_posix()}: no lesson in notebooks/source has this name; remove the file.",
                f"{stale.relative_to(course.root).as_posix()}: notebooks/source에 이 이름의 레슨이 없어요. 파일을 지우세요.",
            )
        )
    floors = read_floors(course.root)
    counts: dict[str, int] = {}
    for path in paths:
        try:
            lesson = read(path)
        except LessonError as error:
            problems.append(str(error))
            continue
        problems += _solutions_problems(lesson, course)
        built: dict[str, NotebookNode] = {}
        for language in LANGUAGES:
            file = folder / language / f"{path.stem}.ipynb"
            name = file.relative_to(course.root).as_posix()
            try:
                text = file.read_text(encoding="utf-8")
                notebook = nbformat.reads(text, as_version=4)
            except (OSError, nbformat.reader.NotJSONError):
                problems.append(
                    say(
                        f"{name}: missing or not a notebook; run `make notebooks`.",
                        f"{name}: 없거나 노트북이 아니에요. `make notebooks`를 실행하세요.",
                    )
                )
                continue
            step = step_problems(notebook, edition(lesson, language, course), name)
            if not step and text != serialised(notebook):
                step = [
                    say(
                        f"{name}: not written by the builder; run `make notebooks`.",
                        f"{name}: 빌더가 쓴 파일이 아니에요. `make notebooks`를 실행하세요.",
                    )
                ]
            problems += step or output_problems(notebook, name, course.root)
            built[language] = notebook
        if len(built) == len(LANGUAGES):
            problems += edition_problems(built["en"], built["ko"], path.stem)
        if "en" in built:
            counts[path.stem] = sum(map(compared, built["en"].cells))
    for name in sorted(set(floors) | set(counts)):
        floor, count = floors.get(name, 0), counts.get(name, 0)
        if floor != count and (name in counts or name not in names):
            problems.append(
                say(
                    f"{FLOORS}: {name} has {count} cells to compare, and the file says {floor}. "
                    "`make notebooks` raises the number; to lower it, edit the file and say why in the commit.",
                    f"{FLOORS}: {name}에서 비교할 셀은 {count}개인데 파일에는 {floor}개로 적혀 있어요. "
                    "숫자를 올리는 일은 `make notebooks`가 해요. 낮추려면 파일을 고치고 커밋에 이유를 쓰세요.",
                )
            )
    return problems


def _solutions_problems(lesson: Lesson, course: Course) -> list[str]:
    file = _solutions_file(lesson.name, course)
    text = file.read_text(encoding="utf-8") if file.is_file() else None
    if text == (solutions_text(lesson) if solutions(lesson) else None):
        return []
    name = file.relative_to(course.root).as_posix()
    return [
        say(
            f"{name}: not the solutions of the lesson's source; run `make notebooks`.",
            f"{name}: 레슨 소스에 있는 풀이와 달라요. `make notebooks`를 실행하세요.",
        )
    ]


def step_problems(built: NotebookNode, expected: NotebookNode, file: str) -> list[str]:
    """Where a built notebook's cells, ids, tags or metadata are not what its source gives now; outputs are not looked at."""
    if built.metadata != expected.metadata or (built.nbformat, built.nbformat_minor) != (
        expected.nbformat,
        expected.nbformat_minor,
    ):
        return [
            say(
                f"{file}: its metadata is not the builder's; run `make notebooks`.",
                f"{file}: 메타데이터가 빌더가 쓴 것과 달라요. `make notebooks`를 실행하세요.",
            )
        ]
    for number, (mine, wanted) in enumerate(zip(built.cells, expected.cells, strict=False), start=1):
        if any(mine.get(key) != wanted.get(key) for key in ("id", "cell_type", "source", "metadata")):
            return [
                _place(file, number, wanted.source)
                + say(
                    ": differs from its source. Edit notebooks/source alone, then run `make notebooks`.",
                    ": 소스와 달라요. notebooks/source만 고치고 `make notebooks`를 실행하세요.",
                )
            ]
    if len(built.cells) != len(expected.cells):
        return [
            say(
                f"{file}: {len(built.cells)} cells where its source gives {len(expected.cells)}; run `make notebooks`.",
                f"{file}: 셀이 {len(built.cells)}개인데 소스로는 {len(expected.cells)}개예요. `make notebooks`를 실행하세요.",
            )
        ]
    return []


# The number of cells that nbval compares, by lesson. The builder raises it; tests fail when fewer are compared, so that lessons
# cannot slip out of the comparison unseen.
FLOORS = "notebooks/cells_compared.json"


def read_floors(root: Path) -> dict[str, int]:
    """The committed number of compared cells of each lesson."""
    file = root / FLOORS
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


# -------------------------------------------------------------------------------------------------- the two jobs


@dataclass(frozen=True)
class Ran:
    """What executing a lesson took."""

    path: Path
    cells: int
    seconds: float


def run(
    source: Path, folder: Path, language: Language, course: Course, progress: Callable[[int, int], None] | None = None
) -> Ran:
    """Execute one edition of a lesson with the reader's source, and keep the notebook in `folder`, whether it fails or not.

    Raises
    ------
    LessonError
        If the source breaks a rule or a cell fails.
    """
    lesson = read(source)
    notebook = edition(lesson, language, course)
    path = folder / f"{lesson.name}.ipynb"
    start = time.monotonic()
    try:
        execute(notebook, name=f"{lesson.name} ({language})", folder=folder, env=environment(), progress=progress)
    finally:
        write(notebook, path)
    return Ran(path, len(_code(notebook)), time.monotonic() - start)


def build(source: Path, course: Course, progress: Callable[[str, int, int], None] | None = None) -> list[str]:
    """Execute both editions with the bundled source and write them to notebooks/en and notebooks/ko, once all rules are kept.

    Parameters
    ----------
    source : Path
        The lesson's source.
    course : Course
        The project it belongs to.
    progress : callable, optional
        Called with the language and the numbers of code cells done and of all.

    Returns
    -------
    list of str
        Lines that cells wrote to stderr; they are dropped, and an author wants to know.

    Raises
    ------
    LessonError
        If a rule is broken or a cell fails. What was executed is then kept in build/notebooks/, and notebooks/ is as before.
    """
    lesson = read(source)
    built: dict[Language, NotebookNode] = {}
    noise: list[str] = []
    problems: list[str] = []
    for language in LANGUAGES:
        notebook = built[language] = edition(lesson, language, course)
        name = f"{language}/{lesson.name}.ipynb"
        report = (lambda done, total, language=language: progress(language, done, total)) if progress else None
        try:
            execute(notebook, name=name, folder=course.notebooks / language, env=environment("bundled"), progress=report)
            noise += clean(notebook, name)
            problems += output_problems(notebook, name, course.root)
        except LessonError as error:
            problems.append(str(error))
        if problems:
            break
    else:
        problems = edition_problems(built["en"], built["ko"], lesson.name)
    folder = course.root / "build" / "notebooks" if problems else course.notebooks
    for language, notebook in built.items():
        write(notebook, folder / language / f"{lesson.name}.ipynb")
    if problems:
        kept = say(f"What was executed is in {folder}.", f"실행된 것은 {folder}에 있어요.")
        raise LessonError("\n".join([*problems, kept]))
    file = _solutions_file(lesson.name, course)
    if solutions(lesson):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(solutions_text(lesson), encoding="utf-8", newline="\n")
    else:
        file.unlink(missing_ok=True)
    floors = read_floors(course.root)
    floors[lesson.name] = max(floors.get(lesson.name, 0), sum(map(compared, built["en"].cells)))
    text = json.dumps(floors, indent=1, sort_keys=True) + "\n"
    (course.root / FLOORS).write_text(text, encoding="utf-8", newline="\n")
    return noise


# What a teacher's copy of the lessons needs beside them. The stub is already in each cell (`_exercise_cell`).
NBGRADER_CONFIG = """\
# Written by `course build --solved`. nbgrader takes the solutions out; the learner's `answer = ...` stands above each.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "audio-classification"
c.ClearSolutions.code_stub = {"python": ""}
c.ExecutePreprocessor.timeout = 600
"""


def build_solved(source: Path, course: Course, language: Language, progress: Callable[[int, int], None] | None = None) -> Path:
    """Execute a lesson's solved edition with the bundled source and write it where nbgrader looks for it.

    Parameters
    ----------
    source : Path
        The lesson's source.
    course : Course
        The project it belongs to.
    language : "en" or "ko"
        The edition; each is an nbgrader course of its own, in build/solved/.
    progress : callable, optional
        Called with the numbers of code cells done and of all.

    Returns
    -------
    Path
        build/solved/LANGUAGE/source/NN_name/NN_name.ipynb, written whether a cell fails or not.

    Raises
    ------
    LessonError
        If the source breaks a rule, a cell fails, or a check refuses the lesson's own solution.
    """
    lesson = read(source)
    notebook = edition(lesson, language, course, solved=True)
    folder = course.root / "build" / "solved" / language
    path = folder / "source" / lesson.name / f"{lesson.name}.ipynb"
    name = f"{language}/{lesson.name}.ipynb"
    try:
        execute(notebook, name=name, folder=path.parent, env=environment("bundled"), progress=progress)
    finally:
        clean(notebook, name)
        write(notebook, path)
        (folder / "nbgrader_config.py").write_text(NBGRADER_CONFIG, encoding="utf-8", newline="\n")
    return path
