"""From one device's shaping to another with the fewest `tc` commands."""

from linjevakt_agent.force import shaping

ROOT = "qdisc replace dev ifb0 root handle 1: htb default 2"
CLASS = "class replace dev ifb0 parent 1:1 classid 1:11 htb rate 30000kbit ceil 100000kbit"
LEAF = "qdisc replace dev ifb0 parent 1:11 pfifo limit 200"
FILTER = "filter replace dev ifb0 parent 1: protocol ip prio 1 handle 800::11 u32 match ip dst 10.64.3.0/24 flowid 1:11"
OTHER_CLASS = "class replace dev ifb0 parent 1:1 classid 1:12 htb rate 20000kbit ceil 100000kbit"
OTHER_LEAF = "qdisc replace dev ifb0 parent 1:12 pfifo limit 200"
OTHER_FILTER = (
    "filter replace dev ifb0 parent 1: protocol ip prio 1 handle 800::12 u32 match ip dst 10.64.4.0/24 flowid 1:12"
)
ONE = [ROOT, CLASS, LEAF, FILTER]
TWO = [ROOT, CLASS, LEAF, OTHER_CLASS, OTHER_LEAF, FILTER, OTHER_FILTER]


def test_what_stays_is_not_touched_when_a_class_goes() -> None:
    assert shaping.steps(TWO, ONE) == [
        "filter delete dev ifb0 parent 1: protocol ip prio 1 handle 800::12 u32",
        "qdisc delete dev ifb0 parent 1:12",
        "class delete dev ifb0 parent 1:1 classid 1:12",
    ]


def test_what_stays_is_not_touched_when_a_class_comes() -> None:
    assert shaping.steps(ONE, TWO) == [OTHER_CLASS, OTHER_LEAF, OTHER_FILTER]


def test_a_class_that_changes_is_replaced_and_not_deleted() -> None:
    faster = CLASS.replace("30000", "50000")
    assert shaping.steps(ONE, [ROOT, faster, LEAF, FILTER]) == [faster]


def test_nothing_changes_when_nothing_has_changed() -> None:
    assert shaping.steps(TWO, TWO) == []


def test_a_device_without_shaping_before_or_with_another_root_starts_from_scratch() -> None:
    assert shaping.steps([], ONE) is None
    assert shaping.steps(ONE, [ROOT.replace("default 2", "default 3"), *ONE[1:]]) is None
    assert shaping.steps(ONE, []) is None


def test_a_line_that_does_not_say_what_it_makes_starts_from_scratch() -> None:
    assert shaping.steps(ONE, [*ONE, "class add dev ifb0 classid 1:13 htb rate 1000kbit"]) is None
