#include "core/bundle.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/file_io.h"
#include "core/sha256.h"
#include "tests/core/expect_error.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

const Json kAbout = {{"model", "random_cut_forest"}, {"params", {{"num_trees", 50}}}, {"auc", 0.8347}};

void write_small(const std::string& directory, const std::string& weights = "weights \x01\x02") {
  BundleWriter writer(directory);
  writer.add("weights.safetensors", weights);
  writer.add("recipe.json", R"({"steps": []})");
  writer.finish(kAbout);
}

// A manifest with a right digest of itself, whatever else it says.
std::string sealed(std::string text) {
  const std::string mark = "\"sha256\": \"";
  const size_t at = text.find(mark) + mark.size();
  text.replace(at, 64, 64, '0');
  return text.replace(at, 64, sha256_hex(as_bytes(text)));
}

std::string manifest_with(const std::string& rest, const std::string& version = "1") {
  return sealed("{\n  \"format_version\": " + version + ",\n  \"sha256\": \"" + std::string(64, '0') + "\"" +
                rest + "}\n");
}

TEST(Sha256, AgreesWithFips180) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  for (const char* piece : {"a", "", "bc"}) pieces.update(as_bytes(piece));
  EXPECT_EQ(pieces.finish(), sha256_hex(as_bytes("abc")));
}

TEST(Bundle, RoundTrips) {
  const Scratch scratch;
  write_small(scratch.path());
  const Bundle bundle = Bundle::open(scratch.path());
  EXPECT_EQ(bundle.names(), (std::vector<std::string>{"recipe.json", "weights.safetensors"}));
  EXPECT_EQ(bundle.manifest()["model"], "random_cut_forest");
  EXPECT_EQ(bundle.manifest()["format_version"], 1);
  EXPECT_EQ(bundle.file("weights.safetensors").size(), 10u);
  EXPECT_TRUE(bundle.json("recipe.json")["steps"].is_array());
  EXPECT_FALSE(bundle.has("manifest.json"));
  EXPECT_ERROR(bundle.file("card.md"), Code::data, "has no file 'card.md'");
  EXPECT_EQ(Bundle::open(scratch.file("manifest.json")).path(), scratch.path());
}

TEST(Bundle, SameContentSameBytes) {
  const Scratch a, b;
  write_small(a.path());
  write_small(b.path());
  for (const std::string& name : a.names())
    EXPECT_EQ(file_text(a.file(name)), file_text(b.file(name))) << name;
  EXPECT_EQ(a.names(), (std::vector<std::string>{"manifest.json", "recipe.json", "weights.safetensors"}));
}

TEST(Bundle, OtherFilesBesideItDoNotMatter) {
  const Scratch scratch;
  write_small(scratch.path());
  put_file(scratch.file("run.json"), "anything");
  EXPECT_EQ(Bundle::open(scratch.path()).names().size(), 2u);
}

TEST(Bundle, SaysWhatItIsNot) {
  const Scratch scratch;
  EXPECT_ERROR(Bundle::open(scratch.file("absent")), Code::no_input, "absent");
  EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "is not a bundle: it has no manifest.json");
  put_file(scratch.file("file"), "x");
  EXPECT_ERROR(Bundle::open(scratch.file("file")), Code::data, "a folder was expected");
  for (const char* text : {"", "{}", "{\n  \"format_version\": ", "not json"}) {
    put_file(scratch.file("manifest.json"), text);
    EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "is not the manifest of a crisp bundle");
  }
}

TEST(Bundle, NamesTheVersionItCannotRead) {
  const Scratch scratch;
  put_file(scratch.file("manifest.json"), manifest_with(",\n  \"files\": {}", "2"));
  EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "has format version 2; this crisp reads up to 1");
  put_file(scratch.file("manifest.json"), manifest_with(",\n  \"files\": {}", "-1"));
  EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "impossible format version -1");
  put_file(scratch.file("manifest.json"), manifest_with(",\n  \"files\": {}", "99999999999999999999"));
  EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "not the manifest");
}

TEST(BundleDamage, EveryBitFlipIsDetected) {
  const Scratch scratch;
  write_small(scratch.path());
  int64_t flips = 0;
  for (const std::string& name : scratch.names()) {
    const std::string good = file_text(scratch.file(name));
    for (size_t bit = 0; bit < good.size() * 8; ++bit, ++flips) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
      put_file(scratch.file(name), bad);
      EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, scratch.file(name));
    }
    put_file(scratch.file(name), good);
  }
  EXPECT_GT(flips, 4000);
  EXPECT_NO_THROW(Bundle::open(scratch.path()));
}

TEST(BundleDamage, EveryTruncationAndEveryTailIsDetected) {
  const Scratch scratch;
  write_small(scratch.path());
  for (const std::string& name : scratch.names()) {
    const std::string good = file_text(scratch.file(name));
    for (size_t size = 0; size < good.size(); ++size) {
      put_file(scratch.file(name), good.substr(0, size));
      EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, scratch.file(name));
    }
    for (const char* tail : {"\n", " ", "PK\x05\x06"}) {
      put_file(scratch.file(name), good + tail);
      EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, scratch.file(name));
    }
    put_file(scratch.file(name), good);
  }
}

TEST(BundleDamage, MissingAndSwappedFiles) {
  const Scratch scratch;
  write_small(scratch.path());
  std::filesystem::remove(scratch.file("recipe.json"));
  EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "recipe.json' is missing");
  std::filesystem::create_symlink("/etc/passwd", scratch.file("recipe.json"));
  EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, "symbolic link");
  std::filesystem::remove(scratch.file("recipe.json"));
  std::filesystem::create_directory(scratch.file("recipe.json"));
  EXPECT_THROW(Bundle::open(scratch.path()), Error);
}

// The rest of a manifest whose `files` hold one entry.
std::string with_file(const std::string& entry) { return ",\n  \"files\": {" + entry + "}"; }

TEST(BundleHostile, Manifests) {
  const Scratch scratch;
  const std::string about = R"({"bytes": 1, "sha256": ")" + std::string(64, 'a') + "\"}";
  const auto expect = [&](const std::string& rest, const std::string& message) {
    put_file(scratch.file("manifest.json"), manifest_with(rest));
    EXPECT_ERROR(Bundle::open(scratch.path()), Code::data, message);
  };
  put_file(scratch.file("a"), "x");
  expect("", "list of files is missing");
  expect(",\n  \"files\": []", "list of files is missing");
  for (const char* name : {"../a", "..", ".a", "", "/etc/passwd", "a/b", "a\\\\b", "a\\u0000b", "-a", "a b",
                           "\\u00e9", "manifest.json"}) {
    expect(with_file(concat('"', name, "\": ", about)), "not an acceptable file name");
  }
  expect(with_file("\"" + std::string(65, 'n') + "\": " + about), "not an acceptable file name");
  expect(with_file("\"a\": " + about + ", \"a\": " + about), "'a' stands twice");
  expect(with_file("\"a\": 1"), "expected bytes and sha256");
  expect(with_file("\"a\": {\"bytes\": 1}"), "expected bytes and sha256");
  for (const char* bytes : {"-1", "1.0", "1e3", "\"1\"", "null", "18446744073709551615", "17179869185"}) {
    expect(with_file("\"a\": {\"bytes\": " + std::string(bytes) + ", \"sha256\": \"\"}"), "bytes must be");
  }
  expect(with_file("\"a\": {\"bytes\": 1, \"sha256\": \"\"}"), "64 digits");
  expect(with_file("\"a\": {\"bytes\": 1, \"sha256\": 5}"), "64 digits");
  expect(with_file("\"a\": {\"bytes\": 17179869184, \"sha256\": \"" + std::string(64, 'a') + "\"}"),
         "has 1 bytes");
  expect(with_file("\"a\": " + about), "is damaged");
  expect(",\n  \"x\": " + std::string(40, '[') + std::string(40, ']'), "nested deeper than 32");
  expect(",\n  \"x\": 1e999", "not valid JSON");
  expect(",\n  \"sha256\": \"" + std::string(64, '0') + "\"", "stands twice");
  expect(",\n  \"x\": \"\xff\"", "not valid JSON");
  expect(",", "not valid JSON");
}

TEST(BundleWriter, RefusesOurOwnMistakes) {
  const Scratch scratch;
  BundleWriter writer(scratch.path());
  writer.add("a", "x");
  EXPECT_ERROR(writer.add("a", "y"), Code::bug, "internal error");
  EXPECT_ERROR(writer.add("manifest.json", "y"), Code::bug, "internal error");
  EXPECT_ERROR(writer.add("a/b", "y"), Code::bug, "internal error");
  EXPECT_ERROR(writer.finish({{"files", 1}}), Code::bug, "internal error");
  EXPECT_ERROR(BundleWriter(scratch.file("absent")).finish(Json::object()), Code::cannot_create, "absent");
}

}  // namespace
}  // namespace crisp
