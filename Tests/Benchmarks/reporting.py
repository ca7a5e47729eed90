"""The table, and all figures as JSON."""

import dataclasses
import json
import pathlib

from rows import FIELDS
from scenarios import ALL_SERVERS, COLUMNS, SCENARIOS

ROLES = {each.name: each.role for each in SCENARIOS}


def shown(field, value):
    if value is None:
        return "–"
    return FIELDS[field].form.format(value / FIELDS[field].divisor)


def goal_text(row):
    if row.peer or row.base:
        return f"{row.sense} {row.goal:g} × {row.peer or row.base}"
    text = shown(row.field, row.goal)
    return f"= {text}" if row.goal == 0 else f"{row.sense} {text}"


def mark(verdict, is_doubtful):
    text = {True: "✓", False: "✗", None: "–"}[verdict.reached]
    if verdict.is_out_of_reach():
        text += f" limit {verdict.limit:.2f}"
    return f"({text})" if is_doubtful and verdict.reached is not None else text


def spread_text(verdict):
    """The least and the most of single rounds."""
    if verdict.lowest is None or verdict.lowest == verdict.highest:
        return ""
    if verdict.is_ratio:
        return f"{verdict.lowest:.2f}–{verdict.highest:.2f}"
    field = FIELDS[verdict.row.field]
    ends = (verdict.lowest / field.divisor, verdict.highest / field.divisor)
    return "–".join(field.form.format(end).split()[0] for end in ends)


def table(results, rows, columns):
    verdicts = [results.judge(row) for row in rows]
    columns = [name for name in columns
               if any(verdict.values[name] is not None for verdict in verdicts)]
    lines = [("#", "what", "", "goal", *columns, "ratio", "from–to", "")]
    for verdict in verdicts:
        row = verdict.row
        ratio = f"{verdict.judged:.2f}" if verdict.is_ratio and verdict.judged is not None else "–"
        lines.append((str(row.number), row.what, FIELDS[row.field].title, goal_text(row),
                      *(shown(row.field, verdict.values[name]) for name in columns), ratio,
                      spread_text(verdict), mark(verdict, results.is_doubtful(row))))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = [cell.ljust(width) if column in (1, 2, 3) else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        yield "  ".join(cells).rstrip()


def report(results, head):
    print("\n".join(head), end="\n\n")
    for role, columns in COLUMNS.items():
        rows = [row for row in results.rows if ROLES[row.scenario] == role]
        if rows:
            print("\n".join(table(results, rows, columns)), end="\n\n")
    print("Medians, ratios of medians, and the least and most of single rounds; of early answers,\n"
          "errors and worlds the most, of the longest waits the least. Under 10 % is noise.\n"
          "(✓) and (✗): see the notes. ✗ limit: the bare loop in C does not reach it here either.")
    for note in results.notes:
        print(f"note: {note}")


def write_json(results, head, file):
    rows = []
    for row in results.rows:
        verdict = results.judge(row)
        values = {name: verdict.values[name] for name in ALL_SERVERS}
        rows.append(dataclasses.asdict(row) | {
            "values": values, "judged": verdict.judged, "is_ratio": verdict.is_ratio,
            "lowest": verdict.lowest, "highest": verdict.highest, "reached": verdict.reached,
            "limit": verdict.limit, "out_of_reach": verdict.is_out_of_reach(),
            "doubtful": results.is_doubtful(row)})
    figures = [{"scenario": scenario, "server": server} | fields
               for (scenario, server), fields in results.values.items()]
    noise = {name: results.noise.of(name) for name in results.noise.samples}
    text = json.dumps({"heading": head, "rows": rows, "results": figures, "noise": noise,
                       "notes": results.notes}, indent=1, ensure_ascii=False)
    pathlib.Path(file).write_text(text + "\n")
