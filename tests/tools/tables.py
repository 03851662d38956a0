"""Tables that tests train on, as CSV files hold them."""
import csv
import io
import random


def text(rows):
    """A CSV file of rows that are dicts."""
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def rows_of(printed):
    """A CSV file's rows as dicts of texts."""
    return list(csv.DictReader(io.StringIO(printed)))


def sizes(rows, seed=1, colours="rgb", blanks=(0, 0), classes=("no", "yes"), noise=False):
    """A CSV file of sizes, weights and colours, and what class follows from them. `blanks`: shares of the weights and of the colours that are
    missing; `noise`: with a column that says nothing."""
    draw = random.Random(seed)
    lines = []
    for _ in range(rows):
        size, weight, colour = draw.uniform(0, 10), draw.gauss(5, 2), draw.choice(colours)
        value = size - weight + {"r": 2, "g": 0, "b": -2}.get(colour, 1) + draw.gauss(0, 1)
        row = {"size": f"{size:.4f}", "weight": "" if draw.random() < blanks[0] else f"{weight:.4f}", "colour": "" if draw.random() < blanks[1] else colour}
        if noise:
            row["more"] = f"{draw.random():.4f}"
        lines.append(row | {"answer": classes[min(len(classes) - 1, max(0, int(value / 3 + len(classes) / 2)))]})
    return text(lines)
