"""What reading results, comparing values and resolving bindings promise."""

PROMISES: dict[str, str] = {
    "shapes": "Results in the shapes real servers use become fields: JSON, literals, records, bullets, columns.",
    "lines": "Only a line feed ends a line of a result.",
    "tolerant": "No text, however long or deep or odd, stops the reading of a result.",
    "normal": "Two values are the same whatever their case, spacing, number and date format, and nothing else is.",
    "paths": "Every scalar of a result is found again at its path.",
    "bindings": "A binding gives the value that the facts and results hold, or says what is missing.",
    "outcomes": "An error said in plain text is a failure; finding nothing is an answer, not a failure.",
    "generate": "Made-up values fit their schema, and the same seed makes the same ones.",
    "offer": "Every offered tool has a name of its own that function-calling protocols accept.",
    "schemas": "Local references of a schema are followed, and recursive ones end.",
    "places": "A parameter that names a place gets the workspace paths that fit it.",
    "sql": "Queries are made only for parameters that read.",
}
