"""What is lost or full: the database, both instances, the disk; and what people are then told."""

import threading

from tests.serving.doors import expect, expect_page
from tests.serving.people import LIST, Person
from tests.serving.stage import INSTANCES, Fault, Stage, wait_for

TYPED = "« Tapée » & gardée,"

# What PostgreSQL says of a full disk, once the record is written and its history is to be.
FILL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON labelling_historicalassociation
FOR EACH ROW EXECUTE FUNCTION no_room();
"""
EMPTY = "DROP FUNCTION no_room CASCADE"


def a_base_that_is_lost_is_told_and_comes_back(stage: Stage) -> None:
    """R4: in French, what was typed kept, the log not filled; then without a restart."""
    somebody, pids = stage.person(), [stage.unit(name).pid_file.read_text() for name in INSTANCES]
    lengths = {instance: len(stage.log(instance)) for instance in INSTANCES}
    stage.stop_cluster("immediate")
    try:
        for _ in range(40):  # More than may be told of.
            expect_page(somebody.ask(LIST), 503, "base")
        _expect_typed_kept(somebody, "base perdue")
        for instance in INSTANCES:
            expect(stage.ask_socket(instance, "/.alive"), 200)
            expect(stage.ask_socket(instance, "/.ready"), 503)
    finally:
        stage.start_cluster()
    wait_for("pages are back", lambda: somebody.ask(LIST).status == 200, 5)
    expect(somebody.add_association("De retour").status, 302)
    expect([stage.unit(name).pid_file.read_text() for name in INSTANCES], pids)
    for instance, length in lengths.items():
        told = stage.log(instance)[length:]
        if "Traceback" in told or "injoignable" not in told:
            raise Fault(f"pimms@{instance} does not say the cause in a line:\n{told[:3000]}")
        # Each of its processes may say that the base is gone, and that it is back.
        if len(told.splitlines()) > 8:
            raise Fault(f"pimms@{instance} says it again and again:\n{told[:3000]}")


def a_full_base_is_told_and_nothing_is_half_written(stage: Stage) -> None:
    """R18: what comes after the full disk is written again."""
    somebody, before = stage.person(), _count(stage)
    stage.sql(FILL)
    try:
        _expect_typed_kept(somebody, "base pleine", "plus de place")
        expect(_count(stage), before)
    finally:
        stage.sql(EMPTY)
    expect(somebody.add_association("De nouveau de la place").status, 302)


def too_long_a_wait_is_told(stage: Stage) -> None:
    """R1, R29."""
    somebody = stage.person()
    held = threading.Thread(
        target=stage.sql,
        args=("BEGIN; LOCK TABLE labelling_association; SELECT pg_sleep(5); COMMIT",),
    )
    held.start()
    try:
        wait_for("the table is held", lambda: stage.sql(
            "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND "
            "relation = 'labelling_association'::regclass"
        ))  # fmt: skip
        _expect_typed_kept(somebody, "longue attente", "occupée")
    finally:
        held.join()


def without_instances_the_proxy_tells(stage: Stage) -> None:
    somebody = stage.person()
    for instance in INSTANCES:
        stage.unit(instance).stop()
    try:
        answer = somebody.ask(LIST)
        if answer.status not in {502, 503}:
            raise Fault(f"{answer.status}, not 502 or 503")
        expect_page(answer, answer.status, "instant")
    finally:
        stage.start_instances()
    expect(somebody.ask(LIST).status, 200)


def _expect_typed_kept(somebody: Person, name: str, *sentences: str) -> None:
    """A form that cannot be saved comes back by a page that says so."""
    answer = somebody.add_association(f"{TYPED} {name}")
    expect_page(answer, 503, "Rien n’a été enregistré", *sentences)
    expect(answer.hidden.get("name"), f"{TYPED} {name}")


def _count(stage: Stage) -> str:
    return stage.sql(
        "SELECT (SELECT count(*) FROM labelling_association), "
        "(SELECT count(*) FROM labelling_historicalassociation)"
    )


CHECKS = (
    a_base_that_is_lost_is_told_and_comes_back,
    a_full_base_is_told_and_nothing_is_half_written,
    too_long_a_wait_is_told,
    without_instances_the_proxy_tells,
)
