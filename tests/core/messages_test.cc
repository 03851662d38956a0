// Log, progress bar, interruption: what people see and what a signal does.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/run_info.h"
#include "tests/core/expect_error.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

// Runs `body` in a child whose stderr is a terminal or a pipe; returns what was written there.
std::string stderr_of(bool terminal, const std::function<void()>& body) {
  int ends[2] = {-1, -1};
  const bool opened =
      terminal ? ::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) == 0 : ::pipe(ends) == 0;
  if (!opened) return "cannot open";
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::setenv("TERM", "xterm", 1);
    body();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string out;
  char block[4096];
  for (ssize_t got; (got = ::read(ends[0], block, sizeof block)) > 0;)
    out.append(block, static_cast<size_t>(got));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return out;
}

void say_everything() {
  note("read ", 3, " rows\x1b[31m");
  detail("a detail");
  warn("odd");
  log_error(Error(Code::data, "bad\nrow", "look at it"));
}

TEST(Log, GoesByVerbosity) {
  EXPECT_EQ(stderr_of(false, say_everything),
            "read 3 rows\\x1b[31m\nwarning: odd\nerror: bad\\nrow\n  try: look at it\n");
  const auto at = [](Verbosity level) {
    return stderr_of(false, [=] { set_verbosity(level), say_everything(); });
  };
  EXPECT_EQ(at(Verbosity::quiet), "error: bad\\nrow\n  try: look at it\n");
  EXPECT_NE(at(Verbosity::verbose).find("a detail\n"), std::string::npos);
}

TEST(Log, ColoursOnATerminalOnly) {
  const auto warning = [] { warn("odd"); };
  EXPECT_NE(stderr_of(true, warning).find("\x1b[33mwarning:\x1b[0m odd"), std::string::npos);
  EXPECT_EQ(stderr_of(true, [&] { ::setenv("NO_COLOR", "1", 1), warning(); }), "warning: odd\r\n");
}

TEST(Log, AReaderThatLeftIsNoError) {
  EXPECT_EQ(stderr_of(false, [] { log_error(Interrupted(SIGPIPE)); }), "");
}

TEST(Log, AHintOfTwoLinesKeepsItsCaret) {
  EXPECT_EQ(stderr_of(false, [] { log_error(Error(Code::config, "bad", "a > > b\n    ^")); }), "error: bad\n  a > > b\n      ^\n");
  EXPECT_EQ(stderr_of(false, [] { log_error(Error(Code::config, "bad", "did you mean 'a'?")); }),
            "error: bad\n  did you mean 'a'?\n");
}

TEST(LogFile, HoldsJsonLines) {
  const Scratch scratch;
  stderr_of(false, [&] {
    LogFile file(scratch.file("log.jsonl"));
    say_everything();
    file.event("round", {{"loss", 0.5}});
  });
  std::vector<Json> lines;
  std::string text = file_text(scratch.file("log.jsonl"));
  for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
    lines.push_back(parse_json(text.substr(0, end), "log"));
  }
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0]["message"], "read 3 rows\x1b[31m");
  EXPECT_EQ(lines[1]["level"], "detail");
  EXPECT_EQ(lines[3]["message"], "bad\nrow");
  EXPECT_EQ(lines[4]["loss"], 0.5);
  EXPECT_EQ(lines[4]["time"].get<std::string>().size(), 24u);
  EXPECT_ERROR(LogFile(scratch.file("no/log")), Code::cannot_create, "no/log");
}

TEST(LogFile, AFullDiskIsToldOnceAndDoesNotStopTheWork) {
  const std::string out = stderr_of(false, [] {
    const LogFile file("/dev/full");
    note("one");
    note("two");
  });
  EXPECT_NE(out.find("warning: the log is incomplete: "), std::string::npos);
  EXPECT_EQ(out.find("incomplete"), out.rfind("incomplete"));
  EXPECT_NE(out.find("two\n"), std::string::npos);
}

void work_slowly() {
  Progress progress("Scoring", 1000);
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    progress.step(250);
    if (i == 1) note("between");
  }
}

TEST(Progress, DrawsABarOnATerminalAndTakesItAway) {
  const std::string out = stderr_of(true, work_slowly);
  EXPECT_NE(out.find("Scoring [######..................] 25 %"), std::string::npos) << out;
  EXPECT_NE(out.find("rows/s"), std::string::npos);
  EXPECT_NE(out.find(" left"), std::string::npos);
  EXPECT_NE(out.find("\x1b[Kbetween\r\n"), std::string::npos) << "a message must not be written into the bar";
  EXPECT_TRUE(out.ends_with("\r\x1b[K"));
}

TEST(Progress, IsSilentElsewhere) {
  EXPECT_EQ(stderr_of(false, work_slowly), "between\n");
  EXPECT_EQ(stderr_of(true, [] { set_verbosity(Verbosity::quiet), work_slowly(); }), "");
}

// --- signals
// -------------------------------------------------------------------------------------------------------

// Exit status of a child that installs the handlers and does `body`.
int status_of(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    install_signal_handlers();
    try {
      body();
    } catch (const std::exception& error) {
      ::_exit(exit_status(error));
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(Interrupt, FirstSignalEndsInOrder) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EQ(status_of([=] { ::raise(signal), check_interrupt(); }), 128 + signal);
    EXPECT_EQ(status_of([=] { ::raise(signal), Progress("x", 0).step(); }), 128 + signal);
  }
  EXPECT_EQ(status_of([] { check_interrupt(); }), 0);
}

TEST(Interrupt, WithACheckpointTheStatusIs75) {
  EXPECT_EQ(status_of([] { throw Interrupted(SIGTERM, true); }), 75);
}

TEST(Interrupt, SecondSignalKillsButNotTheSameRequestTwice) {
  const auto twice = [](int wait_ms) {
    ::raise(SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    ::raise(SIGTERM);
  };
  EXPECT_EQ(status_of([=] { twice(300); }), -SIGTERM);
  EXPECT_EQ(status_of([=] { twice(0); }), 0);
}

TEST(Interrupt, AWaitingReadComesBack) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int status = status_of([&] {
    if (::fork() == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      ::kill(::getppid(), SIGINT);
      ::_exit(0);
    }
    char byte;
    do check_interrupt();
    while (::read(ends[0], &byte, 1) < 0);
  });
  EXPECT_EQ(status, 128 + SIGINT);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ExitStatus, ForEveryKind) {
  EXPECT_EQ(exit_status(Error(Code::config, "x")), 78);
  EXPECT_EQ(exit_status(std::bad_alloc()), 71);
  EXPECT_EQ(exit_status(std::runtime_error("x")), 70);
}

// --- run.json
// ------------------------------------------------------------------------------------------------------

TEST(PhaseClock, TimesAndMemoryByPhase) {
  PhaseClock clock;
  {
    const PhaseClock::Phase train(clock, "train");
    {
      const PhaseClock::Phase fit(clock, "fit");
      std::vector<char> memory(64 << 20, 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      EXPECT_EQ(memory.back(), 1);
    }
  }
  { const PhaseClock::Phase small(clock, "report"); }
  const Json phases = clock.to_json();
  ASSERT_EQ(phases.size(), 3u);
  EXPECT_EQ(phases[1]["phase"], "train/fit");
  EXPECT_GE(phases[1]["seconds"].get<double>(), 0.02);
  EXPECT_GE(phases[0]["seconds"].get<double>(), phases[1]["seconds"].get<double>());
  EXPECT_GE(phases[0]["peak_memory_bytes"].get<int64_t>(), int64_t{64} << 20);
  EXPECT_GE(phases[0]["peak_memory_bytes"], phases[1]["peak_memory_bytes"]);
#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory for a while
  EXPECT_LT(phases[2]["peak_memory_bytes"].get<int64_t>() + (32 << 20),
            phases[1]["peak_memory_bytes"].get<int64_t>());
#endif
}

TEST(MachineFacts, AreThere) {
  const Json facts = machine_facts();
  EXPECT_FALSE(facts["cpu"].get<std::string>().empty());
  EXPECT_GE(facts["cores"].get<int>(), 1);
  EXPECT_GT(facts["memory_bytes"].get<int64_t>(), 0);
}

}  // namespace
}  // namespace crisp
