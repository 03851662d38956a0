/// What comes through a pipe: bounded memory, no disk, rows as they come.
#include <gtest/gtest.h>
#include <unistd.h>

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <thread>

#include "read/pipe_bytes.h"
#include "reading.h"

namespace crisp {
namespace {

/// Standard input is a pipe for as long as this lives; `produce` writes to it until it returns or nobody reads.
class Piped {
 public:
  using Write = std::function<bool(const std::string&)>;
  explicit Piped(const std::function<void(const Write&)>& produce) : saved_(::dup(STDIN_FILENO)) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    ::signal(SIGPIPE, SIG_IGN);
    producer_ = std::thread([out = ends[1], produce] {
      produce([out](const std::string& text) {
        return ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
      });
      ::close(out);
    });
  }
  ~Piped() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
    producer_.join();
  }

 private:
  int saved_;
  std::thread producer_;
};

struct Limit {
  explicit Limit(const char* text) { ::setenv("CRISP_PIPE_LIMIT", text, 1); }
  ~Limit() { ::unsetenv("CRISP_PIPE_LIMIT"); }
};

ReadRequest standard_input() {
  ReadRequest request;
  request.path = "-";
  return request;
}

std::string failure() {
  const Scratch scratch;
  return failure_of(scratch, [] { read_table(standard_input()); });
}

void endless_rows(const Piped::Write& write) {
  std::string rows;
  for (int i = 0; i < 5000; ++i) rows += concat(i, ",", i * 0.37, ",t", i, "\n");
  if (!write("a,b,c\n")) return;
  while (write(rows)) {
  }
}

constexpr const char* kTooMuch = "71 standard input: what came through the pipe takes more memory than the limit of ";

TEST(Pipe, WithoutAnEndStopsAtTheLimit) {
  const Limit limit("20M");
  const Piped piped(endless_rows);
  EXPECT_EQ(failure().substr(0, 97), concat(kTooMuch, "20.0 MiB / save").substr(0, 97));
}

TEST(Pipe, OfJsonLinesStopsAtTheLimitToo) {
  const Limit limit("20M");
  const Piped piped([](const Piped::Write& write) {
    while (write("{\"a\": 1, \"b\": \"x\"}\n")) {
    }
  });
  EXPECT_EQ(failure().substr(0, 97), concat(kTooMuch, "20.0 MiB / save").substr(0, 97));
}

TEST(Pipe, TheLimitIsASize) {
  for (const char* text : {"", "5", "5K", "5T"}) {
    const Limit limit(text);
    EXPECT_GT(pipe_limit(), 0) << text;
  }
  for (const char* text : {"x", "0", "-5M", "5MB", "5 M", "99999999999999G"}) {
    const Limit limit(text);
    EXPECT_THROW(pipe_limit(), Error) << text;
  }
}

TEST(Pipe, IsReadAgainFromWhatWasKept) {
  std::string text = "a,b\n";
  for (int i = 0; i < 400'000; ++i) text += concat(i, ".50,", i, "\n");
  text += "word,1\n";
  const Table wanted = read_csv(text);
  const Piped piped([&](const Piped::Write& write) { write(text); });
  const Table found = read_table(standard_input());
  EXPECT_EQ(types_of(found), "a:text b:integer");
  EXPECT_EQ(found.texts("a"), wanted.texts("a"));
  EXPECT_EQ(found.numbers("b"), wanted.numbers("b"));
}

TEST(Pipe, OfKnownTypesKeepsNothingButTheTable) {
  const Limit limit("12M");  // the table takes 8 MB of it, the text would take more than the rest
  std::string text = "a\n";
  for (int64_t i = 0; i < 1'000'000; ++i) text += concat(0.123456789 * (i * 7919 % 1'000'003), "7654321\n");
  const Piped piped([&](const Piped::Write& write) { write(text); });
  ReadRequest request = standard_input();
  request.types = {{"a", ColumnType::real}};
  EXPECT_EQ(read_table(request).rows(), 1'000'000);
}

TEST(Pipe, HandsRowsOnBeforeItEnds) {
  std::promise<void> seen;
  const Piped piped([&](const Piped::Write& write) {
    write("a,b\n1,x\n");
    ASSERT_EQ(seen.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    write("2,\"y\nz\"\n3,");
    write("w\n");
  });
  std::vector<std::string> texts;
  ReadRequest request = standard_input();
  request.types = {{"a", ColumnType::integer}};
  read_batches(request, [&](const Table& batch) {
    if (texts.empty() && batch.rows() == 1) seen.set_value();
    for (const std::string& text : batch.texts("b")) texts.push_back(text);
  });
  EXPECT_EQ(texts, (std::vector<std::string>{"x", "y\nz", "w"}));
}

TEST(Pipe, StreamsAnyNumberOfRowsInBoundedMemory) {
  const Limit limit("2M");
  const Piped piped([](const Piped::Write& write) {
    std::string rows;
    for (int i = 0; i < 5000; ++i) rows += concat(i, ",", i * 0.37, ",t", i, "\n");
    write("a,b,c\n");
    for (int i = 0; i < 300; ++i) write(rows);
  });
  int64_t rows = 0;
  ReadRequest request = standard_input();
  request.types = {{"a", ColumnType::integer}, {"b", ColumnType::real}};
  read_batches(request, [&](const Table& batch) { rows += batch.rows(); });
  EXPECT_EQ(rows, 300 * 5000);
}

TEST(Batches, AreTheTableInPieces) {
  std::string text = "a,b\n";
  for (int i = 0; i < 200'000; ++i) text += concat(i, ",", i % 7, "\n");
  const Scratch scratch;
  ReadRequest request;
  request.path = scratch.file("t.csv", text);
  request.types = {{"a", ColumnType::integer}};
  request.columns = {"b", "a"};
  std::vector<Table> batches;
  read_batches(request, [&](const Table& batch) { batches.push_back(batch); });
  EXPECT_GT(batches.size(), 1u);
  const Table whole = Table::concatenate(batches);
  EXPECT_EQ(types_of(whole), "b:text a:integer");
  EXPECT_EQ(whole.numbers("a"), read_csv(text).numbers("a"));
  batches.clear();
  request.path = scratch.file("head.csv", "a,b\n");
  read_batches(request, [&](const Table& batch) { batches.push_back(batch); });
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(types_of(batches[0]), "b:text a:integer");
}

TEST(Addresses, AreRefusedWithWhatToTry) {
  const Scratch scratch;
  const auto failure = [&](const std::string& path) {
    ReadRequest request;
    request.path = path;
    return failure_of(scratch, [&] { read_table(request); });
  };
  EXPECT_EQ(failure("s3://bucket/a b.csv"),
            "66 's3://bucket/a b.csv' is an address; crisp reads files and standard input / aws s3 cp "
            "'s3://bucket/a b.csv' - | crisp ... -");
  EXPECT_NE(failure("https://x.org/t.csv").find("curl -fsSL 'https://x.org/t.csv' | crisp ... -"), std::string::npos);
  EXPECT_NE(failure("gs://b/t.csv").find("gcloud storage cat"), std::string::npos);
  EXPECT_NE(failure("hdfs://b/t.csv").find("hdfs dfs -cat"), std::string::npos);
}

}  // namespace
}  // namespace crisp
