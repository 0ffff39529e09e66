"""Live environments: servers, sessions, worlds and the state they leave behind."""

PROMISES: dict[str, str] = {
    "config": "A server configuration is read in its usual form; a mistake in it is named with file and key.",
    "pages": "A server's tools are listed with all pages and with their annotations as they came.",
    "start": "A server that does not start is named in one line with the reason, and the others go on.",
    "schemas": "A tool whose schema can't be checked against is left out with a line; recursive finite ones stay.",
    "faults": "A server that hangs, crashes, floods or breaks the protocol is ended with its children and recorded.",
    "results": "Images, bytes, huge and hostile texts, and output that breaks its schema stay results.",
    "secrets": "A server sees a minimal environment, not its launcher's.",
    "isolation": "Each session starts from the world's exact initial state, and sees nothing of another.",
    "canonical": "Messages speak of /workspace, never of the folder a session really has.",
    "reuse": "A process serves another episode only where it was seen to behave like a fresh one, chance apart.",
    "snapshot": "Equal states give equal snapshots, whatever their dates, packing and storage order.",
    "volatile": "State that differs by itself is learned and left out of comparisons.",
    "seeding": "Worlds are made from seed files and a seed command; a failing one is named.",
    "cancelled": "A sandbox or server that is being started when its episode is cancelled is ended.",
    "code": "The code sandbox can be a server of an episode, fresh for each; where none will do, a line says so.",
    "sharing": "Code sees the files of the episode's servers, and a file it exports is state that they see.",
    "nested": "Code calls the tools its episode offers and no others; each call is checked, made and recorded.",
    "confined": "Live servers see a read-only system and their workspace: no home, no other files, no secrets.",
    "advice": "A confined server that did not start for want of a file or the network is told what grants it.",
    "demo": "The demo's servers work on worlds that are reproducible and differ in more than numbers.",
}
