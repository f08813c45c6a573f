// What should be known for a while after it was logged: shown with the status until a time of health has passed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "os/loop.h"

namespace upkeep::engine {

inline constexpr Duration kAlarmTime{std::chrono::minutes{10}};

class Alarm : private os::Clockwork {
 public:
  // `over` is called when the time has passed.
  Alarm(os::Loop& loop, std::function<void()> over) : loop_(loop), over_(std::move(over)) {
    loop_.add_clockwork(*this);
  }
  Alarm(const Alarm&) = delete;
  ~Alarm() override { loop_.remove_clockwork(*this); }

  void raise(std::string text) {
    text_ = std::move(text);
    until_ = loop_.now() + kAlarmTime;
  }
  const std::string& text() const { return text_; }  // empty: none

 private:
  std::optional<Instant> next_deadline() const override { return until_; }
  void on_time(Instant) override {
    until_.reset();
    text_.clear();
    over_();
  }

  os::Loop& loop_;
  std::function<void()> over_;
  std::string text_;
  std::optional<Instant> until_;
};

}  // namespace upkeep::engine
