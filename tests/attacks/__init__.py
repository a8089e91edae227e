"""Attacks on the service, as each role and as nobody: what somebody with bad intentions would try.

Each was seen to succeed with its guard taken out (tests/mutation/faults.toml has the guards).
"""
