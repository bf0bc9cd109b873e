import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A log of senseless events` {
  /// Whatever the start refuses a full check finds too; whatever it opens can be asked.
  @Test(arguments: 0..<seedCount(80)) func `is refused with a place, or answers everything`(
    seed: Int
  ) throws {
    var senseless = SenselessEvents(seed: UInt64(seed))
    var log = ForgedLog.shop()
    for _ in 0...senseless.random.below(4) {
      let events = (0...senseless.random.below(2)).map { _ in senseless.event() }
      let key: KeyID = senseless.random.once(in: 4) ? senseless.id() : KeyID(0)
      log.add(events, by: key, senseless.random.once(in: 4) ? senseless.receipt() : nil)
    }
    let disk = try log.disk()
    switch log.open(on: disk) {
    case .failure(.storage(let failure)):
      guard case .impossible(_, let position) = failure.error else { throw failure }
      let report = try Ledger.verify("/ledger", on: disk)
      // Who enters or leaves is judged by a start when everything else has been.
      let isFound = report.findings.contains { ($0.positions?.lowerBound ?? .never) <= position }
      #expect(isFound, "\(failure): \(report.findings)")
    case .failure(let error): throw error
    case .success(let ledger):
      try ask(ledger)
      ledger.keepSnapshot()
      let digest = StateDigest(of: ledger.now.state).value
      try ledger.close()
      let again = try log.open(on: disk).get()
      #expect(StateDigest(of: again.now.state).value == digest)
      try again.close()
    }
  }

  private func ask(_ ledger: Ledger) throws {
    let end = ledger.now.position.rawValue
    for position in [end, end - 1, end / 2] {
      let view = try ledger.view(asOf: .position(Position(position)))
      let state = ledger.now.state
      let cohorts = (0..<state.cohorts.count).map { CohortID(UInt32($0 + 1)) }
      let users = (0..<state.directory.userCount).map { UserID(UInt32($0 + 1)) }
      for cohort in cohorts {
        _ = try view.members(of: cohort, identity: .now, limit: 100)
        _ = try view.size(of: cohort)
        _ = try view.difference(from: ledger.now, of: cohort)
        for user in users { _ = try view.why(user, cohort) }
      }
      for user in users {
        _ = try view.history(of: user)
        _ = (view.identity(of: user), view.identityNow(of: user), view.status(of: user))
      }
      for segment in state.segments.records {
        _ = try? view.users(segment.current.filter)
      }
      for send in state.campaigns.sends { _ = try? ledger.audience(of: send.frozen.send) }
    }
    try ledger.digests { _ in true }
    _ = try ledger.verify()
  }
}
