// The only file that sees toml++: it is the heaviest header of the project.
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/config_node.h"
#include "core/printable.h"

namespace crisp {
namespace {

// --- before the parser: its tree is torn down recursively, so depth is limited while it is still text
// -------------

size_t skip_string(std::string_view text, size_t at) {
  const char quote = text[at];
  const std::string_view triple = text.substr(at, 3);
  const bool multi = triple.size() == 3 && triple[1] == quote && triple[2] == quote;
  for (size_t i = at + (multi ? 3 : 1); i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == '\n' && !multi) {
      return i;
    } else if (text[i] == quote && (!multi || text.substr(i, 3) == triple)) {
      return i + (multi ? 2 : 0);
    }
  }
  return text.size();
}

// The position at which brackets or the dots of one key go deeper than the limit.
std::optional<size_t> find_too_deep(std::string_view text) {
  int brackets = 0, dots = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
      case '\'':
        i = skip_string(text, i);
        break;
      case '#':
        i = std::min(text.find('\n', i), text.size()) - 1;
        break;
      case '[':
      case '{':
        ++brackets;
        dots = 0;
        break;
      case ']':
      case '}':
        --brackets;
        break;
      case '.':
        ++dots;
        break;
      case '\n':
      case '=':
      case ',':
        dots = 0;
        break;
      default:
        break;
    }
    if (brackets > kConfigDepth || dots > kConfigDepth) return i;
  }
  return std::nullopt;
}

// --- from the parser's tree to ours
// --------------------------------------------------------------------------------

std::string two_digits(int value) { return value < 10 ? concat('0', value) : concat(value); }

std::string date_text(const toml::date& date) {
  std::string year = concat(static_cast<int>(date.year));
  return concat(std::string(year.size() < 4 ? 4 - year.size() : 0, '0'), year, '-', two_digits(date.month),
                '-', two_digits(date.day));
}

std::string time_text(const toml::time& time) {
  std::string out = concat(two_digits(time.hour), ':', two_digits(time.minute), ':', two_digits(time.second));
  if (time.nanosecond == 0) return out;
  std::string fraction = concat(1'000'000'000u + time.nanosecond).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return concat(out, '.', fraction);
}

std::string offset_text(int minutes) {
  if (minutes == 0) return "Z";
  const int size = std::abs(minutes);
  return concat(minutes < 0 ? '-' : '+', two_digits(size / 60), ':', two_digits(size % 60));
}

std::string date_time_text(const toml::date_time& value) {
  return concat(date_text(value.date), 'T', time_text(value.time),
                value.offset ? offset_text(value.offset->minutes) : "");
}

class Converter {
 public:
  /// Without lines of its own (a value from the command line) every value stands at `origin`.
  Converter(std::string origin, bool has_lines) : origin_(std::move(origin)), has_lines_(has_lines) {}

  std::string place(const toml::source_region& source) const {
    return has_lines_ ? concat(origin_, ':', source.begin.line) : origin_;
  }

  ConfigNode convert(const toml::node& node, const std::string& where, int depth) const {
    CRISP_REQUIRE(depth <= kConfigDepth, Code::config, where, ": nested deeper than ", kConfigDepth,
                  " levels");
    ConfigNode out;
    out.where = where;
    if (const auto* table = node.as_table()) {
      out.kind = ConfigNode::Kind::table;
      add_members(out, *table, depth);
    } else if (const auto* list = node.as_array()) {
      out.kind = ConfigNode::Kind::list;
      for (const toml::node& item : *list)
        out.members.emplace_back("", convert(item, place(item.source()), depth + 1));
    } else {
      out.kind = ConfigNode::Kind::scalar;
      out.scalar = scalar(node, where);
    }
    return out;
  }

 private:
  // The parser sorts its keys by name; people see them again in the order in which they wrote them.
  void add_members(ConfigNode& out, const toml::table& table, int depth) const {
    std::vector<std::pair<const toml::key*, const toml::node*>> order;
    for (const auto& [key, value] : table) order.emplace_back(&key, &value);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      const auto &x = a.first->source().begin, &y = b.first->source().begin;
      return std::pair(x.line, x.column) < std::pair(y.line, y.column);
    });
    for (const auto& [key, value] : order) {
      out.members.emplace_back(std::string(key->str()), convert(*value, place(key->source()), depth + 1));
    }
  }

  static Json scalar(const toml::node& node, const std::string& where) {
    if (const auto* value = node.as_boolean()) return value->get();
    if (const auto* value = node.as_integer()) return value->get();
    if (const auto* value = node.as_string()) return value->get();
    if (const auto* value = node.as_date()) return date_text(value->get());
    if (const auto* value = node.as_time()) return time_text(value->get());
    if (const auto* value = node.as_date_time()) return date_time_text(value->get());
    const auto* value = node.as_floating_point();
    CRISP_ASSERT(value != nullptr);
    CRISP_REQUIRE(std::isfinite(value->get()), Code::config, where,
                  ": infinities and nan are not accepted here");
    return value->get();
  }

  std::string origin_;
  bool has_lines_;
};

// --- one --set
// -----------------------------------------------------------------------------------------------------

std::optional<toml::table> try_parse(const std::string& text) {
  if (text.find('\n') != std::string::npos || find_too_deep(text)) return std::nullopt;
  try {
    return toml::parse(text);
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

// "recipe.step.0.\"odd name\"" -> its parts, by the TOML rules for dotted keys.
std::vector<std::string> parts_of(const std::string& path) {
  const auto parsed = try_parse(path + " = 0");
  std::vector<std::string> parts;
  const toml::node* node = parsed ? &*parsed : nullptr;
  while (node && node->is_table() && node->as_table()->size() == 1) {
    const auto only = node->as_table()->begin();  // kept: its pair lives inside the iterator
    parts.emplace_back(only->first.str());
    node = &only->second;
  }
  return parts;
}

ConfigNode value_of(const std::string& text, const std::string& where) {
  if (const auto parsed = try_parse("v = " + text); parsed && parsed->size() == 1) {
    return Converter(where, false).convert(*parsed->get("v"), where, 1);
  }
  ConfigNode out;
  out.kind = ConfigNode::Kind::scalar;
  out.where = where;
  out.scalar = text;
  return out;
}

size_t index_of(const ConfigNode& list, const std::string& part, const std::string& where) {
  size_t index = 0;
  const char* end = part.data() + part.size();
  const auto parsed = std::from_chars(part.data(), end, index);
  CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == end && index < list.members.size(), Code::config,
                where, ": '", part, "' is not an index into this list of ", list.members.size());
  return index;
}

ConfigNode& descend(ConfigNode& node, const std::string& part, const std::string& where) {
  if (node.kind == ConfigNode::Kind::list) return node.members[index_of(node, part, where)].second;
  if (node.kind == ConfigNode::Kind::absent) node.kind = ConfigNode::Kind::table;
  CRISP_REQUIRE(node.kind == ConfigNode::Kind::table, Code::config, where, ": '", part,
                "' would stand inside a value (", node.where, "), which is not a table");
  if (ConfigNode* found = node.member(part)) return *found;
  node.members.emplace_back(part, ConfigNode());
  node.members.back().second.where = where;
  return node.members.back().second;
}

}  // namespace

ConfigNode read_toml(const std::string& text, const std::string& origin) {
  CRISP_REQUIRE(text.size() <= kConfigBytes, Code::config, origin, ": ", text.size(),
                " bytes; a project file has at most ", kConfigBytes);
  if (const auto deep = find_too_deep(text)) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*deep), '\n');
    fail(Code::config, origin, ':', line, ": nested deeper than ", kConfigDepth, " levels");
  }
  try {
    return Converter(origin, true).convert(toml::parse(text, origin), origin, 0);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    fail(Code::config, origin, ':', at.line, ':', at.column,
         ": not valid TOML: ", printable(error.description()));
  }
}

void apply_set(ConfigNode& root, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  const std::string path = assignment.substr(0, equals);
  const std::string where = "--set " + printable(path);
  const std::vector<std::string> parts =
      equals == std::string::npos ? std::vector<std::string>() : parts_of(path);
  CRISP_REQUIRE(!parts.empty() && parts.size() <= static_cast<size_t>(kConfigDepth), Code::usage, "--set ",
                printable(assignment.substr(0, 100)), ": expected section.key=value");
  ConfigNode* node = &root;
  for (const std::string& part : parts) node = &descend(*node, part, where);
  *node = value_of(assignment.substr(equals + 1), where);
}

}  // namespace crisp
