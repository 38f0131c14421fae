"""Every address with a part that anybody may type: what no database can hold is a page that does not exist."""

import re

from frontend import urls
from tests.frontend.browser import Door
from tests.world import World

TYPED = re.compile(r"<(str|username|slug):\w+>")


def test_a_name_that_nobody_can_have_is_found_nowhere(world: World, door: Door) -> None:
    lea, referral = door("lea"), world.refers()
    routes = [str(one.pattern) for one in urls.urlpatterns]
    typed = [
        re.sub(r"<int:\w+>", "1", route) for route in routes if "<str:" in route or "<username:" in route
    ]
    assert len(typed) > 50
    for route in typed:
        known = TYPED.sub(lambda part: "x" if part[1] == "slug" else "%00", route)
        last = TYPED.sub(lambda part: "x" if part[1] == "slug" else "RET20", route).replace("RET20", "%00", 1)
        for path in {f"/{known}", f"/{last}", f"/{known}".replace("/%00/", f"/{referral.code}/", 1)}:
            for answer in (lea.get(path), lea.post(path)):
                assert answer.status_code < 500, path


def test_the_last_day_of_all_is_no_day_of_a_rota(door: Door) -> None:
    assert door("lea").get("/rota/RET20/?day=9999-12-31").status_code == 200
