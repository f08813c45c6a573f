// A supervised service directory from the client's side: where its supervisor keeps ok, control and status, and what
// they say.
//
// Where that is: base/state_directory.h.
//
// Tools change into a service directory before they look, so that paths stay short and a directory that may not be
// searched tells that, and not something else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace upkeep::daemontools {

class SuperviseFolder {
 public:
  // Of the current directory. An error only where its path is needed and cannot be told (code: errno).
  static Result<SuperviseFolder> here();

  std::string path(std::string_view file) const { return path_ + "/" + std::string{file}; }  // file: "ok"
  // As it is named in messages about the service directory `directory`: DIR/supervise/ok.
  std::string path_in(std::string_view directory, std::string_view file) const;

  // Whether a supervisor is alive, which is whether somebody reads the fifo `ok`. 0 means yes, otherwise the errno:
  // ENXIO no, ENOENT there never was one, anything else that it cannot be told.
  int alive() const;

  // The status's bytes, as many as a reader may want. The error's code is errno; its text says which step failed:
  // "unable to open supervise/status" or "unable to read supervise/status".
  Result<std::string> status() const;

 private:
  explicit SuperviseFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace upkeep::daemontools
