"""Untrusted code, isolated: sessions for agents' code, judging by hidden tests, live servers. See docs/sandbox.md."""

from tdscaling.sandbox.grading import Judgement, judge, judge_command
from tdscaling.sandbox.launcher import wrap
from tdscaling.sandbox.protocol import CodeResult, Sandbox, SandboxSession
from tdscaling.sandbox.tiers import open_sandbox

__all__ = ["CodeResult", "Judgement", "Sandbox", "SandboxSession", "judge", "judge_command", "open_sandbox", "wrap"]
