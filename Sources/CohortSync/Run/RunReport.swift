package import CohortModel
package import CohortWire

/// What a run has done, in the words of CONTRACT part 5.
package struct RunReport: Sendable {
  /// Why a run ended before its end.
  package enum Stop: String, Hashable, Sendable {
    case `guard`, empty, destination
  }

  /// Why all was told again.
  package enum Resync: String, Hashable, Sendable {
    case asked, lost, damaged
  }

  package let sync: String
  /// From 1, counted for each sync.
  package var run: Int
  package var started: Instant
  package var finished: Instant
  package var isDryRun = false
  package var rows = 0
  package var entered = 0
  package var left = 0
  package var unchanged = 0
  package var sent = 0
  /// How often each fate was met, ``Fate/notSent`` and ``Fate/unsure`` too.
  package var fates: [Fate: Int] = [:]
  /// Lines of the file of rejects.
  package var rejected = 0
  /// Those of them that the destination does not take.
  package var refused = 0
  package var stopped: Stop?
  /// Why it was stopped: two sentences, without keys.
  package var message: String?
  package var resync: Resync?
  /// Members that no row names and that are still there.
  package var unnamed = 0
  package var position: Position?
  /// Why there is no report at all, such as a command that failed.
  package var failure: String?

  package init(sync: String, run: Int, started: Instant) {
    (self.sync, self.run, self.started, finished) = (sync, run, started, started)
  }

  /// Whether all of it was carried to its end and nothing refused.
  ///
  /// Rejections are no failure.
  package var isDone: Bool { stopped == nil && refused == 0 && failure == nil }

  mutating func count(_ delivered: Delivered) {
    for fate in delivered.removals { fates[fate, default: 0] += 1 }
    for fate in delivered.additions { fates[fate, default: 0] += 1 }
    sent += delivered.sent
    if let reached = delivered.position { position = max(position ?? reached, reached) }
    if let words = delivered.stopped { (stopped, message) = (.destination, message ?? words) }
  }
}

extension RunReport {
  /// What the ledger is told of it.
  var told: SyncRunReport {
    func count(_ number: Int) -> UInt32 { UInt32(clamping: number) }
    return SyncRunReport(
      sync: Text(sync), run: count(run), started: started, finished: finished,
      entered: count(entered), left: count(left), unchanged: count(unchanged), sent: count(sent),
      rejected: count(rejected), refused: count(refused),
      stopped: stopped.flatMap { SyncRunReport.Stop(rawValue: $0.rawValue) },
      hasFailed: failure != nil)
  }
}

extension Fate {
  /// The outcomes of the contract, and how they are called there.
  package static let outcomes: [(fate: Fate, name: String)] = [
    (.added, "added"), (.alreadyMember, "already_member"), (.removed, "removed"),
    (.notMember, "not_member"), (.unknown, "unknown"), (.identified, "identified"),
    (.merged, "merged"),
  ]

  /// In files and lists.
  package var name: String {
    switch self {
    case .notSent: "not sent"
    case .unsure: "no answer"
    case .accepted: "accepted"
    case .refused: "refused"
    case .added, .alreadyMember, .removed, .notMember, .unknown, .identified, .merged:
      Self.outcomes.first { $0.fate == self }?.name ?? "accepted"
    }
  }
}

extension JSONWriter {
  /// Writes the members of a report into an object.
  package mutating func members(of report: RunReport) {
    member("sync", report.sync)
    member("run", report.run)
    member("entered", report.entered)
    member("left", report.left)
    member("unchanged", report.unchanged)
    member("sent", report.sent)
    key("outcomes")
    object { json in
      for (fate, name) in Fate.outcomes { json.member(name, report.fates[fate] ?? 0) }
      // Of destinations that do not tell more.
      if let accepted = report.fates[.accepted] { json.member("accepted", accepted) }
    }
    member("rejected", report.rejected)
    member("refused", report.refused)
    member("stopped", report.stopped.map { .string($0.rawValue) } ?? .null)
    member("position", report.position.map { .integer(Int64($0.rawValue)) } ?? .null)
    member("rows", report.rows)
    member("resync", report.resync.map { .string($0.rawValue) } ?? .null)
    member("unnamed", report.unnamed)
    member("started", report.started.rfc3339)
    member("finished", report.finished.rfc3339)
    if report.isDryRun { member("dry_run", true) }
    if let message = report.message { member("message", message) }
    if let failure = report.failure { member("failure", failure) }
  }
}
