#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
quality.py ARCHIVE...: how well related articles are found, with editors' own links as the truth. `make quality` calls it; ../README.md says what the
figures mean. Of each archive: ours by text alone, ours with tags, section, source and time, exact cosine, the newest of the section.

Constants of the ranker were chosen on the odd half; the even half is what they are judged by.

Environment: BROADSHEET (the program), WORK (a folder for databases), RESULTS (a file that gets every figure: archive, ranker, half, figure,
value, goal, verdict, parted by tabs).
"""
import os
import sys

import ours
import reference
from archive import Archive, score

# hit@5 and MRR to reach with all that is known; archives that are not named here are held to exact cosine alone.
GOALS = {"digitalgov": {"hit@5": 0.65, "MRR": 0.49}, "currentevents": {"hit@5": 0.62, "MRR": 0.47}}
PARTS = ("odd", "even", "all")


def goals_of(path, ranker, part, exact):
    if ranker == "ours, text alone":
        return exact[part]
    if ranker != "ours":
        return {}
    named = next((goals for name, goals in GOALS.items() if name in os.path.basename(path)), {})
    return {figure: max(exact[part][figure], named.get(figure, 0)) for figure in ("hit@5", "MRR")}


def cell(value, goal):
    if goal is None:
        return f"{value:.3f}"
    return f"{value:.3f} (>= {goal:.3f}: {'met' if value >= goal else 'missed'})"


def report(path, archive, rankings, results):
    n = sum(1 for truth in archive.truth if truth)
    print(f"\n{os.path.basename(path)}: {len(archive.articles)} articles, {n} with editors' links\n")
    print("| ranker | half | hit@5 | precision@5 | MRR |")
    print("| --- | --- | --- | --- | --- |")
    exact = {part: score(archive, rankings["exact cosine"], part).figures() for part in PARTS}
    for ranker, ranking in rankings.items():
        for part in PARTS:
            figures, goals = score(archive, ranking, part).figures(), goals_of(path, ranker, part, exact)
            print(f"| {ranker} | {part} | " + " | ".join(cell(value, goals.get(name)) for name, value in figures.items()) + " |", flush=True)
            for name, value in figures.items():
                goal = goals.get(name)
                verdict = "-" if goal is None else "met" if value >= goal else "missed"
                print(os.path.basename(path), ranker, part, name, f"{value:.4f}", "-" if goal is None else f">= {goal:.4f}", verdict,
                      sep="\t", file=results)


def main():
    program, work = os.path.abspath(os.environ["BROADSHEET"]), os.environ["WORK"]
    os.makedirs(work, exist_ok=True)
    with open(os.environ["RESULTS"], "w", encoding="utf-8") as results:
        for path in sys.argv[1:]:
            archive = Archive(path)
            rankings = {
                "ours, text alone": ours.related(program, archive, os.path.join(work, "text.db"), True),
                "ours": ours.related(program, archive, os.path.join(work, "full.db"), False),
                "exact cosine": reference.cosine(archive),
                "newest of the section": reference.newest_of_section(archive),
            }
            report(path, archive, rankings, results)
    print(f"\nAll figures: {results.name}")


if __name__ == "__main__":
    main()
