"""What runs in the child process that opens workbooks nobody has checked yet.

Nothing here may import Django or the rest of the project: the child starts in some 40 ms, holds
no secret and no database connection, and is killed without regret.
"""
