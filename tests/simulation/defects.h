// Faults that the simulation can build into keeper and engine, to show that it would notice them.
#pragma once

namespace upkeep::simulation {

enum class Defect {
  None,
  ExitForgotten,          // the keeper drops an exit when no engine is there to hear of it
  SignalForgotten,        // the keeper counts a signal as acknowledged once it is told
  SecondCopyAllowed,      // a keeper that takes over forgets what is alive
  SpawnWithoutNote,       // the engine's SPAWN leaves the old note in place
  ReleaseWithOldNote,     // the engine's RELEASE leaves the old note in place
  NotesIgnored,           // the engine goes by facts alone, always
  StopsEverythingAtOnce,  // the engine signals whom nobody asked to stop
  GroupsForgotten,        // the engine does not tell the keeper which groups are active
  RemovedNotesLeft        // the engine leaves the notes of a removed group where they are
};

}  // namespace upkeep::simulation
