#include "core/json.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/printable.h"
#include "core/ubjson.h"

namespace crisp {
namespace {

// Builds the tree from the parser's events. Objects are appended to, not looked up in: an ordered object is a
// list, and looking for every key would take quadratic time on hostile input.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  Json take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }
  size_t position() const { return position_; }

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
  bool number_float(number_float_t value, const string_t&) override { return scalar(value); }
  bool string(string_t& value) override { return scalar(std::move(value)); }
  bool binary(binary_t&) override { return refuse("binary data"); }

  bool start_object(size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    if (!open_.back().keys.insert(value).second)
      return refuse(concat("key '", printable(value.substr(0, 100)), "' stands twice"));
    open_.back().key = std::move(value);
    return true;
  }

  bool parse_error(size_t position, const std::string&, const Json::exception& error) override {
    position_ = position;
    // The library's text carries its own error number and position in front: "[json.exception...] ... column
    // 3: ".
    const std::string text = error.what();
    const size_t colon = text.find(": ");
    problem_ = printable(colon == std::string::npos ? text : text.substr(colon + 2));
    return false;
  }

 private:
  struct Level {
    Json value;
    std::string key;  // of the member that comes next
    std::set<std::string> keys;
  };

  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool open(Json value) {
    if (open_.size() >= static_cast<size_t>(limits_.depth))
      return refuse(concat("nested deeper than ", limits_.depth));
    if (!count()) return false;
    open_.push_back(Level{std::move(value), {}, {}});
    return true;
  }

  bool close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    place(std::move(value));
    return true;
  }

  template <class Value>
  bool scalar(Value&& value) {
    if (!count()) return false;
    place(Json(std::forward<Value>(value)));
    return true;
  }

  bool count() {
    return ++values_ <= limits_.values || refuse(concat("more than ", limits_.values, " values"));
  }

  void place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = open_.back(); level.value.is_array()) {
      level.value.get_ref<Json::array_t&>().push_back(std::move(value));
    } else {
      level.value.get_ref<Json::object_t&>().emplace_back(std::move(level.key), std::move(value));
    }
  }

  const JsonLimits limits_;
  std::vector<Level> open_;
  Json root_;
  std::string problem_;
  size_t position_ = 0;
  uint64_t values_ = 0;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& origin, Code code, const JsonLimits& limits) {
  CRISP_REQUIRE(text.size() <= limits.bytes, code, origin, ": ", text.size(),
                " bytes of JSON, more than the ", limits.bytes, " allowed");
  Builder builder(limits);
  if (Json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  if (builder.position() == 0) fail(code, origin, ": not acceptable JSON: ", builder.problem());
  const auto stop = text.begin() + static_cast<std::ptrdiff_t>(std::min(builder.position(), text.size()));
  fail(code, origin, ": line ", 1 + std::count(text.begin(), stop, '\n'),
       ": not valid JSON: ", builder.problem());
}

// The parser recurses once a level, and the builder stops it at limits.depth; what it counts bounds arrays whose values take no bytes.
Json parse_ubjson(std::span<const uint8_t> bytes, const std::string& origin, Code code,
                  const JsonLimits& limits) {
  CRISP_REQUIRE(bytes.size() <= limits.bytes, code, origin, ": ", bytes.size(), " bytes of UBJSON, more than the ", limits.bytes, " allowed");
  Builder builder(limits);
  if (Json::sax_parse(bytes.begin(), bytes.end(), &builder, Json::input_format_t::ubjson)) return builder.take();
  fail(code, origin, ": byte ", builder.position(), ": not valid UBJSON: ", builder.problem());
}

std::string to_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace crisp
