"""The state of a workspace as leaves, such that equal states give equal leaves."""

from tdscaling.environments.state.snapshotter import Snapshotter, StateRules

__all__ = ["Snapshotter", "StateRules"]
