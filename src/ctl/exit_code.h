// Exit statuses of supervisorctl: those of LSB init scripts, as Supervisor uses them (supervisorctl.py
// LSBInitExitStatuses, LSBStatusExitStatuses).
#pragma once

namespace upkeep::ctl {

inline constexpr int kSuccess = 0;
inline constexpr int kGenericFailure = 1;
inline constexpr int kInvalidArguments = 2;
inline constexpr int kUnimplemented = 3;  // the server lacks the supervisor namespace
inline constexpr int kNoPrivileges = 4;   // the connection was refused
inline constexpr int kNotInstalled = 5;   // another API version
inline constexpr int kNotRunning = 7;     // no socket file; a process that is not running
inline constexpr int kStatusStopped = 3;  // `status` alone: a listed process is stopped
inline constexpr int kStatusUnknown = 4;  // `status` alone: unknown name, or no server

}  // namespace upkeep::ctl
