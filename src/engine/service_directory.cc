#include "engine/service_directory.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "base/state_directory.h"
#include "engine/service_part.h"
#include "services/service_scripts.h"

namespace upkeep::engine {
namespace {

constexpr std::string_view kAddressing = "lL+=";

std::string path_of(int directory) {
  char path[PATH_MAX];
  const ssize_t size = ::readlink(fmt::format("/proc/self/fd/{}", directory).c_str(), path, sizeof path);
  return size <= 0 ? std::string{"."} : std::string{path, static_cast<std::size_t>(size)};
}

std::string state_of(int directory) { return state_directory(std::getenv("SUPERVISEDIR"), path_of(directory)); }

// What messages put before the name of a state file: encore's supervise leaves its directory out.
std::string state_prefix(const config::ServiceSource& source, const std::string& shown) {
  const bool is_encore_alone = source.kind == config::ServiceSource::Kind::Single && source.dialect == Dialect::Encore;
  return is_encore_alone ? "" : shown;
}

bool has_log_script(int directory) { return services::has_executable(directory, "log"); }

}  // namespace

ServiceDirectory::ServiceDirectory(const ServiceSurroundings& around, Place place, services::ServiceFiles files,
                                   Ends ends, std::function<void()> left)
    : around_(around),
      engine_(around.supervisor.surroundings()),
      slot_(std::move(place.slot)),
      name_(std::move(place.name)),
      directory_(std::move(place.directory)),
      files_(std::move(files)),
      ends_(ends),
      left_(std::move(left)) {}

ServiceDirectory::~ServiceDirectory() = default;

// --- beginning

Result<std::unique_ptr<ServiceDirectory>> ServiceDirectory::take(const ServiceSurroundings& around, Place place,
                                                                 Ends ends, std::function<void()> left) {
  const int fd = place.directory.get();
  const std::string shown =
      around.source.kind == config::ServiceSource::Kind::Single ? around.source.shown : place.name;
  struct stat down {};
  const bool is_down = ::fstatat(fd, "down", &down, 0) == 0;
  if (!is_down && errno != ENOENT) return Error{"unable to stat " + shown + "/down", errno};
  auto files = TRY(services::ServiceFiles::acquire(fd, state_prefix(around.source, shown), state_of(fd)));
  std::unique_ptr<ServiceDirectory> made{
      new ServiceDirectory{around, std::move(place), std::move(files), ends, std::move(left)}};
  const bool logs_to_script = ends.output < 0 && ends.input < 0 && has_log_script(fd);
  if (logs_to_script) made->log_pipe_ = TRY(Pipe::make());
  made->make_parts(logs_to_script);
  if (const auto begun = made->begin(is_down, shown); !begun) {
    retire(std::move(made));
    return begun.error();
  }
  return made;
}

Result<void> ServiceDirectory::begin(bool is_down, const std::string& shown) {
  deposit_all();
  main_->begin(is_down);
  if (log_script_) log_script_->begin(is_down);
  write_status();
  TRY(files_.announce(state_prefix(around_.source, shown)));
  engine_.deposits.deposit(deposit_name("ok"), files_.ok());
  TRY(listen());
  if (log_script_) log_script_->go_on();
  main_->go_on();
  return {};
}

std::unique_ptr<ServiceDirectory> ServiceDirectory::resume(const ServiceSurroundings& around, const std::string& slot,
                                                           std::string name, Ends ends, Snapshot& snapshot,
                                                           core::Mood mood, std::function<void()> left) {
  Surroundings& engine = around.supervisor.surroundings();
  const auto taken = [&](const char* what) { return engine.deposits.take("service:" + slot + ":" + what); };
  Place place{slot, std::move(name), taken("dir")};
  const int fd = place.directory.get();
  services::ServiceFiles files{fd, state_of(fd), taken("lock"), taken("control"), taken("ok")};
  if (!place.directory || !files.control() || !files.lock_again()) {
    files.unlock();
    return nullptr;
  }
  std::unique_ptr<ServiceDirectory> made{
      new ServiceDirectory{around, std::move(place), std::move(files), ends, std::move(left)}};
  made->log_pipe_ = Pipe{taken("log-read"), taken("log-write")};
  made->make_parts(static_cast<bool>(made->log_pipe_.read));
  const bool is_down = services::has_entry(fd, "down");
  const auto known = made->files_.read_status();
  for (Part* part : {made->log_script_.get(), made->main_.get()})
    if (part) part->resume(snapshot, mood, is_down, known);
  if (!made->files_.ok()) {  // the last engine died before it
    made->write_status();
    if (made->files_.announce(state_prefix(around.source, made->shown())))
      engine.deposits.deposit(made->deposit_name("ok"), made->files_.ok());
  }
  if (auto listening = made->listen(); !listening) {
    retire(std::move(made));
    return nullptr;
  }
  for (Part* part : {made->log_script_.get(), made->main_.get()})
    if (part) part->go_on();
  made->write_status();
  return made;
}

void ServiceDirectory::make_parts(bool logs_to_script) {
  is_long_record_ = around_.source.dialect == Dialect::Encore || has_encore_files();
  const bool is_logger = ends_.input >= 0;
  Part::Home home{around_,
                  slot_,
                  name_,
                  directory_.get(),
                  [this](const Part&) { changed(); },
                  [this](const Part& part) { this->left(part); },
                  [this] { return shown(); }};
  const int output = logs_to_script ? log_pipe_.write.get() : ends_.output;
  main_ = std::make_unique<Part>(home, Part::Stdio{is_logger ? ends_.input : -1, output}, Part::Kind::Main);
  if (!logs_to_script) return;
  log_script_ = std::make_unique<Part>(home, Part::Stdio{log_pipe_.read.get(), -1}, Part::Kind::LogScript);
}

void ServiceDirectory::deposit_all() {
  Deposits& deposits = engine_.deposits;
  deposits.deposit(deposit_name("lock"), files_.lock());
  deposits.deposit(deposit_name("control"), files_.control());
  if (log_pipe_.read) deposits.deposit(deposit_name("log-read"), log_pipe_.read);
  if (log_pipe_.write) deposits.deposit(deposit_name("log-write"), log_pipe_.write);
  deposits.deposit(deposit_name("dir"), directory_);  // last: what has it is complete
}

void ServiceDirectory::retire(std::unique_ptr<ServiceDirectory> directory) {
  if (!directory) return;
  directory->give_up();
  directory->engine_.loop.defer([gone = std::shared_ptr<ServiceDirectory>{std::move(directory)}] {});
}

void ServiceDirectory::give_up() {
  is_gone_ = true;
  control_watch_.reset();
  write_status();
  for (const char* what : {"ok", "control", "log-read", "log-write", "ready", "dir", "lock"}) {
    const auto names = deposit_name(what);
    engine_.deposits.discard(names);
  }
  files_.unlock();  // whoever waits for it need not wait for the keeper
  if (log_script_) log_script_->remove();
  main_->remove();
}

// --- commands

Result<void> ServiceDirectory::listen() {
  control_watch_ = TRY(engine_.loop.watch(files_.control().get(), EPOLLIN, [this](std::uint32_t) { read_commands(); }));
  return {};
}

bool ServiceDirectory::is_receptive() const {
  return main_->service().is_receptive() && (!log_script_ || log_script_->service().is_receptive());
}

// A byte is taken out only after it was acted upon, and one that says whom a command is for only with the command: an
// engine that dies in between leaves them to the next one. Doing the last command twice is better than losing it.
void ServiceDirectory::read_commands() {
  while (!is_gone_ && is_receptive()) {
    const auto waiting = engine_.tee.peek(files_.control().get());
    if (!waiting || waiting->empty()) break;
    const std::size_t first = std::min(waiting->find_first_not_of(kAddressing), waiting->size() - 1);
    const std::string bytes{waiting->substr(0, first + 1)};
    for (const char byte : bytes) take_byte(byte);
    if (!engine_.keeper.is_connected()) return;  // they were not acted upon
    engine_.tee.consume(files_.control().get(), bytes.size());
  }
  changed();
}

void ServiceDirectory::take_byte(char byte) {
  switch (byte) {
    case 'l': to_log_ = to_group_ = false; return;
    case 'L':
      to_log_ = true;
      to_group_ = false;
      return;
    case '+': to_group_ = true; return;
    case '=': to_group_ = false; return;
    default: break;
  }
  if (to_log_ && !log_script_) return;
  Service& service = (to_log_ ? *log_script_ : *main_).service();
  if (!service.is_gone()) service.command(byte, to_group_);
}

void ServiceDirectory::command(char letter) { main_->service().command(letter); }

// --- what becomes of it

void ServiceDirectory::changed() {
  if (is_gone_ || !main_) return;
  if (last_pid_ != main_->service().record(false).pid && around_.statuses.is_first()) {
    (void)write_status();
  } else if (!std::exchange(status_is_due_, true)) {
    around_.statuses.add(
        [this, lives = std::weak_ptr{alive_}] { return !lives.expired() && !is_gone_ && write_status(); });
  }
  if (control_watch_) control_watch_.set_interest(is_receptive() ? static_cast<std::uint32_t>(EPOLLIN) : 0);
}

// The service is gone for good. Its log script ends after it, at the end of its pipe; where the service was told to go
// down, it is told, too. After a mere 'x' it stays, as in daemontools-encore, until somebody tells it.
void ServiceDirectory::left(const Part& part) {
  if (&part == main_.get() && log_script_ && !log_script_->service().is_gone()) {
    const core::Want want = main_->service().wishes().want;
    if (want != core::Want::Up) {
      log_pipe_.write.reset();
      engine_.deposits.discard(deposit_name("log-write"));
    }
    if (want == core::Want::Down) log_script_->service().command('d');
    return log_script_->service().command('x');
  }
  if (&part != main_.get() && !main_->service().is_gone()) return;
  if (std::exchange(is_gone_, true)) return;
  engine_.loop.defer(left_);
}

bool ServiceDirectory::write_status() {
  status_is_due_ = false;
  wire::Status status{main_->service().record(is_long_record_), std::nullopt};
  if (log_script_) status.log = log_script_->service().record(true);
  const std::string bytes = wire::encode(status);
  if (bytes == last_status_) return false;
  last_status_ = bytes;
  last_pid_ = status.service.pid;
  if (const auto written = files_.write_status(status, state_prefix(around_.source, shown())); !written) {
    around_.warn(written.error().text, written.error().code);
    last_status_.clear();
  }
  return true;
}

bool ServiceDirectory::has_encore_files() const {
  const int fd = directory_.get();
  for (const char* name : {"start", "stop", "notify", "log"})
    if (services::has_executable(fd, name)) return true;
  return services::has_entry(fd, "no-setsid") || services::has_entry(fd, "notification-fd");
}

void ServiceDirectory::rename(const std::string& name) {
  name_ = name;
  main_->rename(name);
  if (log_script_) log_script_->rename(name + "/log");
}

bool ServiceDirectory::is_running() const {
  return main_->service().has_process() || (log_script_ && log_script_->service().has_process());
}

std::string ServiceDirectory::path() const { return path_of(directory_.get()); }

std::string ServiceDirectory::shown() const {
  return around_.source.kind == config::ServiceSource::Kind::Single ? around_.source.shown : name_;
}

}  // namespace upkeep::engine
