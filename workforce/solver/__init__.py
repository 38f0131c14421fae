"""A fair rota from operators, phases, leave, wishes and rules; pure, without Django, the database or a clock.

`problem` and `pattern` say what is asked, `solving`, `reasons` and `repair` answer it, `process` is the one way in for
the product: a process of its own. Of these only `model`, `solving`, `reasons`, `repair` and `work` need OR-Tools.
"""
