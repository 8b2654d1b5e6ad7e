"""What the lessons import: sound without FFmpeg, bundled data and models, figures, players, checks.

Modules are loaded when they are first used, so that `import helpers` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import audio, doctor, evaluation, exercises, inference, lessons, players, plots, scaling, sources, training, widgets
    from .audio import Audio
    from .players import player

__version__ = "0.1.0"
__all__ = [
    "Audio",
    "audio",
    "doctor",
    "evaluation",
    "exercises",
    "inference",
    "lessons",
    "player",
    "players",
    "plots",
    "scaling",
    "sources",
    "training",
    "widgets",
]

_FROM_MODULE = {"Audio": "audio", "player": "players"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'helpers' has no attribute '{name}'; it has: {', '.join(__all__)}")
    if name in _FROM_MODULE:
        return getattr(import_module(f"helpers.{_FROM_MODULE[name]}"), name)
    return import_module(f"helpers.{name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
