#include "core/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <future>
#include <memory>

#include "core/atomic_file.h"
#include "core/io_shim.h"
#include "core/sha256.h"
#include "core/printable.h"

namespace crisp {
namespace {

constexpr const char* kManifest = "manifest.json";
constexpr uint64_t kManifestBytes = 16 << 20;
constexpr uint64_t kBundleBytes = uint64_t{16} << 30;
constexpr size_t kDigits = 64;  // of a SHA-256 in hexadecimal

// A manifest begins with exactly these bytes in every version, so that its digest is found, and checked,
// before anything of it is interpreted: { "format_version": <number>, "sha256": "<digest>"
constexpr std::string_view kBeforeVersion = "{\n  \"format_version\": ";
constexpr std::string_view kBeforeDigest = ",\n  \"sha256\": \"";

struct Head {
  int64_t version = 0;
  size_t digest_at = 0;
};

[[noreturn]] void fail_damaged(const std::string& origin) {
  throw Error(Code::data,
              concat("'", origin, "' is damaged: its SHA-256 is not the one that it was written with"),
              "copy the bundle again, or train it again");
}

Head read_head(std::string_view text, const std::string& origin) {
  const auto require = [&](bool condition) {
    if (!condition) fail(Code::data, "'", origin, "' is not the manifest of a crisp bundle");
  };
  require(text.starts_with(kBeforeVersion));
  Head head;
  const char* end = text.data() + text.size();
  const auto number = std::from_chars(text.data() + kBeforeVersion.size(), end, head.version);
  require(number.ec == std::errc());
  const size_t after = static_cast<size_t>(number.ptr - text.data());
  require(text.substr(after).starts_with(kBeforeDigest));
  head.digest_at = after + kBeforeDigest.size();
  require(text.size() > head.digest_at + kDigits);
  return head;
}

std::string digest_of_manifest(std::string text, size_t digest_at) {
  text.replace(digest_at, kDigits, kDigits, '0');
  return sha256_hex(as_bytes(text));
}

// The manifest's JSON, after its version and its own digest have been found right.
Json checked_manifest(std::string_view text, const std::string& origin) {
  const Head head = read_head(text, origin);
  if (head.version > kBundleVersion) {
    throw Error(Code::data,
                concat("'", origin, "' has format version ", head.version, "; this crisp reads up to ",
                       kBundleVersion),
                "use a newer crisp");
  }
  CRISP_REQUIRE(head.version >= 1, Code::data, "'", origin, "' has the impossible format version ",
                head.version);
  const std::string_view digest = text.substr(head.digest_at, kDigits);
  if (digest_of_manifest(std::string(text), head.digest_at) != digest) fail_damaged(origin);
  return parse_json(text, origin);
}

struct Listed {
  std::string name;
  uint64_t bytes;
  std::string digest;
};

Listed read_listed(const std::string& name, const Json& about, const std::string& origin) {
  const auto require = [&](bool condition, const char* problem) {
    CRISP_REQUIRE(condition, Code::data, origin, ": files: '", printable(name.substr(0, 100)),
                  "': ", problem);
  };
  require(is_bundle_name(name) && name != kManifest, "not an acceptable file name");
  require(about.is_object() && about.size() == 2 && about.contains("bytes") && about.contains("sha256"),
          "expected bytes and sha256");
  require(about["bytes"].is_number_unsigned() && about["bytes"].get<uint64_t>() <= kBundleBytes,
          "bytes must be a whole number of at most 16 GiB");
  require(about["sha256"].is_string() && about["sha256"].get_ref<const std::string&>().size() == kDigits,
          "sha256 must have 64 digits");
  return {name, about["bytes"].get<uint64_t>(), about["sha256"].get<std::string>()};
}

std::vector<Listed> read_list(const Json& manifest, const std::string& origin) {
  const auto files = manifest.find("files");
  CRISP_REQUIRE(files != manifest.end() && files->is_object(), Code::data, origin,
                ": the list of files is missing");
  std::vector<Listed> out;
  uint64_t total = 0;
  for (const auto& [name, about] : files->items()) {
    out.push_back(read_listed(name, about, origin));
    total += out.back().bytes;
    CRISP_REQUIRE(total <= kBundleBytes, Code::data, origin, ": the files exceed 16 GiB");
  }
  return out;
}

class Folder {
 public:
  explicit Folder(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ < 0 && errno == ENOTDIR) fail(Code::data, "'", path, "' is not a bundle: a folder was expected");
    if (fd_ < 0) fail_reading(errno, "open the bundle", path);
  }
  ~Folder() { ::close(fd_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  int fd() const { return fd_; }
  bool has(const char* name) const { return ::faccessat(fd_, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0; }

 private:
  int fd_;
};

std::vector<uint8_t> read_checked(const Folder& folder, const Listed& listed, const std::string& origin) {
  std::vector<uint8_t> bytes = read_file_at(folder.fd(), listed.name, kBundleBytes, origin);
  CRISP_REQUIRE(bytes.size() == listed.bytes, Code::data, "'", origin, "' has ", bytes.size(),
                " bytes; the manifest says ", listed.bytes);
  if (sha256_hex(bytes) != listed.digest) fail_damaged(origin);
  return bytes;
}

void remove_manifest(const std::string& directory) {
  const std::string path = concat(directory, '/', kManifest);
  if (io().unlink(path.c_str()) == 0) {
    sync_directory(directory);
  } else if (errno != ENOENT) {
    fail_writing(errno, "replace", path);
  }
}

}  // namespace

bool is_bundle_name(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 64 && alphanumeric(name[0]) &&
         std::all_of(name.begin(), name.end(), allowed);
}

void BundleWriter::add(const std::string& name, std::vector<uint8_t> bytes) {
  CRISP_ASSERT(is_bundle_name(name) && name != kManifest);
  CRISP_ASSERT(files_.emplace(name, std::move(bytes)).second);
}

void BundleWriter::add(const std::string& name, std::string_view text) {
  const auto bytes = as_bytes(text);
  add(name, std::vector<uint8_t>(bytes.begin(), bytes.end()));
}

std::string BundleWriter::manifest_text(const Json& manifest) const {
  Json out = {{"format_version", kBundleVersion}, {"sha256", std::string(kDigits, '0')}};
  for (const auto& [key, value] : manifest.items()) {
    CRISP_ASSERT(!out.contains(key) && key != "files");
    out[key] = value;
  }
  Json& files = out["files"] = Json::object();
  for (const auto& [name, bytes] : files_)
    files[name] = {{"bytes", bytes.size()}, {"sha256", sha256_hex(bytes)}};
  std::string text = to_text(out, 2) + "\n";
  const size_t digest_at = read_head(text, kManifest).digest_at;
  text.replace(digest_at, kDigits, digest_of_manifest(text, digest_at));
  checked_manifest(text, kManifest);  // what we would refuse to read must not be written
  return text;
}

void BundleWriter::finish(const Json& manifest) {
  // The digests take about as long as the disk: side by side.
  std::future<std::string> text = std::async(std::launch::async, [&] { return manifest_text(manifest); });
  // All bytes are on the disk before anything is replaced: a full disk costs the old bundle nothing.
  std::vector<std::unique_ptr<AtomicFile>> pending;
  const auto stage = [&](const std::string& name, std::span<const uint8_t> bytes) {
    pending.push_back(std::make_unique<AtomicFile>(concat(directory_, '/', name)));
    pending.back()->write(bytes);
    pending.back()->prepare();
  };
  for (const auto& [name, bytes] : files_) stage(name, bytes);
  const std::string listed = text.get();
  stage(kManifest, as_bytes(listed));
  remove_manifest(directory_);
  for (const auto& file : pending) file->commit();
}

Bundle Bundle::open(const std::string& path) {
  Bundle out;
  out.path_ = path;
  if (const size_t slash = path.rfind('/'); path.substr(slash + 1) == kManifest) {
    out.path_ = slash == std::string::npos ? "." : path.substr(0, slash);
  }
  const Folder folder(out.path_);
  CRISP_REQUIRE(folder.has(kManifest), Code::data, "'", out.path_,
                "' is not a bundle: it has no manifest.json (or its writing was interrupted)");
  const std::string origin = out.where(kManifest);
  const std::vector<uint8_t> text = read_file_at(folder.fd(), kManifest, kManifestBytes, origin);
  out.manifest_ = checked_manifest({reinterpret_cast<const char*>(text.data()), text.size()}, origin);
  for (const Listed& listed : read_list(out.manifest_, origin)) {
    out.files_.emplace(listed.name, read_checked(folder, listed, out.where(listed.name)));
  }
  return out;
}

std::vector<std::string> Bundle::names() const {
  std::vector<std::string> out;
  for (const auto& [name, bytes] : files_) out.push_back(name);
  return out;
}

std::span<const uint8_t> Bundle::file(const std::string& name) const {
  const auto found = files_.find(name);
  CRISP_REQUIRE(found != files_.end(), Code::data, "the bundle '", path_, "' has no file '", name, "'");
  return found->second;
}

Json Bundle::json(const std::string& name) const {
  const auto bytes = file(name);
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, where(name));
}

}  // namespace crisp
