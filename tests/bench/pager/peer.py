"""The peer: a worker of the shape of healthchecks' sendalerts, for the same rows and the same provider.

One row at a time is claimed by marking it as done, then sent by one of so many threads with a session each; nothing
is written afterwards. It loses what it was sending when it is killed: its speed is what is compared, not its safety.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import requests

CLAIM = """
update bench_flip set processed = now() where id = (
    select id from bench_flip where processed is null and due <= now() order by id limit 1
) and processed is null returning id
"""


def main() -> None:
    """Work until everything is sent."""
    url, database, threads, count = (
        sys.argv[1],
        os.environ["DATABASE_URL"],
        int(sys.argv[2]),
        int(sys.argv[3]),
    )
    mine, places = threading.local(), threading.BoundedSemaphore(threads)

    def send(flip: int) -> None:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
        mine.session.post(url, data={"Body": f"flip {flip}", "To": "+447700900000"}, timeout=10)
        places.release()

    sent = 0
    with psycopg.connect(database, autocommit=True) as connection, ThreadPoolExecutor(threads) as pool:
        while sent < count:
            places.acquire()
            row = connection.execute(CLAIM).fetchone()
            if row is None:
                places.release()
                connection.execute("select pg_sleep(0.005)")
                continue
            pool.submit(send, row[0])
            sent += 1


if __name__ == "__main__":
    main()
