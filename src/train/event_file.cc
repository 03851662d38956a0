#include "train/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "core/file_io.h"
#include "core/log.h"
#include "cuda/error.h"

namespace crisp {
namespace {

// Field numbers of the messages Event, Summary, Summary.Value, SessionLog and SummaryMetadata.
enum : int { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum : int { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr const char* kPrefix = "events.out.tfevents.";
constexpr size_t kFlushBytes = 1 << 16;

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 128; value >>= 7) out += static_cast<char>(value | 128);
  out += static_cast<char>(value);
}

void put_key(std::string& out, int field, int kind) { put_varint(out, static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(kind)); }

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_key(out, field, kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

template <class Number>
void put_raw(std::string& out, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

/// An event's head: when, and at which step.
std::string event_at(int64_t step) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string event;
  put_key(event, kWallTime, kFixed64);
  put_raw(event, std::chrono::duration<double>(now).count());
  put_key(event, kStep, kVarint);
  put_varint(event, static_cast<uint64_t>(step));
  return event;
}

std::string file_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0 || host[0] == 0) std::strcpy(host.data(), "localhost");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return concat(kPrefix, std::chrono::duration_cast<std::chrono::seconds>(now).count(), ".", host.data(), ".", getpid(), ".0");
}

/// Curves of a run that was here before: this one begins anew.
void remove_old_files(const std::string& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kPrefix)) std::filesystem::remove(entry.path(), ignored);
  }
}

/// Stored checksums are turned and shifted, so that a checksum of data that holds checksums stays strong.
uint32_t masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? 0x82f63b78u ^ (crc >> 1) : crc >> 1;
    table[byte] = crc;
  }
  return table;
}

/// Of a figure of a record; empty: none to be drawn.
std::string tag_of(const std::string& key) {
  if (key == "rate") return "learning_rate";
  for (const std::string rows : {"train", "validation"}) {
    if (key.starts_with(rows + "_")) return concat(key.substr(rows.size() + 1), "/", rows);
  }
  return "";
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = kTable[(crc ^ static_cast<uint8_t>(byte)) & 255] ^ (crc >> 8);
  return ~crc;
}

EventFile::EventFile(const std::string& directory, int64_t first_step) : path_(directory + "/" + file_name()) {
  if (first_step == 0) remove_old_files(directory);
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  CRISP_REQUIRE(fd_ >= 0, Code::cannot_create, "cannot make '", path_, "': ", std::strerror(errno));
  std::string version = event_at(0);
  put_bytes(version, kFileVersion, "brain.Event:2");
  record(version);
  if (first_step == 0) return;
  std::string session, start = event_at(first_step);
  put_key(session, 1, kVarint);
  put_varint(session, 1);  // SessionLog.START: later steps of earlier files count no longer
  put_bytes(start, kSessionLog, session);
  record(start);
}

EventFile::~EventFile() {
  flush();
  if (fd_ >= 0) ::close(fd_);
}

void EventFile::scalar(std::string_view tag, int64_t step, double value) {
  std::string point, summary, event = event_at(step);
  put_bytes(point, 1, tag);
  put_key(point, 2, kFixed32);
  put_raw(point, static_cast<float>(value));
  put_bytes(summary, 1, point);
  put_bytes(event, kSummary, summary);
  record(event);
}

void EventFile::record(const std::string& event) {
  std::string head;
  put_raw(head, static_cast<uint64_t>(event.size()));
  buffer_ += head;
  put_raw(buffer_, masked(crc32c(head)));
  buffer_ += event;
  put_raw(buffer_, masked(crc32c(event)));
  if (buffer_.size() >= kFlushBytes) flush();
}

void EventFile::flush() {
  if (fd_ < 0 || buffer_.empty()) return;
  try {
    write_fully(fd_, as_bytes(buffer_), path_);
  } catch (const Error& error) {
    warn("no more curves for TensorBoard: ", error.what());
    ::close(fd_);
    fd_ = -1;
  }
  buffer_.clear();
}

void tell_record(EventFile& events, int64_t step, const Json& record) {
  for (const auto& [key, value] : record.items()) {
    const std::string tag = tag_of(key);
    if (!tag.empty() && value.is_number()) events.scalar(tag, step, value.get<double>());
  }
  events.flush();
}

}  // namespace crisp
