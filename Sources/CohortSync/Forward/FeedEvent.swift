package import CohortModel

/// A place in the feed of a ledger: the number of an event, and the epoch it was written in.
///
/// `500@0000000c…`: after a restore of the ledger the event of that number may be another one, and
/// then it is of another epoch.
package struct FeedCheckpoint: Hashable, Sendable {
  package let position: Position
  /// Empty before the first event.
  package let epoch: String

  package init(_ position: Position, epoch: String) {
    (self.position, self.epoch) = (position, epoch)
  }

  package static let origin = FeedCheckpoint(.origin, epoch: "")

  /// Reads ``description``.
  package init?(text: String) {
    let parts = text.split(separator: "@", maxSplits: 1)
    guard let number = parts.first.flatMap({ UInt64($0) }) else { return nil }
    self.init(Position(number), epoch: parts.count == 2 ? String(parts[1]) : "")
  }
}

extension FeedCheckpoint: CustomStringConvertible {
  package var description: String {
    epoch.isEmpty ? "\(position.rawValue)" : "\(position.rawValue)@\(epoch)"
  }
}

/// By what a destination is told of a user.
package struct SentIdentifier: Hashable, Sendable {
  package let kind: MatchKind
  package let text: [UInt8]

  package init(_ kind: MatchKind, _ text: [UInt8]) { (self.kind, self.text) = (kind, text) }
}

/// A user as an event of the feed shows it.
package struct FeedUser: Hashable, Sendable {
  package let user: UserID
  /// By what an import would match the user, the best first.
  ///
  /// The external id, then aliases in the order of their labels, then devices; erased ones are left
  /// out.
  package let identifiers: [SentIdentifier]

  package init(_ user: UserID, _ identifiers: [SentIdentifier]) {
    (self.user, self.identifiers) = (user, identifiers)
  }
}

/// What an event of the feed means for whoever forwards it; cohorts by their place in the file.
package struct FeedEvent: Hashable, Sendable {
  package enum Change: Hashable, Sendable {
    case named(Int, name: Text, createdAt: Instant)
    case members(Int, added: [FeedUser], removed: [FeedUser])
    /// The user has an identifier more.
    case identified(FeedUser)
    /// A new primary external id; the old one matches until it is removed. `nil` once erased.
    case renamed(FeedUser, to: SentIdentifier?)
    case identifierRemoved(FeedUser, SentIdentifier?)
    /// `entered` are cohorts in which the survivor was not before.
    case merged(FeedUser, into: FeedUser, left: [Int], entered: [Int])
    case deleted(FeedUser, left: [Int])
    case erased(UserID)
    /// Nothing that concerns a destination.
    case other

    /// What it means for cohorts of which only the people are followed; `nil` if nothing.
    var ofPeople: Change? {
      switch self {
      case .identified, .renamed, .identifierRemoved, .erased: self
      case .merged(let user, let into, _, _): .merged(user, into: into, left: [], entered: [])
      case .deleted(let user, _): .deleted(user, left: [])
      case .named, .members, .other: nil
      }
    }
  }

  package let checkpoint: FeedCheckpoint
  package let change: Change

  package init(_ checkpoint: FeedCheckpoint, _ change: Change) {
    (self.checkpoint, self.change) = (checkpoint, change)
  }
}
