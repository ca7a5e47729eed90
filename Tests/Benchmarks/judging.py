"""What the figures of a run amount to."""

import dataclasses
import json
import pathlib
import statistics

from scenarios import ALL_SERVERS, FIELDS, PROXIES, SITES, VARIANTS, proxy_names

BUSY = 0.97   # a load generator above this share of its core is the bottleneck


class Results:
    """All figures, and what is to be said of them."""

    def __init__(self, rows):
        self.rows = rows
        self.values = {}           # (scenario, server) → field → a value per round
        self.notes = []
        self.scaled_down = set()   # names of scenarios with fewer connections than they should have
        self.shares_core = False   # servers and load on one core

    def keep(self, scenario, server, values):
        fields = self.values.setdefault((scenario.name, server.name), {})
        for field, value in values.items():
            fields.setdefault(field, []).append(value)
        if values.get("errors"):
            reason = values.get("first_error", "")
            self.notes.append(f"{scenario.name}, {server.name}: {values['errors']} errors, "
                              f"the first: {reason}")

    def median(self, scenario, server, field):
        values = self.values.get((scenario, server), {}).get(field)
        if not values:
            return None
        # One early answer in one round is one too many: no median hides it.
        return max(values) if field in ("early", "errors") else statistics.median(values)

    def judge(self, row):
        """The figures of a row, what is compared with its goal, and whether that is reached."""
        values = {name: self.median(row.scenario, name, row.field) for name in ALL_SERVERS}
        ours, ratio = values[row.ours], None
        if row.peer or row.base:
            other = values[row.peer] if row.peer else self.median(row.base, row.ours, row.field)
            ratio = ours / other if ours is not None and other else None
        judged = ratio if row.peer or row.base else ours
        reached = None
        if judged is not None:
            reached = judged >= row.goal if row.sense == "≥" else judged <= row.goal
        return values, ratio, reached

    def has_wrong_answers(self):
        return any(sum(fields.get("errors", [])) + sum(fields.get("early", []))
                   for fields in self.values.values())

    def load_was_busy(self, scenario, server):
        shares = self.values.get((scenario, server), {}).get("load_cpu", [0])
        return statistics.median(shares) > BUSY

    def is_doubtful(self, row):
        """Whether the row was not measured as it should be: its mark stands in parentheses."""
        if self.scaled_down & {row.scenario, row.base} or self.shares_core:
            return True
        is_rate = row.field in ("rate", "bytes_per_s")
        return is_rate and any(self.load_was_busy(row.scenario, each)
                               for each in (row.ours, row.peer))

    def missed(self):
        return any(self.judge(row)[2] is False and not self.is_doubtful(row)
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


def shown(field, value):
    if value is None:
        return "–"
    _, divisor, form = FIELDS[field]
    return form.format(value / divisor)


def goal_text(row):
    if row.peer or row.base:
        return f"{row.sense} {row.goal:g} × {row.peer or row.base}"
    text = shown(row.field, row.goal)
    return f"= {text}" if row.goal == 0 else f"{row.sense} {text}"


def mark(reached, is_doubtful):
    text = {True: "✓", False: "✗", None: "–"}[reached]
    return f"({text})" if is_doubtful and reached is not None else text


def table(results, rows, servers):
    lines = [("#", "what", "", "goal", *servers, "ratio", "")]
    for row in rows:
        values, ratio, reached = results.judge(row)
        lines.append((str(row.number), row.what, FIELDS[row.field][0], goal_text(row),
                      *(shown(row.field, values[name]) for name in servers),
                      "–" if ratio is None else f"{ratio:.2f}",
                      mark(reached, results.is_doubtful(row))))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = [cell.ljust(width) if column in (1, 2, 3) else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        yield "  ".join(cells).rstrip()


def report(results, head):
    print("\n".join(head), end="\n\n")
    of_proxies = proxy_names()
    sites = [row for row in results.rows if row.scenario not in of_proxies]
    proxies = [row for row in results.rows if row.scenario in of_proxies]
    for rows, servers in ((sites, (*SITES, *VARIANTS)), (proxies, PROXIES)):
        if rows:
            print("\n".join(table(results, rows, servers)), end="\n\n")
    print("Medians; of early answers and errors the most of any round. Under 10 % is noise. "
          "(✓) and (✗): see the notes.")
    for note in results.notes:
        print(f"note: {note}")


def write_json(results, head, file):
    rows = []
    for row in results.rows:
        values, ratio, reached = results.judge(row)
        rows.append(dataclasses.asdict(row) | {"values": values, "ratio": ratio,
                                               "reached": reached,
                                               "doubtful": results.is_doubtful(row)})
    figures = [{"scenario": scenario, "server": server} | fields
               for (scenario, server), fields in results.values.items()]
    text = json.dumps({"heading": head, "rows": rows, "results": figures,
                       "notes": results.notes}, indent=1, ensure_ascii=False)
    pathlib.Path(file).write_text(text + "\n")
