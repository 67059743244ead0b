#!/usr/bin/env python3
"""Searches a second before, while and after points move to other shards: what a change of centroids costs those who search.

    ./vectordb serve ... &          # or the roles over RabbitMQ; empty, with as many shards as you like
    python3 benchmarks/migration.py http://localhost:9000 FILE.npy [ROWS]

FILE.npy: float32, as `VectorDb.Benchmarks embed --out` makes it; the system takes vectors of its size. ROWS (40,000) of it, drawn by a
seed, are stored. Two clients search with "auto" for others, one search after the other without a pause; then centroids are trained twice,
from a tenth and from half of the points.
"""
import array
import ast
import http.client
import json
import multiprocessing
import random
import sys
import time
import urllib.parse

QUERIES = 1_000
CLIENTS = 2


def read(path):
    """Rows of an .npy file as lists of numbers, on demand."""
    data = open(path, "rb").read()
    header = int.from_bytes(data[8:10], "little")
    rows, numbers = ast.literal_eval(data[10:10 + header].decode())["shape"]
    at = 10 + header
    return rows, lambda i: [round(x, 5) for x in array.array("f", data[at + i * numbers * 4:at + (i + 1) * numbers * 4])]


def call(connection, method, path, body=None):
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text else None


def search(url, bodies, stop, found, failed):
    connection = http.client.HTTPConnection(url.hostname, url.port)
    choose = random.Random(len(bodies[0]))
    while not stop.is_set():
        status, answer = call(connection, "POST", "/search", choose.choice(bodies))
        count = found if status == 200 and not answer["partial"] else failed
        with count.get_lock():
            count.value += 1


def main():
    url, path = urllib.parse.urlparse(sys.argv[1]), sys.argv[2]
    total, row = read(path)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 40_000
    order = list(range(total))
    random.Random(1).shuffle(order)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    for i in range(0, count, 250):
        points = [{"id": k, "vector": row(k)} for k in order[i:min(i + 250, count)]]
        status, answer = call(connection, "POST", "/store", {"points": points})
        if status != 200:
            sys.exit(f"Not stored: {answer}")
        print(f"\r{i + len(points)} of {count} stored", end="", flush=True)
    print()
    bodies = [json.dumps({"query_vector": row(k), "top_k": 10, "shards_to_search": "auto"}) for k in order[count:count + QUERIES]]
    stop, found, failed = multiprocessing.Event(), multiprocessing.Value("q"), multiprocessing.Value("q")
    clients = [multiprocessing.Process(target=search, args=(url, bodies, stop, found, failed)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()

    def rate(wait):
        before, start = found.value, time.monotonic()
        wait()
        return f"{(found.value - before) / (time.monotonic() - start):.0f} searches/s, {failed.value} failed or partial"

    def moved():
        return not (call(connection, "GET", "/")[1].get("migration") or {}).get("running")

    def move():
        while not moved():
            time.sleep(0.25)

    time.sleep(15)
    for sample in (0.1, 0.5):
        print("before:", rate(lambda: time.sleep(10)), flush=True)
        status, answer = call(connection, "POST", "/train", {"sample": sample})
        if status != 200:
            sys.exit(f"Not trained: {answer}")
        start = time.monotonic()
        print("while points move:", rate(move), end=", ")
        print(f"{call(connection, 'GET', '/')[1]['migration']['moved']} moved in {time.monotonic() - start:.0f} s", flush=True)
        time.sleep(12)
    print("after:", rate(lambda: time.sleep(10)))
    stop.set()
    for client in clients:
        client.join()


if __name__ == "__main__":
    main()
