"""The scripts of the trainers' environments are run there, not collected here."""

collect_ignore_glob = ["loaders/*"]
