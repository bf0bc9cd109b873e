package import CohortModel
import Synchronization

/// By what identifier the rows of a model name users.
package enum MatchKind: Hashable, Sendable {
  case externalID
  case alias(label: Text)
  case device
}

/// What one run has to tell a destination.
package struct Parcel: Sendable {
  package struct Naming: Hashable, Sendable {
    package let name: Text
    package let createdAt: Instant

    package init(name: Text, createdAt: Instant) { (self.name, self.createdAt) = (name, createdAt) }
  }

  package let cohort: CohortName
  package let kind: MatchKind
  /// Sent first of all, if the cohort is to be named; nothing follows before it is accepted.
  package let naming: Naming?
  /// What leaves.
  ///
  /// Nothing enters before all of them are answered: a row whose identifier changed is one leaving
  /// and one entering of perhaps one person.
  package let removals: ChosenIdentifiers
  /// What enters.
  package let additions: ChosenIdentifiers
  /// Whether to ask for the outcome of each identifier.
  package let wantsResults: Bool

  package init(
    cohort: CohortName, kind: MatchKind, naming: Naming?, removals: ChosenIdentifiers,
    additions: ChosenIdentifiers, wantsResults: Bool
  ) {
    (self.cohort, self.kind, self.naming) = (cohort, kind, naming)
    (self.removals, self.additions) = (removals, additions)
    self.wantsResults = wantsResults
  }
}

/// What became of one identifier.
package enum Fate: UInt8, Hashable, Sendable, CaseIterable {
  /// It was never sent, or surely not applied: the run was stopped before.
  case notSent
  /// It was sent and not answered, or by an error of the server: it may be applied or not.
  case unsure
  /// The destination took it and does not say what became of it.
  case accepted
  case added
  case alreadyMember
  case removed
  case notMember
  /// Taken, and nothing came of it.
  case unknown
  case identified
  case merged
  /// The destination does not take it, not even alone; see ``Delivered/refusals``.
  case refused
}

/// What became of a parcel.
package struct Delivered: Sendable {
  package struct Refusal: Hashable, Sendable {
    /// Its place among the removals or additions of the parcel.
    package let index: Int
    package let isRemoval: Bool
    /// The message of the destination.
    package let reason: String

    package init(index: Int, isRemoval: Bool, reason: String) {
      (self.index, self.isRemoval, self.reason) = (index, isRemoval, reason)
    }
  }

  /// One for each removal of the parcel.
  package var removals: [Fate]
  /// One for each addition of the parcel.
  package var additions: [Fate]
  package var refusals: [Refusal] = []
  /// Of additions that are ``Fate/merged``, if the destination named the survivor.
  package var survivors: [Int: UserID] = [:]
  /// Why the destination was given up; `nil` if all of the parcel was carried to its end.
  ///
  /// Two sentences, without keys.
  package var stopped: String?
  /// Whether it may work again without anybody doing something about it: it gave no answers, or
  /// asked for patience.
  package var mayWorkLater = false
  /// Whether a naming was asked for and accepted.
  package var isNamed = false
  /// Identifiers in requests that were answered with success.
  package var sent = 0
  /// The greatest `position` of an answer; `nil` for a destination that has none.
  package var position: Position?

  package init(removals: [Fate], additions: [Fate]) {
    (self.removals, self.additions) = (removals, additions)
  }
}

/// Carries parcels to a destination: batches, retries, halving.
package protocol Carrier: Sendable {
  /// Carries a parcel, and returns when that is over.
  ///
  /// - Parameters:
  ///   - parcel: What to tell the destination.
  ///   - stop: Begins no further request once it is raised, and waits for those in flight.
  ///   - progress: Called now and then with the number of identifiers that have their fate.
  /// - Returns: The fate of every identifier. It does not fail: what went wrong stands there.
  func carry(
    _ parcel: Parcel, stop: StopSign, progress: @escaping @Sendable (Int) -> Void
  ) -> Delivered
}

/// Asks whoever is at work to come to an end; once raised it stays.
package final class StopSign: Sendable {
  private let state = Atomic(false)

  package init() {}

  package func raise() { state.store(true, ordering: .releasing) }

  package var isRaised: Bool { state.load(ordering: .acquiring) }
}
