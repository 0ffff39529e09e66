"""What the choice of targets promises."""

PROMISES: dict[str, str] = {
    "seeded": "The same seed and the same outcomes give the same targets.",
    "failing": "What has failed is asked for less.",
    "thin": "Cells that hold little are asked for more, by domain, mode and band.",
    "spread": "With nothing told, all domains, modes and bands are asked for alike.",
    "never_gives_up": "What has failed often is still tried now and then.",
    "learned_once": "That a mode can't be made from a cluster is learned once, for all its bands.",
    "feasible": "What the explored tools of a cluster rule out is not asked for there.",
    "counted": "Where a trajectory landed is what counts, not where it was aimed.",
    "archive": "The archive counts by cell, remembers the best of each by a stated quality, and adds up.",
    "coverage": "Coverage is cells with a kept trajectory by cells in which an admitted blueprint was played.",
    "cost": "What a cell costs is learned from the trajectories made for it, beside its band's.",
    "strategies": "Evolution covers more cells than uniform drawing, and that more than many from few cells.",
    "collapse": "A planted collapse is detected, logged with its cause, and undone within a window.",
    "mutations": "Each mutation makes plans that are admitted, kept, of the mode meant, no copies of their parents.",
    "ways": "New plans or mutations of kept ones: what reaches a cell is taken more, and told by mutation and cell.",
    "fitting": "A mutation that a plan rules out is not asked of it; what is ruled out would fail.",
    "landing": "Where what is aimed at a band lands is learned, and decides what is aimed at.",
    "pending": "What targets under way are expected to fill counts until they are told, and no longer.",
    "stop": "A run whose last window brought hardly anything new ends, where it is told to, and says so.",
}
