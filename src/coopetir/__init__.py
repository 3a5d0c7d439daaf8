"""Coopetir: find, run, measure and mobilize business clusters."""

__version__ = "0.1.0"
