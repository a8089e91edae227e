"""The guard behind which files of strangers are read: their ceilings, their archive, their process.

Nothing here may import Django or the rest of the project: a child process starts in some 40 ms,
holds no secret and no database connection, and is killed without regret. What each kind of file
means is read by a module of whoever takes it, which `running.read_apart` has the child import.
"""
