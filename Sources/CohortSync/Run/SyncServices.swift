package import CohortModel

/// The outside world, as far as a sync needs it.
package struct SyncServices: Sendable {
  /// The clock.
  package var now: @Sendable () -> Instant
  package var environment: [String: String]
  /// Who speaks to an endpoint.
  package var destination: @Sendable (Endpoint) -> any Destination
  /// Who carries parcels to a destination, with the keys it asks for.
  package var carrier: @Sendable (any Destination, DestinationKeys) -> any Carrier
  /// Who asks a ledger, with the key to read it.
  package var ledger: @Sendable (Endpoint, SecretText) -> any LedgerQuestions
  /// Who calls webhooks.
  package var web: any WebClient

  package init(
    now: @escaping @Sendable () -> Instant, environment: [String: String],
    destination: @escaping @Sendable (Endpoint) -> any Destination,
    carrier: @escaping @Sendable (any Destination, DestinationKeys) -> any Carrier,
    ledger: @escaping @Sendable (Endpoint, SecretText) -> any LedgerQuestions,
    web: any WebClient
  ) {
    (self.now, self.environment, self.destination) = (now, environment, destination)
    (self.carrier, self.ledger, self.web) = (carrier, ledger, web)
  }
}

/// Who is told how far a run is.
package struct SyncObserver: Sendable {
  /// One line of words for people.
  package var say: @Sendable (String) -> Void
  /// Something that the next call takes the place of.
  package var progress: @Sendable (String) -> Void
  /// A change that a dry run has found.
  package var change: @Sendable (PlannedChange) -> Void

  package init(
    say: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (String) -> Void = { _ in },
    change: @escaping @Sendable (PlannedChange) -> Void = { _ in }
  ) {
    (self.say, self.progress, self.change) = (say, progress, change)
  }
}

/// One thing that a run would do.
package struct PlannedChange: Hashable, Sendable {
  package let isRemoval: Bool
  package let identifier: [UInt8]
  /// The primary key of its row; empty where no row is known.
  package let key: [UInt8]
  /// What the ledger would answer; `nil` if it is not asked.
  package let fate: Fate?
}

/// How a run is asked for.
package struct SyncOptions: Hashable, Sendable {
  package var isDryRun = false
  /// Does without the state: everything is told again.
  package var isFull = false
  /// Confirms what a guard rail would stop, and lets members go that no row names.
  package var allowsRemovals = false

  package init(isDryRun: Bool = false, isFull: Bool = false, allowsRemovals: Bool = false) {
    (self.isDryRun, self.isFull) = (isDryRun, isFull)
    self.allowsRemovals = allowsRemovals
  }
}
