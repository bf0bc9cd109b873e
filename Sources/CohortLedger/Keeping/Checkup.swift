import CohortFormat
package import CohortModel

/// When the log was last looked through, how far, and how much was found.
package struct Checkup: Hashable, Sendable {
  /// When the last byte had been looked at.
  package let time: Instant
  /// Of the last event that was looked at; `nil` if damage has hidden how many there are.
  package let position: Position?
  package let findings: Int

  init(_ report: VerifyReport, at time: Instant) {
    self.time = time
    position = report.head.map { Position($0.size) }
    findings = report.findings.count
  }
}

/// The last checks of a log that is open; `nil` if there was none since.
package struct Checkups: Hashable, Sendable {
  package var verify: Checkup?
  package var scrub: Checkup?

  package init() {}
}
