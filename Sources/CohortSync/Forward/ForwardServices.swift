package import CohortModel

/// The outside world, as far as a forwarding needs it.
package struct ForwardServices: Sendable {
  package var environment: [String: String]
  /// The feed of a ledger, with the key to read it, as far as it concerns some cohorts.
  package var feed: @Sendable (Endpoint, SecretText, [CohortName]) -> any LedgerFeed
  /// Who carries parcels to an endpoint.
  package var carrier: @Sendable (Endpoint, DestinationKeys) -> any Carrier
  /// Who asks a destination that is a ledger.
  package var ledger: @Sendable (Endpoint, SecretText) -> any LedgerQuestions
  package var clock: any CourierClock

  package init(
    environment: [String: String],
    feed: @escaping @Sendable (Endpoint, SecretText, [CohortName]) -> any LedgerFeed,
    carrier: @escaping @Sendable (Endpoint, DestinationKeys) -> any Carrier,
    ledger: @escaping @Sendable (Endpoint, SecretText) -> any LedgerQuestions,
    clock: any CourierClock = MonotonicClock()
  ) {
    (self.environment, self.feed, self.carrier) = (environment, feed, carrier)
    (self.ledger, self.clock) = (ledger, clock)
  }

  /// The same world as a sync has.
  package init(_ services: SyncServices) {
    let web = services.web
    self.init(
      environment: services.environment,
      feed: { HTTPFeed($0.text, $1, cohorts: $2, web) },
      carrier: { Courier(services.destination($0), $1, settings: .forwarding) },
      ledger: services.ledger)
  }
}

extension DeliverySettings {
  /// Those of a forwarding.
  ///
  /// A sync tells rows of one column, and if the first hundred are refused the column is the wrong
  /// one. A forwarding tells what its ledger has: whoever is refused is listed, and nobody else
  /// waits for them.
  package static var forwarding: DeliverySettings {
    var settings = DeliverySettings()
    settings.lonelyRefusals = .max
    settings.again = "Run the forwarding again"
    return settings
  }
}

/// Who is told how far a forwarding is.
package struct ForwardObserver: Sendable {
  /// One line of words for people.
  package var say: @Sendable (String) -> Void
  /// The end of the feed is reached, and something was told since the last time.
  package var caughtUp: @Sendable (ForwardReport) -> Void

  package init(
    say: @escaping @Sendable (String) -> Void = { _ in },
    caughtUp: @escaping @Sendable (ForwardReport) -> Void = { _ in }
  ) {
    (self.say, self.caughtUp) = (say, caughtUp)
  }
}

/// How a forwarding is asked for.
package struct ForwardOptions: Hashable, Sendable {
  /// Ends at the end of the feed.
  package var once = false
  /// Compares all that the feed tells with what was told.
  package var isFull = false
  /// Events in one page; what a page tells is acknowledged before the next is read.
  package var pageSize = 100
  /// From how many events on that concern nobody the checkpoint is moved behind them.
  package var skipSize: UInt64 = 10_000
  /// Tellings at once of what is owed or told again.
  package var chunkSize = 20_000

  package init(once: Bool = false, isFull: Bool = false) {
    (self.once, self.isFull) = (once, isFull)
  }
}
