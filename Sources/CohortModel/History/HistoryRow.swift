/// Why users came into a cohort or went.
package enum HistoryKind: UInt8, Hashable, Sendable, CaseIterable {
  /// An import brought them.
  case entering = 0
  /// An import took them out.
  case leaving = 1
  /// A member was merged into a user who was not in: the survivor comes in.
  case mergedIn = 2
  /// A member was merged into another user.
  case mergedAway = 3
  /// A member was deleted.
  case deleted = 4

  package init(_ direction: Direction) {
    switch direction {
    case .entering: self = .entering
    case .leaving: self = .leaving
    }
  }

  package var direction: Direction {
    switch self {
    case .entering, .mergedIn: .entering
    case .leaving, .mergedAway, .deleted: .leaving
    }
  }

  /// Whether an import said so, rather than a change of who is who.
  package var isImport: Bool { self == .entering || self == .leaving }
}

/// One change of one cohort, without its users.
///
/// A merge of two users is up to two rows at one position: the one goes, the other comes.
package struct HistoryRow: Hashable, Sendable {
  package let position: Position
  package let time: Instant
  /// How many members there are after it.
  package let size: UInt32
  /// How many identifiers of the import matched nobody, or not as they were given.
  package let unmatched: UInt32
  /// Where the bytes of the `PackedUsers` begin, in the bytes of the block.
  package let start: UInt32
  package let kind: HistoryKind
}

/// One change of one cohort.
package struct HistoryChange: Hashable, Sendable {
  package let position: Position
  package let time: Instant
  package let kind: HistoryKind
  package let size: Int
  package let unmatched: Int
  /// May be empty: an import that changed nobody is on record too.
  package let users: PackedUsers
}
