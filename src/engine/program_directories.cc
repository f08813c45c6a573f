#include "engine/program_directories.h"

#include <fmt/core.h>

#include <filesystem>
#include <set>
#include <utility>

#include "base/errno_words.h"

namespace upkeep::engine {

ProgramDirectories::ProgramDirectories(std::string directory, Supervisor& supervisor)
    : directory_(std::move(directory)), supervisor_(supervisor) {
  supervisor_.on_change([this](SupervisedProcess& process) {
    if (const auto found = programs_.find(&process); found != programs_.end()) found->second->changed();
  });
  supervisor_.on_groups([this] { sync(); });
}

void ProgramDirectories::sync() {
  std::set<const SupervisedProcess*> present;
  for (SupervisedProcess* process : supervisor_.all())
    if (!process->is_service()) present.insert(process);
  std::erase_if(programs_, [&](const auto& entry) {
    if (present.contains(entry.first)) return false;
    entry.second->give_up();
    return true;
  });
  for (SupervisedProcess* process : supervisor_.all())
    if (present.contains(process) && !programs_.contains(process)) open(*process);
}

void ProgramDirectories::open(SupervisedProcess& process) {
  std::error_code ignored;  // making the directory inside tells
  std::filesystem::create_directories(directory_, ignored);
  const config::Process& config = process.config();
  const std::string name = config.name == config.group ? config.name : config.group + ":" + config.name;
  auto opened = ProgramDirectory::open(process, directory_ + "/" + name, supervisor_.surroundings());
  if (opened) {
    programs_[&process] = std::move(*opened);
  } else {
    supervisor_.surroundings().log.line(LogLevel::Warn,
                                        fmt::format("'{}' has no service directory: {}: {}", name, opened.error().text,
                                                    errno_words(opened.error().code)));
  }
}

void ProgramDirectories::close() {
  for (const auto& [process, directory] : programs_) {
    directory->changed();
    directory->give_up();
  }
  programs_.clear();
}

}  // namespace upkeep::engine
