"""A Word file made from a draft comes back corrected: what it says, to take or to leave."""
