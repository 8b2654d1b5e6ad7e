"""Controls to click in a notebook. Used in lesson 00; each has a text form, for readers and renderers without widgets."""

from __future__ import annotations

import html
import os
from typing import Any

import ipywidgets

from . import sources
from .errors import SourceError
from .language import say


class _Said(ipywidgets.VBox):
    """A box of widgets whose text form is a sentence and not a list of Python objects."""

    sentence = ""

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return {**super()._repr_mimebundle_(**options), "text/plain": self.sentence}

    def __repr__(self) -> str:
        return self.sentence


def source_choice() -> ipywidgets.Widget:
    """Buttons to choose where data and models come from, and below them what that means.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line. A click saves the choice for every lesson, as `course source` does; it downloads nothing.

    Notes
    -----
    `COURSE_SOURCE`, where it is set, goes first, and then there is nothing to click. Used in lesson 00.
    """
    now = sources.chosen()
    buttons = ipywidgets.ToggleButtons(
        options=[
            (say("bundled: small, synthetic", "bundled: 작은 합성 음성"), "bundled"),
            (say("hub: genuine", "hub: 진짜 녹음"), "hub"),
        ],
        value=now,
        disabled=bool(os.environ.get("COURSE_SOURCE")),
        style={"button_width": "14em"},
    )
    notes = ipywidgets.HTML()
    box = _Said([buttons, notes])

    def describe(choice: sources.Choice, after: str) -> None:
        lines = [sources.data_note(choice), sources.model_note(choice), after]
        notes.value = "<br>".join(html.escape(line) for line in lines if line)
        box.sentence = say(
            f"Source: {choice} (of {', '.join(sources.CHOICES)})", f"소스: {choice}({', '.join(sources.CHOICES)} 중에서)"
        )

    def clicked(change: dict[str, Any]) -> None:
        try:
            choice = sources.choose(change["new"])
        except SourceError as error:
            notes.value = html.escape(str(error))
            return
        describe(
            choice,
            say(
                "Saved for all lessons. Run the cells from here on again; restart other notebooks that are open.",
                "모든 레슨에 저장했어요. 여기부터 셀을 다시 실행하고, 열려 있는 다른 노트북은 다시 시작하세요.",
            ),
        )

    first = (
        say(
            f"COURSE_SOURCE={now} is set and goes first: to choose here, unset it and restart.",
            f"COURSE_SOURCE={now}이(가) 먼저예요. 여기서 고르려면 그 변수를 지우고 다시 시작하세요.",
        )
        if buttons.disabled
        else ""
    )
    describe(now, first)
    buttons.observe(clicked, names="value")
    return box
