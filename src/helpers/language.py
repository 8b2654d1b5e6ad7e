"""The language in which helpers speak to the reader. Used in every lesson."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


def language() -> Language:
    """The reader's language: `COURSE_LANG`, else the language folder the notebook lies in, else English."""
    # Jupyter starts a kernel in its notebook's folder; JPY_SESSION_NAME names the notebook where it does not.
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "")).parent
    for candidate in (os.environ.get("COURSE_LANG", "").lower()[:2], Path.cwd().name, notebook.name):
        if candidate in LANGUAGES:
            return candidate
    return "en"


def say(en: str, ko: str) -> str:
    """Whichever of the two sentences is in the reader's language."""
    return ko if language() == "ko" else en
