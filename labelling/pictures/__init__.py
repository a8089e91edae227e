"""Figures as pictures: SVG from what is given, without records, words of its own or a clock."""
