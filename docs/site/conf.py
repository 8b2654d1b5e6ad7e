"""Sphinx's settings for both editions of the site; `build_site.py` calls it once for each language, by COURSE_LANG.

Why the PyData theme: of the book themes it is released most often, tests its own pages with axe, knows dark mode and phones, and
brings its fonts and scripts along. sphinx-book-theme is built on an older version of it, and Furo was last released in 2025. None
of them speaks Korean: locale/ does. Nothing asks for MathJax: no lesson has a formula, and Sphinx adds it to pages with one only.
"""

from __future__ import annotations

import html
import json
import os
import re

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

language = os.environ["COURSE_LANG"]
korean = language == "ko"
project = "오디오 분류 코스" if korean else "Audio classification course"
author = "the course's authors"
copyright = "CC BY 4.0"
html_title = project

extensions = ["myst_nb"]
nb_execution_mode = "off"  # the notebooks carry their outputs, and `make test` compares every one
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # would come from elsewhere; `build_site.py` takes widgets out
nb_code_prompt_show = "셀 보기" if korean else "Show this cell"
myst_enable_extensions = ["attrs_inline"]  # the glossary's terms as targets: [term]{#id}
myst_heading_anchors = 3  # the texts link to their headings, as GitHub names them
highlight_language = "none"  # indented blocks in the texts are commands for a console; code cells say what they are
nitpicky = True

locale_dirs = ["locale"]  # what the theme has no Korean for
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
if korean:  # the one sentence of a search that Sphinx's Korean leaves empty
    found = json.dumps(["검색한 말이 있는 페이지를 ${resultCount}개 찾았어요."])
    one = "Search finished, found one page matching the search query."
    said = f'Documentation.addTranslations({{"locale": "ko", "messages": {{"{one}": {found}}}, "plural_expr": "0"}});'
    html_js_files = [(None, {"body": said, "priority": 900})]
html_theme = "pydata_sphinx_theme"
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_show_search_summary = False  # a page opened from a disk may not read the other pages
html_sidebars = {"**": ["sidebar-pages"]}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system says
html_theme_options = {
    "navbar_start": ["navbar-logo"],
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["language-switch", "search-button"],
    "article_header_start": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 1,
    "footer_start": ["copyright"],
    "footer_end": [],
    "search_bar_text": "이 사이트에서 찾기" if korean else "Search this site",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


class SearchKorean(SearchEnglish):
    """Words as they stand between blanks, and every beginning of a Korean one.

    Sphinx has no Korean: it splits at blanks, and finds a word of one or two letters only where it stands alone. But in a Korean
    text 파형 (waveform) stands as 파형을, 파형이, 파형에서, and most of this course's terms have two letters.
    """

    lang = "ko"  # and `language_name` stays English: the pages call the English stemmer by it, for words such as "labels"

    def split(self, input: str) -> list[str]:
        words = super().split(input)
        return words + [word[:end] for word in words if re.fullmatch("[가-힣]+", word) for end in range(1, len(word))]


def describe_pictures(app: Sphinx, document: nodes.document) -> None:
    """Give every picture of a lesson its text alternative: the sentence in its own output, else what its cell printed."""
    for cell in document.findall(lambda node: isinstance(node, nodes.container) and "cell_output" in node["classes"]):
        printed = ""
        for output in cell.children:
            if isinstance(output, nodes.literal_block) and "stream" in output["classes"]:
                printed = " ".join(output.astext().split())
            own = [text.astext() for text in output.findall(nodes.literal_block) if "text_plain" in text["classes"]]
            for picture in output.findall(nodes.image):
                # A figure of Matplotlib has nothing to say there: <Figure size 800x260 with 1 Axes>
                picture.setdefault("alt", " ".join(own[0].split()) if own and not own[0].startswith("<") else printed)


def open_folded_cell(self, node: HideCodeCellNode) -> None:  # type: ignore[no-untyped-def]
    # As myst-nb does it, but for the summary: its own is named in English, whatever the words on it.
    self.body.append(
        f'<details class="folded {" ".join(node["classes"])}"><summary>{html.escape(node["prompt_show"])}</summary>\n'
    )


def close_folded_cell(self, node: HideCodeCellNode) -> None:  # type: ignore[no-untyped-def]
    self.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_search_language(SearchKorean)
    app.connect("doctree-read", describe_pictures)
    app.add_node(HideCodeCellNode, override=True, html=(open_folded_cell, close_folded_cell))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
