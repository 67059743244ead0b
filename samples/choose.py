#!/usr/bin/env python3
"""Chooses the 10,000 glosses of wordnet_10k.csv: README.md says by which rule and why.

    python3 choose.py wordnet_glosses.csv ../models/all-MiniLM-L6-v2/vocab.txt questions.csv > wordnet_10k.csv

The first argument has one line per WordNet 3.0 synset: id, part_of_speech, words, gloss.
"""

import csv
import re
import sys

QUOTAS = {"noun": 6400, "verb": 1700, "adj": 1600, "adv": 300}
BLOCKS = 50
SENSES_PER_WORD = 3
GLOSS_CHARACTERS = range(20, 181)  # a wanted word may have a shorter one
NOT_FOR_A_SAMPLE = re.compile(
    r"slur|offensive|vulgar|obscen|disparag|derogat|taboo|sexual|intercourse|genital|prostitut|excrement|racis|street name"
    r"|\([^)]*(1\d{3}-|born )", re.I)


def rank(words, vocabulary):
    """Place of the most usual of a synset's words in the vocabulary (common words come first there), or None."""
    places = [vocabulary[word] for word in words.split(", ") if word in vocabulary]
    return min(places, default=None)


def choose_from_block(block, quota, vocabulary, senses):
    """The `quota` synsets of the block with the most usual words, few senses of one word."""
    chosen = []
    for row in sorted(block, key=lambda row: (rank(row["words"], vocabulary), row["id"])):
        if len(chosen) == quota:
            break
        headword = row["words"].split(", ")[0]
        if senses.get(headword, 0) < SENSES_PER_WORD:
            senses[headword] = senses.get(headword, 0) + 1
            chosen.append(row)
    return chosen


def choose_from(rows, quota, vocabulary, wanted):
    """Wanted words first, then every block gives the same share of its candidates until the quota is full."""
    rows.sort(key=lambda row: row["id"])
    fit = [row for row in rows if len(row["gloss"]) < GLOSS_CHARACTERS.stop and not NOT_FOR_A_SAMPLE.search(row["gloss"])]
    chosen = [row for row in fit if not wanted.isdisjoint(row["words"].lower().split(", "))]
    taken = {row["id"] for row in chosen}
    candidates = [
        row for row in fit
        if row["id"] not in taken and len(row["gloss"]) in GLOSS_CHARACTERS and rank(row["words"], vocabulary) is not None]
    senses, left, size = {}, quota - len(chosen), len(candidates)
    for block in range(BLOCKS):
        begin, end = size * block // BLOCKS, size * (block + 1) // BLOCKS
        share = left * (block + 1) // BLOCKS - left * block // BLOCKS
        chosen += choose_from_block(candidates[begin:end], share, vocabulary, senses)
    return sorted(chosen, key=lambda row: row["id"])


def main(glosses_path, vocabulary_path, questions_path):
    with open(vocabulary_path, encoding="utf-8") as lines:
        vocabulary = {line.rstrip("\n"): place for place, line in enumerate(lines) if len(line) > 3 and line[0].isalpha()}
    with open(questions_path, encoding="utf-8", newline="") as lines:
        wanted = {row["word"] for row in csv.DictReader(lines)}
    with open(glosses_path, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    chosen = []
    for part, quota in QUOTAS.items():
        chosen += choose_from([row for row in rows if row["part_of_speech"] == part], quota, vocabulary, wanted)
    if len(chosen) != sum(QUOTAS.values()):
        sys.exit(f"{len(chosen)} glosses chosen, not {sum(QUOTAS.values())}: loosen SENSES_PER_WORD or GLOSS_CHARACTERS")
    out = csv.DictWriter(sys.stdout, ["id", "part_of_speech", "words", "gloss"], lineterminator="\n")
    out.writeheader()
    out.writerows(chosen)


if __name__ == "__main__":
    main(*sys.argv[1:])
