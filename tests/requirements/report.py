"""What a report on runs and data sets promises."""

PROMISES: dict[str, str] = {
    "self_contained": "The page is one file that loads nothing and follows no address outside itself.",
    "escaped": "No text of a trajectory, a name or a bad row becomes markup or runs as a script.",
    "same_bytes": "The same files give the same bytes.",
    "side_by_side": "Several inputs stand side by side, each figure of each in its place.",
    "of_run": "Of a run the page shows the funnel, the cost per kept trajectory, clusters and how it was made.",
    "foreign": "What a foreign data set has no figures for is left out, and a line says so.",
    "bad_rows": "Rows that could not be read are counted and named, and rest in no figure.",
    "course": "The course of the entropies ends at those of the scorecard, and its window shows a collapse.",
    "examples": "Twelve trajectories that differ most are shown whole, long ones cut with a line that says so.",
    "clusters": "A drawn cluster has every tool once and every dependency from left to right along its order.",
    "needs": "Without the package that draws, one line says what to install.",
    "browser": "A browser runs the page's own script and no other, in the light, in the dark and in print.",
}
