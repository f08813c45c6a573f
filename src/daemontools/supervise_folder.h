// A supervised service directory from the client's side: where its supervisor keeps ok, control and status, and what
// they say.
//
// That is the folder "supervise" of the service directory, unless SUPERVISEDIR in the environment names another
// (daemontools-encore): a relative name stands for "supervise", an absolute one for a tree that has a folder per
// service, named by the service directory with its inner slashes turned to colons: /run/sv + /srv/x → /run/sv/srv:x.
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

// `setting` is the value of SUPERVISEDIR, null when there is none; `directory` the absolute path of the service
// directory, which matters only for an absolute setting. Without a slash at its end.
std::string supervise_folder(const char* setting, std::string_view directory);

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
