import CohortFormat
import CohortHTTP
package import CohortLedger
package import CohortLog
import CohortModel
package import CohortWire

extension StatusShape {
  /// Where a ledger stands: `GET /ledger/status` and `cohort status`.
  ///
  /// - Throws: ``LedgerError`` if the log cannot be read at its end.
  package init(
    _ ledger: Ledger, _ view: View, wallTime: Int64, replicas: [StatusShape.Replica] = []
  ) throws(LedgerError) {
    self.init(
      condition: ledger.conditionWords, ledger: ledger.log.ledger.description,
      asOf: AsOfShape(view.position, view.instant, cutsRequest: view.cutsRequest),
      epoch: view.end > .origin ? try view.checkpoint(at: view.end).epoch?.description : nil,
      requests: view.state.requestCount, users: view.state.directory.userCount,
      cohorts: view.state.cohorts.count, treeSize: view.tree.size, root: view.tree.root,
      logBytes: ledger.log.chain.end, freeBytes: ledger.log.freeSpace.map(UInt64.init),
      lastVerify: ledger.lastCheckups.verify.map { Check($0) },
      lastScrub: ledger.lastCheckups.scrub.map { Check($0) },
      clockLead: max(0, view.state.time.microseconds - wallTime), replicas: replicas,
      replica: ledger.replica(at: Instant(microseconds: wallTime)).map { Following($0) })
  }
}

extension StatusShape.Check {
  fileprivate init(_ checkup: Checkup) {
    self.init(time: checkup.time, position: checkup.position, findings: checkup.findings)
  }
}

extension Damage {
  /// Where it is, with times that people can read.
  package var place: String {
    let known = timeAfter.map { " of \($0.rfc3339)" } ?? ""
    let end =
      next.map {
        ", before \($0.firstPosition) of \($0.time.rfc3339) at byte \($0.fileOffset)"
      } ?? ""
    return "byte \(offset), after \(after)\(known)\(end)"
  }
}

extension Ledger {
  /// `sound`, or what is wrong.
  fileprivate var conditionWords: String {
    switch report.condition {
    case .damaged(let damage): return "damaged at \(damage.place)"
    case .lost(let loss): return "has lost its end: it ends at \(loss.end)"
    case .readOnly:
      if let followFailure { return "does not follow the writer: \(followFailure)" }
      return unreadTextsWords ?? "sound"
    case .writable: break
    }
    if case .writesStopped(let reason) = refusesWrites { return "writes stopped: \(reason)" }
    return unreadTextsWords ?? "sound"
  }

  /// Which texts the start could not read, if there are any: "2 texts cannot be read, the first …".
  package var unreadTextsWords: String? {
    guard let first = unreadTexts.first else { return nil }
    let words =
      switch unreadTexts.count {
      case 1: "1 text"
      case UnreadTexts.countMax...: "\(UnreadTexts.countMax) texts or more"
      default: "\(unreadTexts.count) texts"
      }
    return "\(words) cannot be read, the first that of event \(first.position)"
  }
}

extension Service {
  /// `GET /ledger/status`; a sync that has run says so in its question.
  func status(_ question: Question) throws -> Answered {
    _ = try question.query()
    if let field = question.head.headers.only(SyncRunReport.fieldName) {
      syncRuns.note(
        try SyncRunReport(field: field), by: question.caller.key,
        at: Instant(microseconds: clock.wall))
    }
    var shape = try StatusShape(
      ledger, question.now, wallTime: clock.wall,
      replicas: replicas.shapes(in: question.now.state))
    shape.syncRuns = syncRuns.told
    var json = JSONWriter()
    json.status(shape)
    return .json(Reply(status: 200, body: json.bytes), at: question.now.end)
  }
}
