"""helpers.lessons, on the tiny lessons in tests/notebooks: each file's name says what is wrong with it, and how it must end."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from helpers import lessons
from helpers.errors import LessonError
from helpers.lessons import Course

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "notebooks"
GOOD = "pairs-code-and-figure-passes.py"
EXERCISE = "exercise-passes.py"
REFUSED_WHEN_SOLVED = "solution-refused-by-its-check-fails.py"

# What is refused in the source, before anything is executed: the cell that is named, and a part of what is said.
REFUSED_IN_SOURCE = {
    "check-of-another-name-fails.py": (3, "`q1.check(half)` and nothing else"),
    "check-out-of-order-fails.py": (3, "`q1.check(half)` and nothing else"),
    "check-without-solution-fails.py": (4, "a check without an exercise"),
    "code-cell-with-language-fails.py": (3, "a code cell has a lang"),
    "empty-code-cell-fails.py": (3, "the code cell is empty"),
    "ignored-output-without-reason-fails.py": (3, "needs its reason"),
    "korean-cell-first-fails.py": (3, "its English partner is missing or stands elsewhere"),
    "korean-cell-in-english-fails.py": (4, "the Korean cell holds no Korean"),
    "language-without-quotes-fails.py": (3, 'write key="value"'),
    "missing-korean-cell-fails.py": (3, "its Korean partner is missing"),
    "name-without-number-fails.py": (None, "named by its number and a name"),
    "nbval-comment-fails.py": (3, "`# NBVAL_IGNORE_OUTPUT` would stand in the learner's code"),
    "no-title-fails.py": (None, "begins with its title"),
    "other-solution-marker-fails.py": (3, "`# begin solution` is not how a solution is marked"),
    "other-kernel-fails.py": (None, "the kernel in its header is 'my-environment'"),
    "partner-after-code-fails.py": (3, "its Korean partner is missing"),
    "raw-cell-fails.py": (3, "a raw cell is not shown to learners"),
    "semicolon-fails.py": (3, "ends in `;`"),
    "solution-end-without-begin-fails.py": (3, "a cell holds one solution"),
    "solution-in-text-fails.py": (3, "is not how a solution is marked"),
    "solution-without-answer-fails.py": (3, "does not end with `name = value`"),
    "solution-without-check-fails.py": (3, "directly below the exercise comes a code cell"),
    "solution-without-end-fails.py": (3, "a cell holds one solution"),
    "text-without-language-fails.py": (3, "text without a language"),
    "two-solutions-in-a-cell-fails.py": (3, "a cell holds one solution"),
    "unknown-language-fails.py": (3, "lang='fr' is no language of this course"),
    "unknown-tag-fails.py": (3, "unknown tag nbval-skip"),
}
# What only its execution shows.
REFUSED_WHEN_BUILT = {
    "figure-without-description-fails.py": (4, "a figure without a description"),
    "machine-path-fails.py": (4, "is a path of this machine"),
    "memory-address-fails.py": (4, "holds a memory address"),
    "number-lost-in-korean-fails.py": (2, "differs in more than language: ['12'] / ['13']"),
    "output-not-in-korean-fails.py": (2, "differs in more than language: 'an answer' / 'another answer'"),
    "player-without-text-fails.py": (4, "a player without a text form"),
    "raising-cell-fails.py": (5, "ValueError: 42 is not the answer"),
    "too-large-fails.py": (None, "a notebook stays under 3 MB"),
}


def test_every_tiny_lesson_is_tried():
    named = {*REFUSED_IN_SOURCE, *REFUSED_WHEN_BUILT, REFUSED_WHEN_SOLVED, GOOD, EXERCISE}
    assert named == {path.name for path in FIXTURES.glob("*.py")}


def project(folder: Path) -> Course:
    (folder / "notebooks" / "source").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.course]\nrepository = "someone/somewhere"\nbranch = "main"\n')
    return lessons.read_settings(folder)


def add(course: Course, fixture: str, name: str = "00_tiny.py") -> Path:
    source = course.notebooks / "source" / name
    shutil.copyfile(FIXTURES / fixture, source)
    return source


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return project(tmp_path)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A project whose one lesson keeps all rules, built once."""
    course = project(tmp_path_factory.mktemp("good"))
    lessons.build(add(course, GOOD), course)
    return course


@pytest.fixture
def built(good: Course, tmp_path: Path) -> Course:
    """A copy of it, to spoil."""
    shutil.copytree(good.root, tmp_path / "copy")
    return lessons.read_settings(tmp_path / "copy")


def editions(course: Course) -> dict[str, nbformat.NotebookNode]:
    return {lang: nbformat.read(course.notebooks / lang / "00_tiny.ipynb", as_version=4) for lang in ("en", "ko")}


# --- refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fixture", "said"), REFUSED_IN_SOURCE.items())
def test_source_is_refused_with_its_place_and_a_remedy(course, fixture, said):
    cell, reason = said
    source = add(course, fixture, fixture if fixture.startswith("name-") else "00_tiny.py")
    with pytest.raises(LessonError) as caught:
        lessons.build(source, course)
    assert f"{source.name}, cell {cell} (" in str(caught.value) if cell else str(caught.value).startswith(source.name)
    assert reason in str(caught.value)
    assert not (course.notebooks / "en").exists()  # nothing was executed


@pytest.mark.parametrize(("fixture", "said"), REFUSED_WHEN_BUILT.items())
def test_lesson_is_refused_when_built_and_kept_aside(course, fixture, said):
    cell, reason = said
    with pytest.raises(LessonError) as caught:
        lessons.build(add(course, fixture), course)
    assert reason in str(caught.value)
    assert cell is None or re.search(rf"00_tiny[^\n]*, cell {cell} \(", str(caught.value))
    assert (course.root / "build" / "notebooks" / "en" / "00_tiny.ipynb").is_file()
    assert not list(course.notebooks.glob("*/*.ipynb"))


def test_failure_quotes_the_cell_and_keeps_what_ran_before(course):
    with pytest.raises(LessonError, match=r"cell 5 \(answer = 6 \* 7\): ValueError"):
        lessons.build(add(course, "raising-cell-fails.py"), course)
    kept = nbformat.read(course.root / "build" / "notebooks" / "en" / "00_tiny.ipynb", as_version=4)
    assert kept.cells[3].outputs[0].text == "this ran\n"
    assert kept.cells[4].outputs[0].ename == "ValueError"


def test_refusal_speaks_the_readers_language(course, korean):
    with pytest.raises(LessonError, match=r"00_tiny.py, 셀 3 \(.*한국어 짝이 없어요"):
        lessons.read(add(course, "missing-korean-cell-fails.py"))


def test_every_broken_rule_of_a_lesson_is_named_at_once(course):
    source = add(course, "semicolon-fails.py")
    source.write_text(source.read_text(encoding="utf-8") + '\n# %% lang="ko"\n1\n', encoding="utf-8")
    with pytest.raises(LessonError) as caught:
        lessons.read(source)
    assert [line.split(" (")[0] for line in str(caught.value).splitlines()] == ["00_tiny.py, cell 3", "00_tiny.py, cell 4"]


# --- what is built --------------------------------------------------------------------------------------------------------


def test_built_twice_is_the_same_to_the_byte(built):
    files = [built.notebooks / lang / "00_tiny.ipynb" for lang in ("en", "ko")]
    once = [file.read_bytes() for file in files]
    lessons.build(built.notebooks / "source" / "00_tiny.py", built)
    assert [file.read_bytes() for file in files] == once


def test_editions_share_code_and_have_their_own_text(good):
    both = editions(good)
    english, korean = ([cell.source for cell in notebook.cells if cell.cell_type == "code"] for notebook in both.values())
    assert english[1:] == korean[1:]
    assert english[0].replace('"en"', '"ko"') == korean[0] != english[0]
    assert both["en"].cells[1].source.startswith("# A title")
    assert both["ko"].cells[1].source.startswith("# 제목")
    assert not any("lang" in cell.metadata for notebook in both.values() for cell in notebook.cells)
    assert all("$$y = a x + b$$" in [cell.source for cell in notebook.cells] for notebook in both.values())


def test_helpers_speak_the_editions_language(good):
    both = editions(good)
    assert [notebook.cells[4].outputs[0].text for notebook in both.values()] == ["three clips, 7.8 s\n", "7.8초, 클립 세 개\n"]


def test_set_up_speaks_the_editions_language_where_no_folder_tells_it(good, tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "COURSE_LANG"}
    code = (
        editions(good)["ko"].cells[2].source.split("if importlib")[0] + "from helpers.language import language; print(language())"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert ran.stdout == "ko\n"


def test_set_up_installs_only_where_the_course_is_missing(good):
    cell = editions(good)["en"].cells[2]
    assert cell.metadata.tags == ["set-up"]
    assert cell.outputs == []  # the course is installed here
    assert '%pip install -q "git+https://github.com/someone/somewhere@main"' in cell.source


def test_links_come_from_the_one_setting(good):
    links = editions(good)["ko"].cells[0].source
    assert "colab.research.google.com/github/someone/somewhere/blob/main/notebooks/ko/00_tiny.ipynb" in links
    assert "mybinder.org/v2/gh/someone/somewhere/main?urlpath=lab/tree/notebooks/ko/00_tiny.ipynb" in links
    assert "(../en/00_tiny.ipynb)" in links


def test_setting_that_names_no_repository_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.course]\nrepository = "somewhere"\n')
    with pytest.raises(LessonError, match="OWNER/NAME"):
        lessons.read_settings(tmp_path)


def test_metadata_is_fixed_and_says_language_and_title(good):
    assert editions(good)["ko"].metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "lang": "ko",
        "title": "제목",
    }


def test_ids_depend_on_lesson_position_and_language(good):
    ids = {lang: [cell.id for cell in notebook.cells] for lang, notebook in editions(good).items()}
    assert len({*ids["en"], *ids["ko"]}) == len(ids["en"]) + len(ids["ko"])
    lesson = lessons.read(good.notebooks / "source" / "00_tiny.py")
    assert [cell.id for cell in lessons.edition(lesson, "en", good).cells] == ids["en"]
    other = lessons.edition(lessons.Lesson("01_other", lesson.cells), "en", good)
    assert not {cell.id for cell in other.cells} & set(ids["en"])


def test_what_changes_from_run_to_run_is_taken_out(good):
    for notebook in editions(good).values():
        text = lessons.serialised(notebook)
        assert "written to the error stream" not in text.replace('print(\\"written to the error stream', "")
        assert "widget-view" not in text
        assert "model_id" not in text
        assert "widgets" not in notebook.metadata
        assert all(set(cell.metadata) <= {"tags", "reason"} for cell in notebook.cells)
    error = editions(good)["en"].cells[8].outputs[0]
    assert error.traceback == ["ValueError: invalid literal for int() with base 10: 'eight'"]


def test_author_is_told_what_went_to_stderr(tmp_path):
    notebook = nbformat.v4.new_notebook(metadata={"lang": "en", "title": "t"})
    outputs = [nbformat.v4.new_output("stream", name="stderr", text="\nSomeWarning: mind this\n")]
    notebook.cells = [nbformat.v4.new_code_cell("go()", outputs=outputs)]
    assert lessons.clean(notebook, "00.ipynb") == ["00.ipynb, cell 1 (go()): stderr: SomeWarning: mind this"]
    assert notebook.cells[0].outputs == []


def test_run_uses_the_readers_source_and_leaves_the_notebooks_alone(built, monkeypatch):
    source = built.notebooks / "source" / "00_tiny.py"
    text = source.read_text(encoding="utf-8") + '\n# %%\nimport os\n\nos.environ["COURSE_SOURCE"]\n'
    source.write_text(text, encoding="utf-8")
    before = (built.notebooks / "ko" / "00_tiny.ipynb").read_bytes()
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    seen = []
    ran = lessons.run(source, built.root / "build" / "run" / "ko", "ko", built, lambda done, total: seen.append((done, total)))
    executed = nbformat.read(ran.path, as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "'hub'"
    assert seen == [(count, ran.cells) for count in range(1, ran.cells + 1)]
    assert (built.notebooks / "ko" / "00_tiny.ipynb").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that one process can send another for Ctrl-C")
def test_interrupted_build_ends_at_once_and_without_a_traceback(course):
    source = add(course, "raising-cell-fails.py")
    interrupt = "import os, signal, time\n\nos.kill(os.getppid(), signal.SIGINT)\ntime.sleep(600)\n"
    source.write_text(source.read_text(encoding="utf-8").replace('print("this ran")\n', interrupt), encoding="utf-8")
    code = (
        "from pathlib import Path\nfrom helpers import cli, lessons\n"
        "here = lessons.read_settings(Path.cwd())\nlessons.course = lambda: here\nraise SystemExit(cli.main(['build']))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 130
    assert done.stderr.strip() == "course: stopped."


# --- in step? -------------------------------------------------------------------------------------------------------------


def test_what_was_just_built_is_in_step(good):
    assert lessons.check(good) == []


def edit_source(course: Course, old: str, new: str) -> None:
    source = course.notebooks / "source" / "00_tiny.py"
    text = source.read_text(encoding="utf-8")
    assert old in text
    source.write_text(text.replace(old, new), encoding="utf-8")


def edit_built(course: Course, change: Callable[[nbformat.NotebookNode], object], lang: str = "en") -> None:
    path = course.notebooks / lang / "00_tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(lessons.serialised(notebook), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "files"),
    [
        ("What this lesson is about.", "What it is about.", ["en"]),
        ("이 레슨에서 하는 일이에요.", "이 레슨의 내용이에요.", ["ko"]),
        ("round(2 / 3, 3)", "round(2 / 3, 4)", ["en", "ko"]),
        ("the system differs from machine to machine", "it may differ", ["en", "ko"]),
    ],
)
def test_source_edited_without_building_is_found(built, old, new, files):
    edit_source(built, old, new)
    problems = lessons.check(built)
    assert [line.split(",")[0] for line in problems] == [f"notebooks/{lang}/00_tiny.ipynb" for lang in files]
    assert all("make notebooks" in line for line in problems)


def append_cell(notebook: nbformat.NotebookNode) -> None:
    notebook.cells.append(nbformat.v4.new_markdown_cell("an addition", id="anything"))


SPOILED = {
    "text": (lambda nb: nb.cells[1].update(source="# Another title"), "differs from its source"),
    "id": (lambda nb: nb.cells[1].update(id="another"), "differs from its source"),
    "tag": (lambda nb: nb.cells[-1].metadata.update(tags=["nbval-ignore-output"]), "differs from its source"),
    "one cell more": (append_cell, "cells where its source gives"),
    "kernel": (lambda nb: nb.metadata.kernelspec.update(name="mine"), "its metadata is not the builder's"),
    "version": (lambda nb: nb.metadata.language_info.update(version="3.11"), "its metadata is not the builder's"),
    "never executed": (lambda nb: nb.cells[-1].update(execution_count=None), "was not executed in order"),
    "out of order": (lambda nb: nb.cells[-1].update(execution_count=99), "was not executed in order"),
    "description lost": (lambda nb: nb.cells[5].update(outputs=nb.cells[5].outputs[1:]), "a figure without a description"),
    "stderr": (
        lambda nb: nb.cells[-1].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="x")),
        "stderr or widget ids",
    ),
    "untagged error": (
        lambda nb: nb.cells[-1].outputs.append(nbformat.v4.new_output("error", ename="E", evalue="v", traceback=[])),
        "it raises E",
    ),
}


@pytest.mark.parametrize("what", SPOILED)
def test_spoiled_notebook_is_found(built, what):
    change, said = SPOILED[what]
    edit_built(built, change)
    assert any(line.startswith("notebooks/en/00_tiny.ipynb") and said in line for line in lessons.check(built))


def test_notebook_saved_by_another_program_is_found(built):
    path = built.notebooks / "en" / "00_tiny.ipynb"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=2), encoding="utf-8")
    assert lessons.check(built) == ["notebooks/en/00_tiny.ipynb: not written by the builder; run `make notebooks`."]


def test_missing_and_stale_notebooks_are_found(built):
    (built.notebooks / "en" / "00_tiny.ipynb").rename(built.notebooks / "en" / "00_gone.ipynb")
    problems = lessons.check(built)
    assert any(line.startswith("notebooks/en/00_gone.ipynb: no lesson") for line in problems)
    assert any(line.startswith("notebooks/en/00_tiny.ipynb: missing") for line in problems)


def set_text(notebook: nbformat.NotebookNode, text: str) -> None:
    notebook.cells[4].outputs[0].text = text


@pytest.mark.parametrize("text", ["three clips, 7.8 s\n", "클립 세 개, 7.8초\n"])
def test_korean_output_may_be_equal_or_korean_with_the_same_numbers(built, text):
    edit_built(built, lambda nb: set_text(nb, text), "ko")
    assert lessons.check(built) == []


@pytest.mark.parametrize(
    "text", ["three  clips, 7.8 s\n", "클립 세 개, 7.9초\n", "클립 세 개\n", "클립 3개, 7.8초\n", "three calls, 7.8 s\n"]
)
def test_korean_output_with_other_numbers_or_in_other_words_is_found(built, text):
    edit_built(built, lambda nb: set_text(nb, text), "ko")
    (problem,) = lessons.check(built)
    assert problem.startswith("00_tiny (code cells), cell 2 (import sys)")


def test_korean_edition_that_lacks_an_output_is_found(built):
    edit_built(built, lambda nb: nb.cells[-1].update(outputs=[]), "ko")
    (problem,) = lessons.check(built)
    assert "the editions have different outputs" in problem


def test_code_that_differs_between_editions_is_found(good):
    both = editions(good)
    assert lessons.edition_problems(both["en"], both["ko"], "00_tiny") == []
    other = copy.deepcopy(both["ko"])
    other.cells[-1].source = "round(2 / 3, 2)"
    (problem,) = lessons.edition_problems(both["en"], other, "00_tiny")
    assert "the code differs between the editions" in problem
    del other.cells[-1]
    assert "number of code cells" in lessons.edition_problems(both["en"], other, "00_tiny")[0]


def test_pictures_and_ignored_outputs_may_differ_between_editions(good):
    both = editions(good)
    both["ko"].cells[5].outputs[1].data["image/png"] = "another"
    both["ko"].cells[6].outputs[0].text = "another system\n"
    assert lessons.edition_problems(both["en"], both["ko"], "00_tiny") == []


# --- the number of cells compared -----------------------------------------------------------------------------------------


def test_printed_figure_error_widget_and_value_are_compared(good):
    assert lessons.read_floors(good.root) == {"00_tiny": 5}  # neither the set-up cell nor the one that is ignored


def test_build_raises_the_number_of_compared_cells_and_never_lowers_it(built, monkeypatch):
    def execute(notebook, **_):
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            output = nbformat.v4.new_output("stream", name="stdout", text="a line\n")
            cell.update(execution_count=count, outputs=[output] if count > 1 else [])

    monkeypatch.setattr(lessons, "execute", execute)
    source = built.notebooks / "source" / "00_tiny.py"
    edit_source(built, "# %%\nround(2 / 3, 3)", "# %%\nround(2 / 3, 3)\n\n# %%\n1 + 1")
    lessons.build(source, built)
    assert lessons.read_floors(built.root) == {"00_tiny": 6}
    edit_source(built, "# %%\nround(2 / 3, 3)\n\n# %%\n1 + 1", "")
    lessons.build(source, built)
    assert lessons.read_floors(built.root) == {"00_tiny": 6}
    (problem,) = lessons.check(built)
    assert "00_tiny has 4 cells to compare, and the file says 6" in problem
    (built.root / lessons.FLOORS).write_text("{}")
    lessons.build(source, built)
    assert lessons.read_floors(built.root) == {"00_tiny": 4}


def compare(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pytest --nbval` over a built project, as `make test` calls it."""
    shutil.copyfile(ROOT / "notebooks" / "conftest.py", course.notebooks / "conftest.py")
    (course.root / "tests").mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "tests" / "nbval_sanitize.cfg", course.root / "tests" / "nbval_sanitize.cfg")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "notebooks/en",
        "-p",
        "no:cacheprovider",
        "--color=no",
        *arguments,
    ]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)


def test_nbval_counts_the_cells_it_compared(built):
    edit_built(built, lambda nb: nb.cells[6].outputs[0].update(text="another system\n"))  # an ignored output may differ
    done = compare(built)
    assert done.returncode == 0, done.stdout
    assert "cells compared in all: 5" in done.stdout
    assert re.search(r"^7 passed", done.stdout, re.MULTILINE)


def test_fall_in_the_number_of_compared_cells_fails(built):
    (built.root / lessons.FLOORS).write_text('{"00_tiny": 6}')
    done = compare(built)
    assert done.returncode == 1, done.stdout
    assert re.search(r"^7 passed", done.stdout, re.MULTILINE)
    assert "00_tiny.ipynb: 5 cells compared, fewer than the 6 in notebooks/cells_compared.json" in done.stdout


def test_value_that_differs_from_the_stored_one_fails(built):
    edit_built(built, lambda nb: nb.cells[-1].outputs[0].data.update({"text/plain": "0.668"}))
    done = compare(built)
    assert done.returncode == 1
    assert "1 failed, 6 passed" in done.stdout
    assert "cells compared in all: 4" in done.stdout


# --- exercises ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A project whose one lesson holds one exercise, built, and solved in English."""
    course = project(tmp_path_factory.mktemp("exercise"))
    source = add(course, EXERCISE)
    lessons.build(source, course)
    lessons.build_solved(source, course, "en")
    return course


def solved(course: Course) -> nbformat.NotebookNode:
    return nbformat.read(course.root / "build" / "solved" / "en" / "source" / "00_tiny" / "00_tiny.ipynb", as_version=4)


def test_learners_get_a_stub_made_from_the_solution_and_run_all_passes(exercise):
    for notebook in editions(exercise).values():
        assert notebook.cells[4].source == "whole = 42\nhalf = ..."
        assert notebook.cells[5].source == "q1.check(half)"
        assert notebook.cells[5].outputs[0].text.startswith("q1: ")
        assert "SOLUTION" not in lessons.serialised(notebook)
        assert "parts" not in lessons.serialised(notebook)
        assert "HIDDEN" not in lessons.serialised(notebook)
    assert "no answer yet" in editions(exercise)["en"].cells[5].outputs[0].text
    assert "아직 답이 없어요" in editions(exercise)["ko"].cells[5].outputs[0].text
    assert lessons.check(exercise) == []


def test_what_was_to_be_predicted_is_shown_only_after_an_answer(exercise):
    assert editions(exercise)["en"].cells[6].outputs == []
    assert solved(exercise).cells[6].outputs[0].text == "only after an answer\n"


def test_solved_edition_keeps_stub_and_solution_and_holds_a_hidden_test(exercise):
    notebook = solved(exercise)
    assert notebook.cells[4].source == (
        "whole = 42\nhalf = ...\n### BEGIN SOLUTION\nparts = 2\nhalf = whole // parts\n### END SOLUTION"
    )
    assert notebook.cells[5].source == "q1.check(half)\n### BEGIN HIDDEN TESTS\nassert q1.correct\n### END HIDDEN TESTS"
    assert notebook.cells[5].outputs[0].text == "q1: right.\n"
    assert "code_stub" in (exercise.root / "build" / "solved" / "en" / "nbgrader_config.py").read_text(encoding="utf-8")


def test_exercise_cells_carry_what_nbgrader_reads(exercise):
    for notebook in [*editions(exercise).values(), solved(exercise)]:
        answer, check = (notebook.cells[number].metadata.nbgrader for number in (4, 5))
        shared = {"schema_version": 3, "task": False, "cell_type": "code"}
        assert answer == {**shared, "grade": False, "grade_id": "00_tiny-q1", "locked": False, "solution": True}
        assert check == {**shared, "grade": True, "grade_id": "00_tiny-q1-check", "locked": True, "points": 1, "solution": False}
        assert not any("nbgrader" in cell.metadata for cell in notebook.cells if cell not in notebook.cells[4:6])


def test_solution_is_copied_for_helpers_to_show(exercise):
    file = exercise.root / "src" / "helpers" / "exercises" / "solutions" / "00_tiny.json"
    assert json.loads(file.read_text(encoding="utf-8")) == {"q1": "parts = 2\nhalf = whole // parts"}


def test_solution_edited_without_building_is_found(exercise, tmp_path):
    shutil.copytree(exercise.root, tmp_path / "copy")
    course = lessons.read_settings(tmp_path / "copy")
    edit_source(course, "parts = 2", "parts = 1 + 1")
    assert lessons.check(course) == [
        "src/helpers/exercises/solutions/00_tiny.json: not the solutions of the lesson's source; run `make notebooks`."
    ]
    (course.root / "src/helpers/exercises/solutions/00_tiny.json").rename(
        course.root / "src/helpers/exercises/solutions/00_gone.json"
    )
    problems = lessons.check(course)
    assert problems[0].startswith("src/helpers/exercises/solutions/00_gone.json: no lesson")
    assert problems[1].startswith("src/helpers/exercises/solutions/00_tiny.json: not the solutions")


def test_solution_that_its_own_check_refuses_fails_the_solved_build_alone(course):
    source = add(course, REFUSED_WHEN_SOLVED)
    lessons.build(source, course)
    with pytest.raises(LessonError, match=r"00_tiny.ipynb, cell 6 \(q1.check\(half\)\): AssertionError"):
        lessons.build_solved(source, course, "en")
    assert "Half of 42 is wanted." in solved(course).cells[5].outputs[0].text


# --- finding --------------------------------------------------------------------------------------------------------------


def test_unknown_number_lists_the_lessons_that_exist(good):
    assert [path.name for path in lessons.find(good.notebooks / "source", ["0"])] == ["00_tiny.py"]
    with pytest.raises(LessonError, match=r"There is no lesson 07, 12\. These exist: 00_tiny\."):
        lessons.find(good.notebooks / "source", ["7", "00", "12"])


def test_package_without_lessons_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "__file__", str(tmp_path / "site" / "lib" / "helpers" / "lessons.py"))
    with pytest.raises(LessonError, match="Clone the course's repository"):
        lessons.course(tmp_path)


def test_course_is_found_from_a_folder_inside_it(good, monkeypatch, tmp_path):
    monkeypatch.setattr(lessons, "__file__", str(tmp_path / "site" / "lib" / "helpers" / "lessons.py"))
    assert lessons.course(good.notebooks / "en").root == good.root
