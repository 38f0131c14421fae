"""One director at a time: the baton in the database, which is lost with its session."""

import pytest
from django.db import connection

from demo.stage_door import Baton


def test_another_director_waits_until_the_first_has_gone(db: None) -> None:
    first, second = Baton.of_this_database(), Baton.of_this_database()
    try:
        assert first.take()
        assert first.take()
        assert not second.take()
        first.drop()
        assert second.take()
    finally:
        first.drop()
        second.drop()


def test_the_baton_is_lost_with_its_session_and_taken_again(db: None) -> None:
    baton = Baton.of_this_database()
    try:
        assert baton.take()
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'dido night' and datname = current_database()"
            )
        with pytest.raises(Exception, match=r"terminat|closed|connection"):
            baton.take()
        assert baton.take()
    finally:
        baton.drop()
