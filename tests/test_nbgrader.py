"""A teacher's way: the solved edition, released and graded by nbgrader's own commands.

nbgrader brings server extensions that a learner's JupyterLab should not load, so it is no part of the course's environment:
.ci/run puts it into build/nbgrader, and docs/teaching.md says how a teacher does. Where it is missing, these tests are skipped.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from helpers import lessons

ROOT = Path(__file__).parent.parent
TINY = Path(__file__).parent / "notebooks" / "exercise-passes.py"
FOLDER = ROOT / "build" / "nbgrader" / ("Scripts" if os.name == "nt" else "bin")
NBGRADER = shutil.which("nbgrader", path=f"{FOLDER}{os.pathsep}{os.environ.get('PATH', '')}")

pytestmark = pytest.mark.skipif(
    NBGRADER is None,
    reason="nbgrader is not installed; docs/teaching.md says how to put it into build/nbgrader",
)


def nbgrader(course: Path, *arguments: str) -> str:
    """Run one of its commands in an nbgrader course; what it printed."""
    assert NBGRADER
    here = str(Path(NBGRADER).parent)  # it calls alembic by name
    env = os.environ | {"PATH": here + os.pathsep + os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([NBGRADER, *arguments], cwd=course, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_release_is_the_learners_notebook_without_a_solution(tmp_path):
    """All lessons of both editions, an assignment for each edition; they need not be executed for it."""
    course = lessons.course()
    (tmp_path / "nbgrader_config.py").write_text(lessons.NBGRADER_CONFIG, encoding="utf-8")
    read = [lesson for path in lessons.find(course.notebooks / "source") if lessons.solutions(lesson := lessons.read(path))]
    for language in lessons.LANGUAGES:
        for lesson in read:
            notebook = lessons.edition(lesson, language, course, solved=True)
            lessons.write(notebook, tmp_path / "source" / language / f"{lesson.name}.ipynb")
        nbgrader(tmp_path, "generate_assignment", language)
        for lesson in read:
            released = nbformat.read(tmp_path / "release" / language / f"{lesson.name}.ipynb", as_version=4)
            learners = lessons.edition(lesson, language, course)
            assert [cell.source.strip() for cell in released.cells] == [cell.source.strip() for cell in learners.cells]
            text = nbformat.writes(released)
            assert "SOLUTION" not in text
            assert "HIDDEN" not in text
            graded = [cell.metadata.nbgrader for cell in released.cells if "nbgrader" in cell.metadata]
            assert sum(about.get("points", 0) for about in graded if about.grade) == len(lessons.solutions(lesson))


def test_grading_gives_the_point_for_a_right_answer_alone(tmp_path):
    source = tmp_path / "notebooks" / "source" / "00_tiny.py"
    source.parent.mkdir(parents=True)
    shutil.copyfile(TINY, source)
    (tmp_path / "pyproject.toml").write_text('[tool.course]\nrepository = "someone/somewhere"\nbranch = "main"\n')
    lessons.build_solved(source, lessons.read_settings(tmp_path), "en")
    course = tmp_path / "build" / "solved" / "en"

    nbgrader(course, "generate_assignment", "00_tiny")
    released = (course / "release" / "00_tiny" / "00_tiny.ipynb").read_text(encoding="utf-8")
    assert "half = ..." in released
    answers = {"ada": "half = 21", "bo": "half = 20", "chris": "half = ..."}
    for student, answer in answers.items():
        handed_in = course / "submitted" / student / "00_tiny" / "00_tiny.ipynb"
        handed_in.parent.mkdir(parents=True)
        handed_in.write_text(released.replace("half = ...", answer), encoding="utf-8")
    nbgrader(course, "autograde", "00_tiny", "--create")
    nbgrader(course, "export", "--to", "grades.csv")
    with open(course / "grades.csv", newline="", encoding="utf-8") as file:
        points = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert points == {"ada": 1, "bo": 0, "chris": 0}
