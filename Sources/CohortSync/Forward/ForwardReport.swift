import CohortModel
package import CohortWire

/// What a forwarding has done so far.
package struct ForwardReport: Hashable, Sendable {
  /// Why all that the feed tells was compared with what was told.
  package enum Resync: String, Hashable, Sendable {
    case first, asked, lost, damaged, cohorts
    case history = "history_changed"
  }

  package enum Stop: String, Hashable, Sendable { case ledger, destination, signal }

  package let name: String
  package var ledger: String?
  /// Everything up to here was acknowledged by the destination.
  package var checkpoint = FeedCheckpoint.origin
  package var resync: Resync?
  package var events = 0
  /// Identifiers in requests that were answered with success.
  package var sent = 0
  /// How often each fate was met.
  package var fates: [Fate: Int] = [:]
  /// Changes of users who were erased since, and never told of: there is nothing to tell.
  package var nameless = 0
  /// Users who were erased, and whom the destination may still have in a cohort: by what they were
  /// told is lost with the state, or what it knows them by was erased before it was read.
  package var untold = 0
  /// Who could not be placed, and is told again.
  package var rejected = 0
  /// Those of them that the destination does not take.
  package var refused = 0
  package var stopped: Stop?
  /// Why it was stopped: two sentences, without keys.
  package var message: String?

  package init(name: String) { self.name = name }

  /// Whether everything that could be told was told.
  package var isDone: Bool { stopped == nil && refused == 0 && untold == 0 }

  mutating func count(_ answered: Answered) {
    sent += answered.sent
    for fate in answered.fates { fates[fate, default: 0] += 1 }
  }
}

extension JSONWriter {
  /// Writes the members of a report into an object.
  package mutating func members(of report: ForwardReport) {
    member("forward", report.name)
    member("ledger", report.ledger.map { .string($0) } ?? .null)
    member("position", report.checkpoint.position.rawValue)
    member("checkpoint", report.checkpoint.description)
    member("resync", report.resync.map { .string($0.rawValue) } ?? .null)
    member("events", report.events)
    member("sent", report.sent)
    key("outcomes")
    object { json in
      for (fate, name) in Fate.outcomes { json.member(name, report.fates[fate] ?? 0) }
      if let accepted = report.fates[.accepted] { json.member("accepted", accepted) }
    }
    member("erased", report.nameless)
    member("untold", report.untold)
    member("rejected", report.rejected)
    member("refused", report.refused)
    member("stopped", report.stopped.map { .string($0.rawValue) } ?? .null)
    if let message = report.message { member("message", message) }
  }
}

extension ForwardReport.Resync {
  static let dropped =
    "Cohorts that were forwarded before and are not in the list any more stay as they are at the "
    + "destination. Only who is merged, deleted or erased leaves them."

  var words: String {
    let ending = "The feed is read from its beginning, and what it comes to is told."
    return switch self {
    case .first: "Nothing was forwarded before. \(ending)"
    case .asked: "A full comparison is asked for. \(ending)"
    case .lost: "The state of the forwarding is lost. \(ending)"
    case .damaged: "The state of the forwarding is damaged. \(ending)"
    case .cohorts: "The list of cohorts has changed. \(ending)"
    case .history: "The ledger was restored to a moment before what was forwarded. \(ending)"
    }
  }
}

/// Who could not be placed, as CSV: `cohort,identifier,change,reason`.
struct ForwardRejects {
  private var writer = CSVWriter()
  private(set) var count = 0
  private(set) var refused = 0

  init(_ file: SentFile, reasons: [Refused: String]) {
    writer.row(["cohort", "kind", "identifier", "change", "reason"])
    for user in file.state.users(with: \.isPending) {
      guard let line = file.state.lines[user] else { continue }
      for entry in line.entries where entry.told.isPending {
        add(line.identifier, entry, file.head, reasons[Refused(user: user, cohort: entry.cohort)])
      }
    }
  }

  struct Refused: Hashable {
    let user: UserID
    let cohort: UInt16
  }

  private mutating func add(
    _ identifier: SentIdentifier, _ entry: SentLine.Entry, _ head: SentHead, _ reason: String?
  ) {
    count += 1
    if entry.told == .refused || entry.told == .leavingRefused { refused += 1 }
    writer.field(head.cohort(at: Int(entry.cohort)).path)
    switch identifier.kind {
    case .externalID: writer.field("external_id")
    case .device: writer.field("device_id")
    case .alias(let label): writer.field(Array("alias:".utf8) + label.bytes)
    }
    writer.field(identifier.text)
    writer.field(entry.told.isIn ? "add" : "remove")
    writer.field(reason ?? entry.told.words)
    writer.endRow()
  }

  func write(to path: String) throws(FileFailure) {
    let bytes = writer.bytes
    try FileSystem.replace(path) { file throws(FileFailure) in try file.write(bytes) }
  }
}

extension Told {
  fileprivate var words: String {
    switch self {
    case .unknown, .leaving, .leavingUnknown: "unknown"
    case .identified: "identified"
    case .merged, .leavingMerged: "merged"
    case .refused, .leavingRefused: "refused"
    case .member, .unsure, .owed: "not told yet"
    }
  }
}
