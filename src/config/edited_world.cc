#include "config/edited_world.h"

namespace upkeep::config {

EditedFile::EditedFile(std::string bytes, const std::string& path)
    : path_(path), bytes_(std::move(bytes)), original_(list_lines(bytes_, path)) {
  for (const ListedLine& line : original_.lines) lines_.push_back(line.text);
}

bool EditedFile::is_edited(int line) const {
  const ListedLine* original = original_.line(line);
  return !original || original->text != lines_[static_cast<std::size_t>(line) - 1];
}

void EditedFile::replace(int line, const std::string& text) {
  if (line < 1 || static_cast<std::size_t>(line) > lines_.size()) return;
  lines_[static_cast<std::size_t>(line) - 1] = text;
  join();
}

void EditedFile::append(const std::string& line) {
  lines_.push_back(line);
  join();
}

void EditedFile::join() {
  bytes_.clear();
  for (const std::string& line : lines_) bytes_ += line + '\n';
}

EditedFile* EditedWorld::file(const std::string& path) {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

Ini EditedWorld::ini() const {
  Ini ini;
  for (const std::string& path : order_) (void)ini.parse(files_.at(path).bytes(), path);  // the load has met no error
  return ini;
}

Result<std::string> EditedWorld::read_file(const std::string& path) {
  if (!files_.contains(path)) files_.emplace(path, EditedFile{TRY(inner_.read_file(path)), path});
  order_.push_back(path);
  return files_.at(path).bytes();
}

}  // namespace upkeep::config
