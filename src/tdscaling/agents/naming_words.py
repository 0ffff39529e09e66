"""Words that stand around what a phrase names, or name nothing by themselves."""

DANGLING = frozenset(
    "a an the of to in of for from by on with and or its their your this that all any one at as per into is are be "
    "specific given specified optional new more".split()
)
EMPTY = DANGLING | frozenset(
    "list lists detail details content contents data information info object objects resource resources record item "
    "result results "
    "it them entity entities existing single specific response array collection set method operation request id "
    "up summary everything some first details number count one more detailed several being".split()
)
"""Words that name nothing by themselves."""
ENDING_A_NAME = frozenset("item record result set entity collection response method request operation".split())
"""Of these, what is part of a name: a pull request, a line item."""
DETERMINED = frozenset(
    "multiple currently latest single several "
    "a an the all any every each some one two my your our its their this that these those for in on to up into from "
    "whether if how what who where when information details about of with between by back out off no not at over as "
    "both current available".split()
)
SEARCHED = ("for ", "in ", "the ", "through ", "across ", "within ", "on ", "by ")
"""How what is searched through is named."""
