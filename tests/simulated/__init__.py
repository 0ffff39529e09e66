"""Tests of simulated services."""
