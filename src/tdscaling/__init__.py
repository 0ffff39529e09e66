"""TDScaling: diverse, executed, verified agent trajectories from your own tools."""

__all__ = ["__version__"]

__version__ = "0.1.0"
