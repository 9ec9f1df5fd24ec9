"""Builds and searches the indexes of other libraries for `gill bench search`.

python peers.py build|search PEER DATA_FOLDER INDEX_FOLDER SETTINGS_JSON

Prints one JSON object. The data folder holds base.f32 [rows][dimension], queries.f32, buckets.u16 [rows]
and truth.i32 [filters][queries][k], all little-endian, and data.json that describes them.
"""

import functools
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np


class Data:
    def __init__(self, folder):
        with open(os.path.join(folder, "data.json"), encoding="utf-8") as file:
            about = json.load(file)
        self.rows, self.dimension, self.k = about["rows"], about["dimension"], about["k"]
        self.shares = about["shares"]
        self.base = np.memmap(os.path.join(folder, "base.f32"), "<f4", "r", shape=(self.rows, self.dimension))
        self.queries = np.fromfile(os.path.join(folder, "queries.f32"), "<f4").reshape(-1, self.dimension)
        self.truth = np.fromfile(os.path.join(folder, "truth.i32"), "<i4").reshape(
            len(self.shares), len(self.queries), self.k
        )
        self.buckets = np.fromfile(os.path.join(folder, "buckets.u16"), "<u2")

    def passing(self, share):
        return self.buckets < round(1000 * share)


def resident():
    """Resident bytes of this process: all, and those that no file backs."""
    found = {}
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(("VmRSS", "RssAnon")):
                found[line.split(":")[0]] = int(line.split()[1]) * 1024
    return found["VmRSS"], found["RssAnon"]


class Hnswlib:
    package = "hnswlib"

    def __init__(self, path, data, settings):
        import hnswlib

        self.library, self.path, self.data, self.settings = hnswlib, path + "/index", data, settings

    def build(self, threads):
        data = self.data
        index = self.library.Index(space="ip", dim=data.dimension)
        index.init_index(data.rows, M=self.settings["connections"], ef_construction=self.settings["breadth"])
        index.set_num_threads(threads)
        for start in range(0, data.rows, 50_000):
            index.add_items(data.base[start : start + 50_000], np.arange(start, min(start + 50_000, data.rows)))
            progress(start, data.rows)
        index.save_index(self.path)

    def load(self):
        self.index = self.library.Index(space="ip", dim=self.data.dimension)
        self.index.load_index(self.path)

    def effort(self, effort):
        self.index.set_ef(effort)

    def search(self, queries, threads, share):
        if share == 1:
            return self.index.knn_query(queries, k=self.data.k, num_threads=threads)[0]
        return self.index.knn_query(queries, k=self.data.k, num_threads=threads, filter=self.passing(share))[0]

    @functools.cache
    def passing(self, share):
        """Python decides on each row: the library's interface has no other filter."""
        return self.data.passing(share).tolist().__getitem__


class FaissHnsw:
    package = "faiss-cpu"

    def __init__(self, path, data, settings):
        import faiss

        self.bits = {}
        self.library, self.path, self.data, self.settings = faiss, path + "/index", data, settings

    def make(self):
        index = self.library.IndexHNSWFlat(
            self.data.dimension, self.settings["connections"], self.library.METRIC_INNER_PRODUCT
        )
        index.hnsw.efConstruction = self.settings["breadth"]
        return index

    def build(self, threads):
        self.library.omp_set_num_threads(threads)
        index = self.make()
        for start in range(0, self.data.rows, 50_000):
            index.add(np.ascontiguousarray(self.data.base[start : start + 50_000]))
            progress(start, self.data.rows)
        self.library.write_index(index, self.path)

    def load(self):
        self.index = self.library.read_index(self.path)

    def effort(self, effort):
        self.present = effort

    def parameters(self, selector):
        return self.library.SearchParametersHNSW(efSearch=self.present, sel=selector)

    def search(self, queries, threads, share):
        self.library.omp_set_num_threads(threads)
        selector = None if share == 1 else self.selector(share)
        return self.index.search(queries, self.data.k, params=self.parameters(selector))[1]

    @functools.cache
    def selector(self, share):
        self.bits[share] = np.packbits(self.data.passing(share), bitorder="little")
        return self.library.IDSelectorBitmap(len(self.bits[share]), self.library.swig_ptr(self.bits[share]))


class FaissIvfPq(FaissHnsw):
    def build(self, threads):
        self.library.omp_set_num_threads(threads)
        data, lists = self.data, self.settings["lists"]
        index = self.library.index_factory(
            data.dimension, f"IVF{lists},PQ{self.settings['codes']}", self.library.METRIC_INNER_PRODUCT
        )
        chosen = np.random.default_rng(1).choice(data.rows, min(data.rows, 40 * lists), replace=False)
        index.train(np.ascontiguousarray(data.base[np.sort(chosen)]))
        for start in range(0, data.rows, 50_000):
            index.add(np.ascontiguousarray(data.base[start : start + 50_000]))
            progress(start, data.rows)
        self.library.write_index(index, self.path)

    def parameters(self, selector):
        return self.library.SearchParametersIVF(nprobe=self.present, sel=selector)


class Usearch:
    package = "usearch"

    def __init__(self, path, data, settings):
        from usearch.index import Index

        self.make = lambda effort: Index(
            ndim=data.dimension,
            metric="ip",
            dtype=settings["type"],
            connectivity=settings["connections"],
            expansion_add=settings["breadth"],
            expansion_search=effort,
        )
        self.path, self.data = path + "/index", data

    def build(self, threads):
        index = self.make(64)
        for start in range(0, self.data.rows, 50_000):
            end = min(start + 50_000, self.data.rows)
            index.add(np.arange(start, end), np.ascontiguousarray(self.data.base[start:end]), threads=threads)
            progress(start, self.data.rows)
        index.save(self.path)

    def load(self):
        self.index = self.make(64)
        self.index.load(self.path)

    def effort(self, effort):
        self.index.expansion_search = effort

    def search(self, queries, threads, share):
        if share < 1:
            raise NotImplementedError("the Python interface has no filter")
        keys = self.index.search(queries, self.data.k, threads=threads).keys
        return keys.reshape(len(queries), -1)


# A measurement goes through the queries until it has taken as long.
LEAST_SECONDS = 0.5

PEERS = {"hnswlib": Hnswlib, "faiss-hnsw": FaissHnsw, "faiss-ivfpq": FaissIvfPq, "usearch": Usearch}


def progress(done, of):
    print(f"\r{done} of {of}", end="", file=sys.stderr, flush=True)


def measure(peer, data, share, seconds):
    """Recall, batch rates of 1 and 2 threads, latencies of single calls."""
    truth = data.truth[data.shares.index(share)]
    queries = data.queries
    begin = time.perf_counter()
    peer.search(queries[:20], 1, share)
    each = (time.perf_counter() - begin) / 20
    count = int(max(20, min(len(queries), seconds / max(each, 1e-9))))
    queries, truth = queries[:count], truth[:count]
    found = peer.search(queries, 1, share)
    right = sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True))
    rates = {}
    for threads in (1, 2):
        asked = 0
        begin = time.perf_counter()
        while asked == 0 or time.perf_counter() - begin < LEAST_SECONDS:
            peer.search(queries, threads, share)
            asked += count
        rates[threads] = asked / (time.perf_counter() - begin)
    times = []
    for i in range(count):
        begin = time.perf_counter()
        peer.search(queries[i : i + 1], 1, share)
        times.append(time.perf_counter() - begin)
    return {
        "share": share,
        "queries": count,
        "recall": right / truth.size,
        "qps1": rates[1],
        "qps2": rates[2],
        "p50": 1e3 * float(np.quantile(times, 0.5)),
        "p99": 1e3 * float(np.quantile(times, 0.99)),
    }


def search(peer, data, settings):
    begin = time.perf_counter()
    peer.load()
    peer.effort(settings["efforts"][0])
    peer.search(data.queries[:1], 1, 1)
    answer = {"start_seconds": time.perf_counter() - begin, "points": []}
    answer["resident_start"] = resident()[0]
    for effort in settings["efforts"]:
        peer.effort(effort)
        answer["points"].append(named(settings, effort) | measure(peer, data, 1, settings["seconds"]))
        progress(effort, settings["efforts"][-1])
    answer["resident"], answer["resident_anonymous"] = resident()
    pairs = zip(settings["efforts"], answer["points"], strict=True)
    chosen = next((e for e, point in pairs if point["recall"] >= settings["wanted"]), settings["efforts"][-1])
    peer.effort(chosen)
    for share in data.shares[1:]:
        try:
            answer["points"].append(named(settings, chosen) | measure(peer, data, share, settings["seconds"]))
        except (NotImplementedError, RuntimeError) as fault:
            answer.setdefault("notes", []).append(f"filter of {share:.1%}: {fault}")
    return answer


def named(settings, effort):
    return {"effort": f"{settings['effort_name']}={effort}"}


def main(phase, name, data_folder, index_folder, settings):
    settings = json.loads(settings)
    data = Data(data_folder)
    os.makedirs(index_folder, exist_ok=True)
    peer = PEERS[name](index_folder, data, settings)
    answer = {"version": f"{PEERS[name].package} {version(PEERS[name].package)}"}
    if phase == "build":
        begin = time.perf_counter()
        peer.build(settings["threads"])
        answer["build_seconds"] = time.perf_counter() - begin
    else:
        answer |= search(peer, data, settings)
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
