# SPDX-License-Identifier: MIT
"""
What Broadsheet ranks: the archive, without its links, goes through `broadsheet import` into a fresh database, a server finds what is related in the
background, and is then asked for every article's list, which lies ready.

`text_only`: all articles have one section, one source and one time, and no tags, so that nothing but the text tells them apart.
"""
import contextlib
import json
import os
import re
import subprocess
import threading
import urllib.request

from archive import RANKS

PATIENCE_S = 600


def line_of(place, article, text_only):
    line = {
        "id": place + 1,
        "guid": article["id"],
        "title": article["title"],
        "summary": article.get("summary"),
        "body_text": "\n\n".join(article["body"]),
        "source": "Archive" if text_only else article["source"],
        "section": "News" if text_only else article["section"] or "News",
        "tags": [] if text_only else article["tags"],
        "published_at": "2020-01-01T00:00:00Z" if text_only else article["published"],
    }
    return json.dumps({name: value for name, value in line.items() if value is not None})


def bring_in(program, archive, database, text_only):
    for ending in ("", "-wal", "-shm", ".lock", ".sock"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(database + ending)
    lines = "\n".join(line_of(place, article, text_only) for place, article in enumerate(archive.articles))
    done = subprocess.run(
        [program, "import", "--database", database, "-"], input=(lines + "\n").encode(), capture_output=True, check=False
    )
    if done.returncode != 0 or f"{len(archive.articles)} created" not in done.stdout.decode() + done.stderr.decode():
        raise SystemExit("quality: the archive did not go in: " + done.stderr.decode()[-2000:])


@contextlib.contextmanager
def serving(program, database):
    """Gives the addresses of the API and of the metrics."""
    with open(database + ".log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [program, "serve", "--database", database, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--related-rate", "100000"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            said = {}
            while len(said) < 2:
                line = server.stdout.readline()
                if not line:
                    raise SystemExit(f"quality: the server did not start, see {database}.log")
                for what, address in re.findall(r"(serves|metrics are at) (http://127\.0\.0\.1:\d+)/", line):
                    said[what] = address
            yield said["serves"], said["metrics are at"]
        finally:
            server.terminate()
            server.wait()


def fetch(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode()


def wait_for_background(admin):
    pause = threading.Event()
    for _ in range(PATIENCE_S * 5):
        due = re.search(r"^broadsheet_related_due (\d+)", fetch(admin + "/metrics"), re.MULTILINE)
        if due and int(due.group(1)) == 0:
            return
        pause.wait(0.2)
    raise SystemExit("quality: the background does not come to an end")


def related(program, archive, database, text_only):
    bring_in(program, archive, database, text_only)
    rankings = [[] for _ in archive.articles]
    with serving(program, database) as (api, admin):
        wait_for_background(admin)
        for place, truth in enumerate(archive.truth):
            if truth:
                answer = json.loads(fetch(f"{api}/v1/articles/{place + 1}/related?limit={RANKS}"))
                rankings[place] = [item["id"] - 1 for item in answer["data"]]
    return rankings
