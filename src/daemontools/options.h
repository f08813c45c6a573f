// The options of svc, softlimit, setlock and, in encore's dialect, of more tools: single letters, in clusters ("-dx"),
// an argument glued to its letter or in the next word ("-o20", "-o 20").
//
// The first word that is no option ends them, a lone "-" among such words; every word that begins with "--" ends them,
// too, and is swallowed. So there is no --help, and `svc -d a -u` takes -u for a directory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upkeep::daemontools {

class Options {
 public:
  // `known`: the letters, each with a colon behind it when it takes an argument, as in "a:n". `argv` as main() gets it.
  Options(int argc, char** argv, std::string_view known) : words_(argv), end_(argv + argc), known_(known) {
    if (words_ != end_) name_ = *words_++;
  }

  // The next letter; none after the last. Once something was wrong it stays so: none, and problem() tells what.
  std::optional<char> next();
  const char* argument() const { return argument_; }  // of the letter that next() gave last; null where it takes none
  char** rest() const { return words_; }              // after the last letter: the words behind the options

  // "softlimit: illegal option -- z" with the name the tool was called by; empty: all was well.
  const std::string& problem() const { return problem_; }

 private:
  std::optional<char> fail(std::string_view what, char letter);

  char** words_;
  char** end_;
  std::string_view name_;
  std::string_view known_;
  const char* cluster_ = nullptr;  // what is left of the word at words_
  const char* argument_ = nullptr;
  std::string problem_;
};

}  // namespace upkeep::daemontools
