"""The figures of the home page: the labelled network as of a day or a wave that is asked for."""

from labelling.admin.home.figures.block import Figures, count_figures
from labelling.admin.home.figures.question import may_see_figures

__all__ = ["Figures", "count_figures", "may_see_figures"]
