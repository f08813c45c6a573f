#include "rpc/connection.h"

#include <malloc.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

namespace upkeep::rpc {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;     // in one turn, so that no client holds up the others
constexpr std::size_t kLargeBytes = 1024 * 1024;  // worth giving back to the system

std::string now_for_http() {
  return wire::http_date(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

}  // namespace

void Traffic::give_memory_back(os::Loop& loop) {
  const std::size_t held = body_bytes + unsent_bytes;
  if (held > kLargeBytes) was_large = true;
  if (!was_large || held > kUnsentBytesHigh) return;
  was_large = false;
  loop.defer([] { ::malloc_trim(0); });
}

Connection::Connection(std::uint64_t id, Fd socket, const Serve& serve, os::Loop& loop, Traffic& traffic,
                       ConnectionOwner& owner)
    : id_(id),
      socket_(std::move(socket)),
      serve_(serve),
      caller_(caller_of(socket_.get())),
      loop_(loop),
      traffic_(traffic),
      owner_(owner),
      last_progress_(loop.now()),
      interest_(EPOLLIN) {}

Connection::~Connection() {
  traffic_.body_bytes -= counted_body_bytes_;
  traffic_.unsent_bytes -= counted_unsent_bytes_;
  traffic_.give_memory_back(loop_);
}

Result<void> Connection::start() {
  watch_ = TRY(loop_.watch(socket_.get(), interest_, [weak = weak_from_this()](std::uint32_t events) {
    if (const auto self = weak.lock()) self->on_event(events);
  }));
  update_deadline();
  return {};
}

void Connection::on_event(std::uint32_t epoll_events) {
  if (wants_input() && (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
    read_some();
  } else if (epoll_events & (EPOLLHUP | EPOLLERR)) {
    return end();
  }
  settle();
}

void Connection::on_time() {
  if (phase_ == Phase::Following) return settle();
  end();
}

// --- input

bool Connection::wants_input() const {
  if (input_ended_) return false;
  if (phase_ == Phase::Reading) return !postponed_ && unsent() <= kUnsentBytesHigh;
  return phase_ == Phase::Following || phase_ == Phase::Lingering;
}

void Connection::read_some() {
  std::array<char, kReadBytes> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) end();
    return;
  }
  if (count == 0) {
    input_ended_ = true;
    if (phase_ != Phase::Reading) end();  // who follows a log or has its last reply has nothing to wait for
    return;
  }
  if (phase_ != Phase::Reading) return;  // nothing more is served here
  last_progress_ = loop_.now();
  parser_.feed({bytes.data(), static_cast<std::size_t>(count)});
}

// False: output piles up, so the rest has to wait.
bool Connection::serve_requests() {
  while (phase_ == Phase::Reading) {
    if (unsent() > kUnsentBytesHigh) return false;
    if (!postponed_) postponed_ = parser_.next();
    if (!postponed_) {
      if (const auto status = parser_.failure()) refuse(*status);
      if (parser_.wants_continue()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
      return true;
    }
    request_since_.reset();
    if (!may_serve_in_this_turn()) {
      loop_.defer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->settle();
      });
      return true;
    }
    serve(*std::exchange(postponed_, std::nullopt));
  }
  return true;
}

bool Connection::may_serve_in_this_turn() {
  const Instant turn = loop_.now();
  if (traffic_.served_in_turn == turn && monotonic_now() - turn > kServeTimePerTurn) return false;
  traffic_.served_in_turn = turn;
  return true;
}

void Connection::serve(const wire::HttpRequest& request) {
  wishes_ = {request.version_minor, request.keep_alive, request.method == "HEAD"};
  phase_ = Phase::Answering;
  update_counts();
  if (traffic_.unsent_bytes > traffic_.limits.unsent_bytes_in_all) return refuse(503);
  serving_ = true;
  serve_(request, caller_, [weak = weak_from_this(), number = ++request_number_](Answer answer) {
    const auto self = weak.lock();
    if (!self || self->phase_ != Phase::Answering || self->request_number_ != number) return;
    self->take_answer(std::move(answer));
  });
  serving_ = false;
}

// --- output

void Connection::take_answer(Answer answer) {
  last_progress_ = loop_.now();
  if (auto* stream = std::get_if<Stream>(&answer)) {
    begin(std::move(*stream));
  } else {
    send(std::get<Reply>(answer));
  }
  if (!serving_) settle();
}

void Connection::send(const Reply& reply) {
  const bool keep_alive = wishes_.keep_alive && !reply.closes;
  Headers headers = reply.headers;
  if (keep_alive && wishes_.version_minor == 0) headers.emplace_back("Connection", "Keep-Alive");
  out_ += wire::http_response_head(reply.status, headers, now_for_http(), wishes_.version_minor);
  if (!wishes_.head_only) out_ += reply.body;
  phase_ = keep_alive ? Phase::Reading : Phase::Flushing;
}

// Chunks where the client can tell them from the end of the connection, plain bytes else.
void Connection::begin(Stream stream) {
  wishes_.keep_alive = wishes_.keep_alive && wishes_.version_minor == 1;
  Headers headers = std::move(stream.headers);
  if (wishes_.keep_alive) headers.emplace_back("Transfer-Encoding", "chunked");
  out_ += wire::http_response_head(200, headers, now_for_http(), wishes_.version_minor);
  log_ = std::move(stream.log);
  next_look_ = loop_.now();
  phase_ = Phase::Following;
}

void Connection::refuse(int status) {
  Reply reply = error_reply(status);
  reply.closes = true;
  parser_ = wire::HttpRequestParser{};
  postponed_.reset();
  wishes_ = {};
  last_progress_ = loop_.now();
  send(reply);
}

void Connection::pump_log() {
  if (phase_ != Phase::Following || unsent() >= kUnsentBytesHigh) return;
  const std::string bytes = log_->read(kUnsentBytesHigh);
  if (!bytes.empty()) out_ += wishes_.keep_alive ? wire::http_chunk(bytes) : bytes;
  // After a full read there may be more, but the other clients come first.
  next_look_ = loop_.now() + (bytes.size() < kUnsentBytesHigh ? kFollowPoll : Duration{0});
}

// True once everything has gone out.
bool Connection::flush() {
  while (unsent() > 0 && phase_ != Phase::Ended) {
    const ssize_t count = ::send(socket_.get(), out_.data() + sent_, unsent(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      if (errno != EAGAIN) end();
      return false;
    }
    sent_ += static_cast<std::size_t>(count);
    last_progress_ = loop_.now();
  }
  out_ = std::string{};  // gives the memory of large replies back
  sent_ = 0;
  return phase_ != Phase::Ended;
}

// --- state

// Called at the end of whatever happened: does all that can be done now and arranges for the rest.
void Connection::settle() {
  if (phase_ == Phase::Ended) return;
  while (!serve_requests() && flush()) {
  }
  if (phase_ == Phase::Following && next_look_ && *next_look_ <= loop_.now()) pump_log();
  flush();
  if (phase_ == Phase::Ended) return;
  update_counts();
  if (counted_body_bytes_ > 0 && traffic_.body_bytes > traffic_.limits.body_bytes_in_all && phase_ == Phase::Reading) {
    refuse(503);
    flush();
  }
  // The reading side stays open for a moment: a close with unread input would take the reply back.
  if (phase_ == Phase::Flushing && unsent() == 0) {
    (void)::shutdown(socket_.get(), SHUT_WR);  // fails only if the client has gone, which the next event tells
    if (input_ended_) return end();
    phase_ = Phase::Lingering;
    last_progress_ = loop_.now();
  }
  if (phase_ == Phase::Reading && input_ended_ && !postponed_ && unsent() == 0) return end();
  if (phase_ == Phase::Ended) return;
  update_counts();
  update_interest();
  update_deadline();
}

void Connection::update_counts() {
  const std::size_t body_bytes = parser_.buffered() + (postponed_ ? postponed_->body.size() : 0);
  traffic_.body_bytes += body_bytes - counted_body_bytes_;
  counted_body_bytes_ = body_bytes;
  traffic_.unsent_bytes += unsent() - counted_unsent_bytes_;
  counted_unsent_bytes_ = unsent();
  traffic_.give_memory_back(loop_);
}

void Connection::update_interest() {
  const std::uint32_t interest = (wants_input() ? EPOLLIN : 0U) | (unsent() > 0 ? EPOLLOUT : 0U);
  if (interest == interest_) return;
  interest_ = interest;
  watch_.set_interest(interest);
}

void Connection::update_deadline() {
  if (phase_ == Phase::Reading && parser_.progress() != wire::HttpRequestParser::Progress::Nothing) {
    if (!request_since_) request_since_ = loop_.now();
  } else {
    request_since_.reset();
  }
  const auto wanted = wanted_deadline();
  if (wanted == deadline_) return;
  deadline_ = wanted;
  owner_.deadline_changed(*this);
}

std::optional<Instant> Connection::wanted_deadline() const {
  switch (phase_) {
    case Phase::Following: return unsent() > 0 ? std::nullopt : next_look_;  // a paused reader may take its time
    case Phase::Lingering: return last_progress_ + traffic_.limits.linger_wait;
    case Phase::Ended: return std::nullopt;
    default: break;
  }
  if (unsent() > 0) return last_progress_ + traffic_.limits.stall_wait;
  if (phase_ == Phase::Answering || postponed_) return std::nullopt;
  if (!request_since_) return last_progress_ + traffic_.limits.idle_wait;
  return *request_since_ + (parser_.progress() == wire::HttpRequestParser::Progress::Body ? traffic_.limits.body_wait
                                                                                          : traffic_.limits.head_wait);
}

void Connection::end() {
  if (phase_ == Phase::Ended) return;
  phase_ = Phase::Ended;
  watch_.reset();
  socket_.reset();
  deadline_.reset();
  owner_.ended(*this);
}

}  // namespace upkeep::rpc
