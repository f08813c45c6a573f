"""Results of a run as Markdown tables and bar charts (drawn by gnuplot)."""
import platform
import statistics
import subprocess
from pathlib import Path

from table import GROUPS, GROWTH, ROWS

OURS = "upkeep"


def median(values):
    return statistics.median(values)


def spread(values):
    """Half the distance between the quartiles, in percent of the median."""
    if len(values) < 3 or not median(values):
        return None
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / abs(median(values)) * 100


def shown(value):
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


class Results:
    """values[group][metric][contender] = [one for each round]"""

    def __init__(self, values):
        self.values = values

    def of(self, row, contender):
        group, _, name = contender.rpartition("/")
        return self.values.get(group or row.group, {}).get(row.metric, {}).get(name)

    def verdicts(self, row):
        """(what was to be reached, what was, whether) of each reach that can be told from these results."""
        ours = self.of(row, OURS)
        if not ours:
            return
        mine = median(ours)
        if row.limit is not None:
            value = mine * row.scale
            yield f"≤ {row.limit:g} {row.unit}".strip(), shown(value), value <= row.limit
        for reach in row.reaches:
            theirs = self.of(row, reach.other)
            if not theirs or not mine:
                continue
            other = median(theirs)
            if reach.relation == "at most":
                ratio = other / mine if row.rate else mine / other
                wanted = f"≥ {1 / reach.factor:.2g} × {reach.other}" if row.rate else f"≤ {reach.factor:g} × {reach.other}"
                yield wanted, f"{1 / ratio if row.rate else ratio:.2f} ×", ratio <= reach.factor
            else:
                ratio = mine / other if row.rate else other / mine
                yield f"≥ {reach.factor:g} × better than {reach.other}", f"{ratio:.1f} ×", ratio >= reach.factor

    def contenders(self, group):
        found = []
        for row in ROWS:
            if row.group == group:
                found += [name for name in self.values.get(group, {}).get(row.metric, {}) if name not in found]
        return sorted(found, key=lambda name: (name != "floor", name != OURS))


def tables(results):
    """Markdown: for each group what each contender took, then what was to be reached."""
    lines = []
    for group, title in GROUPS.items():
        names = results.contenders(group)
        if not names:
            continue
        lines += [f"## {title}", "", f"![{title}](benchmarks/{group}.svg)", "",
                  "| | " + " | ".join(names) + " | to reach | reached |", "|---|" + "--:|" * len(names) + "---|---|"]
        for row in (row for row in ROWS if row.group == group):
            cells = []
            for name in names:
                values = results.of(row, name)
                width = spread([value * row.scale for value in values]) if values else None
                cells.append("" if not values else shown(median(values) * row.scale) + (f" ±{width:.0f} %" if width else ""))
            if not any(cells):
                continue
            verdicts = list(results.verdicts(row))
            lines.append(f"| {row.title}{f' ({row.unit})' if row.unit else ''} | " + " | ".join(cells) + " | "
                         + "<br>".join(wanted for wanted, _, _ in verdicts) + " | "
                         + "<br>".join(f"{got}{'' if reached else ', **short**'}" for _, got, reached in verdicts) + " |")
        lines.append("")
    return "\n".join(lines)


def machine():
    """Lines about the machine and the kernel."""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    cores = Path("/proc/cpuinfo").read_text().count("processor\t")
    return f"{model}, {cores} cores, {memory:.0f} GiB; Linux {platform.release()}; Python {platform.python_version()} (for supervisord)"


def gnuplot(script, path):
    drawn = subprocess.run(["gnuplot"], input=script, text=True, check=True, stdout=subprocess.PIPE).stdout
    path.write_text("".join(line.rstrip() + "\n" for line in drawn.splitlines()))


def draw_bars(results, group, path):
    """Each row relative to ours, so that one chart holds all units: above 1 is worse than ours."""
    rows = [row for row in ROWS if row.group == group and results.of(row, OURS) and median(results.of(row, OURS)) > 0]
    names = [name for name in results.contenders(group) if name != OURS]
    if not rows or not names:
        return
    data = []
    for row in rows:
        mine = median(results.of(row, OURS))
        ratios = []
        for name in names:
            values = results.of(row, name)
            ratio = median(values) / mine if values else 0
            ratios.append("-" if not values or not ratio else f"{1 / ratio if row.rate else ratio:.4g}")
        data.append(f'"{row.metric}" ' + " ".join(ratios))
    block = "$data << EOD\n" + "\n".join(data) + "\nEOD\n"
    bars = ", ".join(f'$data using {column + 2}:xtic(1) title "{name}"' for column, name in enumerate(names))
    gnuplot(f"""{block}
set terminal svg size 900,360 font "sans-serif,13" background "white"
set datafile missing "-"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set logscale y
set grid ytics linecolor rgb "#dddddd"
set key top right horizontal
set ylabel "times ours (above 1: worse than Upkeep)"
set arrow from graph 0, first 1 to graph 1, first 1 nohead linewidth 2 linecolor rgb "#333333"
plot {bars}
""", path)


def growth_table(growth):
    """growth[metric][contender] = [(N, value)]"""
    if not growth:
        return ""
    counts = sorted({count for of in growth.values() for points in of.values() for count, _ in points})
    lines = ["## Growth", "", "![Growth](benchmarks/growth.svg)", "", "| N | | " + " | ".join(map(str, counts)) + " |",
             "|---|---|" + "--:|" * len(counts)]
    for metric, title, scale in GROWTH:
        for name, points in growth.get(metric, {}).items():
            of = dict(points)
            lines.append(f"| {title} | {name} | " + " | ".join(shown(of[count] * scale) if count in of else "" for count in counts) + " |")
    return "\n".join(lines) + "\n"


def draw_growth(growth, path):
    """One small chart for each metric, both axes logarithmic: a straight line of slope one is linear."""
    if not growth:
        return
    script = f"""set terminal svg size 900,620 font "sans-serif,13" background "white"
set multiplot layout 2,2
set logscale xy
set grid linecolor rgb "#dddddd"
set key top left
"""
    for number, (metric, title, scale) in enumerate(GROWTH):
        lines = []
        for column, (name, points) in enumerate(growth.get(metric, {}).items()):
            block = f"$d{number}_{column}"
            script += f"{block} << EOD\n" + "".join(f"{count} {value * scale}\n" for count, value in points) + "EOD\n"
            lines.append(f'{block} using 1:2 with linespoints linewidth 2 title "{name}"')
        if lines:
            script += f'set title "{title}"\nplot {", ".join(lines)}\n'
    gnuplot(script + "unset multiplot\n", path)
