"""What reading results, comparing values and resolving bindings promise."""

PROMISES: dict[str, str] = {
    "shapes": "Results in the shapes real servers use become fields: JSON, literals, records, bullets, columns.",
    "lines": "Only a line feed ends a line of a result.",
    "tolerant": "No text, however long or deep or odd, stops the reading of a result.",
}
