#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/core/expect_error.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  const Scratch scratch;
  {
    AtomicFile file(scratch.file("a.txt"));
    file.write("one ");
    file.write(std::string(200'000, 'x'));
    file.write("two");
    EXPECT_FALSE(std::filesystem::exists(scratch.file("a.txt")));
    file.commit();
  }
  EXPECT_EQ(file_text(scratch.file("a.txt")), "one " + std::string(200'000, 'x') + "two");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"a.txt"});
}

TEST(AtomicFile, UncommittedLeavesTheOldFileAndNothingElse) {
  const Scratch scratch;
  put_file(scratch.file("a.txt"), "old");
  { AtomicFile(scratch.file("a.txt")).write("new"); }
  EXPECT_EQ(file_text(scratch.file("a.txt")), "old");
  EXPECT_EQ(scratch.names().size(), 1u);
}

TEST(AtomicFile, WhetherANameCanBeWrittenIsKnownBeforehand) {
  const Scratch scratch;
  put_file(scratch.file("a.txt"), "old");
  EXPECT_NO_THROW(require_writable(scratch.file("new.txt"), false));
  EXPECT_NO_THROW(require_writable(scratch.file("a.txt"), true));
  EXPECT_ERROR(require_writable(scratch.file("a.txt"), false), Code::cannot_create, "exists");
  EXPECT_ERROR(require_writable(scratch.file("no/a.txt"), false), Code::cannot_create, "there is no folder");
  EXPECT_ERROR(require_writable(scratch.path(), true), Code::cannot_create, "is a folder");
  EXPECT_EQ(file_text(scratch.file("a.txt")), "old");
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"a.txt"});
}

TEST(AtomicFile, RefusesWhatIsNotAFile) {
  const Scratch scratch;
  EXPECT_ERROR(AtomicFile(""), Code::cannot_create, "empty name");
  EXPECT_ERROR(AtomicFile(scratch.path()), Code::cannot_create, "is a folder");
  EXPECT_ERROR(AtomicFile(scratch.file("new/")), Code::cannot_create, "names a folder");
  EXPECT_ERROR(AtomicFile(scratch.file("no/such/a")), Code::cannot_create, scratch.file("no/such/a"));
  EXPECT_ERROR(AtomicFile("/dev/null"), Code::cannot_create, "not a regular file");
  EXPECT_ERROR(AtomicFile(scratch.file(std::string(300, 'n'))), Code::cannot_create, "too long");
  ASSERT_EQ(::mkfifo(scratch.file("pipe").c_str(), 0600), 0);
  EXPECT_ERROR(AtomicFile(scratch.file("pipe")), Code::cannot_create, "not a regular file");
  std::filesystem::create_symlink("nowhere", scratch.file("dangling"));
  EXPECT_ERROR(AtomicFile(scratch.file("dangling")), Code::cannot_create, "leads nowhere");
  std::filesystem::create_symlink("loop", scratch.file("loop"));
  EXPECT_ERROR(AtomicFile(scratch.file("loop")), Code::cannot_create, "leads nowhere");
}

TEST(AtomicFile, WritesThroughALinkAndTakesLongNames) {
  const Scratch scratch;
  put_file(scratch.file("real"), "old");
  std::filesystem::create_symlink("real", scratch.file("link"));
  write_file_atomically(scratch.file("link"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.file("link")));
  EXPECT_EQ(file_text(scratch.file("real")), "new");
  write_file_atomically(scratch.file(std::string(255, 'n')), "x");
}

TEST(AtomicFile, SweepsTheFilesOfTheDead) {
  const Scratch scratch;
  const std::string dead = ".m.json.tmp-999999999-0",
                    ours_before = concat(".m.json.tmp-", ::getpid(), "-99999999");
  for (const std::string& name : {dead, ours_before}) put_file(scratch.file(name), "");
  const std::vector<std::string> kept = {".m.json.tmp-1-0", ".m.tmp-", ".m.tmp-1", "m.tmp-999999999-0"};
  for (const std::string& name : kept) put_file(scratch.file(name), "");
  AtomicFile open(scratch.file("m.json"));
  EXPECT_EQ(sweep_stale_temporaries(scratch.path()), 2);
  EXPECT_FALSE(std::filesystem::exists(scratch.file(dead)));
  EXPECT_EQ(scratch.names().size(), kept.size() + 1);
  open.commit();
}

TEST(ReadFile, SaysWhatIsWrong) {
  const Scratch scratch;
  put_file(scratch.file("a"), "12345");
  EXPECT_EQ(read_text(scratch.file("a"), 5), "12345");
  EXPECT_ERROR(read_file(scratch.file("a"), 4), Code::data, "larger than the 4 bytes");
  EXPECT_ERROR(read_file(scratch.file("b"), 4), Code::no_input, "No such file");
  EXPECT_ERROR(read_file(scratch.path(), 4), Code::no_input, "is a folder");
  EXPECT_ERROR(read_file("/dev/zero", 1000), Code::data, "larger than the 1000 bytes");
}

}  // namespace
}  // namespace crisp
