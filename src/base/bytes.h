// Little-endian encoding of records, for messages and notes. Pure and total: reading past the end never faults.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace upkeep {

class ByteWriter {
 public:
  template <class T>
  requires std::is_integral_v<T>
  void number(T value) {
    auto bits = static_cast<std::uint64_t>(
        static_cast<std::make_unsigned_t<std::conditional_t<std::is_same_v<T, bool>, char, T>>>(value));
    for (std::size_t i = 0; i < sizeof(T); ++i, bits >>= 8) bytes_.push_back(static_cast<char>(bits & 0xff));
  }
  void text(std::string_view value) {  // u32 length, then the bytes
    number(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
  }
  template <class T, class Write>
  void list(const std::vector<T>& values, Write write) {  // u32 count, then the elements
    number(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) write(*this, value);
  }
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After any read past the end, ok() is false for good and every further read yields zero or an empty text.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  requires std::is_integral_v<T> T number() {
    if (!has(sizeof(T))) return T{};
    std::uint64_t bits = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(sizeof(T));
    return static_cast<T>(bits);
  }
  std::string text() { return std::string{view()}; }
  std::string_view view() {  // a text where it lies
    const auto size = number<std::uint32_t>();
    if (!has(size)) return {};
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  template <class T, class Read>
  std::vector<T> list(Read read) {
    std::vector<T> values;
    for (auto left = number<std::uint32_t>(); left > 0 && ok_; --left) values.push_back(read(*this));
    return values;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  bool has(std::size_t size) {
    if (ok_ && rest_.size() >= size) return true;
    ok_ = false;
    return false;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace upkeep
