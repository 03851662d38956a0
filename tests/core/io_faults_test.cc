// Every system call of a write is made to fail, or to be the last one that the process makes.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <filesystem>
#include <functional>

#include "core/atomic_file.h"
#include "core/bundle.h"
#include "core/interrupt.h"
#include "core/output_directory.h"
#include "tests/core/expect_error.h"
#include "tests/core/faulty_io.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

void write_bundle(const std::string& directory, const std::string& content) {
  BundleWriter writer(directory);
  writer.add("weights.safetensors", content);
  writer.add("recipe.json", "recipe of " + content);
  writer.finish({{"content", content}});
}

// "old", "new", "none" (a clean refusal) or "mixed".
std::string state_of(const std::string& directory) {
  try {
    const Bundle bundle = Bundle::open(directory);
    const std::string content = bundle.manifest()["content"];
    const auto bytes = bundle.file("weights.safetensors");
    return std::string(bytes.begin(), bytes.end()) == content ? content : "mixed";
  } catch (const Error& error) {
    return error.code() == Code::data ? "none" : concat("error ", static_cast<int>(error.code()));
  }
}

bool has_temporaries(const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (is_temporary_name(entry.path().filename().string())) return true;
  }
  return false;
}

struct ErrorCase {
  int error;
  Code code;
};

class IoFaults : public testing::TestWithParam<ErrorCase> {};

// Writes a new bundle over an old one, the n-th call failing, for every n until nothing is hit any more.
TEST_P(IoFaults, EveryCallOnceAndForGood) {
  for (const bool persistent : {false, true}) {
    int64_t n = 1;
    for (bool hit = true; hit; ++n) {
      const Scratch scratch;
      write_bundle(scratch.path(), "old");
      bool failed = false;
      {
        const FaultyIo faulty(Fault::error, n, GetParam().error, persistent);
        try {
          write_bundle(scratch.path(), "new");
        } catch (const Error& error) {
          failed = true;
          EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(GetParam().code)) << error.what();
          EXPECT_NE(std::string(error.what()).find(scratch.path()), std::string::npos) << error.what();
        }
        hit = faulty.injected() > 0;
      }
      const std::string state = state_of(scratch.path());
      EXPECT_TRUE(state == "new" || (failed && (state == "old" || state == "none")))
          << state << " at call " << n;
      EXPECT_TRUE(persistent || !has_temporaries(scratch.path())) << n;
      write_bundle(scratch.path(), "new");
      EXPECT_EQ(state_of(scratch.path()), "new") << "not repaired after call " << n;
    }
    EXPECT_GT(n, 20);
  }
}

INSTANTIATE_TEST_SUITE_P(Errors, IoFaults,
                         testing::Values(ErrorCase{EIO, Code::io}, ErrorCase{ENOSPC, Code::io},
                                         ErrorCase{EDQUOT, Code::io}, ErrorCase{EROFS, Code::permission},
                                         ErrorCase{EACCES, Code::permission}),
                         [](const auto& info) { return concat("errno", info.param.error); });

// A disk that fills up costs the old bundle nothing: only the last renames can.
TEST(IoFaultsOrder, NoByteIsWrittenAfterTheOldBundleIsTouched) {
  for (int64_t n = 1;; ++n) {
    const Scratch scratch;
    write_bundle(scratch.path(), "old");
    IoShim no_space = io();
    static int64_t left;
    left = n;
    static const auto real_write = io().write;
    no_space.write = [](int fd, const void* bytes, size_t count) {
      return --left <= 0 ? (errno = ENOSPC, ssize_t{-1}) : real_write(fd, bytes, count);
    };
    const IoShim real = swap_io(no_space);
    bool failed = false;
    try {
      write_bundle(scratch.path(), "new");
    } catch (const Error&) {
      failed = true;
    }
    swap_io(real);
    EXPECT_EQ(state_of(scratch.path()), failed ? "old" : "new");
    if (!failed) return;
    ASSERT_LT(n, 100);
  }
}

TEST(IoFaultsTransparent, InterruptedCallsAndShortWritesAreNotSeen) {
  for (const Fault fault : {Fault::error, Fault::short_write}) {
    bool hit = true;
    for (int64_t n = 1; hit; ++n) {
      const Scratch scratch;
      const FaultyIo faulty(fault, n, EINTR);
      AtomicFile file(scratch.file("a"));
      file.write(std::string(100'000, 'x'));
      file.write("end");
      // rename() is never interrupted; there the injected error is a failure like any other.
      try {
        file.commit();
        EXPECT_EQ(file_text(scratch.file("a")), std::string(100'000, 'x') + "end") << n;
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("cannot create"), std::string::npos) << error.what();
      }
      hit = faulty.injected() > 0;
    }
  }
}

TEST(IoFaultsFsync, AFailedFsyncIsNotTriedAgain) {
  const Scratch scratch;
  IoShim failing = io();
  static int calls;
  calls = 0;
  failing.fsync = [](int) { return ++calls, errno = EIO, -1; };
  const IoShim real = swap_io(failing);
  EXPECT_ERROR(write_file_atomically(scratch.file("a"), "x"), Code::io, "Input/output error");
  swap_io(real);
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(scratch.names().empty());
}

TEST(IoFaultsKill, AtEveryCallTheOldOrTheNewBundleOrNoneIsThere) {
  int64_t n = 1, killed = 0;
  for (bool again = true; again; ++n) {
    const Scratch scratch;
    write_bundle(scratch.path(), "old");
    const pid_t child = ::fork();
    if (child == 0) {
      const FaultyIo faulty(Fault::kill, n);
      write_bundle(scratch.path(), "new");
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    again = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    killed += again;
    const std::string state = state_of(scratch.path());
    EXPECT_TRUE(state == "new" || (again && (state == "old" || state == "none")))
        << state << " at call " << n;
    { const OutputDirectory next(scratch.path(), true); }
    EXPECT_FALSE(has_temporaries(scratch.path())) << "not swept after call " << n;
  }
  EXPECT_GT(killed, 20);
}

// --- the real thing
// ------------------------------------------------------------------------------------------------

// Runs `body` in a child and returns its exit status, the code of the crisp::Error that it threw, or 128 +
// signal.
int in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
      ::_exit(0);
    } catch (const std::exception& error) {
      ::_exit(exit_status(error));
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(RealFaults, FileSizeLimit) {
  const Scratch scratch;
  const int status = in_child([&] {
    install_signal_handlers();  // without them SIGXFSZ would kill
    const rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    write_file_atomically(scratch.file("a"), std::string(2000, 'x'));
  });
  EXPECT_EQ(status, 74);
  EXPECT_TRUE(scratch.names().empty());
}

TEST(RealFaults, NoMoreFileDescriptors) {
  const Scratch scratch;
  const int status = in_child([&] {
    const rlimit limit = {3, 3};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    write_file_atomically(scratch.file("a"), "x");
  });
  EXPECT_EQ(status, 74);
}

int write_to_stdout(const char* where) {
  return in_child([&] {
    const int fd = ::open(where, O_WRONLY);
    ::dup2(fd, STDOUT_FILENO);
    write_stdout("result");
  });
}

TEST(RealFaults, Stdout) {
  EXPECT_EQ(write_to_stdout("/dev/null"), 0);
  EXPECT_EQ(write_to_stdout("/dev/full"), 74);
  EXPECT_EQ(in_child([] { ::close(STDOUT_FILENO), write_stdout("result"); }), 74);
  const int no_reader = in_child([] {
    install_signal_handlers();
    int ends[2];
    if (::pipe(ends) == 0) ::close(ends[0]), ::dup2(ends[1], STDOUT_FILENO);
    write_stdout("result");
  });
  EXPECT_EQ(no_reader, 128 + SIGPIPE);
}

// A small file system of our own, where the kernel lets us have one.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    mounted_ = ::mount("tmpfs", scratch_.path().c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(scratch_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const Scratch& scratch() const { return scratch_; }
  void make_read_only() {
    ::mount("tmpfs", scratch_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr);
  }

 private:
  Scratch scratch_;
  bool mounted_ = false;
};

TEST(RealFaults, FullDisk) {
  SmallDisk disk("size=64k");
  if (!disk.mounted()) GTEST_SKIP() << "mounting is not allowed here";
  const std::string& path = disk.scratch().path();
  write_bundle(path, "old");
  EXPECT_ERROR(write_bundle(path, std::string(200'000, 'x')), Code::io, "No space left");
  EXPECT_EQ(state_of(path), "old");
  EXPECT_FALSE(has_temporaries(path));
  write_bundle(path, "new");
  EXPECT_EQ(state_of(path), "new");
}

TEST(RealFaults, NoMoreInodes) {
  SmallDisk disk("nr_inodes=5");
  if (!disk.mounted()) GTEST_SKIP() << "mounting is not allowed here";
  write_bundle(disk.scratch().path(), "old");
  EXPECT_ERROR(write_bundle(disk.scratch().path(), "new"), Code::io, "No space left");
  EXPECT_EQ(state_of(disk.scratch().path()), "old");
}

TEST(RealFaults, ReadOnlyDisk) {
  SmallDisk disk("size=64k");
  if (!disk.mounted()) GTEST_SKIP() << "mounting is not allowed here";
  disk.make_read_only();
  EXPECT_ERROR(OutputDirectory(disk.scratch().path(), false), Code::permission, "Read-only file system");
  EXPECT_ERROR(OutputDirectory(disk.scratch().file("new"), false), Code::permission, "Read-only file system");
  EXPECT_ERROR(write_file_atomically(disk.scratch().file("a"), "x"), Code::permission,
               "Read-only file system");
}

}  // namespace
}  // namespace crisp
