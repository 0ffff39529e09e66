"""What the catalogue promises."""

PROMISES: dict[str, str] = {
    "openapi": "OpenAPI 2.0 and 3.x files (JSON, YAML) give one tool per operation with input and output schema.",
    "request": "A request can be made again from a tool: each property says where it goes, x-http the method and path.",
    "references": "References are resolved in the file and in files of its folder, never outside and never remote.",
    "finite": "Each resolved schema is valid JSON Schema, bounded, without references, however the original loops.",
    "weaker": "A cut schema accepts whatever the original accepts.",
    "corpus": "A corpus in JSON Lines, plain or gzipped, is read by the schema of a catalogue line.",
    "bad_input": "A broken spec, a bad line, a server that does not start: one line with the reason; the rest goes on.",
    "merge": "The same tool of two sources is one; where schemas differ the first wins and a line says so.",
    "sources": "A client config, a specification, a corpus and a folder of these are recognised and joined.",
    "round_trip": "Saving then loading gives the same tools; the order of the input does not change the bytes.",
    "atomic": "A catalogue is written whole or not at all; no folder, no permission and no space are clear errors.",
    "cli": "`tdscaling catalog` builds and shows: exit 0 done, 1 only if nothing came out, 2 misused.",
    "real": "The real specifications and corpora are read whole.",
}
