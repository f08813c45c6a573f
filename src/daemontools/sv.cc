#include "daemontools/sv.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/errno_words.h"
#include "base/time.h"
#include "daemontools/check_script.h"
#include "daemontools/complaint.h"
#include "daemontools/opening.h"
#include "daemontools/options.h"
#include "daemontools/starting_directory.h"
#include "daemontools/supervise_folder.h"
#include "daemontools/sv_verb.h"
#include "daemontools/sv_view.h"
#include "os/file.h"

namespace upkeep::daemontools {
namespace {

constexpr int kFailuresMax = 99;
constexpr int kInitScriptUsage = 2;
constexpr int kInitScriptFatal = 151;
constexpr std::chrono::milliseconds kLookAgain{50};

std::uint64_t now_seconds() { return to_tai64n(wall_now()).seconds; }

void say(const std::string& text) { (void)os::write_all(STDOUT_FILENO, text); }

// The directory that services without a path are in.
std::string services_directory() {
  if (const char* setting = std::getenv("SVDIR")) return setting;
  struct stat status {};
  const bool original = ::stat("/etc/service", &status) != 0 && ::stat("/service", &status) == 0;
  return original ? "/service" : "/etc/service/";
}

// Like the original's: the digits it begins with, 0 without any.
std::chrono::seconds seconds_of(const char* text) {
  constexpr std::int64_t most = 1'000'000'000;
  std::int64_t number = 0;
  for (; *text >= '0' && *text <= '9'; ++text) number = std::min(most, number * 10 + (*text - '0'));
  return std::chrono::seconds{number};
}

// One service of the command line, from the point of view of its own directory: all calls are made with that as the
// current one.
class Service {
 public:
  Service(std::string name, std::string& said, int& failures)
      : name_(std::move(name)), said_(said), failures_(failures) {}

  enum class Life { Alive, Gone, Unknown };  // Unknown: it has been told why

  const std::string& name() const { return name_; }
  void fail(std::string_view what, int code = 0) { complain("fail", what, code); }

  // Reads the status into `views`. A supervisor that is gone is what `x` wants, and a failure otherwise.
  Life look(bool gone_is_good, SvViews& views) {
    const auto folder = SuperviseFolder::here();
    if (!folder) return unknown("unable to set up control path", folder.error().code);
    const int code = folder->alive();
    if (code == ENXIO) return gone(gone_is_good);
    if (code != 0) return unknown("unable to open " + folder->path("ok"), code);
    const auto bytes = folder->status();
    if (!bytes) return unknown(bytes.error().text, bytes.error().code);
    const auto found = sv_views(*bytes);
    if (!found) return unknown("unable to read " + folder->path("status") + ": bad format", 0);
    views = *found;
    return Life::Alive;
  }

  // False: it could not be written, or there is nobody to read it any more; that has been told.
  bool control(std::string_view letters) {
    SvViews views;
    const bool exits = letters == "x";
    if (look(exits, views) != Life::Alive) return false;
    if (is_under_way(views.service, letters)) return true;
    const auto folder = SuperviseFolder::here();
    const Fd fifo = open_write(folder->path("control").c_str());
    if (!fifo && errno == ENXIO) return gone(exits), false;
    if (!fifo) return unknown("unable to open " + folder->path("control"), errno), false;
    if (!os::write_all(fifo.get(), letters_for(views.service, letters)))
      return unknown("unable to write to " + folder->path("control"), errno), false;
    return true;
  }

  // "run: web: (pid 3) 1s" of the current directory, with `name` as the name; none: told why on standard error.
  std::optional<std::string> line(const SvView& view, std::string_view name) const {
    struct stat down {};
    const bool normally_up = ::stat("down", &down) != 0;
    if (normally_up && errno != ENOENT) {
      const std::string text = fmt::format("warning: unable to stat {}/down: {}\n", name, errno_words(errno));
      (void)os::write_all(STDERR_FILENO, text);
      return std::nullopt;
    }
    return sv_line(view, name, normally_up, now_seconds());
  }

  void enter_log() { name_ += "/log"; }
  Life unknown(std::string_view what, int code) {
    complain("warning", what, code);
    return Life::Unknown;
  }

 private:
  Life gone(bool is_good) {
    if (is_good)
      said_ += fmt::format("ok: {}: runsv not running\n", name_);
    else
      fail("runsv not running");
    return Life::Gone;
  }

  void complain(std::string_view word, std::string_view what, int code) {
    ++failures_;
    said_ += fmt::format("{}: {}: {}", word, name_, what);
    if (code != 0) said_ += fmt::format(": {}", errno_words(code));
    said_ += '\n';
  }

  std::string name_;
  std::string& said_;
  int& failures_;
};

class Sv {
 public:
  Sv(CalledAs called_as, SvVerb verb, StartingDirectory here)
      : called_as_(called_as), verb_(std::move(verb)), here_(std::move(here)) {}

  // The exit status.
  int perform(char** names, std::optional<std::chrono::seconds> wait) {
    for (; *names; ++names) {
      Service service{*names, said_, failures_};
      const bool goes_on = enter(service) && begin(service);
      if (!come_back()) return fatal_status();
      if (goes_on) waiting_.push_back(service);
    }
    if (wait && !await(*wait)) return fatal_status();
    say(said_);
    return status_ ? *status_ : std::min(failures_, kFailuresMax);
  }

 private:
  bool enter(Service& service) {
    const std::string& name = service.name();
    const bool is_path = name.empty() || name[0] == '.' || name[0] == '/' || name.back() == '/';
    if ((is_path || ::chdir(services_.c_str()) == 0) && ::chdir(name.c_str()) == 0) return true;
    service.fail("unable to change to service directory", errno);
    return false;
  }

  bool begin(Service& service) {
    if (verb_.shows_status) return show_status(service), false;
    return verb_.letters.empty() || service.control(verb_.letters);
  }

  void show_status(Service& service) {
    SvViews views;
    const auto life = service.look(false, views);
    if (life != Service::Life::Alive) {
      if (life == Service::Life::Unknown) answer(4);
      return;
    }
    const auto line = service.line(views.service, service.name());
    said_ += line.value_or("");
    answer(!line ? 4 : views.service.up() ? 0 : 3);
    if (::chdir("log") == 0) {
      said_ += "; ";
      show_log(service);
    } else if (errno == ENOENT || errno == ENOTDIR) {  // encore's log may be a script
      if (views.log) said_ += "; " + service.line(*views.log, "log").value_or("");
      said_ += '\n';
    } else {
      said_ += "; ";
      const int code = errno;
      service.enter_log();
      service.unknown("unable to change directory", code);
    }
  }

  void show_log(Service& service) {
    SvViews views;
    service.enter_log();
    if (service.look(false, views) == Service::Life::Alive)
      said_ += service.line(views.service, "log").value_or("") + "\n";
  }

  // An init script's exit status for `status`.
  void answer(int status) {
    if (called_as_ == CalledAs::InitScript) status_ = status;
  }

  // Looks at each service until all have what was asked for, or time is over. False: the way back is lost.
  bool await(std::chrono::seconds limit) {
    while (true) {
      const bool late = monotonic_now() - began_ > limit;
      std::vector<Service> pending;
      for (Service& service : waiting_) {
        const bool waits = enter(service) && !is_done(service);
        if (waits && late) give_up(service);
        if (!come_back()) return false;
        if (waits && !late) pending.push_back(service);
      }
      say(said_);
      said_.clear();
      waiting_ = std::move(pending);
      if (waiting_.empty()) return true;
      (void)::poll(nullptr, 0, static_cast<int>(kLookAgain.count()));
    }
  }

  // Whether there is nothing to wait for any more, for better or worse.
  bool is_done(Service& service) {
    SvViews views;
    if (service.look(verb_.letters == "x", views) != Service::Life::Alive) return true;
    if (!is_reached(views.service, service.name())) return false;
    said_ += fmt::format("ok: {}\n", service.line(views.service, service.name()).value_or(""));
    return true;
  }

  bool is_reached(const SvView& view, const std::string& name) const {
    const auto agrees = [&](Outcome outcome) {
      return outcome == Outcome::Reached || (outcome == Outcome::NeedsCheck && check_script_agrees(name));
    };
    if (verb_.checks_only) return agrees(outcome_of_check(view));
    return std::ranges::all_of(verb_.letters, [&](char letter) { return agrees(outcome(view, letter, asked_)); });
  }

  void give_up(Service& service) {
    SvViews views;
    const auto life = service.look(false, views);
    if (life == Service::Life::Alive) {
      ++failures_;
      said_ += verb_.kills ? "kill: " : "timeout: ";
      said_ += service.line(views.service, service.name()).value_or("") + "\n";
    }
    if (verb_.kills && life == Service::Life::Alive) (void)service.control("k");
  }

  bool come_back() const { return here_.come_back(); }

  int fatal_status() {
    const int code = errno;
    say(said_);
    (void)os::write_all(STDERR_FILENO,
                        fmt::format("fatal: unable to change to original directory: {}\n", errno_words(code)));
    return called_as_ == CalledAs::InitScript ? kInitScriptFatal : kUsageError;
  }

  CalledAs called_as_;
  SvVerb verb_;
  StartingDirectory here_;
  const std::string services_ = services_directory();
  const Instant began_ = monotonic_now();
  const Tai64n asked_ = to_tai64n(wall_now());
  std::string said_;
  int failures_ = 0;
  std::optional<int> status_;
  std::vector<Service> waiting_;
};

int show_usage(CalledAs called_as, std::string_view name, const std::string& problem) {
  const bool sv = called_as == CalledAs::Sv;
  std::string text = problem.empty() ? "" : problem + "\n";
  text += fmt::format("usage: {} {}\n\n", name, sv ? "[-v] [-w sec] command service ..." : "[-w sec] command");
  (void)os::write_all(STDERR_FILENO, text);
  return sv ? kUsageError : kInitScriptUsage;
}

}  // namespace

int sv_main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a supervisor that ends between our look and our write
  std::string name = argc > 0 ? argv[0] : "sv";
  name.erase(0, name.rfind('/') + 1);
  const CalledAs called_as = name == "sv" ? CalledAs::Sv : CalledAs::InitScript;

  const char* setting = std::getenv("SVWAIT");
  std::chrono::seconds limit = setting ? seconds_of(setting) : std::chrono::seconds{7};
  bool verbose = false;
  Options options{argc, argv, "w:vV"};
  while (const auto letter = options.next()) {
    if (*letter == 'V') return show_usage(called_as, name, "");
    verbose = true;
    if (*letter == 'w') limit = seconds_of(options.argument());
  }
  char** words = options.rest();
  if (!options.problem().empty() || !*words) return show_usage(called_as, name, options.problem());
  const auto verb = sv_verb(*words++, called_as);
  char* own_service[] = {name.data(), nullptr};
  char** services = called_as == CalledAs::InitScript ? own_service : words;
  if (!verb || !*services) return show_usage(called_as, name, "");

  auto here = StartingDirectory::open();
  if (!here) {
    const std::string text = fmt::format("fatal: unable to open current directory: {}\n", errno_words(errno));
    (void)os::write_all(STDERR_FILENO, text);
    return called_as == CalledAs::InitScript ? kInitScriptFatal : kUsageError;
  }
  const bool waits = !verb->shows_status && (verb->waits || verbose);
  return Sv{called_as, *verb, std::move(*here)}.perform(services, waits ? std::optional{limit} : std::nullopt);
}

}  // namespace upkeep::daemontools
