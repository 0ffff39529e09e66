"""Seeded inputs of the programs: for each entry function lists of arguments, as JSON."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from tdscaling.code_tasks.inputs import figures, texts
from tdscaling.code_tasks.inputs.made import Arguments

__all__ = ["MAKERS", "Arguments", "inputs"]

MAKERS: Mapping[str, tuple[str, Callable[[Random], Arguments]]] = {
    "averages": ("moving_average", figures.average),
    "ballots": ("runoff_winner", texts.ballots),
    "bookings": ("merge_bookings", figures.bookings),
    "bowling": ("game_score", figures.bowling),
    "brackets": ("first_mismatch", texts.brackets),
    "card_check": ("is_valid_card", texts.card),
    "change_drawer": ("give_change", figures.change),
    "changes": ("list_changes", texts.states),
    "csv_line": ("split_fields", texts.csv),
    "durations": ("format_duration", texts.seconds),
    "expenses": ("totals_by_category", texts.expenses),
    "free_time": ("free_slots", figures.appointments),
    "frequent": ("top_words", texts.frequent),
    "letters": ("fill_letter", texts.letter),
    "loans": ("payment_plan", figures.loan),
    "log_levels": ("summarise_log", texts.log),
    "months": ("days_in_month", figures.month),
    "numerals": ("from_roman", texts.numerals),
    "packing": ("best_value", figures.items),
    "pager": ("page_of", texts.page),
    "paragraphs": ("wrap_words", texts.paragraph),
    "passwords": ("password_problems", texts.password),
    "phone_book": ("normal_number", texts.phone),
    "postfix": ("evaluate", texts.postfix),
    "price_tiers": ("tiered_total", figures.tiers),
    "recent": ("cache_hits", texts.requests),
    "releases": ("compare_versions", texts.versions),
    "roman": ("to_roman", figures.roman),
    "routes": ("shortest_route", texts.roads),
    "run_lengths": ("encode_runs", texts.runs),
    "seating": ("seat_groups", figures.seats),
    "shipping": ("postage", figures.parcel),
    "slugs": ("slugify", texts.slug),
    "spelling": ("edit_distance", texts.spelling),
    "spiral_walk": ("spiral", figures.grid),
    "splitting": ("settle", figures.shares),
    "spread": ("five_numbers", figures.spread),
    "task_order": ("order_tasks", texts.tasks),
    "thresholds": ("first_at_least", figures.threshold),
    "time_text": ("parse_duration", texts.time_text),
    "warehouse": ("reserve", figures.warehouse),
    "workdays": ("count_workdays", figures.workdays),
}
"""By program: its entry function, and what makes one list of arguments for it."""


def inputs(name: str, rng: Random, count: int) -> Sequence[Arguments]:
    """`count` lists of arguments for a program, none twice unless there are too few."""
    _, make = MAKERS[name]
    found: list[Arguments] = []
    for _ in range(count * 8):
        if len(found) >= count:
            break
        arguments = make(rng)
        if arguments not in found:
            found.append(arguments)
    return found
