#include "core/config.h"

#include <algorithm>

#include "core/config_node.h"
#include "core/file_io.h"
#include "core/printable.h"

namespace crisp {
namespace {

using Kind = ConfigNode::Kind;

std::string described(const ConfigNode& node) {
  if (node.kind == Kind::table) return "a table";
  if (node.kind == Kind::list) return "a list";
  if (node.scalar.is_string())
    return concat("the text '", printable(node.scalar.get<std::string>().substr(0, 80)), "'");
  return to_text(node.scalar);
}

Json to_json(const ConfigNode& node) {
  node.read = true;
  if (node.kind == Kind::scalar) return node.scalar;
  Json out = node.kind == Kind::list ? Json::array() : Json::object();
  for (const auto& [key, member] : node.members) {
    if (node.kind == Kind::list) {
      out.push_back(to_json(member));
    } else {
      out.get_ref<Json::object_t&>().emplace_back(key, to_json(member));
    }
  }
  return out;
}

[[noreturn]] void fail_unknown(const ConfigNode& table, const std::string& name, const std::string& key,
                               const ConfigNode& member) {
  const std::vector<std::string> asked(table.asked.begin(), table.asked.end());
  const std::string near = nearest_name(key, asked);
  std::string known;
  for (const std::string& other : asked) known += (known.empty() ? "" : ", ") + other;
  std::string hint;
  if (!near.empty()) {
    hint = concat("did you mean '", near, "'?");
  } else if (!known.empty()) {
    hint = concat("known here: ", known);
  }
  throw Error(Code::config,
              concat(member.where, ": unknown key '", printable(key.substr(0, 80)), "'",
                     name.empty() ? "" : " in [", name, name.empty() ? "" : "]"),
              hint);
}

void require_known(const ConfigNode& node, const std::string& name) {
  for (size_t i = 0; i < node.members.size(); ++i) {
    const auto& [key, member] = node.members[i];
    if (node.kind == Kind::table && !member.read) fail_unknown(node, name, key, member);
    const std::string part = node.kind == Kind::table ? (name.empty() ? "" : ".") + key : concat('[', i, ']');
    // A list of plain values was read as a whole; one of tables has been handed out table by table.
    if (member.kind == Kind::table || member.kind == Kind::list) require_known(member, name + part);
  }
}

}  // namespace

ConfigNode* ConfigNode::member(const std::string& key) {
  return const_cast<ConfigNode*>(std::as_const(*this).member(key));
}

const ConfigNode* ConfigNode::member(const std::string& key) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == key; });
  return found == members.end() ? nullptr : &found->second;
}

ConfigTable::ConfigTable(std::shared_ptr<const ConfigNode> node, std::string name)
    : node_(std::move(node)), name_(std::move(name)) {}

const ConfigNode* ConfigTable::find(const std::string& key) const {
  node_->asked.insert(key);
  const ConfigNode* found = node_->member(key);
  if (found) found->read = true;
  return found;
}

std::string ConfigTable::label(const std::string& key) const {
  if (name_.empty()) return printable(key);
  return concat('[', printable(name_), ']', key.empty() ? "" : " ", printable(key));
}

std::string ConfigTable::where(const std::string& key) const {
  const ConfigNode* found = node_->member(key);
  return found ? found->where : node_->where;
}

void ConfigTable::fail_at(const std::string& key, const std::string& problem, const std::string& hint) const {
  const std::string place = label(key);
  throw Error(Code::config, concat(where(key), ": ", place, place.empty() ? "" : ": ", problem), hint);
}

void ConfigTable::fail_type(const ConfigNode& node, const std::string& key, const char* expected) const {
  throw Error(Code::config,
              concat(node.where, ": ", label(key), ": expected ", expected, ", found ", described(node)));
}

const ConfigNode& ConfigTable::get(const std::string& key) const {
  const ConfigNode* found = find(key);
  if (!found) {
    const std::string near = nearest_name(key, keys());
    fail_at("", concat("'", key, "' is missing"), near.empty() ? "" : concat("is '", near, "' meant?"));
  }
  return *found;
}

std::string ConfigTable::text_of(const ConfigNode& node, const std::string& key) const {
  if (node.kind != Kind::scalar || !node.scalar.is_string()) fail_type(node, key, "a text in quotes");
  return node.scalar.get<std::string>();
}

double ConfigTable::real_of(const ConfigNode& node, const std::string& key) const {
  if (node.kind != Kind::scalar || !node.scalar.is_number()) fail_type(node, key, "a number");
  return node.scalar.get<double>();
}

std::string ConfigTable::text(const std::string& key) const { return text_of(get(key), key); }

std::string ConfigTable::text(const std::string& key, const std::string& fallback) const {
  return find(key) ? text(key) : fallback;
}

int64_t ConfigTable::integer(const std::string& key) const {
  const ConfigNode& node = get(key);
  if (node.kind != Kind::scalar || !node.scalar.is_number_integer()) fail_type(node, key, "a whole number");
  return node.scalar.get<int64_t>();
}

int64_t ConfigTable::integer(const std::string& key, int64_t fallback, int64_t low, int64_t high) const {
  if (!find(key)) return fallback;
  const int64_t value = integer(key);
  if (value < low || value > high) {
    const bool open = high == std::numeric_limits<int64_t>::max();
    fail_at(key,
            open ? concat(value, " is less than ", low) : concat(value, " is not in ", low, " to ", high));
  }
  return value;
}

double ConfigTable::real(const std::string& key) const { return real_of(get(key), key); }

double ConfigTable::real(const std::string& key, double fallback, double low, double high) const {
  if (!find(key)) return fallback;
  const double value = real(key);
  if (value < low || value > high) {
    fail_at(key, high >= 1e308 ? concat(value, " is less than ", low)
                               : concat(value, " is not in ", low, " to ", high));
  }
  return value;
}

bool ConfigTable::flag(const std::string& key) const {
  const ConfigNode& node = get(key);
  if (node.kind != Kind::scalar || !node.scalar.is_boolean()) fail_type(node, key, "true or false");
  return node.scalar.get<bool>();
}

bool ConfigTable::flag(const std::string& key, bool fallback) const {
  return find(key) ? flag(key) : fallback;
}

std::string ConfigTable::choice(const std::string& key, const std::string& fallback,
                                const std::vector<std::string>& choices) const {
  const std::string value = text(key, fallback);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string known;
  for (const std::string& one : choices) known += (known.empty() ? "" : ", ") + one;
  const std::string near = nearest_name(value, choices);
  fail_at(key, concat("'", printable(value.substr(0, 80)), "' is not one of ", known),
          near.empty() ? "" : concat("did you mean '", near, "'?"));
}

std::vector<std::string> ConfigTable::texts(const std::string& key) const {
  std::vector<std::string> out;
  const ConfigNode* node = find(key);
  if (!node) return out;
  if (node->kind != Kind::list) return {text_of(*node, key)};
  for (const auto& [name, item] : node->members) out.push_back(text_of(item, key));
  return out;
}

std::vector<double> ConfigTable::reals(const std::string& key) const {
  std::vector<double> out;
  const ConfigNode* node = find(key);
  if (!node) return out;
  if (node->kind != Kind::list) return {real_of(*node, key)};
  for (const auto& [name, item] : node->members) out.push_back(real_of(item, key));
  return out;
}

// Shares the ownership of the whole tree, so a table outlives the Config that it came from.
ConfigTable ConfigTable::child(const ConfigNode& node, std::string name) const {
  node.read = true;
  return {std::shared_ptr<const ConfigNode>(node_, &node), std::move(name)};
}

ConfigTable ConfigTable::table(const std::string& key) const {
  const std::string name = name_.empty() ? key : concat(name_, '.', key);
  const ConfigNode* node = find(key);
  if (!node) {
    ConfigNode absent;
    absent.where = node_->where;
    return {std::make_shared<const ConfigNode>(std::move(absent)), name};
  }
  if (node->kind != Kind::table) fail_type(*node, key, concat("a table, [", name, "]").c_str());
  return child(*node, name);
}

std::vector<ConfigTable> ConfigTable::tables(const std::string& key) const {
  const std::string name = name_.empty() ? key : concat(name_, '.', key);
  std::vector<ConfigTable> out;
  const ConfigNode* node = find(key);
  if (!node) return out;
  const std::string expected = concat("a list of tables, [[", name, "]]");
  if (node->kind != Kind::list) fail_type(*node, key, expected.c_str());
  for (const auto& [unnamed, item] : node->members) {
    if (item.kind != Kind::table) fail_type(item, key, expected.c_str());
    out.push_back(child(item, concat(name, '[', out.size(), ']')));
  }
  return out;
}

Json ConfigTable::json(const std::string& key) const {
  const ConfigNode* node = find(key);
  return node ? to_json(*node) : Json();
}

Json ConfigTable::json() const { return to_json(*node_); }

bool ConfigTable::has(const std::string& key) const {
  node_->asked.insert(key);
  return node_->member(key) != nullptr;
}

std::vector<std::string> ConfigTable::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, member] : node_->members) out.push_back(key);
  return out;
}

void ConfigTable::require_all_known() const { require_known(*node_, name_); }

Config Config::load(const std::string& path, const std::vector<std::string>& sets) {
  // The reader's own limit names the project file; this one only keeps a huge file out of memory.
  return parse(read_text(path, 64 * kConfigBytes), path, sets);
}

Config Config::parse(const std::string& text, const std::string& origin,
                     const std::vector<std::string>& sets) {
  auto root = std::make_shared<ConfigNode>(read_toml(text, origin));
  for (const std::string& set : sets) apply_set(*root, set);
  return {std::move(root), ""};
}

}  // namespace crisp
