package import CohortLog
public import CohortModel
import CohortThreads

/// Why the ledger did not do what was asked.
///
/// Every message has two sentences: what is so, and what to do about it.
public enum LedgerError: Error, Sendable {
  /// The command makes no sense, or is not allowed; decided on durable state up to `position`.
  case refused(Refusal, at: Position)
  /// Too many commands wait. Nothing happened; come again after `retryAfter` seconds.
  case overloaded(retryAfter: Int)
  /// Nothing happened, and writing resumes by itself when there is space.
  case diskFull
  /// A write failed and was taken back; nothing happened.
  case notWritten
  /// Nobody knows whether this command is durable; it is whole or not there. Writing has stopped.
  case outcomeUnknown
  /// An earlier write failed with unknown outcome, or the file was replaced.
  case writesStopped(String)
  /// The wall clock is more than an hour ahead of the ledger's time.
  case clockAhead(seconds: Int64)
  /// Opened for reading, or on a damaged log.
  case readOnly(String)
  case shuttingDown
  /// The disk has not answered for so long that closing gave up.
  case notClosed(milliseconds: Int)
  /// The request would make a frame of more than 16 MiB.
  case tooLarge(bytes: Int)

  /// Later than anything there is.
  case beyondEnd(Position, end: Position)
  case laterThanNow(Instant, now: Instant)
  /// The log cannot be read there.
  case unreadable(LogFailure)
  /// The system has no thread to give: the ledger is not open.
  case noThread(errno: Int32)
  /// There is no storage, no access to it, or it is not a ledger.
  case storage(LogFailure)
}

/// A failure of the log, in the log's own words.
public struct LogFailure: Error, Sendable, CustomStringConvertible {
  package let error: LogError

  package init(_ error: LogError) { self.error = error }

  public var description: String { error.description }
}

extension LedgerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .refused(let refusal, _): refusal.description
    case .overloaded(let seconds):
      "More requests wait than the ledger can take. Send it again in \(seconds) s."
    case .diskFull:
      """
      The disk is full, so nothing was changed. \
      Free space in the storage folder's file system; writing resumes by itself.
      """
    case .notWritten:
      "The disk did not take the change, so nothing was changed. Send it again."
    case .outcomeUnknown:
      """
      It is unknown whether this change is durable: it is there whole, or not at all. \
      Restart the server, then look, or send it again with its idempotency key.
      """
    case .writesStopped(let reason):
      "Nothing is written any more: \(reason) Restart the server; what was acknowledged is safe."
    case .clockAhead(let seconds):
      """
      The wall clock is \(seconds) s ahead of the ledger's time, which never goes back. \
      Set the clock right, or restart to accept it.
      """
    case .readOnly(let reason):
      "The ledger is open for reading only: \(reason) Writes go to its writer."
    case .shuttingDown:
      "The ledger is being closed, and nothing was changed. Send it again when it is back."
    case .notClosed(let milliseconds):
      """
      The disk has not answered for \(milliseconds / 1_000) s, so the ledger is not closed: what \
      was acknowledged is safe, and of the rest nobody knows. End this process, check the disk, \
      and start again; recovery finds out.
      """
    case .tooLarge(let bytes):
      """
      The request would take \(bytes) bytes in one frame of the log, and 16 MiB are the most. \
      Send it in smaller parts.
      """
    case .beyondEnd(let position, let end):
      "There is no position \(position) yet: the ledger ends at \(end). Ask for an earlier one."
    case .laterThanNow(let instant, let now):
      """
      The instant \(instant.microseconds) µs is later than now, \(now.microseconds) µs. \
      Ask for an earlier one.
      """
    case .noThread(let errno): ThreadFailure(errno).description
    case .unreadable(let failure), .storage(let failure): failure.description
    }
  }
}
