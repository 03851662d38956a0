#include "core/output_directory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/atomic_file.h"
#include "core/io_shim.h"
#include "tests/core/expect_error.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

TEST(OutputDirectory, IsMadeAndStaysWhenItIsWorthKeeping) {
  const Scratch scratch;
  {
    OutputDirectory out(scratch.file("runs/first"), false);
    put_file(out.file("manifest.json"), "{}");
    out.keep();
  }
  EXPECT_EQ(file_text(scratch.file("runs/first/manifest.json")), "{}");
  EXPECT_FALSE(std::filesystem::exists(scratch.file("runs/first/.crisp.lock")));
}

TEST(OutputDirectory, GoesWithItsFilesWhenNothingCameOfIt) {
  const Scratch scratch;
  { const OutputDirectory out(scratch.file("run"), false); }
  {
    const OutputDirectory out(scratch.file("run"), false);
    put_file(out.file("log.jsonl"), "{}");
  }
  EXPECT_TRUE(scratch.names().empty());
}

TEST(OutputDirectory, LeavesAFolderThatWasThereBefore) {
  const Scratch scratch;
  put_file(scratch.file("mine.txt"), "x");
  { const OutputDirectory out(scratch.path(), true); }
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"mine.txt"});
}

TEST(OutputDirectory, OverwritesOnlyWithForce) {
  const Scratch scratch;
  put_file(scratch.file("mine.txt"), "x");
  EXPECT_ERROR(OutputDirectory(scratch.path(), false), Code::cannot_create,
               "overwrite this one with --force");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"mine.txt"});
  EXPECT_NO_THROW(OutputDirectory(scratch.path(), true));
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"mine.txt"});
}

TEST(OutputDirectory, RefusesWhatCannotBeAFolder) {
  const Scratch scratch;
  put_file(scratch.file("file"), "x");
  EXPECT_ERROR(OutputDirectory(scratch.file("file"), true), Code::cannot_create, "it is not a folder");
  EXPECT_ERROR(OutputDirectory(scratch.file("file/below"), true), Code::cannot_create, "file/below");
  EXPECT_ERROR(OutputDirectory("", true), Code::cannot_create, "empty name");
  EXPECT_ERROR(OutputDirectory(scratch.file(std::string(300, 'd')), true), Code::cannot_create, "too long");
  std::filesystem::create_symlink("nowhere", scratch.file("dangling"));
  EXPECT_ERROR(OutputDirectory(scratch.file("dangling"), true), Code::cannot_create, "dangling");
}

TEST(OutputDirectory, ForgivesWhatAKilledRunLeft) {
  const Scratch scratch;
  put_file(scratch.file(".crisp.lock"), "process 999999999 on elsewhere");
  put_file(scratch.file(".manifest.json.tmp-999999999-3"), "half");
  EXPECT_NO_THROW(OutputDirectory(scratch.path(), false));
  EXPECT_TRUE(scratch.names().empty());
}

TEST(OutputDirectory, ReadOnlyIsNoticedBeforeAnyWork) {
  const Scratch scratch;
  IoShim refusing = io();
  refusing.open = [](const char*, int, mode_t) { return errno = EROFS, -1; };
  const IoShim old = swap_io(refusing);
  EXPECT_ERROR(OutputDirectory(scratch.path(), false), Code::permission, "Read-only file system");
  swap_io(old);
}

TEST(OutputDirectory, SecondWriterIsToldWhoTheFirstIs) {
  const Scratch scratch;
  int ready[2], done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const OutputDirectory out(scratch.file("run"), false);
    char byte = 0;
    if (::write(ready[1], &byte, 1) == 1) [[maybe_unused]]
      const ssize_t end = ::read(done[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_ERROR(OutputDirectory(scratch.file("run"), false), Code::cannot_create,
               concat("by process ", child, " on "));
  EXPECT_ERROR(OutputDirectory(scratch.file("run"), true), Code::cannot_create, "is being written");
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_NO_THROW(OutputDirectory(scratch.file("run"), false));  // the kill has freed the lock
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
}

}  // namespace
}  // namespace crisp
