#include "tools/completion.h"

#include "cuda/error.h"

namespace crisp {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// `text` in single quotes for any of the three shells, `escaped` characters behind a backslash.
std::string shell_quoted(const std::string& text, const std::string& escaped = "") {
  std::string out = "'";
  for (const char c : text) {
    if (escaped.find(c) != std::string::npos) out += '\\';
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

/// The branch of one verb: what follows a flag with a value, else flags after a dash, else arguments.
std::string bash_verb(const VerbWords& verb) {
  std::string branches, flags, free, files;
  for (const FlagWords& flag : verb.flags) {
    const std::string names = joined(flag.names, "|");
    flags += (flags.empty() ? "" : " ") + joined(flag.names);
    if (!flag.choices.empty()) {
      branches += concat("        ", names, ") COMPREPLY=($(compgen -W ", shell_quoted(joined(flag.choices)),
                         " -- \"$current\")); return ;;\n");
    } else if (flag.takes_value) {
      std::string& list = flag.file ? files : free;
      list += (list.empty() ? "" : "|") + names;
    }
  }
  // A number or a column's name is no file.
  if (!free.empty()) branches += concat("        ", free, ") compopt +o default; return ;;\n");
  if (!files.empty()) branches += concat("        ", files, ") return ;;\n");
  std::string rest = concat("      if [[ $current == -* ]]; then words=", shell_quoted(flags));
  if (!verb.choices.empty()) rest += concat("; else words=", shell_quoted(joined(verb.choices)));
  rest += "; fi";
  if (!verb.files) rest += "\n      compopt +o default";
  return concat("    ", verb.name, ")\n      case $previous in\n", branches, "      esac\n", rest, " ;;\n");
}

std::string bash_script(const std::vector<VerbWords>& verbs) {
  std::string cases, names;
  for (const VerbWords& verb : verbs) {
    cases += bash_verb(verb);
    names += (names.empty() ? "" : " ") + verb.name;
  }
  return concat(
      "# bash completion of crisp: source it, or put it into "
      "~/.local/share/bash-completion/completions/crisp\n"
      "_crisp() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=''\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    compopt +o default\n"
      "    COMPREPLY=($(compgen -W ",
      shell_quoted(names + " --help --version"),
      " -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n",
      cases,
      "  esac\n"
      "  # Without words readline completes file names.\n"
      "  if [[ -n $words ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\")); fi\n"
      "}\n"
      "complete -o default -F _crisp crisp\n");
}

std::string zsh_flag(const FlagWords& flag) {
  std::string value;
  if (flag.takes_value) {
    value = flag.file              ? ":file:_files"
            : flag.choices.empty() ? ":value: "
                                   : concat(":value:(", joined(flag.choices), ")");
  }
  std::string out;
  for (const std::string& name : flag.names) {
    const std::string help = shell_quoted(flag.help, "[]:\\");
    // One quoted word: name[help]:value:...; the help's own quotes are taken off.
    out += concat("        '", name, "[", help.substr(1, help.size() - 2), "]", value, "' \\\n");
  }
  return out;
}

std::string zsh_script(const std::vector<VerbWords>& verbs) {
  std::string cases, names;
  for (const VerbWords& verb : verbs) {
    names += concat("      ", shell_quoted(concat(verb.name, ":", verb.help)), "\n");
    cases += concat("    ", verb.name, ")\n      _arguments \\\n");
    for (const FlagWords& flag : verb.flags) cases += zsh_flag(flag);
    cases += verb.files             ? "        '*:file:_files' ;;\n"
             : verb.choices.empty() ? "        ;;\n"
                                    : concat("        '1:value:(", joined(verb.choices), ")' ;;\n");
  }
  return concat(
      "#compdef crisp\n"
      "# zsh completion of crisp: put it as _crisp into a folder of $fpath, or source it after compinit\n"
      "_crisp() {\n"
      "  if ((CURRENT == 2)); then\n"
      "    local -a verbs=(\n",
      names,
      "    )\n"
      "    _describe verb verbs\n"
      "    return\n"
      "  fi\n"
      "  local verb=$words[2]\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $verb in\n",
      cases,
      "  esac\n"
      "}\n"
      "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _crisp \"$@\"; else compdef _crisp crisp; fi\n");
}

std::string fish_flag(const VerbWords& verb, const FlagWords& flag) {
  std::string names;
  for (const std::string& name : flag.names) {
    names += name.starts_with("--") ? concat(" -l ", name.substr(2)) : concat(" -s ", name.substr(1));
  }
  std::string value = !flag.takes_value ? "" : flag.file ? " -r -F" : " -x";
  if (!flag.choices.empty()) value += concat(" -a ", shell_quoted(joined(flag.choices)));
  return concat("complete -c crisp -n '__fish_seen_subcommand_from ", verb.name, "'", names, value, " -d ",
                shell_quoted(flag.help, "\\"), "\n");
}

std::string fish_script(const std::vector<VerbWords>& verbs) {
  std::string text =
      "# fish completion of crisp: put it into ~/.config/fish/completions/crisp.fish\n"
      "complete -c crisp -f\n";
  for (const VerbWords& verb : verbs) {
    text += concat("complete -c crisp -n __fish_use_subcommand -a ", verb.name, " -d ",
                   shell_quoted(verb.help, "\\"), "\n");
    const std::string seen = concat("complete -c crisp -n '__fish_seen_subcommand_from ", verb.name, "'");
    if (verb.files) text += concat(seen, " -F\n");
    if (!verb.choices.empty()) text += concat(seen, " -a ", shell_quoted(joined(verb.choices)), "\n");
    for (const FlagWords& flag : verb.flags) text += fish_flag(verb, flag);
  }
  return text;
}

}  // namespace

std::string completion_script(const std::string& shell, const std::vector<VerbWords>& verbs) {
  if (shell == "bash") return bash_script(verbs);
  if (shell == "zsh") return zsh_script(verbs);
  if (shell == "fish") return fish_script(verbs);
  throw Error(Code::usage, concat("no completion for '", shell, "'"), "bash, zsh or fish");
}

}  // namespace crisp
