"""How the application runs; no word of the domain."""
