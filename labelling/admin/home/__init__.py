"""The menu and the home page: the pages there are, whose turn it is, how the network stands."""

from labelling.admin.home.menu import make_menu
from labelling.admin.home.overview import make_overview

__all__ = ["make_menu", "make_overview"]
