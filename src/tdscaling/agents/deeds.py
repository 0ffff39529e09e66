"""Verbs that people ask with."""

_VERBS = frozenset(
    "accept activate add analyse analyze append apply approve archive arrange assign attach award block book "
    "calculate call cancel change charge check clear clone close combine commit compare complete compute confirm "
    "convert copy count create deactivate decline delete deny deploy describe detach detect diff disable disconnect "
    "dismiss display download duplicate edit enable enrol enroll estimate evaluate execute export extract feature "
    "fetch filter find follow format forward generate get give grant impersonate import index initiate insert "
    "inspect install invite invoke issue join launch leave like link list load lock log look lookup make manage "
    "mark merge migrate modify move mute notify obtain open order parse pause pay pin ping place post preview print "
    "process provide provision publish query rate read record redeem refresh refund register reject relate release "
    "remove rename render reopen reorder replace reply report request reserve reset resolve restart restore "
    "restrict resume retrieve return revert revoke roll rotate run save schedule search see select send set share "
    "show sign simulate sort split start stop store submit subscribe suggest summarize switch sync synchronize tag "
    "test toggle track transfer transform translate trigger unarchive unassign unblock undo unfollow uninstall "
    "unlink unlock unmute unpin unregister unstage unsubscribe update upgrade upload upsert validate verify view "
    "void vote withdraw write".split()
)
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

    >>> [imperative(w) for w in ("Shows", "Switches", "Get", "Start", "Applies")]
    ['show', 'switch', 'get', 'start', 'apply']
    """
    low = word.lower()
    for base in (low, low.removesuffix("s"), low.removesuffix("es"), low.removesuffix("ies") + "y"):
        if base in _VERBS:
            return base
    return None
