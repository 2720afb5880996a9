# SPDX-License-Identifier: MIT
"""
What ours is held against, written as plainly as it can be: the exact cosine of tf-idf vectors of the whole text, over all pairs, and the newest
of the section.
"""
import collections
import heapq
import math
import re

from archive import RANKS, text_of

WORD = re.compile(r"[^\W_]+")


def best(scores):
    return [place for place, _ in heapq.nlargest(RANKS, scores.items(), key=lambda item: (item[1], item[0]))]


def cosine(archive):
    """Words as they are written but for case, tf = 1 + log(n), idf = log(N / n)."""
    counts = [collections.Counter(WORD.findall(text_of(article).lower())) for article in archive.articles]
    held = collections.Counter(word for count in counts for word in count)
    idf = {word: math.log(len(counts) / n) for word, n in held.items()}
    postings = collections.defaultdict(list)
    vectors = []
    for place, count in enumerate(counts):
        vector = {word: (1 + math.log(n)) * idf[word] for word, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1
        vectors.append({word: weight / length for word, weight in vector.items()})
        for word, weight in vectors[-1].items():
            if weight > 0:
                postings[word].append((place, weight))
    rankings = []
    for place, vector in enumerate(vectors):
        scores = collections.defaultdict(float)
        if archive.truth[place]:
            for word, weight in vector.items():
                for other, other_weight in postings[word]:
                    scores[other] += weight * other_weight
            scores.pop(place, None)
        rankings.append(best(scores))
    return rankings


def newest_of_section(archive):
    times = archive.times()
    order = sorted(range(len(times)), key=lambda place: (-times[place], -place))
    rankings = []
    for place, article in enumerate(archive.articles):
        same = (other for other in order if archive.articles[other]["section"] == article["section"] and other != place)
        rankings.append([other for other, _ in zip(same, range(RANKS))])
    return rankings
