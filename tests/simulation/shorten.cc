#include "simulation/shorten.h"

#include <fmt/core.h>

#include <sstream>
#include <utility>
#include <vector>

namespace upkeep::simulation {
namespace {

// What is wrong, without names and numbers: another failure would be another history.
std::string kind_of(const std::string& violation) {
  std::string kind;
  for (const char c : violation.substr(0, violation.rfind(" (event")))
    if (c < '0' || c > '9') kind += c;
  return kind;
}

}  // namespace

// Leaves out ever smaller stretches of what is left, from the end to the beginning.
ShorterHistory shorten(Simulation::Choice failing, int tries) {
  ShorterHistory best{failing, {}, {}, 0};
  const auto fails = [&](const Simulation::Choice& choice) {
    Simulation simulation{choice};
    const auto violation = simulation.run();
    if (!violation) return false;
    if (!best.violation.empty() && kind_of(*violation) != kind_of(best.violation)) return false;
    best = {choice, *violation, simulation.trace(), simulation.troubles().size()};
    return true;
  };
  if (!fails(failing)) return best;
  std::vector<int> left;
  {
    Simulation simulation{best.choice};
    (void)simulation.run();
    left = simulation.troubles();
  }
  for (std::size_t size = (left.size() + 1) / 2; size > 0; size /= 2) {
    for (std::size_t end = left.size(); end > 0 && tries > 0; --tries) {
      const std::size_t begin = end > size ? end - size : 0;
      Simulation::Choice fewer = best.choice;
      fewer.skipped.insert(left.begin() + static_cast<std::ptrdiff_t>(begin),
                           left.begin() + static_cast<std::ptrdiff_t>(end));
      if (fails(fewer))
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(begin), left.begin() + static_cast<std::ptrdiff_t>(end));
      end = begin;
    }
  }
  return best;
}

std::string write_numbers(const std::set<int>& numbers) {
  std::string text;
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first;
    for (auto next = std::next(last); next != numbers.end() && *next == *last + 1; ++next) last = next;
    text += fmt::format("{}{}", text.empty() ? "" : ",", *first);
    if (*last > *first) text += fmt::format("-{}", *last);
    first = std::next(last);
  }
  return text;
}

std::set<int> read_numbers(const std::string& text) {
  std::set<int> numbers;
  std::istringstream words{text};
  for (std::string word; std::getline(words, word, ',');) {
    const auto dash = word.find('-');
    const int first = std::stoi(word), last = dash == std::string::npos ? first : std::stoi(word.substr(dash + 1));
    for (int number = first; number <= last; ++number) numbers.insert(number);
  }
  return numbers;
}

}  // namespace upkeep::simulation
