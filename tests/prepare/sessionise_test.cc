#include <gtest/gtest.h>

#include <cmath>

#include "tests/prepare/tables.h"

namespace crisp {
namespace {

Table events(const std::vector<std::string>& who, const std::vector<double>& seconds) {
  return run_steps(Table().with_texts("who", who).with_numbers("t", seconds),
                   R"j([{"step": "cast", "columns": {"t": "timestamp"}}])j");
}

constexpr const char* kStep =
    R"j([{"step": "sessionise", "by": ["who"], "time": "t", "gap_seconds": 10, "into": "trip"}])j";

TEST(Sessionise, ANewSessionBeginsAfterAPauseLongerThanTheGap) {
  const Table out = run_steps(events({"a", "a", "a", "a"}, {0, 10, 20.5, 21}), kStep);
  EXPECT_EQ(out.texts("trip"), (std::vector<std::string>{"a/1", "a/1", "a/2", "a/2"}));
}

TEST(Sessionise, SortsByKeyAndTimeAndCountsWhatItFound) {
  StepLog log;
  const Table out = run_steps(events({"b", "a", "b", "a", "a"}, {50, 30, 40, 0, 30}), kStep, &log);
  EXPECT_EQ(out.texts("trip"), (std::vector<std::string>{"a/1", "a/2", "a/2", "b/1", "b/1"}));
  EXPECT_EQ(out.numbers("t"), (std::vector<double>{0, 30, 30, 40, 50}));
  EXPECT_EQ(log[0].notes,
            (std::vector<std::string>{"3 sessions of 2 different keys", "2 events out of order, sorted",
                                      "1 duplicate timestamp, kept"}));
}

TEST(Sessionise, EventsWithoutATimeBelongToNoSession) {
  StepLog log;
  const Table out = run_steps(events({"a", "a", "a"}, {0, NAN, 5}), kStep, &log);
  EXPECT_EQ(out.rows(), 2);
  EXPECT_EQ(log[0].notes[0], "1 event without who, t dropped");
}

TEST(Sessionise, TwoKeysAreBothInTheName) {
  const Table table = events({"a", "a"}, {0, 1}).with_integers("day", {7, 8});
  const Table out =
      run_steps(table, R"j([{"step": "sessionise", "by": ["who", "day"], "time": "t", "gap_seconds": 10}])j");
  EXPECT_EQ(out.texts("session_id"), (std::vector<std::string>{"a/7/1", "a/8/1"}));
}

TEST(Sessionise, NoEventsGiveNoSessionsAndTextIsNoTime) {
  EXPECT_EQ(run_steps(events({}, {}), kStep).rows(), 0);
  const Table text = Table().with_texts("who", {"a"}).with_texts("t", {"noon"});
  EXPECT_NE(refusal([&] { run_steps(text, kStep); }, Code::data).find("add the step cast"),
            std::string::npos);
}

}  // namespace
}  // namespace crisp
