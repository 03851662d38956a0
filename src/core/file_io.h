/// Reading and writing whole files, with errors that name the path and the reason.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cuda/error.h"

namespace crisp {

/// Throws what `error` (an errno) means for writing: Code::permission (EACCES, EPERM, EROFS),
/// Code::cannot_create (the path cannot hold a file), else Code::io. Message: "cannot <action> '<path>':
/// <reason>".
[[noreturn]] void fail_writing(int error, std::string_view action, const std::string& path);

/// The same for reading: Code::no_input where nothing is there.
[[noreturn]] void fail_reading(int error, std::string_view action, const std::string& path);

/// Writes every byte, through short writes and interrupted calls. `name` stands in messages. A pipe whose
/// reader has gone throws Interrupted(SIGPIPE), which the program turns into a quiet exit.
void write_fully(int fd, std::span<const uint8_t> bytes, const std::string& name);

/// The command's result, to stdout.
void write_stdout(std::string_view text);

/// The whole file. Code::no_input where it is absent, Code::data where it has more than `limit` bytes or
/// changes while it is read. Regular files and pipes only.
std::vector<uint8_t> read_file(const std::string& path, uint64_t limit);
std::string read_text(const std::string& path, uint64_t limit);

/// A regular file named `name` in the open directory `directory`; never follows a symbolic link. Code::data
/// where it is absent or anything else.
std::vector<uint8_t> read_file_at(int directory, const std::string& name, uint64_t limit,
                                  const std::string& origin);

/// The bytes of a text.
inline std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace crisp
