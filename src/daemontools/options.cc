#include "daemontools/options.h"

#include <fmt/core.h>

namespace upkeep::daemontools {

std::optional<char> Options::next() {
  argument_ = nullptr;
  if (!problem_.empty()) return std::nullopt;
  if (cluster_ && *cluster_ == '\0') {
    cluster_ = nullptr;
    ++words_;
  }
  if (!cluster_) {
    if (words_ == end_ || (*words_)[0] != '-' || (*words_)[1] == '\0') return std::nullopt;
    if ((*words_)[1] == '-') {
      ++words_;
      end_ = words_;  // no further options; the words stay readable, since argv ends with a null
      return std::nullopt;
    }
    cluster_ = *words_ + 1;
  }
  const char letter = *cluster_++;
  const auto at = letter == ':' ? std::string_view::npos : known_.find(letter);
  if (at == std::string_view::npos) return fail("illegal option", letter);
  if (known_.substr(at + 1, 1) != ":") return letter;
  argument_ = cluster_;
  cluster_ = nullptr;
  ++words_;
  if (*argument_ == '\0') {
    if (words_ == end_) return fail("option requires an argument", letter);
    argument_ = *words_++;
  }
  return letter;
}

std::optional<char> Options::fail(std::string_view what, char letter) {
  const auto slash = name_.rfind('/');
  problem_ =
      fmt::format("{}: {} -- {}", slash == std::string_view::npos ? name_ : name_.substr(slash + 1), what, letter);
  return std::nullopt;
}

}  // namespace upkeep::daemontools
