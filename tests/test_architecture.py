"""The rules of the house, read from the source: who writes what, who reads the clock, and how long a file may be."""

import ast
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "demo", "frontend", "api", "paging", "referrals", "realtime", "workforce", "network"]
PRODUCT = sorted(
    path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NO_NAMES = {"utils", "helpers", "services", "common", "signals"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 40

WRITERS = {"referrals/transitions.py", "referrals/ledger.py", "referrals/offers.py", "referrals/entry.py"}
WRITTEN = {"Referral", "Offer", "Party", "Event"}
WRITES = {"create", "bulk_create", "update", "update_or_create", "get_or_create", "delete", "bulk_update"}
PARTS_OF_A_REFERRAL = {"offers", "parties", "events"}
EDGES = (
    "/views/", "/management/commands/", "api/", "frontend/", "paging/simulator/", "paging/webhooks.py", "demo/",
    "paging/notify_hooks.py", "config/machine/", "realtime/consumers.py", "realtime/tail.py", "realtime/reading.py",
    "network/signed_in.py",
)  # fmt: skip


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@functools.lru_cache(maxsize=1)
def walked(tree: ast.AST) -> list[ast.AST]:
    """Every node; all rules look at one file after the other."""
    return list(ast.walk(tree))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in walked(tree) if isinstance(node, ast.Call))


def dotted(node: ast.AST) -> str:
    """`a.b().c` as "a.b.c"; what has no name is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def writes_a_referral(tree: ast.AST) -> list[str]:
    found = []
    for call in calls(tree):
        way = dotted(call.func).split(".")
        made_whole = way[-1] in WRITTEN and len(way) == 1 and bool(call.keywords)
        of_model = way[0] in WRITTEN and way[-1] in WRITES
        of_related = way[-1] in WRITES and bool(PARTS_OF_A_REFERRAL & set(way[1:-1]))
        saved = way[-1] == "save" and way[0] in {"referral", "offer", "party", "event"}
        if of_model or of_related or saved or made_whole:
            found.append(f"{dotted(call.func)} in line {call.lineno}")
    return found


def writes_a_conversation(tree: ast.AST) -> list[str]:
    ways = [dotted(call.func).split(".") for call in calls(tree)]
    models = {"Message", "Mark", "Conversation", "Reference"}
    of_model = [way for way in ways if way[0] in models and way[-1] in WRITES]
    of_related = [
        w for w in ways if w[-1] in WRITES and w[:2] in (["referral", "messages"], ["referral", "marks"])
    ]
    return [".".join(way) for way in of_model + of_related]


def keeps_medians(tree: ast.AST) -> list[str]:
    ways = [dotted(call.func).split(".") for call in calls(tree)]
    return [".".join(way) for way in ways if way[0] == "KeptMedian" and way[-1] in WRITES]


def closes_a_hub(tree: ast.AST) -> list[str]:
    ways = [dotted(call.func) for call in calls(tree)]
    return [way for way in ways if way in {"hours.close", "hours.reopen"}]


def writes_outcomes(tree: ast.AST) -> list[str]:
    ways = [dotted(call.func).split(".") for call in calls(tree)]
    of_model = [way for way in ways if way[0] in {"Outcome", "NinetyRule"} and way[-1] in WRITES]
    return [
        ".".join(way) for way in of_model + [w for w in ways if w[-1] in WRITES and "outcomes" in w[1:-1]]
    ]


def writes_notices(tree: ast.AST) -> list[str]:
    ways = [dotted(call.func).split(".") for call in calls(tree)]
    return [".".join(way) for way in ways if way[0] in {"Notice", "NoticeMark"} and way[-1] in WRITES]


def reads_the_clock(tree: ast.AST) -> list[str]:
    ways = (".now", ".utcnow", ".today")
    return [
        f"{dotted(call.func)} in line {call.lineno}"
        for call in calls(tree)
        if dotted(call.func).startswith(("timezone", "datetime", "date")) and dotted(call.func).endswith(ways)
    ]


def rings(tree: ast.AST) -> list[str]:
    return [
        f"line {call.lineno}"
        for call in calls(tree)
        if dotted(call.func).endswith(("group_send", "layer.send"))
    ]


def writes_streams(tree: ast.AST) -> list[str]:
    found = []
    for call in calls(tree):
        way = dotted(call.func).split(".")
        if way[0] in {"Stream", "Entry"} and way[-1] in WRITES:
            found.append(f"line {call.lineno}")
    raw = ("insert into realtime", "update realtime")
    texts = [
        node.value for node in walked(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return found + [text[:30] for text in texts if any(sql in text for sql in raw)]


def reads_the_environment(tree: ast.AST) -> list[str]:
    ways = {"environ", "getenv"}
    by_name = [
        n for n in walked(tree) if isinstance(n, ast.Attribute) and dotted(n) in {f"os.{way}" for way in ways}
    ]
    imports = [n for n in walked(tree) if isinstance(n, ast.ImportFrom) and n.module == "os"]
    imported = [n for n in imports if ways & {alias.name for alias in n.names}]
    found: list[ast.stmt | ast.expr] = [*by_name, *imported]
    return [f"line {node.lineno}" for node in found]


def listens_to_signals(tree: ast.AST) -> list[str]:
    modules = {"django.db.models.signals", "django.dispatch", "django.core.signals"}
    return [
        node.module for node in walked(tree) if isinstance(node, ast.ImportFrom) and node.module in modules
    ]


def prints(tree: ast.AST) -> list[str]:
    return [
        f"line {call.lineno}"
        for call in calls(tree)
        if dotted(call.func) in {"print", "pprint", "breakpoint"}
    ]


def imports_late(tree: ast.AST) -> list[str]:
    functions = [n for n in walked(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [
        f"line {node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]


def long_functions(tree: ast.AST) -> list[str]:
    functions = [n for n in walked(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = [f for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION]
    return [f"{function.name} has more than {LONGEST_FUNCTION} lines" for function in long]


RULES: dict[str, tuple[Callable[[ast.AST], list[str]], Callable[[str], bool]]] = {
    "only the verbs write referrals, offers, parties and events": (
        writes_a_referral,
        lambda path: path in WRITERS,
    ),
    "only the conversation's own modules write messages and marks": (
        writes_a_conversation,
        lambda path: path.startswith("referrals/conversation/"),
    ),
    "only the reckoning keeps medians": (keeps_medians, lambda path: path == "referrals/medians.py"),
    "only a notice closes a hub or opens it again": (
        closes_a_hub,
        lambda path: path == "referrals/notices/saying.py",
    ),
    "only their own modules write outcomes": (
        writes_outcomes,
        lambda path: path.startswith("referrals/after/") or path == "referrals/rulebook.py",
    ),
    "only their own modules write notices": (
        writes_notices,
        lambda path: path.startswith("referrals/notices/"),
    ),
    "only the doorbell sends on the channel layer": (rings, lambda path: path == "realtime/doorbell.py"),
    "only the feed writes streams": (
        writes_streams,
        lambda path: path in {"realtime/feed.py", "realtime/reading.py"},
    ),
    "only the edges read the clock": (
        reads_the_clock,
        lambda path: any(edge in f"/{path}" for edge in EDGES),
    ),
    "only config reads the environment": (
        reads_the_environment,
        lambda path: path.startswith("config/") or path == "manage.py",
    ),
    "nobody listens to signals": (listens_to_signals, "config/requests.py".__eq__),  # which sends one
    "nobody prints": (prints, lambda path: path.startswith("config/machine/")),
    "imports stand at the top": (imports_late, lambda path: path == "config/machine/tool.py"),
    "functions are short": (long_functions, lambda path: False),
}


@functools.cache
def broken() -> dict[str, dict[str, list[str]]]:
    """What breaks each rule, by file; each file is read once."""
    every: dict[str, dict[str, list[str]]] = {rule: {} for rule in RULES}
    for path in PRODUCT:
        tree, file = parsed(path), name(path)
        for rule, (broken_by, exempt) in RULES.items():
            if not exempt(file) and (found := broken_by(tree)):
                every[rule][file] = found
    return every


@pytest.mark.parametrize("rule", RULES)
def test_the_rules_of_the_house_hold(rule: str) -> None:
    assert broken()[rule] == {}


BROKEN = {
    "only the verbs write referrals, offers, parties and events": "Offer.objects.filter(pk=1).update(state='x')",
    "only the conversation's own modules write messages and marks": "referral.messages.create(number=1)",
    "only the reckoning keeps medians": "KeptMedian.objects.all().delete()",
    "only a notice closes a hub or opens it again": "hours.close(hub)",
    "only their own modules write outcomes": "Outcome.objects.create(mrs=6)",
    "only their own modules write notices": "Notice.objects.create(words='x')",
    "only the doorbell sends on the channel layer": "layer.group_send('feed', {})",
    "only the feed writes streams": "Stream.objects.create(key='x')",
    "only the edges read the clock": "timezone.now()",
    "only config reads the environment": "os.environ['X']",
    "nobody listens to signals": "from django.dispatch import receiver",
    "nobody prints": "print('x')",
    "imports stand at the top": "def f():\n    import os",
    "functions are short": "def f():\n" + "    x = 1\n" * 41,
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_catches_what_breaks_it(rule: str) -> None:
    assert RULES[rule][0](ast.parse(BROKEN[rule])) != []


@pytest.mark.parametrize(
    "written",
    [
        "referral.events.create(number=2)",
        "referral.save()",
        "Event(number=1)",
        "Party.objects.get_or_create(pk=1)",
    ],
)
def test_each_way_to_write_a_referral_is_known(written: str) -> None:
    assert writes_a_referral(ast.parse(written)) != []


def test_no_file_is_too_long() -> None:
    long = {
        name(path): lines
        for path in [*PRODUCT, *TESTS]
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in [*PRODUCT, *TESTS]
        if path.name not in {"__init__.py", "apps.py"} and not ast.get_docstring(parsed(path))
    ]
    assert silent == []


def test_no_module_has_a_name_that_means_nothing() -> None:
    assert [
        name(path) for path in [*PRODUCT, *TESTS] if NO_NAMES & {*path.parts[len(ROOT.parts) : -1], path.stem}
    ] == []


def test_the_rules_look_at_the_whole_house() -> None:
    folders = {path.parts[len(ROOT.parts)] for path in PRODUCT}
    assert folders == set(APPS)
    assert {path.parent.name for path in ROOT.glob("*/apps.py")} <= set(APPS)
