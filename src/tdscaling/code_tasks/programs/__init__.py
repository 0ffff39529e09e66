"""Small programs of our own that code tasks are made from: each module is shown to the agent as it stands here.

A module has a docstring, typed functions, and examples that run as doctests. `tdscaling.code_tasks.library` names its
entry function and makes inputs for it.
"""
