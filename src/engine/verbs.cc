#include "engine/verbs.h"

#include <algorithm>
#include <cerrno>

#include "base/signals.h"
#include "base/text.h"
#include "events/payload.h"

namespace upkeep::engine {
namespace {

tl::unexpected<Refused> refuse(Refusal code, std::optional<std::string> detail = {}) {
  return tl::unexpected(Refused{code, std::move(detail)});
}

std::optional<int> parse_signal(const std::string& text) {
  const std::string word{trim(text)};
  if (const auto number = parse_number(word)) {
    if (*number >= 0 && *number <= 64 && is_named_signal(static_cast<int>(*number))) return static_cast<int>(*number);
    return std::nullopt;
  }
  return signal_from_name(word);
}

constexpr Duration kStopLineInterval{std::chrono::seconds{2}};

bool is_not_running(core::State state) { return !core::is_running(state); }

Row row_of(const SupervisedProcess& process, const Answer& answer) {
  Row row{process.config().name, process.config().group};
  if (const auto* refused = std::get_if<Refused>(&answer)) {
    row.status = static_cast<int>(refused->code);
    row.description = refused->text();
  }
  return row;
}

std::string namespec(const SupervisedProcess& process) {
  const config::Process& config = process.config();
  return config.name == config.group ? config.name : config.group + ":" + config.name;
}

}  // namespace

Verbs::Verbs(Supervisor& supervisor, DaemonVerbs& daemon_verbs) : supervisor_(supervisor), daemon_(daemon_verbs) {
  supervisor_.on_change([this](SupervisedProcess& process) { process_changed(process); });
  supervisor_.surroundings().loop.add_clockwork(*this);
}

Verbs::~Verbs() { supervisor_.surroundings().loop.remove_clockwork(*this); }

// --- names

tl::expected<Verbs::Target, Refused> Verbs::resolve(const std::string& name) const {
  const auto colon = name.find(':');
  const std::string group_name = name.substr(0, colon);
  const std::string process_name = colon == std::string::npos ? name : name.substr(colon + 1);
  const SupervisedGroup* group = supervisor_.find_group(group_name);
  if (!group) return refuse(Refusal::BadName, name);
  if (colon != std::string::npos && (process_name.empty() || process_name == "*")) return Target{group, nullptr};
  SupervisedProcess* process = supervisor_.find(group_name, process_name);
  if (!process) return refuse(Refusal::BadName, name);
  return Target{group, process};
}

tl::expected<const SupervisedGroup*, Refused> Verbs::resolve_group(const std::string& name) const {
  const SupervisedGroup* group = supervisor_.find_group(name);
  if (!group) return refuse(Refusal::BadName, name);
  return group;
}

// Start and stop alike go through a group by ascending priority; only the shutdown of the daemon goes backwards.
Verbs::Processes Verbs::in_order(const SupervisedGroup& group) {
  std::vector<int> priorities;
  for (const auto& process : group.processes) priorities.push_back(process->config().priority);
  Processes ordered;
  for (const std::size_t index : core::start_order(priorities)) ordered.push_back(group.processes[index].get());
  return ordered;
}

Verbs::Processes Verbs::all_in_order() const {
  Processes all;
  for (const SupervisedGroup* group : supervisor_.groups_in_start_order()) {
    const Processes some = in_order(*group);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// --- information

tl::expected<ProcessInfo, Refused> Verbs::process(const std::string& name) const {
  const auto target = resolve(name);
  if (!target) return tl::unexpected(target.error());
  if (!target->process) return refuse(Refusal::BadName, name);
  return target->process->info(wall_now());
}

std::vector<ProcessInfo> Verbs::processes() const {
  std::vector<ProcessInfo> infos;
  const WallTime now = wall_now();
  for (const SupervisedProcess* process : supervisor_.all()) infos.push_back(process->info(now));
  std::sort(infos.begin(), infos.end(), [](const ProcessInfo& a, const ProcessInfo& b) {
    return std::tie(a.group, a.name) < std::tie(b.group, b.name);
  });
  return infos;
}

tl::expected<std::string, Refused> Verbs::logfile(const std::string& name, Stdio channel) const {
  const auto target = resolve(name);
  if (!target) return tl::unexpected(target.error());
  if (!target->process) return refuse(Refusal::BadName, name);
  const auto path = target->process->channels().logfile(channel);
  if (!path) return refuse(Refusal::NoFile);
  return *path;
}

// --- start

void Verbs::start(const std::string& name, bool wait, Done done) {
  const auto target = resolve(name);
  if (!target) return done(target.error());
  if (target->process) return start_one(*target->process, name, wait, std::move(done));
  each(in_order(*target->group), &Verbs::start_one, is_not_running, wait, std::move(done));
}

void Verbs::start_group(const std::string& group, bool wait, Done done) {
  const auto found = resolve_group(group);
  if (!found) return done(found.error());
  each(in_order(**found), &Verbs::start_one, is_not_running, wait, std::move(done));
}

void Verbs::start_all(bool wait, Done done) {
  each(all_in_order(), &Verbs::start_one, is_not_running, wait, std::move(done));
}

void Verbs::start_one(SupervisedProcess& process, const std::string& name, bool wait, Done done) {
  // The command is checked before the state: a process backing off for want of its binary answers NO_FILE.
  if (const auto obstacle = process.obstacle()) return done(*obstacle);
  if (core::is_running(process.state())) return done(Refused{Refusal::AlreadyStarted, name});
  if (process.state() == core::State::Unknown)
    return done(Refused{Refusal::Failed, name + " is in an unknown process state"});

  process.feed(core::StartAsked{});
  const auto question = [name, wait](const SupervisedProcess& p) -> std::optional<Answer> {
    if (p.awaits_keeper() && p.state() == core::State::Starting) return std::nullopt;
    if (!p.spawn_error().empty()) return Refused{Refusal::SpawnError, name};
    if (!wait || p.state() == core::State::Running) return Answer{};
    if (p.state() == core::State::Starting) return std::nullopt;
    if (p.is_service() && p.state() == core::State::Backoff) return std::nullopt;  // within a second
    return Refused{Refusal::AbnormalTermination, name};
  };
  wait_for(process, question, std::move(done));
}

// --- stop

void Verbs::stop(const std::string& name, bool wait, Done done) {
  const auto target = resolve(name);
  if (!target) return done(target.error());
  if (target->process) return stop_one(*target->process, name, wait, std::move(done));
  each(in_order(*target->group), &Verbs::stop_one, core::is_running, wait, std::move(done));
}

void Verbs::stop_group(const std::string& group, bool wait, Done done) {
  const auto found = resolve_group(group);
  if (!found) return done(found.error());
  each(in_order(**found), &Verbs::stop_one, core::is_running, wait, std::move(done));
}

void Verbs::stop_all(bool wait, Done done) {
  each(all_in_order(), &Verbs::stop_one, core::is_running, wait, std::move(done));
}

void Verbs::stop_one(SupervisedProcess& process, const std::string& name, bool wait, Done done) {
  if (!core::is_running(process.state())) return done(Refused{Refusal::NotRunning, name});
  process.feed(core::StopAsked{});
  const auto question = [wait](const SupervisedProcess& p) -> std::optional<Answer> {
    if (p.state() == core::State::Unknown) return Refused{Refusal::Failed, p.signal_error()};
    if (!wait || core::is_stopped(p.state())) return Answer{};
    return std::nullopt;
  };
  if (!wait_for(process, question, std::move(done))) return;
  process.report_stopping();
  waiters_.back().next_line = supervisor_.surroundings().loop.now() + kStopLineInterval;
}

std::optional<Instant> Verbs::next_deadline() const {
  std::optional<Instant> next;
  for (const Waiter& waiter : waiters_)
    if (waiter.next_line && (!next || *waiter.next_line < *next)) next = waiter.next_line;
  return next;
}

void Verbs::on_time(Instant now) {
  for (Waiter& waiter : waiters_) {
    if (!waiter.next_line || now < *waiter.next_line) continue;
    waiter.process->report_stopping();
    waiter.next_line = now + kStopLineInterval;
  }
}

// --- signal

Answer Verbs::signal(const std::string& name, const std::string& signal) {
  const auto target = resolve(name);
  if (!target) return target.error();
  if (!target->process) return signal_each(in_order(*target->group), signal);
  return signal_one(*target->process, name, signal);
}

Answer Verbs::signal_group(const std::string& group, const std::string& signal) {
  const auto found = resolve_group(group);
  if (!found) return found.error();
  return signal_each(in_order(**found), signal);
}

Answer Verbs::signal_all(const std::string& signal) { return signal_each(all_in_order(), signal); }

Answer Verbs::signal_one(SupervisedProcess& process, const std::string& name, const std::string& signal) {
  const auto number = parse_signal(signal);
  if (!number) return Refused{Refusal::BadSignal, signal};
  if (!core::is_signallable(process.state())) return Refused{Refusal::NotRunning, name};
  if (auto sent = process.send_signal(*number); !sent) return Refused{Refusal::Failed, sent.error().text};
  return Answer{};
}

Answer Verbs::signal_each(const Processes& processes, const std::string& signal) {
  std::vector<Row> rows;
  for (SupervisedProcess* process : processes)
    if (core::is_signallable(process->state()))
      rows.push_back(row_of(*process, signal_one(*process, namespec(*process), signal)));
  return rows;
}

// --- logs

Answer Verbs::clear_logs(const std::string& name) {
  const auto target = resolve(name);
  if (!target) return target.error();
  if (!target->process) return Refused{Refusal::BadName, name};
  if (auto cleared = target->process->channels().clear(); !cleared) return Refused{Refusal::Failed, name};
  return Answer{};
}

Answer Verbs::clear_all_logs() {
  std::vector<Row> rows;
  for (const SupervisedProcess* process : all_in_order())
    rows.push_back(row_of(*process, clear_logs(namespec(*process))));
  return rows;
}

// --- to programs and listeners

Answer Verbs::send_stdin(const std::string& name, const std::string& bytes) {
  const auto target = resolve(name);
  if (!target) return target.error();
  if (!target->process) return Refused{Refusal::BadName, name};
  SupervisedProcess& process = *target->process;
  if (!core::is_signallable(process.state()) || process.state() == core::State::Stopping)
    return Refused{Refusal::NotRunning, name};
  const auto queued = process.channels().input().push(bytes);
  if (queued) return Answer{};
  return queued.error().code == EPIPE ? Refused{Refusal::NoFile, name} : Refused{Refusal::Failed, queued.error().text};
}

Answer Verbs::send_remote_event(const std::string& type, const std::string& data) {
  supervisor_.surroundings().events.publish(core::EventType::RemoteCommunication,
                                            events::remote_communication_payload(type, data));
  return Answer{};
}

// --- many, and waiting

void Verbs::each(Processes processes, One verb, bool (*concerns)(core::State), bool wait, Done done) {
  std::erase_if(processes, [&](const SupervisedProcess* process) { return !concerns(process->state()); });
  struct Collection {
    std::vector<Row> rows;
    std::size_t missing;
    Done done;
  };
  const auto collection = std::make_shared<Collection>(Collection{{}, processes.size(), std::move(done)});
  if (processes.empty()) return collection->done(std::vector<Row>{});
  for (SupervisedProcess* process : processes)
    (this->*verb)(*process, namespec(*process), wait, [collection, process](const Answer& answer) {
      collection->rows.push_back(row_of(*process, answer));
      if (--collection->missing == 0) collection->done(std::move(collection->rows));
    });
}

bool Verbs::wait_for(SupervisedProcess& process, Question question, Done done) {
  if (auto answer = question(process)) {
    done(std::move(*answer));
    return false;
  }
  waiters_.push_back({&process, std::move(question), std::move(done), std::nullopt});
  return true;
}

void Verbs::process_changed(SupervisedProcess& process) {
  std::list<Waiter> answered;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const auto next = std::next(waiter);
    if (waiter->process == &process && waiter->question(process)) answered.splice(answered.end(), waiters_, waiter);
    waiter = next;
  }
  for (Waiter& waiter : answered)  // outside the list: a callback may ask the next thing
    if (auto answer = waiter.question(process)) waiter.done(std::move(*answer));
}

}  // namespace upkeep::engine
