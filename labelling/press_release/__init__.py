"""The document of a wave: its content, its formats, what changed in it since it was sent."""
