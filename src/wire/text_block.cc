#include "wire/text_block.h"

#include <algorithm>

namespace upkeep::wire {

TextBlock::TextBlock(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) add(text);
}

TextBlock::TextBlock(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) add(text);
}

void TextBlock::add(std::string_view text) {
  bytes_.append(text.substr(0, text.find('\0')));
  bytes_.push_back('\0');
}

std::vector<std::string_view> TextBlock::views() const {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < bytes_.size(); at += out.back().size() + 1) out.emplace_back(bytes_.data() + at);
  return out;
}

std::vector<char*> TextBlock::pointers() {
  std::vector<char*> out;
  out.reserve(static_cast<std::size_t>(std::count(bytes_.begin(), bytes_.end(), '\0')) + 1);
  for (const std::string_view text : views()) out.push_back(bytes_.data() + (text.data() - bytes_.data()));
  out.push_back(nullptr);
  return out;
}

}  // namespace upkeep::wire
