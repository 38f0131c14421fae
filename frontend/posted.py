"""What the form of a verb posted: its fields, and the key of this one press. Pure.

Called by the views that press verbs; what is right of it is decided by referrals.verbs.
"""

from django.http import QueryDict

from referrals import verbs

LISTS = frozenset(one.name for verb in verbs.VERBS.values() for one in verb.takes if one.many)
OURS = frozenset({"csrfmiddlewaretoken", "key", "from"})  # of the form, not of the verb
LONGEST_KEY = 80


def said(post: QueryDict) -> dict[str, object]:
    """What was typed for the verb: a list where it takes several, else a text."""
    return {name: post.getlist(name) if name in LISTS else post[name] for name in post if name not in OURS}


def words(post: QueryDict) -> dict[str, str]:
    """The same as texts, for the form that comes back."""
    return {name: str(post[name]) for name in post if name not in OURS}


def key(post: QueryDict) -> str:
    """The key of this press, so that it is done once however often it is sent."""
    return post.get("key", "")[:LONGEST_KEY]
