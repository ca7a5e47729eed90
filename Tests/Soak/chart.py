"""Two lines over time, one above the other, as an SVG."""
WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 150, 70, 40, 60


def svg(title, seconds, panels):
    """`panels`: (name, values), each as long as `seconds`."""
    total = TOP + len(panels) * (HEIGHT + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + LEFT + 20}" '
             f'height="{total}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{LEFT}" y="20" font-size="14">{title}</text>']
    for index, (name, values) in enumerate(panels):
        parts += panel(TOP + index * (HEIGHT + GAP), name, seconds, values)
    return "\n".join(parts + ["</svg>\n"])


def panel(top, name, seconds, values):
    """From 0, so that what looks flat is flat."""
    highest = max(values + [1]) * 1.1
    last = max(seconds + [1])
    points = " ".join(
        f"{LEFT + WIDTH * at / last:.1f},{top + HEIGHT - HEIGHT * value / highest:.1f}"
        for at, value in zip(seconds, values))
    yield f'<text x="{LEFT}" y="{top - 2}">{name}</text>'
    for part in (0, 0.5, 1):
        y = top + HEIGHT - HEIGHT * part / 1.1
        yield (f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" '
               'stroke="#ddd"/>')
        yield (f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
               f'{max(values + [1]) * part:.0f}</text>')
        yield (f'<text x="{LEFT + WIDTH * part:.0f}" y="{top + HEIGHT + 16}" '
               f'text-anchor="middle">{last * part:.0f} s</text>')
    yield f'<polyline points="{points}" fill="none" stroke="#0b6e99" stroke-width="1.5"/>'
