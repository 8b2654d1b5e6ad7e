"""helpers.cli: what each command does, that nothing of a learner's is ever overwritten, and that errors are sentences."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import nbformat
import pytest

from helpers import cli, doctor, lessons, sources
from helpers.cli import copy_lessons, main, reset_lesson
from helpers.lessons import Course

FIXTURES = Path(__file__).parent / "notebooks"


def notebook(text: str) -> str:
    return lessons.serialised(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="a")]))


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A project with lessons 00 and 01, which `course` takes for its own."""
    project = Course(tmp_path, "someone/somewhere", "main")
    for name in ("00_first", "01_second"):
        for lang in ("en", "ko"):
            path = project.notebooks / lang / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(notebook(f"{name} {lang}"), encoding="utf-8")
        (project.notebooks / "source").mkdir(exist_ok=True)
        shutil.copyfile(FIXTURES / "other-kernel-fails.py", project.notebooks / "source" / f"{name}.py")
    monkeypatch.setattr(lessons, "course", lambda: project)
    return project


def healthy(monkeypatch: pytest.MonkeyPatch, ok: bool | None = True) -> None:
    monkeypatch.setattr(doctor, "check", lambda: [doctor.Check(ok, "machine", "as the test says")])


# --- the learner's copy ---------------------------------------------------------------------------------------------------


def test_lab_copy_holds_both_editions_so_that_their_links_work(course):
    added, behind = copy_lessons(course)
    assert sorted(path.relative_to(course.root).as_posix() for path in added) == [
        f"work/{lang}/{name}.ipynb" for lang in ("en", "ko") for name in ("00_first", "01_second")
    ]
    assert behind == []


def test_lab_copy_never_overwrites_what_the_learner_changed(course):
    copy_lessons(course)
    mine = course.root / "work" / "en" / "00_first.ipynb"
    mine.write_text("my answers", encoding="utf-8")
    assert copy_lessons(course) == ([], [])
    (course.notebooks / "en" / "00_first.ipynb").write_text(notebook("a new version"), encoding="utf-8")
    assert copy_lessons(course) == ([], [mine])
    assert mine.read_text(encoding="utf-8") == "my answers"


def test_lab_copy_that_was_never_touched_follows_the_course(course):
    copy_lessons(course)
    (course.notebooks / "ko" / "01_second.ipynb").write_text(notebook("a new version"), encoding="utf-8")
    mine = course.root / "work" / "ko" / "01_second.ipynb"
    assert copy_lessons(course) == ([mine], [])
    assert "a new version" in mine.read_text(encoding="utf-8")


def test_lab_copy_adds_new_lessons(course):
    copy_lessons(course)
    (course.notebooks / "en" / "02_third.ipynb").write_text(notebook("new"), encoding="utf-8")
    assert copy_lessons(course) == ([course.root / "work" / "en" / "02_third.ipynb"], [])


def test_lab_copy_of_unknown_origin_counts_as_the_learners(course):
    copy_lessons(course)
    (course.root / "work" / cli.COPIES).unlink()
    mine = course.root / "work" / "en" / "00_first.ipynb"
    mine.write_text("from a friend", encoding="utf-8")
    copy_lessons(course)
    assert mine.read_text(encoding="utf-8") == "from a friend"


def test_reset_keeps_every_old_copy(course):
    copy_lessons(course)
    mine = course.root / "work" / "en" / "00_first.ipynb"
    for count, answers in enumerate(["first try", "second try"], start=1):
        mine.write_text(answers, encoding="utf-8")
        fresh, kept = reset_lesson(course, "0", "en")
        assert (fresh, kept) == (mine, mine.with_name(f"00_first.backup-{count}.ipynb"))
        assert kept.read_text(encoding="utf-8") == answers
        assert "00_first en" in fresh.read_text(encoding="utf-8")


def test_reset_says_where_the_old_copy_is(course, capsys):
    assert main(["reset", "01", "--lang", "ko"]) == 0
    assert main(["reset", "01", "--lang", "ko"]) == 0
    assert re.search(r"쓰던 사본: .*01_second\.backup-1\.ipynb", capsys.readouterr().out)


def test_reset_of_a_lesson_that_is_not_built_keeps_the_old_copy_in_place(course, capsys):
    copy_lessons(course)
    (course.notebooks / "en" / "00_first.ipynb").unlink()
    assert main(["reset", "00"]) == 2
    assert "00_first is not built yet" in capsys.readouterr().err
    assert (course.root / "work" / "en" / "00_first.ipynb").is_file()


def test_lab_opens_the_copy_on_loopback_and_keeps_the_token(course, monkeypatch):
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, env: calls.append((command, env)) or 0)
    assert main(["lab", "--lang", "ko", "--port", "8899", "--no-browser"]) == 0
    ((command, env),) = calls
    assert "--ServerApp.ip=127.0.0.1" in command
    assert f"--ServerApp.root_dir={course.root / 'work'}" in command
    assert "--LabApp.default_url=/lab/tree/ko/00_first.ipynb" in command
    assert not any("token" in word or "password" in word for word in command)
    assert "COURSE_LANG" not in env  # each notebook speaks its folder's language


# --- run ------------------------------------------------------------------------------------------------------------------


def test_run_ends_with_the_first_clip(course, monkeypatch, capsys):
    healthy(monkeypatch)
    monkeypatch.setattr(lessons, "run", lambda source, folder, *_: lessons.Ran(folder / source.stem, 9, 1.25))
    monkeypatch.setattr(cli, "first_clip", lambda: "THE TABLE")
    assert main(["run"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("[ OK ] machine: as the test says\n")
    assert re.search(r"^\[1/2\] 00_first  +ok  9 cells  1\.2 s$", out, re.MULTILINE)
    assert "2 of 2 lessons ran" in out
    assert out.endswith("THE TABLE\n")


def test_run_goes_on_after_a_lesson_that_fails_and_exits_nonzero(course, monkeypatch, capsys):
    healthy(monkeypatch)
    good = lessons.run

    def run(source, folder, *rest):
        return good(source, folder, *rest) if source.stem == "00_first" else lessons.Ran(folder, 9, 1.0)

    monkeypatch.setattr(lessons, "run", run)
    monkeypatch.setattr(cli, "first_clip", lambda: pytest.fail("a failed run has no table"))
    assert main(["run"]) == 2
    printed = capsys.readouterr()
    assert "FAILED" in printed.out
    assert "00_first.py: the kernel in its header" in printed.out
    assert "[2/2] 01_second  ok" in printed.out
    assert "course: 00_first failed; what ran until then is in" in printed.err


def test_run_stops_where_the_doctor_finds_a_failure(course, monkeypatch, capsys):
    healthy(monkeypatch, ok=False)
    monkeypatch.setattr(lessons, "run", lambda *_: pytest.fail("no lesson may run"))
    assert main(["run"]) == 2
    assert "no lesson was run" in capsys.readouterr().err


def test_run_goes_on_after_a_warning(course, monkeypatch):
    healthy(monkeypatch, ok=None)
    monkeypatch.setattr(lessons, "run", lambda *_: lessons.Ran(Path("x"), 1, 1.0))
    monkeypatch.setattr(cli, "first_clip", lambda: "")
    assert main(["run", "01"]) == 0


def test_first_clip_shows_five_answers_next_to_the_true_label():
    table = cli.first_clip()
    assert re.search(r"^    true label +pay_bill$", table, re.MULTILINE)
    ranked = re.findall(r"^    (\d)  ([01]\.\d{3})    (\w+)", table, re.MULTILINE)
    assert [rank for rank, _, _ in ranked] == ["1", "2", "3", "4", "5"]
    scores = [float(score) for _, score, _ in ranked]
    assert scores == sorted(scores, reverse=True)
    assert ranked[0][2] == "pay_bill"
    assert sources.minds14().note in table  # says that the speech is synthetic


# --- build, doctor, source ------------------------------------------------------------------------------------------------


def test_build_check_lists_what_is_out_of_step(course, capsys):
    assert main(["build", "--check"]) == 1
    assert "00_first.py: the kernel in its header" in capsys.readouterr().out


@pytest.mark.parametrize("how", [[], ["--solved"]])
def test_build_of_a_broken_lesson_says_why(course, capsys, how):
    assert main(["build", "01", *how]) == 2
    assert capsys.readouterr().err.startswith("course: 01_second.py: the kernel in its header")


def test_doctor_exit_code_tells_a_failure_from_a_warning(monkeypatch):
    for ok, code in [(True, 0), (None, 0), (False, 1)]:
        healthy(monkeypatch, ok=ok)
        assert main(["doctor"]) == code


def test_doctor_looks_at_a_file(tmp_path, capsys):
    good, text = tmp_path / "good.wav", tmp_path / "text.wav"
    with wave.open(str(good), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes([0, 16, 0, 240] * 8_000))
    text.write_text("not sound", encoding="utf-8")
    assert main(["doctor", str(good)]) == 0
    assert main(["doctor", str(text)]) == 1
    assert "[FAIL]" in capsys.readouterr().out


@pytest.fixture
def config(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return sources.settings_file()


def test_source_is_shown_and_saved(config, capsys):
    assert main(["source"]) == 0
    assert "source: bundled" in capsys.readouterr().out
    assert main(["source", "hub"]) == 0
    assert json.loads(config.read_text(encoding="utf-8")) == {"source": "hub"}
    assert "source: hub" in capsys.readouterr().out


def test_source_says_when_the_environment_goes_first(config, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_SOURCE", "bundled")
    assert main(["source", "hub"]) == 0
    assert "hub is saved, but COURSE_SOURCE=bundled goes first" in capsys.readouterr().out


def test_unknown_source_is_a_sentence_that_lists_the_sources(config, capsys):
    assert main(["source", "cloud"]) == 2
    assert "choose one of bundled, hub" in capsys.readouterr().err
    assert not config.exists()


# --- errors ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "reset", "build"])
def test_unknown_lesson_lists_those_that_exist(course, command, capsys):
    assert main([command, "42"]) == 2
    assert capsys.readouterr().err == "course: There is no lesson 42. These exist: 00_first, 01_second.\n"


def test_messages_follow_the_language_that_is_asked_for(course, capsys):
    assert main(["run", "42", "--lang", "ko"]) == 2
    assert "레슨 42" in capsys.readouterr().err


def test_interruption_is_not_a_traceback(course, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(lessons, "find", interrupted)
    assert main(["build"]) == 130
    assert "stopped" in capsys.readouterr().err


def test_command_and_module_are_the_same_and_start_light():
    code = (
        "import sys; from helpers.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'matplotlib', 'datasets', 'jupytext', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    light = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert light.returncode == 0, light.stderr
    module = subprocess.run([sys.executable, "-m", "helpers", "--help"], capture_output=True, text=True, check=True)
    assert module.stdout == light.stdout
    assert all(command in module.stdout for command in ("run", "lab", "reset", "build", "doctor", "source"))
