"""TDScaling: diverse, executed, verified agent trajectories from your own tools."""

__version__ = "0.1.0"
