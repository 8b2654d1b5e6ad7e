"""The cards beside what is bundled: texts with places that the recipes fill with what they measured."""

from __future__ import annotations

import re
from pathlib import Path


def fill(template: Path, **values: str) -> str:
    """A text with each {{name}} replaced.

    Raises
    ------
    SystemExit
        If a place is left that nothing fills.
    """
    text = template.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    if left := re.findall(r"\{\{\w+\}\}", text):
        raise SystemExit(f"Nothing fills {', '.join(left)} in {template.name}.")
    return text
