#include "engine/program_directory.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "base/errno_words.h"
#include "core/service.h"

namespace upkeep::engine {
namespace {

constexpr const char* kState = "supervise";

// `down` says what would happen without anybody's asking, which is what svstat means by "normally".
void mark(int directory, bool starts_by_itself) {
  if (starts_by_itself) {
    (void)::unlinkat(directory, "down", 0);
  } else {
    const Fd made{::openat(directory, "down", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)};
  }
}

}  // namespace

ProgramDirectory::ProgramDirectory(SupervisedProcess& process, std::string path, Surroundings& around, Fd directory,
                                   services::ServiceFiles files)
    : process_(process),
      path_(std::move(path)),
      around_(around),
      directory_(std::move(directory)),
      files_(std::move(files)) {}

Result<std::unique_ptr<ProgramDirectory>> ProgramDirectory::open(SupervisedProcess& process, const std::string& path,
                                                                 Surroundings& around) {
  const auto taken = [&](const char* what) { return around.deposits.take("program:" + process.slot() + ":" + what); };
  Fd directory = taken("dir");
  Fd lock = taken("lock"), control = taken("control"), ok = taken("ok");
  const bool is_known = directory && lock && control && ok;
  if (!is_known) {
    if (lock) (void)::flock(lock.get(), LOCK_UN);  // the last engine died when it had only just begun
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return Error{"unable to create " + path, errno};
    directory = Fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory) return Error{"unable to chdir to " + path, errno};
  }
  const int fd = directory.get();
  auto files = is_known ? services::ServiceFiles{fd, kState, std::move(lock), std::move(control), std::move(ok)}
                        : TRY(services::ServiceFiles::acquire(fd, path, kState));
  std::unique_ptr<ProgramDirectory> made{
      new ProgramDirectory{process, path, around, std::move(directory), std::move(files)}};
  if (is_known) {
    if (const auto known = made->files_.read_status()) made->record_ = known->service;
    made->is_paused_ = made->record_.paused;
  }
  if (const auto begun = made->begin(!is_known); !begun) {
    made->give_up();
    return begun.error();
  }
  return made;
}

Result<void> ProgramDirectory::begin(bool is_new) {
  if (is_new) {
    record_.since = to_tai64n(wall_now());
    mark(directory_.get(), process_.config().policy.autostart);
    around_.deposits.deposit(deposit_name("lock"), files_.lock());
    around_.deposits.deposit(deposit_name("control"), files_.control());
    around_.deposits.deposit(deposit_name("dir"), directory_);
    write_status();
    TRY(files_.announce(path_));
    around_.deposits.deposit(deposit_name("ok"), files_.ok());
  }
  control_watch_ = TRY(around_.loop.watch(files_.control().get(), EPOLLIN, [this](std::uint32_t) { read_commands(); }));
  changed();
  return {};
}

void ProgramDirectory::give_up() {
  control_watch_.reset();
  for (const char* what : {"ok", "control", "dir", "lock"}) around_.deposits.discard(deposit_name(what));
  files_.unlock();  // the same program may be added again before the keeper has read this
}

void ProgramDirectory::changed() {
  write_status();
  control_watch_.set_interest(is_receptive() ? static_cast<std::uint32_t>(EPOLLIN) : 0);
}

// As with service directories: a byte is taken out only once it was acted upon.
void ProgramDirectory::read_commands() {
  while (is_receptive()) {
    const auto waiting = around_.tee.peek(files_.control().get());
    if (!waiting || waiting->empty()) break;
    command(waiting->front());
    if (!around_.keeper.is_connected()) return;  // it was not acted upon
    around_.tee.consume(files_.control().get(), 1);
  }
  changed();
}

void ProgramDirectory::command(char letter) {
  const bool is_running = core::is_running(process_.state());
  const int number = core::signal_of(letter);
  if (number == SIGSTOP || number == SIGCONT) is_paused_ = number == SIGSTOP;
  if ((letter == 'u' || letter == 'o') && !is_running) {
    process_.feed(core::StartAsked{});
  } else if (letter == 'd') {
    is_paused_ = false;
    if (is_running) process_.feed(core::StopAsked{});
    process_.signal_child(SIGCONT, false);
  } else if (number != 0) {
    process_.signal_child(number, false);
  }
}

void ProgramDirectory::write_status() {
  wire::StatusRecord fresh;
  fresh.pid = static_cast<std::uint32_t>(core::child_of(process_.phase()) ? process_.pid() : 0);
  if (fresh.pid == 0) is_paused_ = false;
  fresh.paused = is_paused_;
  const bool restarts = process_.config().policy.restart != core::Restart::Never;
  fresh.want = !core::is_running(process_.state()) ? 'd' : restarts ? 'u' : '\0';
  fresh.since = fresh.pid == record_.pid ? record_.since : to_tai64n(wall_now());
  if (fresh == record_ && files_.ok()) return;
  record_ = fresh;
  if (const auto written = files_.write_status({fresh, std::nullopt}, path_); !written)
    around_.log.complain(fmt::format("{}: {}", written.error().text, errno_words(written.error().code)));
}

}  // namespace upkeep::engine
