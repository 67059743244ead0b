// hnswlib, searched on command, so that its runs can be interleaved with ours in one session on one machine.
// Build: apt-get install -y g++ libhnswlib-dev && g++ -O3 -march=native -std=c++17 -pthread hnswlib_peer.cpp -o hnswlib_peer
// Run:   hnswlib_peer base.fvecs queries.fvecs truth.i32 ip|l2 M ef_construction build_threads
// It builds, prints one JSON line, then answers each line "ef threads" on its input with a JSON line, until the input ends.
// truth.i32: for each query the ids of its ten nearest, int32.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;
constexpr size_t kNeighbors = 10;

struct Rows {
    size_t dimensions = 0, count = 0;
    std::vector<float> values;
    const float* at(size_t row) const { return values.data() + row * dimensions; }
};

static std::vector<char> bytes_of(const char* path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(2);
    }
    std::vector<char> bytes(in.tellg());
    in.seekg(0);
    in.read(bytes.data(), bytes.size());
    return bytes;
}

static Rows read_fvecs(const char* path) {
    auto bytes = bytes_of(path);
    auto words = reinterpret_cast<const float*>(bytes.data());
    Rows rows;
    rows.dimensions = *reinterpret_cast<const int*>(bytes.data());
    rows.count = bytes.size() / 4 / (rows.dimensions + 1);
    for (size_t row = 0; row < rows.count; row++) {
        auto start = words + row * (rows.dimensions + 1) + 1;
        rows.values.insert(rows.values.end(), start, start + rows.dimensions);
    }
    return rows;
}

static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class Work>
static void on_threads(size_t count, int threads, Work work) {
    std::atomic<size_t> next{0};
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; t++)
        pool.emplace_back([&] {
            for (size_t i; (i = next++) < count;) work(i);
        });
    for (auto& thread : pool) thread.join();
}

int main(int argc, char** argv) {
    if (argc != 8) {
        fprintf(stderr, "usage: %s base.fvecs queries.fvecs truth.i32 ip|l2 M ef_construction build_threads\n", argv[0]);
        return 2;
    }
    Rows base = read_fvecs(argv[1]), queries = read_fvecs(argv[2]);
    auto truth_bytes = bytes_of(argv[3]);
    auto truth = reinterpret_cast<const int*>(truth_bytes.data());
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (std::string(argv[4]) == "l2")
        space = std::make_unique<hnswlib::L2Space>(base.dimensions);
    else
        space = std::make_unique<hnswlib::InnerProductSpace>(base.dimensions);
    hnswlib::HierarchicalNSW<float> index(space.get(), base.count, atoi(argv[5]), atoi(argv[6]), 1);
    auto start = Clock::now();
    index.addPoint(base.at(0), 0);
    on_threads(base.count - 1, atoi(argv[7]), [&](size_t i) { index.addPoint(base.at(i + 1), i + 1); });
    printf("{\"library\":\"hnswlib\",\"build_s\":%.3f}\n", since(start));
    fflush(stdout);

    int ef, threads;
    while (std::cin >> ef >> threads) {
        index.setEf(ef);
        std::vector<double> took(queries.count);
        std::atomic<size_t> hits{0};
        auto begin = Clock::now();
        on_threads(queries.count, threads, [&](size_t q) {
            auto at = Clock::now();
            auto result = index.searchKnn(queries.at(q), kNeighbors);
            took[q] = since(at);
            auto right = truth + q * kNeighbors;
            size_t found = 0;
            for (; !result.empty(); result.pop())
                found += std::find(right, right + kNeighbors, int(result.top().second)) != right + kNeighbors;
            hits += found;
        });
        double qps = queries.count / since(begin);
        std::sort(took.begin(), took.end());
        printf("{\"parameter\":%d,\"threads\":%d,\"batch\":1,\"recall\":%.4f,\"qps\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", ef, threads,
               double(hits) / (queries.count * kNeighbors), qps, took[queries.count / 2] * 1e6, took[queries.count * 99 / 100] * 1e6);
        fflush(stdout);
    }
}
