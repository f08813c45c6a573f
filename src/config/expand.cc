#include "config/expand.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kNotEnough = "not enough arguments for format string";

struct Field {  // what stands between the percent sign and the conversion character
  std::optional<std::string> name;
  bool left = false, plus = false, blank = false, alternate = false, zero = false;
  std::size_t width = 0;
  std::optional<std::size_t> precision;
};

struct MissingName {
  std::string name;
};
// A formatted text, a name that nobody defined, or an Error with Python's words.
using Formatted = std::variant<std::string, MissingName, Error>;

Error unsupported(std::string_view character, std::size_t index) {
  const auto byte = static_cast<unsigned char>(character[0]);
  unsigned code = byte;
  if (byte >= 0x80) {
    code = byte & (0x7fU >> character.size());
    for (const char c : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return {fmt::format("unsupported format character '{}' (0x{:x}) at index {}",
                      byte > 30 && byte < 127 ? static_cast<char>(byte) : '?', code, index)};
}

std::string padded(const Field& field, std::string text) {
  const std::size_t length = count_characters(text);
  if (length >= field.width) return text;
  const std::string blanks(field.width - length, ' ');
  return field.left ? text + blanks : blanks + text;
}

std::string format_text(const Field& field, std::string_view text) {
  std::size_t end = text.size();
  if (field.precision) {
    end = 0;
    for (std::size_t left = *field.precision; left > 0 && end < text.size(); --left)
      end += character_bytes(text.substr(end));
  }
  return padded(field, std::string{text.substr(0, end)});
}

std::string signed_digits(const Field& field, bool negative, std::string_view radix, std::string digits) {
  const std::string prefix = (negative ? "-" : field.plus ? "+" : field.blank ? " " : "") + std::string{radix};
  if (field.zero && !field.left && field.width > prefix.size() + digits.size())
    digits.insert(0, field.width - prefix.size() - digits.size(), '0');
  return padded(field, prefix + digits);
}

std::string format_integer(const Field& field, std::int64_t number, char conversion) {
  const std::uint64_t size = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  std::string digits = conversion == 'x'   ? fmt::format("{:x}", size)
                       : conversion == 'X' ? fmt::format("{:X}", size)
                       : conversion == 'o' ? fmt::format("{:o}", size)
                                           : fmt::format("{}", size);
  const std::size_t least = field.precision.value_or(0);
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  const bool has_radix = field.alternate && (conversion == 'x' || conversion == 'X' || conversion == 'o');
  return signed_digits(field, number < 0, has_radix ? std::string{'0', conversion} : "", std::move(digits));
}

std::string format_real(const Field& field, std::int64_t number, char conversion) {
  const auto format = fmt::format("{{:{}.{}{}}}", field.alternate ? "#" : "", field.precision.value_or(6), conversion);
  const double size = std::abs(static_cast<double>(number));
  return signed_digits(field, number < 0, "", fmt::format(fmt::runtime(format), size));
}

Formatted convert(const Field& field, char conversion, const Name* value) {
  const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  const char* type = value ? "str" : "dict";
  switch (conversion) {
    case 's':
    case 'r':
    case 'a':
      if (number) return format_text(field, fmt::format("{}", *number));
      if (text) return format_text(field, conversion == 's' ? *text : python_repr(*text));
      return Error{std::string{kNotEnough}};  // the original would print its whole dictionary
    case 'd':
    case 'i':
    case 'u':
      if (number) return format_integer(field, *number, conversion);
      return Error{fmt::format("%{} format: a real number is required, not {}", conversion, type)};
    case 'o':
    case 'x':
    case 'X':
      if (number) return format_integer(field, *number, conversion);
      return Error{fmt::format("%{} format: an integer is required, not {}", conversion, type)};
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      if (number) return format_real(field, *number, conversion);
      return Error{fmt::format("must be real number, not {}", type)};
    case 'c':
      if (text && count_characters(*text) == 1) return padded(field, *text);
      if (number && *number >= 0 && *number < 0x80) return padded(field, std::string(1, static_cast<char>(*number)));
      return Error{"%c requires int or char"};
  }
  return Error{};
}

class Formatter {
 public:
  Formatter(std::string_view format, const Names& names) : format_(format), names_(names) {}

  Formatted run() {
    std::string out;
    while (at_ < format_.size()) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      out += format_.substr(at_, percent - at_);
      at_ = percent + 1;
      if (percent == format_.size()) break;
      Formatted piece = conversion();
      if (!std::holds_alternative<std::string>(piece)) return piece;
      out += std::get<std::string>(piece);
    }
    return out;
  }

 private:
  bool at_end() const { return at_ >= format_.size(); }

  Formatted conversion() {
    if (!at_end() && format_[at_] == '%') {
      ++at_;
      return std::string{"%"};
    }
    Field field;
    const Name* value = nullptr;
    if (!at_end() && format_[at_] == '(') {
      if (!take_name(field)) return Error{"incomplete format key"};
      const auto found = names_.find(*field.name);
      if (found == names_.end()) return MissingName{*field.name};
      value = &found->second;
    }
    take_flags(field);
    if (!at_end() && format_[at_] == '*') return star();
    if (!take_number(field.width)) return Error{"width too big"};
    if (!at_end() && format_[at_] == '.') {
      ++at_;
      if (!at_end() && format_[at_] == '*') return star();
      if (!take_number(field.precision.emplace(0))) return Error{"precision too big"};
    }
    if (!at_end() && std::string_view{"hlL"}.find(format_[at_]) != std::string_view::npos) ++at_;
    if (at_end()) return Error{"incomplete format"};
    if (!value && has_used_values_) return Error{std::string{kNotEnough}};
    has_used_values_ = true;
    const std::string_view character = format_.substr(at_, character_bytes(format_.substr(at_)));
    const std::size_t index = count_characters(format_.substr(0, at_));
    at_ += character.size();
    if (std::string_view{"sradiuoxXceEfFgG"}.find(character) == std::string_view::npos)
      return unsupported(character, index);
    return convert(field, character[0], value);
  }

  Error star() const { return {has_used_values_ ? std::string{kNotEnough} : "* wants int"}; }

  bool take_name(Field& field) {  // parentheses nest
    const std::size_t start = ++at_;
    for (int depth = 1; !at_end(); ++at_) {
      if (format_[at_] == '(') ++depth;
      if (format_[at_] == ')' && --depth == 0) {
        field.name = format_.substr(start, at_++ - start);
        return true;
      }
    }
    return false;
  }

  void take_flags(Field& field) {
    for (; !at_end(); ++at_) {
      switch (format_[at_]) {
        case '-': field.left = true; break;
        case '+': field.plus = true; break;
        case ' ': field.blank = true; break;
        case '#': field.alternate = true; break;
        case '0': field.zero = true; break;
        default: return;
      }
    }
  }

  bool take_number(std::size_t& number) {
    for (; !at_end() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      number = number * 10 + static_cast<std::size_t>(format_[at_] - '0');
      if (number > kFieldWidthMax) return false;
    }
    return true;
  }

  std::string_view format_;
  const Names& names_;
  std::size_t at_ = 0;
  bool has_used_values_ = false;  // Python offers the names as a whole once, to a first conversion without a name
};

}  // namespace

Result<std::string> expand(std::string_view format, const Names& names, std::string_view label) {
  if (format.find('%') == std::string_view::npos) return std::string{format};
  const Formatted formatted = Formatter{format, names}.run();
  if (const auto* text = std::get_if<std::string>(&formatted)) return *text;
  if (const auto* missing = std::get_if<MissingName>(&formatted)) {
    std::string available;
    for (const auto& [name, value] : names) available += (available.empty() ? "" : ", ") + name;
    return Error{
        fmt::format("Format string {} for {} contains names ({}) which cannot be expanded. Available names: {}",
                    python_repr(format), python_repr(label), python_repr(missing->name), available)};
  }
  return Error{fmt::format("Format string {} for {} is badly formatted: {}", python_repr(format), python_repr(label),
                           std::get<Error>(formatted).text)};
}

}  // namespace upkeep::config
