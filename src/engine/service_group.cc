#include "engine/service_group.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "base/errno_words.h"
#include "base/text.h"

namespace upkeep::engine {
namespace {

constexpr const char* kSvscanWarning = "svscan: warning";
constexpr const char* kSuperviseWarning = "supervise: warning";
constexpr const char* kSuperviseFatal = "supervise: fatal";
constexpr int kTakenPerTurn = 32;

Fd open_directory(int at, const std::string& path) {
  return Fd{::openat(at, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "12-345"
std::optional<std::pair<dev_t, ino_t>> parse_key(const std::string& text) {
  const auto dash = text.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto device = parse_number(text.substr(0, dash)), inode = parse_number(text.substr(dash + 1));
  if (!device || !inode) return std::nullopt;
  return std::pair{static_cast<dev_t>(*device), static_cast<ino_t>(*inode)};
}

}  // namespace

ServiceGroup::ServiceGroup(const config::ServiceSource& source, std::string group, Supervisor& supervisor)
    : statuses_(supervisor.surroundings().loop),
      around_{source, supervisor, std::move(group), statuses_,
              [this](const std::string& text, int code) {
                complain(kSuperviseWarning, {text, code});
              }},
      engine_(supervisor.surroundings()) {
  engine_.loop.add_clockwork(*this);
}

ServiceGroup::~ServiceGroup() { engine_.loop.remove_clockwork(*this); }

// --- names

std::string ServiceGroup::slot_name(const Key& key, bool is_logger) const {
  return fmt::format("{}:{}-{}{}", around_.group, key.first, key.second, is_logger ? "/log" : "");
}

std::string ServiceGroup::deposit_name(const Key& key, const char* what) const {
  return fmt::format("service:{}:{}", slot_name(key, false), what);
}

ServiceDirectory::Ends ServiceGroup::ends(const Slot& slot, bool is_logger) const {
  return is_logger ? ServiceDirectory::Ends{slot.pipe.read.get(), -1}
                   : ServiceDirectory::Ends{-1, slot.has_log ? slot.pipe.write.get() : -1};
}

void ServiceGroup::complain(const char* who, const Error& error) {
  engine_.log.complain(fmt::format("{}: {}: {}", who, error.text, errno_words(error.code)));
}

// --- beginning

Result<void> ServiceGroup::begin() {
  const config::ServiceSource& source = around_.source;
  directory_ = open_directory(AT_FDCWD, source.directory);
  if (source.kind == config::ServiceSource::Kind::Single) return begin_single();
  if (directory_) {
    engine_.deposits.deposit("services:" + around_.group, directory_);
    watch_directories();
  }
  look();
  return {};
}

Result<void> ServiceGroup::begin_single() {
  if (!directory_) return Error{"unable to chdir to " + around_.source.shown, errno};
  struct stat status {};
  if (::fstat(directory_.get(), &status) != 0) return Error{"unable to stat " + around_.source.shown, errno};
  const Key key{status.st_dev, status.st_ino};
  Slot& slot = slots_[key];
  slot.name = base_name(around_.source.directory);
  slot.inode = key.second;
  slot.service = TRY(take(key, slot, false));
  return {};
}

void ServiceGroup::resume(Snapshot& snapshot, core::Mood mood) {
  const bool is_single = around_.source.kind == config::ServiceSource::Kind::Single;
  directory_ = engine_.deposits.take("services:" + around_.group);
  std::map<Key, std::string> names;
  if (directory_)
    if (const auto scan = services::scan_directory(directory_.get()))
      for (const services::FoundService& found : scan->services) names[{found.id.device, found.id.inode}] = found.name;

  const std::string prefix = "service:" + around_.group + ":";
  std::set<std::string> found;  // keys, "12-345" or "12-345/log"
  for (const std::string& name : engine_.deposits.names())
    if (name.starts_with(prefix)) found.insert(name.substr(prefix.size(), name.rfind(':') - prefix.size()));
  for (const std::string& text : found)
    if (const auto key = parse_key(text.substr(0, text.find('/')))) resume_slot(text, *key, names, snapshot, mood);
  if (is_single) return;
  if (directory_) watch_directories();
  if (core::may_start(mood)) look();
}

void ServiceGroup::resume_slot(const std::string& text, const Key& key, const std::map<Key, std::string>& names,
                               Snapshot& snapshot, core::Mood mood) {
  const bool is_logger = text.ends_with("/log");
  const auto [entry, is_new] = slots_.try_emplace(key);
  Slot& slot = entry->second;
  if (is_new) {
    slot.inode = key.second;
    slot.pipe = {engine_.deposits.take(deposit_name(key, "pipe-read")),
                 engine_.deposits.take(deposit_name(key, "pipe-write"))};
    slot.has_log = slot.pipe.read || slot.pipe.write;
    const auto named = names.find(key);
    slot.is_listed = named != names.end() || around_.source.kind == config::ServiceSource::Kind::Single;
    slot.name = named != names.end() ? named->second : last_name(text, snapshot);
    // One of two: nothing had started yet, or is there any more. Only an end closes one of them for good.
    const bool is_half = static_cast<bool>(slot.pipe.read) != static_cast<bool>(slot.pipe.write);
    if (is_half && core::may_start(mood)) (void)make_pipe(key, slot);
  }
  const std::string name = slot_name(key, is_logger);
  auto& directory = is_logger ? slot.logger : slot.service;
  directory = ServiceDirectory::resume(around_, name, is_logger ? slot.name + "/log" : slot.name, ends(slot, is_logger),
                                       snapshot, mood, [this, key, is_logger] { left(key, is_logger); });
  if (directory) return;
  // It was only just being taken: what there is of it is given back, its lock above all, and it is taken anew.
  for (const char* what : {"lock", "control", "ok", "log-read", "log-write", "ready", "dir"})
    engine_.deposits.discard("service:" + name + ":" + what);
}

// Of a directory that is listed no more.
std::string ServiceGroup::last_name(const std::string& text, const Snapshot& snapshot) const {
  const std::string slot = around_.group + ":" + text;
  const auto note = Supervisor::note_of(slot, snapshot);
  const auto known = note ? decode_service_note(note->service) : Result<ServiceNote>{Error{"no note"}};
  std::string name = known ? known->name : std::string{};
  if (name.empty()) {
    const Fd fd = engine_.deposits.take("service:" + slot + ":dir");
    char path[4096];
    const ssize_t size = fd ? ::readlink(fmt::format("/proc/self/fd/{}", fd.get()).c_str(), path, sizeof path) : 0;
    if (size <= 0) return text;
    name = {path, static_cast<std::size_t>(size)};
    if (text.ends_with("/log")) name = name.substr(0, name.rfind('/'));
    return base_name(name);
  }
  if (text.ends_with("/log") && name.ends_with("/log")) name.resize(name.size() - 4);
  return name;
}

void ServiceGroup::watch_directories() {
  watches_unfinished_ = false;
  watch_ = services::DirectoryWatch::make(engine_.loop, [this] { changed(); });
  if (watch_ && !watch_->add(directory_.get())) watch_.reset();
}

// --- looking

void ServiceGroup::changed() {
  const Instant now = engine_.loop.now();
  if (!changed_at_) changed_at_ = now;
  look_at_ = std::min(now + kQuietTime, *changed_at_ + kQuietTimeMax);
}

void ServiceGroup::look_by(Instant when) { look_at_ = look_at_ ? std::min(*look_at_, when) : when; }

void ServiceGroup::rescan() {
  if (around_.source.kind == config::ServiceSource::Kind::Scan && !is_stopping_) look();
}

void ServiceGroup::look() {
  const Instant now = engine_.loop.now();
  look_at_.reset();
  changed_at_.reset();
  if (!directory_) {  // it was not there at the start
    directory_ = open_directory(AT_FDCWD, around_.source.directory);
    if (!directory_) {
      const bool is_here = around_.source.shares_stdio;  // svscan is in it already
      complain(kSvscanWarning,
               {is_here ? "unable to read directory" : "unable to chdir to " + around_.source.directory, errno});
      return look_by(now + kScanInterval);
    }
    engine_.deposits.deposit("services:" + around_.group, directory_);
    watch_directories();
  }
  if (watch_ && watches_unfinished_) watch_directories();  // those that are done by now are watched no more
  if (!watch_) look_by(now + kScanInterval);
  const auto scan = services::scan_directory(directory_.get());
  if (!scan) {
    complain(kSvscanWarning, scan.error());
    return look_by(now + kScanInterval);
  }
  for (const Error& trouble : scan->troubles) complain(kSvscanWarning, trouble);
  if (!scan->troubles.empty()) look_by(now + kScanInterval);
  std::erase_if(unfinished_, [&](const auto& entry) {
    return std::ranges::none_of(scan->services, [&](const services::FoundService& found) {
      return !found.is_complete && Key{found.id.device, found.id.inode} == entry.first;
    });
  });
  for (auto& [key, slot] : slots_) slot.is_listed = false;
  for (const services::FoundService& found : scan->services) see(found);
  resolve_names();
  supervise_listed();
  drop_finished();
}

// Some in a turn, for a keeper that nobody listens to starts nothing further.
void ServiceGroup::supervise_listed() {
  int tried = 0;
  for (auto& [key, slot] : slots_) {
    if (!slot.is_listed || !supervise(key, slot) || ++tried < kTakenPerTurn) continue;
    return engine_.loop.defer([this, lives = std::weak_ptr{alive_}] {
      if (!lives.expired()) supervise_listed();
    });
  }
}

void ServiceGroup::see(const services::FoundService& found) {
  const Key key{found.id.device, found.id.inode};
  const auto known = slots_.find(key);
  if (known == slots_.end()) {
    if (is_awaited(found)) return;
    unfinished_.erase(key);
    if (auto made = make_slot(found); !made) {
      complain(kSvscanWarning, made.error());
      look_by(engine_.loop.now() + kScanInterval);
    }
    return;
  }
  Slot& slot = known->second;
  slot.is_listed = true;
  if (slot.name == found.name) return;
  slot.name = found.name;
  if (slot.service) slot.service->rename(slot.name);
  if (slot.logger) slot.logger->rename(slot.name + "/log");
}

// There is nothing to run yet, and it has not been there for long: somebody is still making it.
bool ServiceGroup::is_awaited(const services::FoundService& found) {
  if (found.is_complete) return false;
  const Instant now = engine_.loop.now();
  const Key key{found.id.device, found.id.inode};
  const auto since = unfinished_.try_emplace(key, now).first;
  if (now >= since->second + kScanInterval) return false;
  look_by(since->second + kScanInterval);
  if (watch_)
    watches_unfinished_ =
        watch_->add(fmt::format("/proc/self/fd/{}/{}", directory_.get(), found.name)) || watches_unfinished_;
  return true;
}

Result<void> ServiceGroup::make_slot(const services::FoundService& found) {
  const Key key{found.id.device, found.id.inode};
  Slot slot;
  slot.name = found.name;
  slot.inode = key.second;
  slot.has_log = found.has_log;
  if (slot.has_log) TRY(make_pipe(key, slot));
  slots_[key] = std::move(slot);
  return {};
}

Result<void> ServiceGroup::make_pipe(const Key& key, Slot& slot) {
  auto pipe = Pipe::make();
  if (!pipe) return Error{"unable to create pipe for " + slot.name, pipe.error().code};
  slot.pipe = std::move(*pipe);
  engine_.deposits.deposit(deposit_name(key, "pipe-read"), slot.pipe.read);
  engine_.deposits.deposit(deposit_name(key, "pipe-write"), slot.pipe.write);
  return {};
}

// A directory that was replaced leaves the old one running under the name that the new one has now.
void ServiceGroup::resolve_names() {
  std::set<std::string> listed;
  for (const auto& [key, slot] : slots_)
    if (slot.is_listed) listed.insert(slot.name);
  for (auto& [key, slot] : slots_) {
    if (slot.is_listed || !listed.contains(slot.name)) continue;
    slot.name = fmt::format("{}@{}", slot.name, slot.inode);
    if (slot.service) slot.service->rename(slot.name);
    if (slot.logger) slot.logger->rename(slot.name + "/log");
  }
}

bool ServiceGroup::supervise(const Key& key, Slot& slot) {
  const Instant now = engine_.loop.now();
  const bool is_complete = slot.service && (slot.logger || !slot.has_log);
  if (is_complete || is_stopping_) return false;
  if (now < slot.retry_at) {
    look_by(slot.retry_at);
    return false;
  }
  for (const bool is_logger : {false, true}) {
    auto& directory = is_logger ? slot.logger : slot.service;
    if (directory || (is_logger && !slot.has_log)) continue;
    auto taken = take(key, slot, is_logger);
    if (taken) {
      directory = std::move(*taken);
      continue;
    }
    complain(kSuperviseFatal, taken.error());
    slot.retry_at = now + kScanInterval;
    look_by(slot.retry_at);
  }
  return true;
}

Result<std::unique_ptr<ServiceDirectory>> ServiceGroup::take(const Key& key, const Slot& slot, bool is_logger) {
  const bool is_single = around_.source.kind == config::ServiceSource::Kind::Single;
  const std::string name = is_logger ? slot.name + "/log" : slot.name;
  ServiceDirectory::Place place{slot_name(key, is_logger), name,
                                open_directory(directory_.get(), is_single ? "." : name)};
  if (!place.directory) return Error{"unable to chdir to " + name, errno};
  return ServiceDirectory::take(around_, std::move(place), ends(slot, is_logger),
                                [this, key, is_logger] { left(key, is_logger); });
}

// --- going

// Whoever was told to leave is supervised anew while its directory is listed, as svscan would do with its next look.
void ServiceGroup::left(const Key& key, bool is_logger) {
  const auto found = slots_.find(key);
  if (found == slots_.end()) return;
  Slot& slot = found->second;
  auto& directory = is_logger ? slot.logger : slot.service;
  if (!directory) return;
  ServiceDirectory::retire(std::move(directory));
  if (is_stopping_) {
    if (!is_logger) stop_logger(slot);
  } else if (around_.source.kind == config::ServiceSource::Kind::Scan) {
    slot.retry_at = engine_.loop.now() + kScanInterval;
    if (slot.is_listed) look_by(slot.retry_at);
    drop_finished();
  }
  engine_.services_changed();
}

void ServiceGroup::drop_finished() {
  for (auto entry = slots_.begin(); entry != slots_.end();) {
    const auto next = std::next(entry);
    const Slot& slot = entry->second;
    if (!slot.is_listed && !slot.service && !slot.logger) {
      if (slot.has_log)
        for (const char* what : {"pipe-read", "pipe-write"}) engine_.deposits.discard(deposit_name(entry->first, what));
      slots_.erase(entry);
    }
    entry = next;
  }
}

void ServiceGroup::stop() {
  if (std::exchange(is_stopping_, true)) return;
  look_at_.reset();
  watch_.reset();
  for (auto& [key, slot] : slots_) {
    if (!slot.service) {
      stop_logger(slot);
      continue;
    }
    slot.service->command('d');
    slot.service->command('x');
  }
}

// Nobody writes any more: with our own ends closed it reads to the end, and ends by itself.
void ServiceGroup::stop_logger(Slot& slot) {
  if (!slot.logger) return;
  for (const auto& [key, other] : slots_)
    if (&other == &slot) engine_.deposits.discard(deposit_name(key, "pipe-write"));
  slot.pipe.write.reset();
  slot.logger_end = engine_.loop.now() + kLoggerDrainTime;
  slot.logger->command('x');
}

bool ServiceGroup::is_over() const {
  return std::ranges::all_of(slots_, [](const auto& entry) { return !entry.second.service && !entry.second.logger; });
}

void ServiceGroup::let_go() {
  is_stopping_ = true;
  look_at_.reset();
  watch_.reset();
  for (auto& [key, slot] : slots_) {
    ServiceDirectory::retire(std::move(slot.service));
    ServiceDirectory::retire(std::move(slot.logger));
    slot.is_listed = false;
  }
  drop_finished();
  engine_.deposits.discard("services:" + around_.group);
}

// --- time

std::optional<Instant> ServiceGroup::next_deadline() const {
  std::optional<Instant> next = look_at_;
  if (is_stopping_)
    for (const auto& [key, slot] : slots_)
      if (slot.logger && slot.logger_end && (!next || *slot.logger_end < *next)) next = slot.logger_end;
  return next;
}

void ServiceGroup::on_time(Instant now) {
  if (look_at_ && *look_at_ <= now) look();
  for (auto& [key, slot] : slots_) {
    if (!is_stopping_ || !slot.logger || !slot.logger_end || now < *slot.logger_end) continue;
    slot.logger_end.reset();
    slot.logger->command('d');
  }
}

}  // namespace upkeep::engine
