#include "base/shell_words.h"

namespace upkeep {
namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view text) : rest_(text) {}

  Result<std::vector<std::string>> run() {
    std::vector<std::string> words;
    while (skip_blanks()) words.push_back(TRY(word()));
    return words;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) take();
    return !rest_.empty();
  }

  Result<std::string> word() {
    std::string word;
    while (!rest_.empty() && !is_blank(rest_.front())) {
      const char c = take();
      if (c == '\\') {
        if (rest_.empty()) return Error{"No escaped character"};
        word += take();
      } else if (c == '\'' || c == '"') {
        TRY(quoted(c, word));
      } else {
        word += c;
      }
    }
    return word;
  }

  Result<> quoted(char quote, std::string& word) {
    while (!rest_.empty()) {
      const char c = take();
      if (c == quote) return {};
      if (c != '\\' || quote == '\'') {
        word += c;
        continue;
      }
      if (rest_.empty()) return Error{"No escaped character"};
      const char escaped = take();
      if (escaped != '"' && escaped != '\\') word += '\\';
      word += escaped;
    }
    return Error{"No closing quotation"};
  }

  std::string_view rest_;
};

}  // namespace

Result<std::vector<std::string>> split_shell_words(std::string_view text) { return Splitter{text}.run(); }

}  // namespace upkeep
