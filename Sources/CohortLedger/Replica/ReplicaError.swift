package import CohortFormat
package import CohortLog
package import CohortModel

/// Why a replica does not go on, or does not become a ledger of its own.
///
/// Every message has two sentences: what is so, and what to do about it.
package enum ReplicaError: Error, Hashable, Sendable {
  // The leader
  /// It was not heard; nothing is wrong with the replica, and it is asked again.
  case source(SourceFailure)
  /// What it sent does not fit, and will be asked for again.
  case unfit(CopyFault, at: UInt64)
  /// It said something older than what it has said before, and is asked again.
  case outOfDate(Position, known: Position)
  /// What it sends for a place never fits, however often it is asked.
  case unusable(CopyFault, at: UInt64, after: Position)
  case otherLedger(String, is: LedgerID, not: LedgerID)
  /// Its tree is not a continuation of the one here; the first position that differs.
  case otherHistory(String, first: Position)
  /// It has fewer events than are here, and those are the same: it was set back.
  case setBack(String, end: Position, known: Position)

  // The replica
  /// There is a ledger in the folder, and it is no replica.
  case notReplica(folder: String)
  /// Nothing was pulled yet.
  case nothingPulled(folder: String)
  /// Its promotion was begun.
  case promoted(folder: String)
  /// The leader had acknowledged more.
  case lossNotAccepted(folder: String, leader: String, events: UInt64, end: Position)
  case log(LogError)
}

extension ReplicaError {
  /// Whether asking the leader again may help.
  package var isPassing: Bool {
    switch self {
    case .source(.unheard), .unfit, .outOfDate, .log(.diskFull): true
    case .source(.refused), .unusable, .otherLedger, .otherHistory, .setBack, .notReplica,
      .nothingPulled, .promoted, .lossNotAccepted, .log:
      false
    }
  }

  /// How long the leader asked to wait, in seconds.
  package var retryAfter: Int? {
    if case .source(.unheard(_, let seconds)) = self { seconds } else { nil }
  }
}

extension ReplicaError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .source(let failure): failure.description
    case .unfit(let fault, let offset):
      """
      What the leader sent from byte \(offset) on does not fit, and is asked for again. \(fault)
      """
    case .outOfDate(let position, let known):
      """
      The leader says that it ends at \(position), after it has sent \(known). \
      It is asked again; look for a cache on the way to it.
      """
    case .unusable(let fault, let offset, let after):
      """
      What the leader sends from byte \(offset) on, after \(after), can never be its log. \(fault) \
      Look there with 'cohort verify'.
      """
    case .otherLedger(let place, let found, let expected):
      """
      \(place) has the ledger \(found), and not \(expected). \
      Name the right one, or begin a new replica in an empty folder.
      """
    case .otherHistory(let place, let first):
      """
      \(place) does not continue this log: the first position that differs is \(first). \
      Find out which of the two is right; a replica of the other begins in an empty folder.
      """
    case .setBack(let place, let end, let known):
      """
      \(place) ends at \(end), and this log at \(known): it was set back, and the first position \
      that differs is \(end.advanced(by: 1)). Find out which of the two is right; a replica of the \
      other begins in an empty folder.
      """
    case .notReplica(let folder):
      """
      There is a ledger in '\(folder)', and it is not a replica. \
      Name an empty folder for a replica.
      """
    case .nothingPulled(let folder):
      """
      The replica in '\(folder)' has nothing of its leader yet. \
      Let 'cohort follow' pull it first, or delete the file 'replica' there.
      """
    case .promoted(let folder):
      """
      The replica in '\(folder)' was about to take its leader's place. \
      Finish that with 'cohort serve', or begin a new replica in an empty folder.
      """
    case .lossNotAccepted(let folder, let leader, let events, let end):
      """
      \(leader) had acknowledged \(events) \(events == 1 ? "event" : "events") beyond \(end), \
      where the replica in '\(folder)' stands. \
      Let 'cohort follow' catch up first, or give them up with '--accept-loss'.
      """
    case .log(let error): error.description
    }
  }
}

/// Takes over what a `do` block has thrown.
extension ReplicaError {
  package init(_ error: any Error) {
    self =
      switch error {
      case let error as ReplicaError: error
      case let error as SourceFailure: .source(error)
      case let error as LogError: .log(error)
      case let error as DiskError: .log(.disk(error))
      case LedgerError.storage(let failure), LedgerError.unreadable(let failure):
        .log(failure.error)
      default: .log(.stopped)
      }
  }
}
