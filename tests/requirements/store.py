"""What the run store promises."""

PROMISES: dict[str, str] = {
    "kill": "A store process killed at any write resumes with nothing lost and nothing doubled.",
    "idempotent": "Recording the same item again changes nothing.",
    "config": "Changing the config under an existing run is refused with a clear line unless it is begun anew.",
    "aside": "Beginning anew moves the old run aside and deletes nothing.",
    "foreign": "A folder that holds no run, but files that a run would write over, is refused and stays as it is.",
    "version": "A run of another store version is refused with what to do.",
    "damaged": "A damaged run.db is refused with what to do.",
    "locked": "A run that a live process holds is refused with its pid; a killed process leaves no lock.",
    "permission": "No write permission is said in one line.",
    "space": "No disk space is said in one line and loses nothing that was kept.",
    "round_trip": "Every noun comes back from the store exactly as it went in.",
    "browse": "Every outcome is found by its line of the funnel, domain, mode, server and id, and comes back whole.",
    "order": "Trajectories come back in the order of their items, not of the clock.",
    "funnel": "The funnel counts every item at the step where it fell, and its parts add up.",
    "usage": "What models took is told by role, by the line of the funnel and by cluster, and the parts add up.",
    "rejected": "A rejected rollout or blueprint is stored with its reason.",
    "taken_away": "A run folder that is taken away while it runs ends the run in one line, and is not made again.",
    "atomic": "An outcome is written whole or not at all.",
}
