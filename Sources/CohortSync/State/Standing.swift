/// How an identifier of the state stands with the destination.
package enum Standing: UInt8, Hashable, Sendable, CaseIterable {
  /// The destination took it, and has not been told to take it out.
  case member
  /// The destination was told of it, or may have been, and nobody knows what it did: it is told
  /// again.
  case unsure
  // The destination did nothing about it: sent again as long as the model has it.
  case unknown
  case identified
  case merged
  case refused

  /// What an addition leaves behind.
  ///
  /// - Parameters:
  ///   - fate: What became of it.
  ///   - before: How the identifier stood; `nil` if the state did not have it.
  /// - Returns: `nil` if the state does not keep it.
  package static func after(addition fate: Fate, before: Standing?) -> Standing? {
    switch fate {
    case .notSent: before
    case .unsure: .unsure
    case .accepted, .added, .alreadyMember, .removed, .notMember: .member
    case .unknown: .unknown
    case .identified: .identified
    case .merged: .merged
    case .refused: .refused
    }
  }

  /// What a removal leaves behind.
  ///
  /// What matches nobody any more has left with the person.
  package static func after(removal fate: Fate, before: Standing) -> Standing? {
    switch fate {
    case .notSent, .refused: before
    case .unsure: .unsure
    case .accepted, .added, .alreadyMember, .removed, .notMember, .unknown, .identified, .merged:
      nil
    }
  }
}

/// What the destination is known to have been told: identifiers, and how each stands.
package struct Known: Sendable {
  package let identifiers: Identifiers
  /// One for each rank.
  package let standings: [Standing]

  package init(_ identifiers: Identifiers, _ standings: [Standing]) {
    precondition(identifiers.count == standings.count, "every identifier stands somehow")
    (self.identifiers, self.standings) = (identifiers, standings)
  }

  package static let nothing = Known(.none, [])
}
