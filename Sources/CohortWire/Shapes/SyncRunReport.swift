package import CohortModel

/// What a run of a sync tells the ledger that it has told: in a field of the head of
/// `GET /ledger/status`, so that the status can list it (CONTRACT part 3).
///
///     Sync-Run: base64url of {"sync":"repeat-buyers","run":7,"started":"…",…}
///
/// Counts alone: neither rows nor identifiers, and no text of a failure.
package struct SyncRunReport: Hashable, Sendable {
  /// What the file of the sync calls it; 1 to 200 bytes.
  package var sync: Text
  package var run: UInt32
  package var started: Instant
  package var finished: Instant
  package var entered: UInt32
  package var left: UInt32
  package var unchanged: UInt32
  package var sent: UInt32
  package var rejected: UInt32
  package var refused: UInt32
  /// Why it ended early: `guard`, `empty` or `destination`.
  package var stopped: Stop?
  /// Whether there was no run at all, such as when a command failed.
  package var hasFailed: Bool

  package enum Stop: String, Hashable, Sendable, CaseIterable {
    case `guard`, empty, destination
  }

  package init(
    sync: Text, run: UInt32, started: Instant, finished: Instant, entered: UInt32, left: UInt32,
    unchanged: UInt32, sent: UInt32, rejected: UInt32, refused: UInt32, stopped: Stop?,
    hasFailed: Bool
  ) {
    (self.sync, self.run, self.started, self.finished) = (sync, run, started, finished)
    (self.entered, self.left, self.unchanged, self.sent) = (entered, left, unchanged, sent)
    (self.rejected, self.refused, self.stopped) = (rejected, refused, stopped)
    self.hasFailed = hasFailed
  }

  package var members: [JSONText.Member] {
    [
      JSONText.Member("sync", .utf8(sync.bytes)), JSONText.Member("run", .integer(Int64(run))),
      JSONText.Member("started", .string(started.rfc3339)),
      JSONText.Member("finished", .string(finished.rfc3339)),
    ]
      + [
        ("entered", entered), ("left", left), ("unchanged", unchanged), ("sent", sent),
        ("rejected", rejected), ("refused", refused),
      ].map { JSONText.Member($0.0, .integer(Int64($0.1))) }
      + [
        JSONText.Member("stopped", stopped.map { .string($0.rawValue) } ?? .null),
        JSONText.Member("failed", .bool(hasFailed)),
      ]
  }

  // MARK: As a field

  /// Its name, in lower case.
  package static let fieldName = "sync-run"

  package var field: String {
    String(decoding: Base64URL.encode(JSONText.object(members).bytes), as: UTF8.self)
  }

  /// Reads the value of a field.
  ///
  /// - Throws: 400 for what no run tells.
  package init(field: [UInt8]) throws(WireError) {
    guard field.count <= 2_048, let text = Base64URL.decode(field),
      let document = try? JSONDocument(parsing: text)
    else { throw .noSyncRun }
    try self.init(json: document.root)
  }

  private init(json: JSONValue) throws(WireError) {
    let fields = try Fields(
      json, at: "Sync-Run",
      known: [
        "sync", "run", "started", "finished", "entered", "left", "unchanged", "sent", "rejected",
        "refused", "stopped", "failed",
      ])
    func number(_ key: String) throws(WireError) -> UInt32 {
      guard let number = try fields.number(key) else { throw .noSyncRun }
      return number
    }
    sync = try fields.requiredText("sync")
    guard (1...200).contains(sync.bytes.count), let started = try fields.instant("started"),
      let finished = try fields.instant("finished"), let hasFailed = try fields.bool("failed")
    else { throw .noSyncRun }
    (self.started, self.finished, self.hasFailed) = (started, finished, hasFailed)
    run = try number("run")
    (entered, left) = (try number("entered"), try number("left"))
    (unchanged, sent) = (try number("unchanged"), try number("sent"))
    (rejected, refused) = (try number("rejected"), try number("refused"))
    if let text = try fields.text("stopped") {
      guard let stop = Stop(rawValue: text.description) else { throw .noSyncRun }
      stopped = stop
    } else {
      stopped = nil
    }
  }
}

extension WireError {
  fileprivate static let noSyncRun = WireError(
    400, "'Sync-Run' is not what a run of a sync tells. Leave it out.")
}
