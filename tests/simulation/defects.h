// Faults that the simulation can build into keeper and engine, to show that it would notice them. Each is one line of
// a wrong program; the invariant that catches it is named in docs/simulation.md.
#pragma once

namespace upkeep::simulation {

enum class Defect {
  None,
  // --- of the keeper
  ExitForgotten,      // an exit is dropped when no engine is there to hear of it
  SignalForgotten,    // a signal counts as acknowledged once it is told
  SecondCopyAllowed,  // a keeper that takes over forgets what is alive
  ReadsWhileFull,     // requests are read while answers wait
  SpoolForgotten,     // the next engine is lent the pipe without the spool
  DropsAtOnce,        // a full spool drops what comes, and nobody waits
  DropsUncounted,     // ... and nobody is told
  GatesOpenAtOnce,    // a program begins before its SPAWNED is on its way
  ChannelsKept,       // the channels of an exit that was released stay open
  HeirForgotten,      // an engine that was never ready counts, so that the next one repeats no signal
  SignalsByNumber,    // an adopted process is signalled by its pid, whoever has that now
  // --- of the engine
  SpawnWithoutNote,       // SPAWN leaves the old note in place
  ReleaseWithOldNote,     // RELEASE leaves the old note in place
  SignalBeforeNote,       // the note of a stop goes out before its signal, in a message of its own
  NotesIgnored,           // facts alone count, always
  StopsEverythingAtOnce,  // whom nobody asked to stop is signalled
  GroupsForgotten,        // which groups are active is not deposited
  RemovedNotesLeft,       // the notes of a removed group stay where they are
  NotesForEver,           // a note is sent over and over
  LettersTakenFirst,      // a letter is taken out of the fifo before it is acted upon
  DepositsLeft            // nothing is discarded
};

}  // namespace upkeep::simulation
