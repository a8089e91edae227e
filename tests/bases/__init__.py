"""Bases of earlier versions, and what makes the next one. See README.md."""
