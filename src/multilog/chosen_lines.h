// What a batch of input has for one log directory: the selected lines in their order, as one run of bytes.
//
// Pieces that lie side by side in the input stay where they are: only a gap, or a stamp between them, makes a copy. So
// a script that selects everything writes what it read.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace upkeep::multilog {

class ChosenLines {
 public:
  static constexpr std::size_t kCapacityBytes = 1u << 20;

  // Room is left for one piece of `reserve` bytes at the most. Full means: to be written and cleared before more is
  // added.
  bool is_full(std::size_t reserve) const { return copied_ + slice_.size() + reserve > kCapacityBytes; }

  // A piece of the input, which stays valid until clear().
  void add(std::string_view piece) {
    if (slice_.data() + slice_.size() == piece.data()) {
      slice_ = {slice_.data(), slice_.size() + piece.size()};
      return;
    }
    if (!slice_.empty()) copy(std::exchange(slice_, {}));
    slice_ = piece;
  }

  void add(std::string_view stamp, std::string_view piece) {
    if (!slice_.empty()) copy(std::exchange(slice_, {}));
    copy(stamp);
    copy(piece);
  }

  std::string_view bytes() {
    if (copied_ == 0) return slice_;
    if (!slice_.empty()) copy(std::exchange(slice_, {}));
    return {buffer_.get(), copied_};
  }

  void clear() {
    copied_ = 0;
    slice_ = {};
  }

 private:
  void copy(std::string_view piece) {
    std::memcpy(buffer_.get() + copied_, piece.data(), piece.size());
    copied_ += piece.size();
  }

  // Not touched, and so no memory, until something is copied.
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kCapacityBytes);
  std::size_t copied_ = 0;
  std::string_view slice_;  // follows what was copied
};

}  // namespace upkeep::multilog
