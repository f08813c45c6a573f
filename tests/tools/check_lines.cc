// probe check-lines FILE...: are the numbered lines of `probe lines`, read from these files in this order, complete?
//
// Prints one line a finding (the first twenty) and then "first F last L lines N lost X repeated Y torn Z". A line that
// does not have the form is torn; a number that jumps ahead counts what it skipped as lost; one that falls back counts
// as repeated, and so does everything up to the highest number seen before. An unfinished last line is no finding.
// With --any-text, lines that do not begin with a digit are skipped (the activity log has other lines between).
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "probe.h"

namespace probe {
namespace {

struct Count {
  std::uint64_t first = 0, last = 0, lines = 0, lost = 0, repeated = 0, torn = 0;
};

class Checker {
 public:
  explicit Checker(bool any_text) : any_text_(any_text) {}

  void line(std::string_view text) {
    std::uint64_t seq = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      seq = seq * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
    }
    const bool well_formed = digits > 0 && text.size() > digits && text[digits] == ' ' &&
                             text.find_first_not_of('x', digits + 1) == std::string_view::npos &&
                             (length_ == 0 || text.size() - digits == length_);
    if (!well_formed) {
      if (any_text_) return;
      ++count_.torn;
      return tell("torn", text);
    }
    length_ = text.size() - digits;
    accept(seq, text);
  }
  const Count& count() const { return count_; }

 private:
  void accept(std::uint64_t seq, std::string_view text) {
    if (count_.lines++ == 0) {
      count_.first = count_.last = seq;
      return;
    }
    if (seq > count_.last + 1) {
      count_.lost += seq - count_.last - 1;
      tell("lost before", text);
    } else if (seq <= count_.last) {
      if (count_.repeated++ == 0 || seq < previous_) tell("repeated from", text);
    }
    previous_ = seq;
    count_.last = std::max(count_.last, seq);
  }
  void tell(const char* what, std::string_view text) {
    if (told_++ >= 20) return;
    std::printf("%s: %.*s (after %llu)\n", what, static_cast<int>(std::min<std::size_t>(text.size(), 60)), text.data(),
                static_cast<unsigned long long>(count_.last));
  }

  bool any_text_;
  Count count_;
  std::uint64_t previous_ = 0;
  std::size_t length_ = 0;  // of blank and payload, the same in every line
  int told_ = 0;
};

// Hands out whole lines; a line may begin in one file and end in the next (rotation cuts anywhere).
void read_lines(const char* path, std::string& rest, Checker& checker) {
  FILE* file = std::fopen(path, "r");
  if (file == nullptr) die(path);
  std::vector<char> block(1 << 20);
  std::size_t size = 0;
  while ((size = std::fread(block.data(), 1, block.size(), file)) > 0) {
    std::string_view text(block.data(), size);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      if (rest.empty()) {
        checker.line(text.substr(0, end));
      } else {
        rest.append(text.substr(0, end));
        checker.line(rest);
        rest.clear();
      }
    }
    rest.append(text);
  }
  std::fclose(file);
}

}  // namespace

int check_lines(Arguments arguments) {
  Checker checker(has_flag(arguments, "--any-text"));
  std::string rest;
  for (const char* path : arguments) {
    if (std::strcmp(path, "--any-text") != 0) read_lines(path, rest, checker);
  }
  const Count& n = checker.count();
  std::printf("first %llu last %llu lines %llu lost %llu repeated %llu torn %llu\n",
              static_cast<unsigned long long>(n.first), static_cast<unsigned long long>(n.last),
              static_cast<unsigned long long>(n.lines), static_cast<unsigned long long>(n.lost),
              static_cast<unsigned long long>(n.repeated), static_cast<unsigned long long>(n.torn));
  return 0;
}

}  // namespace probe
