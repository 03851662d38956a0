/// What may be named as input: folders, globs, gzip, standard input; and what is wrong with it.
#include <arrow/io/compressed.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "read/write.h"
#include "reading.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;

std::string gzipped(const std::string& text) {
  const auto codec = check(arrow::util::Codec::Create(arrow::Compression::GZIP));
  const auto sink = check(arrow::io::BufferOutputStream::Create());
  const auto stream = check(arrow::io::CompressedOutputStream::Make(codec.get(), sink));
  check(stream->Write(text));
  check(stream->Close());
  return check(sink->Finish())->ToString();
}

/// Reads with standard input coming from `fd`.
Table read_standard_input(int fd) {
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(fd, STDIN_FILENO);
  ReadRequest request;
  request.path = "-";
  const Table table = read_table(request);
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  return table;
}

struct Files : testing::Test {
  Scratch scratch;
  ReadRequest request;
  ReadReport report;

  Table read(const std::string& path) {
    request.path = path;
    return read_table(request, &report);
  }
  std::string failure(const std::string& path) {
    return failure_of(scratch, [&] { read(path); });
  }
};

TEST_F(Files, AFolderInOrderOfNames) {
  scratch.file("b.csv", "y,x\n3.5,2\n");
  scratch.file("a.csv", "x,y\n1,2\n");
  scratch.file("c.csv.gz", gzipped("x,y\n,4\n"));
  scratch.file("_SUCCESS.csv", "zzz");
  scratch.file(".hidden.csv", "zzz");
  scratch.file("README.md", "zzz");
  const Table table = read(scratch.path());
  EXPECT_EQ(types_of(table), "x:integer y:real");  // as one file would be
  EXPECT_EQ(table.numbers("y"), (std::vector<double>{2, 3.5, 4}));
  EXPECT_EQ(table.texts("x"), (Texts{"1", "2", ""}));
  ASSERT_EQ(report.files.size(), 3u);
  EXPECT_EQ(report.files[1].rows, 1);
  EXPECT_EQ(read(scratch.at("[ab].csv")).rows(), 2);
}

TEST_F(Files, ATypeThatALaterFileLiftsIsReadAgainInTheEarlierOnes) {
  scratch.file("a.csv", "x,y\n1.50,1\n");
  scratch.file("b.csv", "x,y\n007,1\n");
  EXPECT_EQ(read(scratch.path()).texts("x"), (Texts{"1.50", "007"}));
}

TEST_F(Files, ManyPartsGiveTheSameAsOneFile) {
  std::string whole = "x,y\n";
  for (int i = 0; i < 100; ++i) {
    const std::string row = concat(i % 10 == 0 ? "" : concat(i), ",", i * 0.5, "\n");
    whole += row;
    scratch.file(concat("part-", 1000 + i, ".csv"), "x,y\n" + row);
  }
  const Table one = read_csv(whole), many = read(scratch.path());
  EXPECT_EQ(types_of(many), types_of(one));
  EXPECT_EQ(many.texts("x"), one.texts("x"));
  EXPECT_EQ(many.numbers("y"), one.numbers("y"));
}

TEST_F(Files, MoreFilesThanMayBeOpenAtOnce) {
  for (int i = 0; i < 100; ++i) scratch.file(concat(100 + i, ".csv"), i < 99 ? "x,y\n1,2\n" : "x,y\n1,z\n");
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{40, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  const std::string failure =
      failure_of(scratch, [&] { EXPECT_EQ(read(scratch.path()).texts("y")[0], "2"); });
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(failure, "");
}

TEST_F(Files, FilesThatDifferAreNamed) {
  scratch.file("a.csv", "x,y\n1,2\n");
  scratch.file("b.csv", "x,z\n1,2\n");
  EXPECT_EQ(failure(scratch.path()), "65 b.csv: column 'z' is not in a.csv");
  scratch.file("b.csv", "x\n1\n");
  EXPECT_EQ(failure(scratch.path()), "65 b.csv: column 'y' of a.csv is missing");
  write_table(Table().with_integers("x", {1}), scratch.at("b.parquet"));
  EXPECT_EQ(failure(scratch.path()), "65 b.parquet is parquet, but a.csv is csv");
}

TEST_F(Files, WhatIsNotThere) {
  scratch.file("trips.csv", "x\n1\n");
  EXPECT_EQ(failure(scratch.at("trip.csv")), "66 there is no file 'trip.csv' / did you mean 'trips.csv'?");
  EXPECT_EQ(failure(scratch.at("no/trip.csv")),
            "66 there is no file 'no/trip.csv' / there is no folder 'no' either");
  EXPECT_EQ(failure(scratch.at("*.parquet")), "66 no file matches '*.parquet'");
  std::filesystem::create_directory(scratch.at("empty"));
  EXPECT_EQ(failure(scratch.at("empty")).substr(0, 39), "66 no table files in the folder 'empty'");
  EXPECT_EQ(failure("").substr(0, 2), "64");
}

TEST_F(Files, WhatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ::chmod(scratch.file("t.csv", "x\n1\n").c_str(), 0);
  EXPECT_EQ(failure(scratch.at("t.csv")).substr(0, 2), "77");
}

TEST_F(Files, GzipByContentsInSeveralMembers) {
  scratch.file("t.csv", gzipped("x,y\n1,") + gzipped("2\n3,4\n"));
  EXPECT_EQ(read(scratch.at("t.csv")).numbers("y"), (std::vector<double>{2, 4}));
}

TEST_F(Files, DamagedGzip) {
  std::string rows = "x,y\n";
  for (int i = 0; i < 20000; ++i) rows += concat(i * 7919 % 10007, ",", i, "\n");
  const std::string whole = gzipped(rows);
  EXPECT_EQ(read(scratch.file("t.csv.gz", whole)).rows(), 20000);
  for (const size_t cut : {size_t{5}, size_t{20}, whole.size() / 2, whole.size() - 1}) {
    scratch.file("t.csv.gz", whole.substr(0, cut));
    EXPECT_NE(failure(scratch.at("t.csv.gz")).find("gzip data is damaged or cut off"), std::string::npos)
        << cut;
  }
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 16);
  scratch.file("t.csv.gz", flipped);
  EXPECT_EQ(failure(scratch.at("t.csv.gz")).substr(0, 2), "65");
}

TEST_F(Files, GzipBombs) {
  scratch.file("t.csv.gz", gzipped("x,y\n" + std::string(size_t{100} << 20, '\n')));
  request.ratio_limit = 100;
  EXPECT_EQ(failure(scratch.at("t.csv.gz")), "65 t.csv.gz: grows more than 100-fold when decompressed");
}

TEST_F(Files, StandardInputAsAPipeOrAFile) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::thread writer([&] {
    const std::string text = "a;b\n1.50;2\nx;3\n";  // read twice: a becomes text
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
  });
  const Table table = read_standard_input(ends[0]);
  writer.join();
  ::close(ends[0]);
  EXPECT_EQ(table.texts("a"), (Texts{"1.50", "x"}));
  write_table(table, scratch.at("t.parquet"));
  const int fd = ::open(scratch.at("t.parquet").c_str(), O_RDONLY);
  EXPECT_EQ(read_standard_input(fd).texts("a"), (Texts{"1.50", "x"}));
  ::close(fd);
}

TEST_F(Files, JsonLines) {
  scratch.file("t.jsonl", "{\"x\": 1, \"t\": \"a\"}\n{\"x\": 2.5, \"t\": null}\n");
  EXPECT_EQ(types_of(read(scratch.at("t.jsonl"))), "x:real t:text");
  request.columns = {"t"};
  EXPECT_EQ(types_of(read(scratch.at("t.jsonl"))), "t:text");
  request.columns = {};
  scratch.file("t.jsonl", "{\"x\": 1}\n{\"x\": \n");
  EXPECT_EQ(failure(scratch.at("t.jsonl")).substr(0, 11), "65 t.jsonl:");
  scratch.file("t.jsonl", "{\"x\": [1]}\n");
  EXPECT_NE(failure(scratch.at("t.jsonl")).find("t.jsonl: column 'x' has the nested type list"),
            std::string::npos);
}

TEST_F(Files, ReportAsJson) {
  read(scratch.file("t.csv", "a,b\n1,x\ny,z\n"));
  const Json json = report.to_json();
  EXPECT_EQ(json["rows"], 2);
  EXPECT_EQ(json["files"][0]["format"], "csv");
  EXPECT_EQ(json["columns"][0]["promotions"][0]["row"], 2);
  EXPECT_EQ(json["columns"][0]["promotions"][0]["value"], "y");
}

TEST_F(Files, AreCalledByTheirName) {
  for (const auto& [path, name] : {std::pair{"cars.csv", "cars.csv"}, {"/home/me/my cars.csv", "my cars.csv"}, {"a/b/", "b"}, {"/", "/"},
                                   {"a/*.csv", "*.csv"}, {"s3://bucket/x.parquet", "x.parquet"}, {"-", "stdin"}, {"", ""}}) {
    EXPECT_EQ(data_name(path), name) << path;
  }
}

}  // namespace
}  // namespace crisp
