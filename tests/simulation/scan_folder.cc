#include "simulation/scan_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace upkeep::simulation {

namespace fs = std::filesystem;

ScanFolder::ScanFolder(std::string path, Random& random) : path_(std::move(path)) {
  const Random same = random;
  while (!make_all(same)) {
  }
  (void)random.below(2);
}

// False: their inodes do not ascend as texts.
bool ScanFolder::make_all(Random random) {
  fs::remove_all(path_);
  fs::create_directories(path_);
  services_.clear();
  const auto add = [&](const std::string& name, const std::vector<std::string>& files) {
    Service service;
    service.name = name;
    make(service, files);
    services_.push_back(std::move(service));
  };
  add("a", {"run"});
  add("b", {"run", "log/run"});
  if (random.one_in(2)) add("c", {"run", "finish", "control/t", "control/d", "down"});
  if (random.one_in(2)) add("d", {"start", "run", "stop", "notify"});
  if (random.one_in(3)) add("e", {"run", "finish", "log/run", "log/finish"});
  return std::ranges::is_sorted(services_, {}, &Service::slot) &&
         services_.front().slot.size() == services_.back().slot.size();
}

void ScanFolder::make(Service& service, const std::vector<std::string>& files) {
  const std::string home = path_ + "/" + service.name;
  for (const std::string& file : files) {
    fs::create_directories(fs::path{home + "/" + file}.parent_path());
    std::ofstream{home + "/" + file};
    fs::permissions(home + "/" + file, fs::perms{0755});
  }
  const auto has = [&](const char* file) { return std::ranges::find(files, file) != files.end(); };
  service.has_log = has("log/run");
  service.is_down = has("down");
  service.has_start = has("start");
  service.has_stop = has("stop");
  service.want = service.is_down ? 'd' : 'u';
  struct stat status {};
  (void)::stat(home.c_str(), &status);
  service.slot = fmt::format("{}:{}-{}", kGroup, status.st_dev, status.st_ino);
}

ScanFolder::Service* ScanFolder::of_slot(const std::string& slot) {
  for (Service& service : services_)
    if (slot.starts_with(service.slot)) return &service;
  return nullptr;
}

std::string ScanFolder::state(const Service& service, bool logger) const {
  return path_ + "/" + service.name + (logger ? "/log" : "") + "/supervise/";
}

bool ScanFolder::is_supervised(const Service& service, bool logger) const {
  return static_cast<bool>(Fd{::open((state(service, logger) + "ok").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)});
}

bool ScanFolder::is_locked(const Service& service, bool logger) const {
  const Fd lock{::open((state(service, logger) + "lock").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
  return lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0;
}

bool ScanFolder::send(const Service& service, bool to_logger, char letter) const {
  if (!is_supervised(service, to_logger)) return false;
  const Fd control{::open((state(service, to_logger) + "control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
  return control && ::write(control.get(), &letter, 1) == 1;
}

void ScanFolder::take_a_letter() const {
  for (const Service& service : services_) {
    const Fd control{::open((state(service, false) + "control").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    char letter = 0;
    if (control) (void)!::read(control.get(), &letter, 1);
  }
}

}  // namespace upkeep::simulation
