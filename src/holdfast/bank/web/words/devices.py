"""A device in the customer's language, from the English words that are stored of it (factors.devices)."""

from holdfast.look import Writing

NAMED = {
    "an iPhone": "device.iphone",
    "an iPad": "device.ipad",
    "a Mac": "device.mac",
    "a program": "device.program",
}


def say_device(spoken: Writing, words: str) -> str:
    """`Firefox på en Mac`, of `Firefox on a Mac`; names of programs and systems stay as they are."""
    parts = [spoken.say(NAMED[one]) if one in NAMED else one for one in words.split(" on ", 1)]
    return spoken.say("device.on", browser=parts[0], system=parts[1]) if len(parts) == 2 else parts[0]
