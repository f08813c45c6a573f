#include "ctl/log_follower.h"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "ctl/replies.h"

namespace upkeep::ctl {
namespace {

constexpr int kRetryMilliseconds = 100;

}  // namespace

std::size_t repeated_bytes(std::string_view seen, std::string_view head) {
  for (std::size_t count = std::min(seen.size(), head.size()); count > 0; --count)
    if (seen.ends_with(head.substr(0, count))) return count;
  return 0;
}

LogFollower::LogFollower(Client& client, Target target, LogName log, Terminal& terminal, const Interrupt& interrupt)
    : client_(client), target_(std::move(target)), log_(std::move(log)), terminal_(terminal), interrupt_(interrupt) {}

bool LogFollower::start() {
  first_size_ = ask_size();
  auto stream = LogStream::open(target_, log_, interrupt_.fd());
  if (stream) {
    stream_.emplace(std::move(*stream));
    return true;
  }
  const Failure& failure = stream.error();
  if (failure.kind != Failure::Kind::Cancelled)
    terminal_.complain(fmt::format("{}{} Cannot connect, error: <class '{}'> ({})\n", target_.url, log_path(log_),
                                   failure.type, message_of(failure)));
  return false;
}

bool LogFollower::pump() {
  const std::string text = stream_->read();
  if (!text.empty() && std::exchange(at_head_, false)) {
    print(text);  // first: the head must not wait for the calls below
    position_ = end_of(text, first_size_, ask_size());
  } else {
    print(text);
    if (position_) *position_ += static_cast<std::int64_t>(text.size());
  }
  return stream_->is_open() || (!refused() && resume());
}

bool LogFollower::resume() {
  const Instant deadline = monotonic_now() + kReturnTime;
  while (monotonic_now() < deadline) {
    const auto size = ask_size();
    const bool server_is_back = size || log_.process.empty();
    if (server_is_back && attach_again(size)) return true;
    if (stream_ && refused()) return false;
    if (interrupt_.pause(kRetryMilliseconds)) return false;
  }
  return false;
}

bool LogFollower::attach_again(std::optional<std::int64_t> size_before) {
  auto stream = LogStream::open(target_, log_, interrupt_.fd());
  if (!stream) return false;
  stream_.emplace(std::move(*stream));
  const std::string head = size_before == 0 ? "" : wait_for_head();
  if (!stream_->is_open() || (head.empty() && size_before.value_or(0) > 0)) return false;
  const auto end = end_of(head, size_before, ask_size());
  print_rest(head, end);
  position_ = end;
  at_head_ = false;
  return true;
}

void LogFollower::print_rest(std::string_view head, std::optional<std::int64_t> end) {
  if (!end || !position_ || *position_ > *end) return print(head.substr(repeated_bytes(seen_, head)));
  const std::int64_t start = *end - static_cast<std::int64_t>(head.size());
  if (*position_ >= start) return print(head.substr(static_cast<std::size_t>(*position_ - start)));
  print(read_range(*position_, start - *position_).value_or(""));
  print(head);
}

bool LogFollower::refused() {
  const auto status = stream_->refusal();
  if (status)
    terminal_.complain(fmt::format("{}{} Cannot read, status code {}\n", target_.url, log_path(log_), *status));
  return status.has_value();
}

std::string LogFollower::wait_for_head() {
  const Instant deadline = monotonic_now() + kHeadTime;
  for (;;) {
    std::string text = stream_->read();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - monotonic_now()).count();
    if (!text.empty() || !stream_->is_open() || left <= 0 || interrupt_.happened()) return text;
    pollfd fds[2] = {{stream_->fd(), POLLIN, 0}, {interrupt_.fd(), POLLIN, 0}};
    (void)::poll(fds, 2, static_cast<int>(left));
  }
}

void LogFollower::print(std::string_view text) {
  if (text.empty()) return;
  terminal_.print(text);
  seen_.append(text);
  if (seen_.size() > kSeenBytes) seen_.erase(0, seen_.size() - kSeenBytes);
}

std::optional<std::int64_t> LogFollower::ask_size() {
  if (log_.process.empty()) return std::nullopt;
  const char* method = log_.channel == "stdout" ? "supervisor.tailProcessStdoutLog" : "supervisor.tailProcessStderrLog";
  const auto answer = client_.call(target_, method, {log_.process, 0, 0}, interrupt_.fd());
  if (!answer) return std::nullopt;
  const auto* fields = std::get_if<wire::XmlRpcArray>(&answer->is);  // text, size of the file, overflow
  if (!fields || fields->size() < 2) return std::nullopt;
  const auto size = as_number((*fields)[1]);
  if (!size) return std::nullopt;
  return *size;
}

std::optional<std::string> LogFollower::read_range(std::int64_t offset, std::int64_t length) {
  const char* method = log_.channel == "stdout" ? "supervisor.readProcessStdoutLog" : "supervisor.readProcessStderrLog";
  const auto answer = client_.call(target_, method, {log_.process, offset, length}, interrupt_.fd());
  if (!answer) return std::nullopt;
  auto text = as_text(*answer);
  if (!text) return std::nullopt;
  return std::move(*text);
}

std::optional<std::int64_t> LogFollower::end_of(std::string_view head, std::optional<std::int64_t> size_before,
                                                std::optional<std::int64_t> size_after) {
  if (!size_before || !size_after || *size_after < *size_before) return std::nullopt;
  if (*size_before == *size_after) return size_after;
  const auto head_bytes = static_cast<std::int64_t>(head.size());
  const std::int64_t start = std::max<std::int64_t>(0, *size_before - head_bytes);
  const auto window = read_range(start, *size_after - start);
  const auto found = window ? window->find(head) : std::string::npos;
  if (found == std::string::npos) return std::nullopt;
  return start + static_cast<std::int64_t>(found) + head_bytes;
}

}  // namespace upkeep::ctl
