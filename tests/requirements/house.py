"""What the project promises about its own shape."""

PROMISES: dict[str, str] = {
    "layers": "A module imports only from layers below its own, every module is in the contract, and the picture too.",
    "public_names": "The package itself gives only its version; everything else has a module of its own.",
    "small_files": "Files have at most 300 lines and functions 50; exceptions are listed with a reason.",
    "portable": "No file names a machine's folders, a registry's host or an installer's lock file.",
    "pins": "Everything that is installed is named at one exact version that serves what the project asks for.",
    "setup": "From a bare checkout with Python 3.11 make sets everything up, or says in one line what is missing.",
    "make_help": "`make` lists every target with what it does.",
    "demo_checked": "CI holds the demo's run to what the demo promises, and says which promise broke.",
    "docs": "References are written from the code; commands, links, formats and configurations in documents hold.",
    "example": "The trajectory in the README is one of a run, never invented.",
    "help": "Every command has help with an example, and every option says what it does.",
    "fast_help": "`tdscaling --help` loads none of the heavy packages.",
    "exits": "An error is one line that says what to do, with exit code 2 where the user misused a command.",
    "quiet": "Where standard error is no terminal, no progress is written to it.",
    "wheel": "A built package holds all its data files, and nothing of the tests.",
    "honest": "The documents say that the formulas are ours, and what is not there yet.",
}
