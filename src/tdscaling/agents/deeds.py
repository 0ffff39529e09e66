"""Verbs that people ask with."""

import re

_VERBS = frozenset(
    "accept activate add analyse analyze append apply approve archive arrange assign attach authenticate "
    "authorize award block book bookmark boost calculate call cancel change charge check clear click clone "
    "close combine commit compare complete compute confirm convert copy count create deactivate decline decrypt "
    "delete deny deploy describe detach detect diff disable disconnect dismiss display download drop duplicate "
    "edit enable encrypt enrol enroll ensure erase estimate evaluate execute export extract favorite favourite "
    "feature fetch filter find finish follow format forward generate get give grant hover impersonate import "
    "index initiate insert inspect install invite invoke issue join launch leave like link list load lock log "
    "look lookup make manage mark merge migrate modify move mute navigate notify obtain open order parse pause "
    "pay perform pin ping place play post press preview print process provide provision publish pull push query "
    "rate read reblog record redeem refresh refund register reject relate release remove rename render reopen "
    "reorder replace reply report request reserve reset reshare resolve restart restore restrict resume retrieve "
    "return revert revoke rewind roll rotate run save schedule scroll search see seek select send set share show "
    "sign silence simulate skip sort split start stop store submit subscribe suggest summarize suspend switch "
    "sync synchronize tag test toggle track transfer transform translate trigger type unarchive unassign unblock "
    "undo unfollow uninstall unlink unlock unmute unpin unregister unstage unsubscribe update upgrade upload "
    "upsert validate verify view void vote withdraw write".split()
)
_AGAIN = re.compile(r"^(?:un|re-)(?=\w{3})")
"""What a verb is undone or done once more with."""
MAKES = frozenset("create add make generate register insert open book schedule write post upload".split())
"""Those of something that is not there yet."""


def makes(asked: str) -> bool:
    """Whether a request is for something that is not there yet.

    >>> makes("create a branch"), makes("look up the branch")
    (True, False)
    """
    return asked.split(" ", 1)[0] in MAKES


def imperative(word: str) -> str | None:
    """The base form of a verb in the third person or imperative, None when it is no verb we know.

    >>> [imperative(w) for w in ("Shows", "Switches", "Get", "Start", "Applies", "Unsuspends", "Re-enable", "Units")]
    ['show', 'switch', 'get', 'start', 'apply', 'unsuspend', 're-enable', None]
    """
    low = word.lower()
    for base in (low, low.removesuffix("s"), low.removesuffix("es"), low.removesuffix("ies") + "y"):
        if base in _VERBS or _AGAIN.sub("", base) in _VERBS:
            return base
    return None
