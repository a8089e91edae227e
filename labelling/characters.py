"""Characters that nothing may hold. Without Django: the reader of workbooks stands on it."""

import re

# What PostgreSQL or XML refuses: controls other than tab and line ends, half characters,
# non-characters. No more than that: what a form takes must come back from a download.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
