#include "multilog/logger.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/time.h"
#include "os/file.h"

namespace upkeep::multilog {

Logger::Logger(const Script& script, Trouble& trouble) : script_(script), filter_(script), outputs_(script) {
  for (const DirectorySettings& settings : script.directories) directories_.emplace_back(settings, trouble);
  for (const std::string& path : script.status_files) status_files_.emplace_back(path, trouble);
}

Result<void> Logger::open() {
  for (const Action& action : script_.actions) {
    if (const auto* file = std::get_if<ToStatusFile>(&action)) TRY(status_files_[file->index].open());
    if (const auto* directory = std::get_if<ToDirectory>(&action)) TRY(directories_[directory->index].open());
  }
  return {};
}

Result<void> Logger::run(int fd, int signals) {
  Input input = TRY(Input::on(fd, signals));
  bool stopping = false;
  for (;;) {
    input.wait();
    const Asked asked = read_signals(signals);
    if (asked.to_rotate)
      for (LogDirectory& directory : directories_) directory.rotate_if_used();
    stopping = stopping || asked.to_stop;
    if (stopping && filter_.is_between_lines(input.pending())) break;
    const Input::Sight sight = input.look(stopping ? Input::Amount::OneByte : Input::Amount::All);
    if (sight == Input::Sight::End) {
      filter_.finish(input.pending(), wall_now(), outputs_);
      write_outputs();
      input.release(input.pending().size());
      break;
    }
    if (sight != Input::Sight::More) continue;
    const bool line_ended = pass_on(input, stopping ? LineFilter::Until::EndOfLine : LineFilter::Until::NoMoreLines);
    if (stopping && line_ended) break;
  }
  close();
  return {};
}

// The signals that came, or none.
Logger::Asked Logger::read_signals(int signals) {
  Asked asked;
  signalfd_siginfo came{};
  while (::read(signals, &came, sizeof came) == sizeof came) {
    if (came.ssi_signo == SIGTERM) asked.to_stop = true;
    if (came.ssi_signo == SIGALRM) asked.to_rotate = true;
  }
  return asked;
}

// Everything that can go out. Returns whether it ended with a line.
bool Logger::pass_on(Input& input, LineFilter::Until until) {
  const WallTime now = wall_now();
  std::string_view view = input.pending();
  std::size_t done = 0;
  for (std::size_t taken = 0; !view.empty(); view.remove_prefix(taken), done += taken) {
    taken = filter_.take(view, now, until, outputs_);
    write_outputs();
    if (taken == 0) break;
    if (until == LineFilter::Until::EndOfLine && filter_.is_between_lines({})) {
      done += taken;
      break;
    }
  }
  input.release(done);
  return done > 0 && filter_.is_between_lines({});
}

void Logger::write_outputs() {
  (void)os::write_all(STDERR_FILENO, outputs_.standard_error);  // nobody to tell
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < status_files_.size(); ++i)
    if (outputs_.status_lines[i].order > 0) due.push_back(i);
  std::ranges::stable_sort(due, {}, [&](std::size_t i) { return outputs_.status_lines[i].order; });
  for (const std::size_t i : due) status_files_[i].write(outputs_.status_lines[i].text);
  for (std::size_t i = 0; i < directories_.size(); ++i) directories_[i].write(outputs_.directories[i].bytes());
  outputs_.clear();
}

void Logger::close() {
  for (LogDirectory& directory : directories_) directory.close();
}

}  // namespace upkeep::multilog
