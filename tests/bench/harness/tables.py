"""Figures as Markdown tables."""

import statistics


def median(values):
    return statistics.median(values)


def number(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def spread(values):
    """median (min to max)"""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def ratio(value, base):
    """value over base, the way it reads best: 3.1x or 1/31."""
    if not base or not value:
        return ""
    return f"1/{base / value:.1f}" if value < base else f"{value / base:.2f}x"


def table(headings, rows):
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(number(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
