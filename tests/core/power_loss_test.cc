// What a power loss could leave of a bundle, at every moment of its writing. The shim records every call; a
// model of the disk then drops, in every combination, what no fsync had made durable by then: names of a
// folder that was not synced, and the bytes of files that were not.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/bundle.h"
#include "core/io_shim.h"
#include "tests/core/expect_error.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

struct Event {
  enum class Kind { create, write, sync_file, sync_folder, rename, unlink };
  Kind kind;
  int file = 0;           // create, write, sync_file: which file, counted from 0
  std::string name = {};  // create, rename (from), unlink
  std::string text = {};  // write: the bytes; rename: the new name
};

// Which of the safeguards the recorded writer leaves out: the negative controls.
enum class Omit { nothing, file_sync, folder_sync };

std::vector<Event> events;
std::map<int, int> file_of;  // by file descriptor; folders are -1
int next_file;
Omit omit;
IoShim real;

std::string base(const char* path) { return std::filesystem::path(path).filename(); }

int record_open(const char* path, int flags, mode_t mode) {
  const int fd = real.open(path, flags, mode);
  if (fd < 0) return fd;
  file_of[fd] = flags & O_DIRECTORY ? -1 : next_file++;
  if (flags & O_CREAT) events.push_back({Event::Kind::create, file_of[fd], base(path)});
  return fd;
}

ssize_t record_write(int fd, const void* bytes, size_t count) {
  events.push_back(
      {Event::Kind::write, file_of.at(fd), "", std::string(static_cast<const char*>(bytes), count)});
  return real.write(fd, bytes, count);
}

int record_fsync(int fd) {
  const bool folder = file_of.at(fd) < 0;
  if (omit == (folder ? Omit::folder_sync : Omit::file_sync)) return 0;
  events.push_back({folder ? Event::Kind::sync_folder : Event::Kind::sync_file, file_of.at(fd)});
  return 0;
}

int record_rename(const char* from, const char* to) {
  events.push_back({Event::Kind::rename, 0, base(from), base(to)});
  return real.rename(from, to);
}

int record_unlink(const char* path) {
  const int result = real.unlink(path);
  if (result == 0) events.push_back({Event::Kind::unlink, 0, base(path)});
  return result;
}

void write_bundle(const std::string& directory, const std::string& content) {
  BundleWriter writer(directory);
  writer.add("weights.safetensors", "weights " + content);
  writer.add("recipe.json", "recipe of " + content);
  writer.finish({{"content", content}});
}

using Names = std::map<std::string, int>;  // of the folder: name -> file

// The disk: what is durable, and what is only in memory.
struct Disk {
  Names names;
  std::vector<Event> pending;  // changes of names since the folder was synced
  std::map<int, std::string> durable, cached;

  static void apply(Names& names, const Event& event) {
    if (event.kind == Event::Kind::create) names[event.name] = event.file;
    if (event.kind == Event::Kind::unlink) names.erase(event.name);
    if (event.kind == Event::Kind::rename) {
      const auto from = names.find(event.name);
      if (from == names.end()) return;  // the file's first name was lost with it
      names[event.text] = from->second;
      names.erase(event.name);
    }
  }

  void play(const Event& event) {
    switch (event.kind) {
      case Event::Kind::write:
        cached[event.file] += event.text;
        break;
      case Event::Kind::sync_file:
        durable[event.file] = cached[event.file];
        break;
      case Event::Kind::sync_folder:
        for (const Event& change : pending) apply(names, change);
        pending.clear();
        break;
      case Event::Kind::create:
        cached[event.file] = durable[event.file] = "";
        [[fallthrough]];
      default:
        pending.push_back(event);
    }
  }
};

// What an unsynced file may hold afterwards: what was durable, all of it, half of it, or zeros of the right
// length.
std::string content_after(const std::string& durable, const std::string& cached, int variant) {
  if (durable == cached || variant == 0) return durable;
  if (variant == 1) return cached;
  if (variant == 2) return cached.substr(0, cached.size() / 2);
  return std::string(cached.size(), '\0');
}

struct Outcome {
  int64_t states = 0;
  std::set<std::string> seen;
};

void check(const Disk& disk, const std::string& folder, Outcome& outcome) {
  for (uint32_t kept = 0; kept < 1u << disk.pending.size(); ++kept) {
    Names names = disk.names;
    for (size_t i = 0; i < disk.pending.size(); ++i) {
      if (kept >> i & 1) Disk::apply(names, disk.pending[i]);
    }
    for (int variant = 0; variant < 4; ++variant) {
      std::filesystem::remove_all(folder);
      std::filesystem::create_directory(folder);
      for (const auto& [name, file] : names) {
        put_file(folder + "/" + name, content_after(disk.durable.at(file), disk.cached.at(file), variant));
      }
      ++outcome.states;
      try {
        outcome.seen.insert(Bundle::open(folder).manifest()["content"].get<std::string>());
      } catch (const Error& error) {
        outcome.seen.insert(error.code() == Code::data ? "none" : "other error");
      }
    }
  }
}

struct PowerLoss {
  Outcome during, after;
};

PowerLoss lose_power(Omit what) {
  const Scratch scratch, replay;
  write_bundle(scratch.path(), "old");
  Disk disk;
  next_file = 0;
  for (const std::string& name : scratch.names()) {
    disk.names[name] = next_file;
    disk.durable[next_file] = disk.cached[next_file] = file_text(scratch.file(name));
    ++next_file;
  }
  events.clear();
  omit = what;
  real = swap_io({record_open, record_write, record_fsync, io().close, record_rename, record_unlink});
  write_bundle(scratch.path(), "new");
  swap_io(real);
  PowerLoss result;
  for (const Event& event : events) {
    check(disk, replay.file("disk"), result.during);
    disk.play(event);
  }
  check(disk, replay.file("disk"), result.after);
  return result;
}

TEST(PowerLoss, NeverAWrongBundleAndTheNewOneOnceWritten) {
  const PowerLoss result = lose_power(Omit::nothing);
  EXPECT_GT(result.during.states, 200);
  EXPECT_EQ(result.during.seen, (std::set<std::string>{"new", "none", "old"}));
  EXPECT_EQ(result.after.seen, std::set<std::string>{"new"});
}

// A writer that leaves one safeguard out must be caught by the very same check.
TEST(PowerLoss, TheCheckNoticesAMissingFsync) {
  EXPECT_NE(lose_power(Omit::file_sync).after.seen, std::set<std::string>{"new"});
  EXPECT_NE(lose_power(Omit::folder_sync).after.seen, std::set<std::string>{"new"});
}

}  // namespace
}  // namespace crisp
