# SPDX-License-Identifier: MIT
"""
Archives with editors' links, and how good a ranking is beside them.

A line is an article: id, title, summary, body (paragraphs), section, source, tags, published, byline, and `related`, the ids of the articles that
editors link it with: the truth, which no ranker sees. Files may be packed by xz. An article is known by its place in the file, from 0 on.
"""
import datetime
import json
import lzma

RANKS = 20
GOOD = 5


class Archive:
    def __init__(self, path):
        opened = lzma.open(path, "rt", encoding="utf-8") if path.endswith(".xz") else open(path, encoding="utf-8")
        with opened as lines:
            self.articles = [json.loads(line) for line in lines if line.strip()]
        places = {article["id"]: place for place, article in enumerate(self.articles)}
        self.truth = [
            {places[link] for link in article.get("related", []) if link in places and places[link] != place}
            for place, article in enumerate(self.articles)
        ]

    def times(self):
        return [moment(article).timestamp() for article in self.articles]


def moment(article):
    return datetime.datetime.fromisoformat(article["published"].replace("Z", "+00:00"))


def text_of(article):
    return " ".join([article["title"], article.get("summary") or "", *article["body"]])


class Score:
    """The means of hit@5, precision@5 and the reciprocal rank, over the articles that editors have linked."""

    def __init__(self):
        self.n = self.hit = self.precision = self.reciprocal = 0

    def add(self, ranks, truth):
        found = [place in truth for place in ranks[:RANKS]]
        self.n += 1
        self.hit += any(found[:GOOD])
        self.precision += sum(found[:GOOD]) / GOOD
        self.reciprocal += next((1 / (rank + 1) for rank, is_true in enumerate(found) if is_true), 0)

    def figures(self):
        n = self.n or 1
        return {"hit@5": self.hit / n, "precision@5": self.precision / n, "MRR": self.reciprocal / n}


def score(archive, rankings, part):
    """`part`: "odd" or "even" places, or "all"."""
    wanted = {"odd": (1,), "even": (0,), "all": (0, 1)}[part]
    total = Score()
    for place, truth in enumerate(archive.truth):
        if truth and place % 2 in wanted:
            total.add(rankings[place], truth)
    return total
