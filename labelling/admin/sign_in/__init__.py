"""Signing in, and « Ma connexion »: the pages of somebody's own access."""
