package import CohortFormat
package import CohortModel

/// What can go wrong with the log.
///
/// Every message has two sentences: what is so, and what to do about it.
package enum LogError: Error, Hashable, Sendable {
  // Opening
  /// There is no events.log.
  case noLedger(folder: String)
  /// There is an events.log without a byte in it.
  case empty(path: String)
  case header(FileHeaderFault, path: String)
  /// Another process writes to the ledger; its process id, if it has left it.
  case held(folder: String, by: Int?)
  /// The folder is the copy of a ledger that lives elsewhere: nobody writes to it but who follows.
  case replica(folder: String, leader: String)
  /// Something else stands under the name of a replica's note.
  case replicaNote(path: String)
  /// The disk failed before anything was changed or promised.
  case disk(DiskError)

  // Reading
  /// Frames cannot be read. Everything before and behind them can.
  case damaged(Damage)
  case lost(Loss)
  case event(EventFault)
  /// A whole event says what cannot have happened, whatever its checksums say.
  case impossible(String, at: Position)
  /// The events up to there do not give the root that the last frame names.
  case otherTree(Position)
  /// There is no such event yet.
  case beyondEnd(Position, end: Position)

  /// An erasure names a text that its event does not have.
  case noSuchText(TextName)

  // Writing
  /// No space, met before anything was decided, or a write that was taken back. Nothing happened.
  case diskFull(path: String)
  /// A write that failed and was taken back. Nothing happened.
  case notWritten(DiskError)
  /// Nobody knows whether the frame is durable. Nothing is written any more.
  case outcomeUnknown(DiskError)
  /// The log does not write, since then.
  case stopped
  /// The name events.log is no longer that of the open file. Nothing is written any more.
  case replaced(path: String)
  /// The log was opened for reading only, or had to be.
  case readOnly(path: String)
}

extension LogError {
  /// Whether the frame may yet turn out to be durable.
  package var isOutcomeUnknown: Bool {
    if case .outcomeUnknown = self { true } else { false }
  }
}

extension LogError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noLedger(let folder):
      """
      There is no ledger in '\(folder)': it has no events.log. \
      Check the path, or start 'cohort serve' there to begin one.
      """
    case .empty(let path):
      """
      '\(path)' is empty, so no ledger was ever completed in it, or all of it was lost. \
      Delete the file to begin a new ledger, or restore a backup.
      """
    case .header(let fault, let path):
      "'\(path)' cannot be opened. \(fault)"
    case .held(let folder, let holder):
      """
      Another process\(holder.map { ", number \($0)," } ?? "") writes to the ledger in '\(folder)'. \
      Use that server, or stop it first.
      """
    case .replica(let folder, let leader):
      """
      '\(folder)' is a replica of \(leader), and only 'cohort follow' writes to it. \
      Send writes to the leader, or start 'cohort serve' there to take its place.
      """
    case .replicaNote(let path):
      """
      '\(path)' is not the note of a replica, and nothing else may bear that name. \
      Take it away if this ledger is none, or begin a new replica in an empty folder.
      """
    case .disk(let error):
      error.description
    case .damaged(let damage):
      """
      events.log is damaged at \(damage). \
      Repair it from a backup with 'cohort repair', or look first with 'cohort verify'.
      """
    case .lost(let loss):
      """
      events.log ends at \(loss.end), but a snapshot has seen \(loss.seen.position) of it. \
      Restore the log from a backup; what is left can be read meanwhile.
      """
    case .event(let fault):
      fault.description
    case .impossible(let reason, let position):
      """
      The event \(position) cannot have happened: \(reason). \
      Look at the log with 'cohort verify', and restore it from a backup.
      """
    case .otherTree(let position):
      """
      The events up to \(position) are not those of the tree that events.log names. \
      Look at the log with 'cohort verify', and restore it from a backup.
      """
    case .beyondEnd(let position, let end):
      "There is no event \(position) yet: the log ends at \(end). Ask for an earlier one, or wait."
    case .noSuchText(let name):
      """
      The event \(name.position) has no personal text number \(name.item), yet an erasure names it. \
      Look at the log with 'cohort verify', and report this as a bug.
      """
    case .diskFull(let path):
      """
      There is no space left for '\(path)', so nothing was changed. \
      Free space; writing resumes by itself.
      """
    case .notWritten(let error):
      """
      The disk did not take what was to be written (errno \(error.errno)), so nothing was changed. \
      Send the request again, and check the disk and the system log.
      """
    case .outcomeUnknown(let error):
      """
      It is unknown whether the last change reached the disk: '\(error.call.rawValue)' failed \
      (errno \(error.errno)). Check the disk, then restart the server: recovery finds out.
      """
    case .stopped:
      """
      Nothing is written since an earlier write had an unknown outcome. \
      Check the disk, then restart the server; what was acknowledged is safe.
      """
    case .replaced(let path):
      """
      '\(path)' is no longer the file that was opened: it was moved, deleted or replaced. \
      Stop the server, put the right file there, and start it again.
      """
    case .readOnly(let path):
      """
      '\(path)' is open for reading only. \
      Mend what the start reported, or start without '--read-only', to write to it.
      """
    }
  }
}
