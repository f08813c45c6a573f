// Texts as execve wants them: one after another in one piece of memory, each ended by a zero byte. A keeper copies
// every page that it writes to after a fork, so fifty variables are to be one allocation and not fifty.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::wire {

class TextBlock {
 public:
  TextBlock() = default;
  TextBlock(std::initializer_list<std::string_view> texts);
  explicit TextBlock(const std::vector<std::string>& texts);
  void add(std::string_view text);  // up to its first zero byte: no program sees more
  bool empty() const { return bytes_.empty(); }
  bool operator==(const TextBlock&) const = default;
  std::vector<std::string_view> views() const;
  // With a null pointer last. These and the views are valid until the block changes or moves.
  std::vector<char*> pointers();

 private:
  std::string bytes_;
};

}  // namespace upkeep::wire
