"""Errors of the game days.

GamedayError
├── ScenarioUnknown    no scenario has that name
└── StoryBroken        the story could not be played to its end
"""


class GamedayError(Exception):
    """A rehearsal cannot be played; the text says why."""


class ScenarioUnknown(GamedayError):
    """No scenario has that name; `./holdfast gameday list` lists them."""


class StoryBroken(GamedayError):
    """A step of the story did not happen within its time; the text names it."""
