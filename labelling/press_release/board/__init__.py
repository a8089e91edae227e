"""« Les PIMMS labellisés en une page »: the figures of a day or a wave, for the board."""
