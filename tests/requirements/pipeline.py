"""`tdscaling synthesize`: the main job from its config to the run folder."""

PROMISES: dict[str, str] = {
    "folder": "A run leaves run.db, manifest, catalogue, edges, clusters and the exports its config names.",
    "real": "What is kept was made by calls of offered tools beside distractors, each with the result it got.",
    "json": "The summary for machines adds up with what the store holds.",
    "summary": "The summary for people names the funnel, the entropies, the complexity, the rate and the place.",
    "help": "`synthesize --help` shows a config that works.",
    "same_bytes": "The same seed gives the same bytes, wherever config and run lie; another seed gives others.",
    "resume": "Running a finished run again changes nothing.",
    "killed": "Killed at any moment, the same command completes with what an undisturbed run makes.",
    "changed_config": "A changed config is refused in one line; --new begins anew and keeps the old run aside.",
    "exit_codes": "Exit 0 when something was kept, 1 when nothing was, 2 when misused.",
    "rejected": "A bad rollout is stored with its reason and never exported.",
    "server_fault": "A server that hangs, crashes or floods in an episode is recorded as a fault; the run goes on.",
    "bad_tool": "A tool that hangs, crashes or floods whenever it is called is named and left out.",
    "bad_start": "A server that does not start, or writes rubbish, is named in one line; the others go on.",
    "bad_schema": "A tool whose schema can't be used is named and left out; the run goes on with the others.",
    "bad_results": "Huge, binary, picture, schema-breaking and hostile results are data; the run goes on.",
    "bad_config": "A mistake in the config is one line that names the field and the nearest valid one.",
    "bad_store": "An old or damaged run.db is refused in one line and left as it was.",
    "no_space": "No disk space and no permission are one line; what was kept stays, and the run goes on later.",
}
