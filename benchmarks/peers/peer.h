// What the peer programs share: they are started by `vectordb bench index --peer`, build an index over base.fvecs, print one
// line of JSON, and then answer each line "parameter threads" on their input with one, until the input ends.
// Arguments: base.fvecs queries.fvecs truth.i32 ip|l2 build_threads. truth.i32 has the rows of each query's ten nearest, int32.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iostream>
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

inline std::vector<char> bytes_of(const char* path) {
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

inline Rows read_fvecs(const char* path) {
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

inline double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class Work>
inline void on_threads(size_t count, int threads, Work work) {
    std::atomic<size_t> next{0};
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; t++)
        pool.emplace_back([&] {
            for (size_t i; (i = next++) < count;) work(i);
        });
    for (auto& thread : pool) thread.join();
}

struct Arguments {
    Rows base, queries;
    std::vector<char> truth_bytes;
    bool squared_distance;
    int threads;

    Arguments(int argc, char** argv, int first) {
        if (argc != first + 5) {
            fprintf(stderr, "usage: %s base.fvecs queries.fvecs truth.i32 ip|l2 build_threads\n", argv[0]);
            exit(2);
        }
        base = read_fvecs(argv[first]);
        queries = read_fvecs(argv[first + 1]);
        truth_bytes = bytes_of(argv[first + 2]);
        squared_distance = std::string(argv[first + 3]) == "l2";
        threads = atoi(argv[first + 4]);
    }
    const int* truth() const { return reinterpret_cast<const int*>(truth_bytes.data()); }
};

inline void announce(const char* library, double build_s, std::initializer_list<int> parameters) {
    printf("{\"library\":\"%s\",\"build_s\":%.3f,\"parameters\":[", library, build_s);
    for (auto it = parameters.begin(); it != parameters.end(); ++it) printf("%s%d", it == parameters.begin() ? "" : ",", *it);
    printf("]}\n");
    fflush(stdout);
}

// As our own side does: queries one at a time from each thread, all of them several times if they are few.
inline void answer(const Arguments& in, const std::function<void(int)>& set,
                   const std::function<void(const float*, int*)>& search) {
    const size_t count = in.queries.count, passes = (3000 + count - 1) / count;
    for (int parameter, threads; std::cin >> parameter >> threads;) {
        set(parameter);
        std::vector<double> took(count * passes);
        std::atomic<size_t> hits{0};
        auto begin = Clock::now();
        on_threads(took.size(), threads, [&](size_t i) {
            int rows[kNeighbors];
            std::fill(rows, rows + kNeighbors, -1);
            auto at = Clock::now();
            search(in.queries.at(i % count), rows);
            took[i] = since(at);
            auto right = in.truth() + i % count * kNeighbors;
            size_t found = 0;
            for (int row : rows) found += std::find(right, right + kNeighbors, row) != right + kNeighbors;
            hits += found;
        });
        double qps = took.size() / since(begin);
        std::sort(took.begin(), took.end());
        printf("{\"parameter\":%d,\"threads\":%d,\"batch\":1,\"recall\":%.4f,\"qps\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
               parameter, threads, double(hits) / (took.size() * kNeighbors), qps, took[took.size() / 2] * 1e6,
               took[took.size() * 99 / 100] * 1e6);
        fflush(stdout);
    }
}
