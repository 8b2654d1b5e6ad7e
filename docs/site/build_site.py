"""Builds the course's site: the executed lessons, glossary and teachers' page, in English and in Korean. `make site` calls it.

    python docs/site/build_site.py [--out build/site]

Open build/site/index.html: the site needs no server and loads nothing from elsewhere. The pages are made here from what the
repository holds already: the notebooks of notebooks/en and notebooks/ko, README.md as the start page, docs/glossary.md and
docs/teaching.md. Sphinx does the rest (conf.py beside this file); one warning and the build fails.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers import lessons
from helpers.language import LANGUAGES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUFFIX = {"en": ".md", "ko": ".ko.md"}  # README.md and README.ko.md, docs/teaching.md and docs/teaching.ko.md
FOLDED = {
    "en": ("Set-up, the same in every lesson", "Your answer goes in this cell", "This cell checks your answer"),
    "ko": ("준비 셀 (모든 레슨에서 같아요)", "여기에 답을 쓰는 셀", "답을 확인하는 셀"),
}
WORDS = {
    "en": {"number": "no.", "time": "time", "lesson": "lesson", "lessons": "Lessons", "more": "More"},
    "ko": {"number": "번호", "time": "시간", "lesson": "레슨", "lessons": "레슨", "more": "그 밖에"},
}
TIME = re.compile(r"\*\*(?:Time|걸리는 시간):\*\* ([^.]+)\.")
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]*)(#[^)\s]*)?(?=\))")
TO_OTHER_LANGUAGE = re.compile(r"^\[(?:한국어|English)\]\(\S+\)\n+", re.MULTILINE)


def links(text: str, here: str, course: lessons.Course, language: str) -> str:
    """A text's relative links as they must read on the site: to a page of it, or else to the file in the published repository."""

    def changed(link: re.Match[str]) -> str:
        target, anchor = link[1], link[2] or ""
        if not target:
            return link[0]
        path = os.path.normpath(os.path.join(here, target)).replace(os.sep, "/")
        name = Path(path).name
        if path.startswith(f"notebooks/{language}/") or path in ("docs/glossary.md", "docs/first-call.png"):
            return name + anchor
        if path in (f"docs/teaching{SUFFIX[language]}", f"README{SUFFIX[language]}"):
            return {"docs": "teaching.md", "": "index.md"}[str(Path(path).parent).strip(".")] + anchor
        return f"https://github.com/{course.repository}/blob/{course.branch}/{path}{anchor}"

    return LINK.sub(changed, text)


def lesson_page(notebook: NotebookNode, course: lessons.Course, language: str) -> NotebookNode:
    """A lesson as the site shows it: its title first, cells that are for doing folded, no widgets."""
    set_up, stub, check = FOLDED[language]
    outside, title, *rest = notebook.cells
    # The link to the other language is on every page of the site; what opens the lesson elsewhere comes below its title.
    outside.source = " · ".join(part for part in outside.source.split(" · ") if "](http" in part)
    notebook.cells = [title, outside, *rest]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = links(cell.source, f"notebooks/{language}", course, language)
            continue
        nbgrader = cell.metadata.get("nbgrader", {})
        if lessons.SET_UP in cell.metadata.get("tags", []):
            fold(cell, set_up)
        elif nbgrader:
            fold(cell, stub if nbgrader["solution"] else check)
        cell.outputs = [output for output in map(without_widget, cell.outputs) if output is not None]
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info.pygments_lexer = "ipython3"  # the set-up cell has a line that begins with %
    return notebook


def fold(cell: NotebookNode, words: str) -> None:
    cell.metadata.tags = [*cell.metadata.get("tags", []), "hide-cell"]
    cell.metadata.mystnb = {"code_prompt_show": words}


def without_widget(output: NotebookNode) -> NotebookNode | None:
    """An output's picture, HTML or text in place of its widget, which needs a kernel; None if it has nothing else."""
    if "data" not in output or lessons.WIDGET_VIEW not in output.data:
        return output
    output.data = {kind: value for kind, value in output.data.items() if not kind.startswith("application/")}
    return output if output.data else None


def glossary_page(text: str, names: dict[str, str], language: str) -> str:
    """The glossary in one language: a term, its name in the other, one sentence, and the lesson with a link to it."""
    title, *_ = text.splitlines()
    english_title, korean_title = title.removeprefix("# ").split(" · ")
    page = [f"# {korean_title if language == 'ko' else english_title}", ""]
    for line in text.splitlines()[1:]:
        if re.fullmatch(r"[|-]+", line):
            page.append("|---|---|---|---|")
        elif line.startswith("|"):
            english, korean, in_english, in_korean, lesson = (cell.strip() for cell in line.strip("|").split("|"))
            target = re.match(r'<a id="([^"]+)"></a>', english)
            if target:
                english = english[target.end() :]
            term, other, meaning = (korean, english, in_korean) if language == "ko" else (english, korean, in_english)
            if target:
                term, lesson = f"[{term}]{{#{target[1]}}}", f"[{lesson}]({names[lesson]}.ipynb)"
            else:  # the row of headings
                lesson = WORDS[language]["lesson"]
            page.append(f'| {term} | <span lang="{"en" if language == "ko" else "ko"}">{other}</span> | {meaning} | {lesson} |')
        elif not line or bool(lessons.HANGUL.search(line)) == (language == "ko"):
            page.append(line)
    return "\n".join(page) + "\n"


def start_page(text: str, pages: dict[str, NotebookNode], language: str) -> str:
    """README as the start page: its table of lessons with links and times, and below it, unseen, the order of all pages."""
    words = WORDS[language]
    lines, lesson_pages = [], []
    for line in text.splitlines():
        row = re.fullmatch(r"\| (\d\d) \| (.+?) \| (.+) \|", line)
        if row:
            (name,) = [name for name in pages if name.startswith(row[1])]
            lesson_pages.append(f"{row[1]} {row[2]} <{name}>")
            line = f"| {row[1]} | [{row[2]}]({name}.ipynb) | {time_of(pages[name])} | {row[3]} |"
        elif heading := re.fullmatch(r"\| \| (.+) \| (.+) \|", line):
            line = f"| {words['number']} | {heading[1]} | {words['time']} | {heading[2]} |"
        elif line == "|---|---|---|":
            line = "|---|---|---|---|"
        lines.append(line)
    for caption, names in ((words["lessons"], lesson_pages), (words["more"], ["glossary", "teaching"])):
        lines += ["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```"]
    return "\n".join(lines) + "\n"


def time_of(lesson: NotebookNode) -> str:
    """How long a lesson takes, as it says itself below its title."""
    return next(found[1] for cell in lesson.cells if (found := TIME.search(cell.source)))


def write_pages(folder: Path, course: lessons.Course, language: str) -> None:
    """Write one language's pages, and what Sphinx needs beside them, into an empty folder."""
    notebooks = {path.stem: nbformat.read(path, 4) for path in sorted((course.notebooks / language).glob("*.ipynb"))}
    names = {name[:2]: name for name in notebooks}
    for name, notebook in notebooks.items():
        nbformat.write(lesson_page(notebook, course, language), folder / f"{name}.ipynb")

    def text(path: str) -> str:
        content = TO_OTHER_LANGUAGE.sub("", (course.root / path).read_text(encoding="utf-8"))
        return links(content, str(Path(path).parent), course, language)

    glossary = (course.root / "docs" / "glossary.md").read_text(encoding="utf-8")
    (folder / "index.md").write_text(start_page(text(f"README{SUFFIX[language]}"), notebooks, language), encoding="utf-8")
    (folder / "teaching.md").write_text(text(f"docs/teaching{SUFFIX[language]}"), encoding="utf-8")
    (folder / "glossary.md").write_text(glossary_page(glossary, names, language), encoding="utf-8")
    shutil.copy(course.root / "docs" / "first-call.png", folder)
    for name in ("static", "templates", "locale"):
        shutil.copytree(HERE / name, folder / name)


# What opens first: the choice of a language, without any script.
CHOICE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Audio classification course · 오디오 분류 코스</title></head>
<body style="font: 1.25rem sans-serif; margin: 4rem auto; max-width: 30rem; padding: 0 1rem"><main>
<h1>Audio classification course<br><span lang="ko">오디오 분류 코스</span></h1>
<p><a href="en/index.html">English</a></p><p><a href="ko/index.html" lang="ko" hreflang="ko">한국어</a></p>
</main></body></html>
"""


def build(out: Path, course: lessons.Course) -> int:
    """Build both languages side by side into an empty `out`; returns 0, or 1 if Sphinx warned about anything."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        running = []
        for language in LANGUAGES:
            pages = Path(scratch, language)
            pages.mkdir()
            write_pages(pages, course, language)
            command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", "--conf-dir", str(HERE)]
            command += ["--doctree-dir", str(Path(scratch, f"{language}-doctrees")), str(pages), str(out / language)]
            running.append(subprocess.Popen(command, env={**os.environ, "COURSE_LANG": language, "PYTHONUTF8": "1"}))
        failed = [process.wait() for process in running]
    (out / "index.html").write_text(CHOICE, encoding="utf-8")
    return int(any(failed))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build the course's site in English and in Korean.")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "build" / "site", help="the folder that is made anew (default: build/site)"
    )
    out = parser.parse_args(arguments).out
    failed = build(out, lessons.read_settings(ROOT))
    if not failed:
        print(f"The site: {out / 'index.html'}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
