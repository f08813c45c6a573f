// Signals that ask the daemon for an orderly end.
#pragma once

#include <array>
#include <csignal>

namespace upkeep {

// As PID 1 the daemon is what container runtimes tell to end, each in its way: Docker and Podman send SIGTERM or the
// image's STOPSIGNAL, LXC SIGPWR, systemd-nspawn --boot and Podman, where it sees an init, SIGRTMIN+3. The kernel
// discards what a PID 1 has no handler for, so these two do nothing unless they are taken for what they mean. SIGWINCH
// is not among them, although Apache's image stops by it: terminals send it to whatever runs in them.
inline constexpr int kSigrtminPlus3 = 37;  // SIGRTMIN is 34 for everybody but the C library itself
inline constexpr std::array kStopSignalsOfInit{SIGPWR, kSigrtminPlus3};

bool asks_to_stop(int number);  // SIGTERM, SIGINT, SIGQUIT, and these

}  // namespace upkeep
