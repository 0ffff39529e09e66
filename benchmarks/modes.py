"""Precision and recall of the mode detectors on the hand-labelled dialogues: `python -m benchmarks.modes`."""

from pathlib import Path

from tests.metrics.labelled import FOLDER, HELD_OUT, labelled, quality


def main() -> None:
    for folder in (FOLDER, HELD_OUT):
        show(folder)


def show(folder: Path) -> None:
    items = labelled(folder)
    by_mode, notes = quality(items)
    print(f"{len(items)} hand-labelled dialogues in {folder.name}\n")
    print(f"{'mode':14}{'labelled':>9}{'found':>7}{'precision':>11}{'recall':>8}")
    for mode, one in by_mode.items():
        print(f"{mode:14}{one.labelled:9}{one.found:7}{one.precision:11.3f}{one.recall:8.3f}")
    print("\n" + "\n".join(notes) if notes else "\nno disagreement")


if __name__ == "__main__":
    main()
