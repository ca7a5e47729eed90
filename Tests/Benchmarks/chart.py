"""The table as a picture: a bar for each row, how many times as good as its goal, as an SVG."""

import html
import math

from reporting import FIELDS, goal_text, mark, shown

LEFT, WIDTH, RIGHT = 440, 480, 170      # for words, bars and figures
MARGIN = 20
TOP, LINE, BAR = 64, 20, 12
LEAST, MOST = 0.25, 8                   # of the axis; what is beyond ends there
TICKS = (0.25, 0.5, 1, 2, 4, 8)
# Reached or not is told by the place of a bar, its colour and its mark.
COLOURS = {True: "#2a7f62", False: "#b3422e"}


def svg(results, conditions):
    noisy = len(results.noise.too_noisy())
    if noisy:
        conditions += f"; too noisy in {noisy} of {len(results.noise.samples)} scenarios"
    rows = [(verdict, results.is_doubtful(verdict.row))
            for verdict in map(results.judge, results.rows) if verdict.judged is not None]
    height = TOP + len(rows) * LINE + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" '
             f'height="{height}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             text(MARGIN, 20, "flagserver: times as good as the goal", "start",
                  'font-size="16"'),
             text(MARGIN, 40, "The line is the span of single rounds; pale is doubtful. "
                  + conditions, "start"),
             *axis(height - 24)]
    for number, (verdict, is_doubtful) in enumerate(rows):
        parts += bar(TOP + number * LINE, verdict, is_doubtful)
    return "\n".join([*parts, "</svg>\n"])


def text(x, y, words, anchor, more=""):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {more}>{html.escape(words)}</text>'


def axis(bottom):
    for tick in TICKS:
        x = place(tick)
        colour, width = ("#222", 1.5) if tick == 1 else ("#ddd", 1)
        yield (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" '
               f'stroke="{colour}" stroke-width="{width}"/>')
        yield text(f"{x:.1f}", bottom + 16, f"{tick:g} ×", "middle")


def place(times):
    """On a logarithmic axis, so that twice as good and half as good look alike."""
    times = min(max(times, LEAST), MOST)
    return LEFT + WIDTH * math.log(times / LEAST) / math.log(MOST / LEAST)


def times_as_good(row, value):
    """Nothing where the goal is nothing: that is reached or not."""
    if row.goal == 0:
        return None
    if row.sense == "≥":
        return value / row.goal
    return row.goal / value if value > 0 else MOST


def bar(y, verdict, is_doubtful):
    row, middle = verdict.row, y + LINE / 2
    words = f"{row.number}  {row.what}, {FIELDS[row.field].title} {goal_text(row)}"
    figure = f"{verdict.judged:.2f}" if verdict.is_ratio else shown(row.field, verdict.judged)
    yield text(LEFT - 10, middle + 4, words, "end")
    yield text(LEFT + WIDTH + 10, middle + 4, f"{mark(verdict, is_doubtful)} {figure}",
               "start")
    times = times_as_good(row, verdict.judged)
    if times is None:
        return
    ends = sorted((place(1), place(times)))
    yield (f'<rect x="{ends[0]:.1f}" width="{max(ends[1] - ends[0], 1):.1f}" '
           f'y="{middle - BAR / 2}" height="{BAR}" fill="{COLOURS[verdict.reached]}" '
           f'fill-opacity="{0.35 if is_doubtful else 1}"/>')
    span = [place(times_as_good(row, value)) for value in (verdict.lowest, verdict.highest)]
    yield (f'<line x1="{min(span):.1f}" x2="{max(span):.1f}" y1="{middle}" y2="{middle}" '
           'stroke="#222"/>')
    for x in span:
        yield (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{middle - 4}" y2="{middle + 4}" '
               'stroke="#222"/>')
