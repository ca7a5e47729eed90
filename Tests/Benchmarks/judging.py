"""What the figures of a run amount to."""

import statistics

from noise import Noise
from rows import FIELDS
from scenarios import ALL_SERVERS

BUSY = 0.97   # a load generator above this share of its core is the bottleneck


class Verdict:
    """A row with its figures: `judged` is what is compared with the goal, `lowest` and `highest`
    the same of single rounds, `reached` whether it is enough, nothing if it was not measured,
    `limit` what the bare loop in C has in place of `judged`: if that is not enough either, no
    server reaches the goal on this machine."""

    def __init__(self, row, values, rounds, other_rounds):
        self.row, self.values = row, values
        self.is_ratio = bool(row.peer or row.base)
        ours = values[row.ours]
        if self.is_ratio:
            other = middle(row.field, other_rounds)
            self.judged = ours / other if ours is not None and other else None
            each = [mine / theirs for mine, theirs in zip(rounds, other_rounds) if theirs]
        else:
            self.judged, each = ours, rounds
        self.lowest, self.highest = (min(each), max(each)) if each else (None, None)
        self.reached = None if self.judged is None else self.is_enough(self.judged)
        bare = None if row.base or row.peer == "limit" else values.get("limit")
        other = values[row.peer] if row.peer else None
        self.limit = bare / other if bare and other else None

    def is_enough(self, figure):
        return figure >= self.row.goal if self.row.sense == "≥" else figure <= self.row.goal

    def is_out_of_reach(self):
        return self.reached is False and self.limit is not None and not self.is_enough(self.limit)


class Results:
    """All figures, and what is to be said of them."""

    def __init__(self, rows):
        self.rows = rows
        self.values = {}           # (scenario, server) → field → a value per round
        self.notes = []
        self.noise = Noise()
        self.scaled_down = set()   # names of scenarios with fewer connections than they should have
        self.shares_core = False   # servers and load on one core
        self.has_failed = False    # something could not be measured to its end

    def keep(self, scenario, server, values):
        """`server` is the name of a column."""
        fields = self.values.setdefault((scenario.name, server), {})
        for field, value in values.items():
            fields.setdefault(field, []).append(value)
        if values.get("errors"):
            reason = values.get("first_error", "")
            self.notes.append(f"{scenario.name}, {server}: {values['errors']} errors, "
                              f"the first: {reason}")

    def rounds(self, scenario, server, field):
        return self.values.get((scenario, server), {}).get(field, [])

    def judge(self, row):
        values = {name: middle(row.field, self.rounds(row.scenario, name, row.field))
                  for name in ALL_SERVERS}
        other = self.rounds(row.base or row.scenario, row.peer or row.ours, row.field)
        if row.peer and row.base:
            values[row.peer] = middle(row.field, other)
        return Verdict(row, values, self.rounds(row.scenario, row.ours, row.field), other)

    def fail(self, scenario, failure):
        self.has_failed = True
        self.notes.append(f"{scenario.name} cannot be measured: {failure}")

    def has_wrong_answers(self):
        return self.has_failed or any(sum(fields.get("errors", [])) + sum(fields.get("early", []))
                   for fields in self.values.values())

    def load_was_busy(self, scenario, server):
        shares = self.rounds(scenario, server, "load_cpu")
        return bool(shares) and statistics.median(shares) > BUSY

    def is_doubtful(self, row):
        """Whether the row was not measured as it should be: its mark stands in parentheses."""
        measured = {row.scenario, row.base}
        if self.scaled_down & measured or self.shares_core:
            return True
        if FIELDS[row.field].is_of_time and measured & set(self.noise.too_noisy()):
            return True
        is_rate = row.field in ("rate", "bytes_per_s")
        return is_rate and any(self.load_was_busy(row.scenario, each)
                               for each in (row.ours, row.peer))

    def missed(self):
        return any(self.judge(row).reached is False and not self.is_doubtful(row)
                   for row in self.rows)

    def note_conditions(self):
        """Says where the load generator, not the server, may be what was measured, and so on."""
        busy = [f"{scenario} {server}" for scenario, server in self.values
                if self.load_was_busy(scenario, server)]
        if busy:
            self.notes.append("the load generator had no time left, so that these rates are "
                              "lower bounds (CPU holds): " + ", ".join(busy))
        if self.shares_core:
            self.notes.append("server and load share one core: the figures mean little")
        if self.noise.note():
            self.notes.append(self.noise.note())


def middle(field, values):
    """One early answer in one round is one too many: no median hides it. What makes a server stand
    still does so in every round, so that the quietest one tells. What worlds of an earlier round
    had is there for later ones, so that the first tells what they need."""
    if not values:
        return None
    choose = {"early": max, "errors": max, "kilobytes": max, "max_us": min}
    return choose.get(field, statistics.median)(values)
