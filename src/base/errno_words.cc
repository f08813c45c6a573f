#include "base/errno_words.h"

#include <cerrno>

namespace upkeep {

std::string_view errno_words(int code) {
  switch (code) {
    case 0: return "no error";
    case ENOENT: return "file does not exist";
    case EACCES: return "access denied";
    case EPERM: return "permission denied";
    case EAGAIN: return "temporary failure";
    case ENXIO: return "device not configured";
    case ENOTDIR: return "not a directory";
    case EISDIR: return "is a directory";
    case ELOOP: return "symbolic link loop";
    case EEXIST: return "file already exists";
    case ENOSPC: return "out of disk space";
    case ENOEXEC: return "exec format error";
    case E2BIG: return "argument list too long";
    case ENOMEM: return "out of memory";
    case EINTR: return "interrupted system call";
    case EIO: return "input/output error";
    case EPIPE: return "broken pipe";
    case EROFS: return "read-only file system";
    case EDQUOT: return "disk quota exceeded";
    case ENAMETOOLONG: return "file name too long";
    case EMFILE: return "process cannot open more files";
    case ENFILE: return "system cannot open more files";
    case ETXTBSY: return "text busy";
    case EINVAL: return "invalid argument";
    case EBADF: return "file descriptor not open";
    case ESRCH: return "no such process";
    case ECHILD: return "no child processes";
    case EFBIG: return "file too big";
    case EMLINK: return "too many links";
    case EXDEV: return "cross-device link";
    case ENOTEMPTY: return "directory not empty";
    case ESPIPE: return "unseekable descriptor";
    case ENOTTY: return "not a tty";
    case EBUSY: return "device busy";
    case ENODEV: return "device does not support operation";
    case EFAULT: return "bad address";
    case EDEADLK: return "operation would cause deadlock";
    case ENOLCK: return "no locks available";
    case ENOSYS: return "system call not available";
    case ESTALE: return "stale NFS file handle";
    case ETIMEDOUT: return "timed out";
    default: return "unknown error";
  }
}

}  // namespace upkeep
