"""The site (docs/site): no warning in its build, both languages in step, and it reads well in a browser with no network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from helpers import lessons
from helpers.language import LANGUAGES

pytest.importorskip("myst_nb", reason="the site's extra is not installed: pip install -c constraints.txt -e '.[site]'")

ROOT = Path(__file__).parent.parent
BUILDER = ROOT / "docs" / "site" / "build_site.py"
OTHER = {"en": "ko", "ko": "en"}
sys.path.insert(0, str(BUILDER.parent))

import build_site  # noqa: E402


class Page(HTMLParser):
    """What these tests ask of a page: its elements with their attributes, in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def ids(self) -> set[str]:
        return {attributes["id"] for _, attributes in self.elements if "id" in attributes}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run([sys.executable, str(BUILDER), "--out", str(out)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return out


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path: Page(path) for path in [site / "index.html", *site.glob("??/*.html")]}


# --- what is built ----------------------------------------------------------------------------------------------------------


def test_both_languages_have_a_page_for_each_lesson_and_the_same_pages(site):
    names = {language: {path.stem for path in (site / language).glob("*.html")} for language in LANGUAGES}
    assert names["en"] == names["ko"]
    sources = {path.stem for path in lessons.find(ROOT / "notebooks" / "source")}
    assert names["en"] == sources | {"index", "glossary", "teaching", "search"}


def test_every_page_says_its_language_and_leads_to_the_same_page_in_the_other(pages):
    for path, page in pages.items():
        language = path.parent.name
        if language not in OTHER:
            continue
        assert page.all("html")[0]["lang"] == language
        switches = [link for link in page.all("a") if "language-switch" in link.get("class", "")]
        assert switches, path
        for link in switches:
            assert link["hreflang"] == link["lang"] == OTHER[language]
            assert (path.parent / link["href"]).resolve() == path.parents[1] / OTHER[language] / path.name
            assert (path.parent / link["href"]).is_file()


def test_every_link_inside_the_site_finds_its_page_and_its_place(pages):
    lost = []
    for path, page in pages.items():
        for link in page.all("a"):
            url = urlsplit(link.get("href", ""))
            if url.scheme or not (url.path or url.fragment):
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if target not in pages or (url.fragment and unquote(url.fragment) not in pages[target].ids):
                lost.append((path.name, link["href"]))
    assert lost == []


def test_no_page_loads_anything_from_elsewhere(site, pages):
    outside = re.compile(r"(?:https?:)?//")
    for path, page in pages.items():
        found = [
            attributes[name]
            for attributes in page.all("script", "link", "img", "audio", "source", "iframe", "video")
            for name in ("src", "href", "srcset")
            if outside.match(attributes.get(name, ""))
        ]
        assert found == [], path
        assert "jupyter.widget" not in path.read_text(encoding="utf-8")
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)]*", style.read_text(encoding="utf-8")) == [], style


def test_pictures_and_players_say_what_they_are(pages):
    pictures = [(path, picture) for path, page in pages.items() for picture in page.all("img")]
    assert len(pictures) > 2 * 30
    assert [path.name for path, picture in pictures if len(picture.get("alt", "")) < 20] == []
    players = [player for page in pages.values() for player in page.all("audio")]
    assert len(players) > 2 * 20
    assert all(player["aria-label"] for player in players)


def test_the_cells_of_exercises_are_folded(pages):
    for path, page in pages.items():
        built = ROOT / "notebooks" / path.parent.name / f"{path.stem}.ipynb"
        if built.is_file():
            cells = nbformat.read(built, 4).cells
            wanted = sum("nbgrader" in cell.metadata or lessons.SET_UP in cell.metadata.get("tags", []) for cell in cells)
            folded = [details for details in page.all("details") if "folded" in details["class"]]
            assert len(folded) == wanted >= 1
            assert all("open" not in details for details in folded)


def test_the_start_page_lists_every_lesson_with_its_time(site):
    for language, minutes in (("en", "minutes"), ("ko", "분")):
        text = (site / language / "index.html").read_text(encoding="utf-8")
        rows = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
        for source in lessons.find(ROOT / "notebooks" / "source"):
            (row,) = [row for row in rows if f"{source.stem}.html" in row]
            assert minutes in row


# --- what is done to a lesson on its way --------------------------------------------------------------------------------------


def lesson_with(*outputs: dict[str, Any]) -> nbformat.NotebookNode:
    cells = [
        nbformat.v4.new_markdown_cell("[Open in Colab](https://example.org/c) · [한국어](../ko/01_a.ipynb)"),
        nbformat.v4.new_markdown_cell(
            "# Title\n\n**Time:** 5 minutes. See [pitch](../../docs/glossary.md#pitch), [b](02_b.ipynb)."
        ),
        nbformat.v4.new_code_cell("show()", outputs=[nbformat.v4.new_output("display_data", data=data) for data in outputs]),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = nbformat.from_dict({"language_info": {"name": "python"}, "widgets": {"state": {}}})
    return notebook


COURSE = lessons.Course(ROOT, "OWNER/NAME", "main")


def test_widgets_give_way_to_what_else_their_output_holds():
    view = {lessons.WIDGET_VIEW: {"model_id": "0", "version_major": 2, "version_minor": 0}}
    notebook = lesson_with(
        {**view, "text/plain": "a slider"},
        {**view, "image/png": "AAAA", "text/plain": "a slider"},
        view,
        {"text/plain": "no widget"},
    )
    page = build_site.lesson_page(notebook, COURSE, "en")
    assert [set(output.data) for output in page.cells[2].outputs] == [{"text/plain"}, {"image/png", "text/plain"}, {"text/plain"}]
    assert "widgets" not in page.metadata


def test_links_lead_to_pages_of_the_site_or_to_the_published_repository():
    title, outside, _ = build_site.lesson_page(lesson_with(), COURSE, "en").cells
    assert "(glossary.md#pitch)" in title.source
    assert "(02_b.ipynb)" in title.source
    assert outside.source == "[Open in Colab](https://example.org/c)"
    teaching = build_site.links(
        "[a](teaching.md#x) [b](../recipes/README.md) [c](https://example.org) [d](#y)", "docs", COURSE, "en"
    )
    assert teaching == (
        "[a](teaching.md#x) [b](https://github.com/OWNER/NAME/blob/main/recipes/README.md) [c](https://example.org) [d](#y)"
    )
    assert build_site.links("[a](docs/teaching.ko.md)", ".", COURSE, "ko") == "[a](teaching.md)"


def test_a_warning_fails_the_build(tmp_path, capfd):
    root = tmp_path / "course"
    shutil.copytree(ROOT / "docs", root / "docs")
    for language in LANGUAGES:
        (root / "notebooks" / language).mkdir(parents=True)
        shutil.copy(ROOT / f"README{build_site.SUFFIX[language]}", root)
    (root / "docs" / "glossary.md").write_text("# Glossary · 용어집\n\nSee [nothing](#nowhere).\n", encoding="utf-8")
    text = "# A\n\n- no table of lessons\n"
    for language in LANGUAGES:
        (root / f"README{build_site.SUFFIX[language]}").write_text(text, encoding="utf-8")
    assert build_site.build(tmp_path / "out", lessons.Course(root, "OWNER/NAME", "main")) == 1
    assert "nowhere" in capfd.readouterr().err


# --- in a browser -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(chromium_program: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser) -> Iterator[Any]:
    """A page of the browser that fails the test if anything was asked of a network, or a script broke."""
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert asked
    assert [url for url in asked if urlsplit(url).scheme not in ("file", "data", "blob")] == []
    assert errors == []


@pytest.mark.parametrize(
    ("language", "word", "page"),
    [("en", "spectrogram", "03_see_the_waveform"), ("ko", "파형", "03_see_the_waveform"), ("ko", "softmax", "09_other_sounds")],
)
def test_a_word_is_found_from_the_start_page(site, tab, language, word, page):
    tab.goto((site / language / "index.html").as_uri())
    tab.locator("button.search-button:visible").first.click()
    tab.locator("dialog[open] input[type=search]").fill(word)
    tab.keyboard.press("Enter")
    # Its last word, in the reader's language, when every result is listed.
    tab.wait_for_function("/found .*page|페이지를 \\d+개 찾았어요/.test(document.querySelector('#search-results')?.innerText)")
    tab.locator(f"#search-results li a[href*='{page}.html']").first.click()
    tab.wait_for_url(f"**/{language}/{page}.html*", wait_until="load")
    assert word in tab.locator("main").inner_text()


def test_a_word_that_is_nowhere_is_not_found(site, tab):
    tab.goto((site / "en" / "search.html").as_uri() + "?q=quokka")
    tab.wait_for_function("document.querySelector('#search-results').innerText.includes('did not match')")
    assert tab.locator("#search-results li").count() == 0


def test_the_switch_keeps_the_page_and_its_sound_can_be_decoded(site, tab):
    tab.goto((site / "en" / "02_resample.html").as_uri())
    tab.locator("a.language-switch:visible").click()
    assert tab.url == (site / "ko" / "02_resample.html").as_uri()
    # Not played: that waits for a sound card, which a machine without one feigns at its leisure.
    decoded = tab.locator("audio").first.evaluate(
        "async player => { const sound = await (await fetch(player.src)).arrayBuffer();"
        " return (await new OfflineAudioContext(1, 1, 44100).decodeAudioData(sound)).duration; }"
    )
    assert decoded > 0.1


# A lesson with players, one with tables, the text pages. The slow test looks at every page.
SOME = ["index", "02_resample", "05_compare_with_labels", "glossary"]
PHONE, DESK = 390, 1400


def overflow(tab) -> int:
    """By how many pixels the page is wider than its window."""
    return tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def accessibility_findings(tab, path: Path) -> list[str]:
    """What axe-core calls serious or critical on a page. Its script is put into the page: nothing is downloaded."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    tab.goto(path.as_uri())
    tab.evaluate(script)
    # It would fetch the style sheets once more, for rules about turned screens; from a disk that is not allowed.
    result = tab.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")
    assert len(result["passes"]) > 10  # it has looked
    return [
        f"{path.parent.name}/{path.name}: {finding['id']} ({finding['impact']}): {node['html'][:150]}"
        for finding in result["violations"]
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", DESK), ("ko", "dark", PHONE)])
def test_some_pages_are_accessible_and_fit(site, tab, language, scheme, width):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    for name in SOME:
        assert accessibility_findings(tab, site / language / f"{name}.html") == []
        assert overflow(tab) <= 0, name


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_is_accessible_and_fits(pages, tab, width, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    for path in sorted(pages):
        assert accessibility_findings(tab, path) == []
        assert overflow(tab) <= 0, path


def test_axe_finds_what_is_wrong(tmp_path, tab):
    """The check itself can fail: a picture without words, grey on grey."""
    page = tmp_path / "page.html"
    page.write_text(
        '<html lang="en"><title>t</title><main><h1>h</h1><img src="data:,"><p style="color: #aaa">grey</p>'
        + "<p>text</p><a href='#x'>link</a><ul><li>a</li></ul><table><tr><th>a</th><td>b</td></tr></table>"
        + "<button>b</button><label>l<input></label><details><summary>s</summary>t</details></main></html>",
        encoding="utf-8",
    )
    found = " ".join(accessibility_findings(tab, page))
    assert "image-alt" in found
    assert "color-contrast" in found
