package import CohortModel

extension SyncServices {
  /// Speaks to the world over HTTP and HTTPS.
  ///
  /// - Parameters:
  ///   - now: The clock.
  ///   - environment: In which keys may stand.
  /// - Returns: Services that share one client and its connections.
  package static func overHTTP(
    now: @escaping @Sendable () -> Instant, environment: [String: String]
  ) -> SyncServices {
    let web = WebClients(environment: environment)
    return SyncServices(
      now: now, environment: environment,
      destination: { HTTPDestination($0.text, web, now: now) },
      carrier: { Courier($0, $1) },
      ledger: { LedgerReader($0.text, $1, web, now: now) }, web: web)
  }
}
