#include "ctl/completion.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "ctl/command_table.h"

namespace upkeep::ctl {
namespace {

// GNU readline's word breaks without ':', '*' and '-', which occur in names.
constexpr std::string_view kWordBreaks = " \t\n`~!@#$%^&()=+[{]}\\|;'\",<>/?";

using Names = std::vector<std::string>;

void add_once(Names& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

Names command_names() {
  Names names{"help"};
  for (const Command& command : commands())
    if (command.listed) names.emplace_back(command.name);
  return names;
}

Names group_names(const std::vector<ProcessInfo>& infos) {
  Names names;
  for (const ProcessInfo& info : infos) add_once(names, info.group);
  return names;
}

// Bare where group and process have one name, unless the user has begun to write a group.
Names process_names(const std::vector<ProcessInfo>& infos, bool with_group) {
  Names names;
  for (const ProcessInfo& info : infos) {
    if (!with_group && info.name == info.group) {
      names.push_back(info.name);
      continue;
    }
    names.push_back(info.group + ":" + info.name);
    add_once(names, info.group + ":*");
  }
  return names;
}

}  // namespace

Completion complete(std::string_view line, const std::function<std::vector<ProcessInfo>()>& processes) {
  Completion completion;
  const auto word_break = line.find_last_of(kWordBreaks);
  completion.word = word_break == std::string_view::npos ? line : line.substr(word_break + 1);
  const Names words = split_blanks(line);
  Completes completes = Completes::Commands;
  if (words.size() > 1 || (words.size() == 1 && line.ends_with(' '))) {
    const Command* command = find_command(words.front());
    completes = command ? command->completes : Completes::Nothing;
  }
  Names names;
  switch (completes) {
    case Completes::Nothing: break;
    case Completes::Commands: names = command_names(); break;
    case Completes::Groups: names = group_names(processes()); break;
    case Completes::Processes:
      names = process_names(processes(), completion.word.find(':') != std::string::npos);
      break;
  }
  for (std::string& name : names)
    if (name.starts_with(completion.word)) completion.candidates.push_back(name + " ");
  return completion;
}

std::string common_start(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  std::string start = texts.front();
  for (const std::string& text : texts) {
    const auto differs = std::mismatch(start.begin(), start.end(), text.begin(), text.end()).first;
    start.erase(differs, start.end());
  }
  return start;
}

}  // namespace upkeep::ctl
