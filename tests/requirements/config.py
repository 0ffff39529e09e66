"""What the reader of configurations promises."""

PROMISES: dict[str, str] = {
    "smallest": "A config of one line works; everything else has a default.",
    "typo": "An unknown field is named with the nearest valid one, at whatever depth.",
    "types": "A value of the wrong type or out of its range is named with its place; true is no number.",
    "repeated": "A key that stands twice is named with its lines, never overwritten in silence.",
    "file": "A file that is missing, no YAML or no mapping is said in one line.",
    "overrides": "`--set a.b=c` sets a field, and is checked as the file is.",
    "documented": "Every field has a line that says what it is.",
    "safe": "A config can't run code.",
}
