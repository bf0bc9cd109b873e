package import CohortFormat
package import CohortLog
package import CohortModel

/// A log with the frame builder that a ledger would have, and nothing else of a ledger.
package struct TestLog {
  package let log: Log
  package let report: OpeningReport
  package var builder: FrameBuilder
  /// What the scan has handed over.
  package let scanned: ScannedLog

  package static let folder = "/ledger"
  package static let path = "/ledger/events.log"

  /// Opens the log, recovers it, and records what was recovered.
  package init(
    on disk: any Disk, in folder: String = TestLog.folder, for access: LogAccess = .create,
    seed: UInt64 = 1, options: LogOptions = .small
  ) throws(LogError) {
    let random = SeededRandomSource(seed: seed)
    let opening = try LogOpening(
      folder, for: access, on: disk, clock: SimulatedClock(), random: random, options: options)
    var scanned = ScannedLog(ledger: opening.ledger)
    let (log, report) = try opening.recover { frame, bytes throws(LogError) in
      try scanned.read(frame, bytes)
    }
    self.log = log
    self.report = report
    self.scanned = scanned
    builder = FrameBuilder(
      ledger: log.ledger, epoch: log.epoch, chain: report.chain, tree: scanned.tree,
      lastRequest: scanned.lastRequest, random: random)
  }

  /// The time of the next frame: one second after the last.
  package var nextTime: Instant {
    Instant(microseconds: (builder.chain.last?.time.microseconds ?? start) + 1_000_000)
  }

  /// Builds a frame of `events`, each a request of its own.
  package mutating func frame(_ events: [Event]) -> EncodedFrame {
    builder.begin(time: nextTime, rawClock: nextTime)
    for event in events {
      let fits = (try? builder.append(event, key: KeyID(0), endsRequest: true)) != nil
      precondition(fits, "test frames are small")
    }
    return builder.finish()
  }

  /// Appends a frame of events, or leaves the builder as it was.
  ///
  /// If that fails, the builder is as before.
  @discardableResult
  package mutating func append(_ events: [Event]) throws(LogError) -> EncodedFrame {
    let before = builder
    let frame = frame(events)
    do { try write(frame) } catch {
      builder = before
      throw error
    }
    return frame
  }

  /// Appends a seal.
  @discardableResult
  package mutating func seal() throws(LogError) -> EncodedFrame {
    let before = builder
    let frame = builder.seal(time: nextTime, rawClock: nextTime)
    do {
      try log.append(frame)
    } catch {
      builder = before
      throw error
    }
    return frame
  }

  /// Writes what the ledger must write first.
  package mutating func recordRecovery() throws(LogError) -> EncodedFrame? {
    if report.recovered.isEmpty { return nil }
    return try append(report.recovered.map { .recovered($0.event) })
  }

  private func write(_ frame: EncodedFrame) throws(LogError) {
    try log.ensureSpace(through: frame.fileEnd)
    try log.append(frame)
  }

  private var start: Int64 { 1_800_000_000_000_000 }
}

extension LogOptions {
  /// Everything so small that a test reaches every edge.
  package static var small: LogOptions {
    var options = LogOptions()
    options.readSize = 16 << 10
    options.indexSpacing = 512
    options.space.ballast = 4 << 12
    options.space.minimum = 6 << 12
    options.space.maximum = 8 << 12
    options.space.step = 1 << 12
    return options
  }
}

/// What a scan of a log saw, as far as tests compare it.
package struct ScannedLog: Hashable, Sendable {
  package let ledger: LedgerID
  /// Of every event, in order.
  package private(set) var leaves: [Digest] = []
  package private(set) var tree = MerkleFrontier()
  package private(set) var lastRequest: UInt64 = 0
  package private(set) var headers: [FrameHeader] = []
  package private(set) var texts: [TextEntry] = []
  package private(set) var events: [Event] = []

  package init(ledger: LedgerID) { self.ledger = ledger }

  package mutating func read(_ frame: FrameExtent, _ bytes: Span<UInt8>) throws(LogError) {
    headers.append(frame.header)
    do {
      let leaves = try frame.leaves(in: bytes)
      self.leaves.append(contentsOf: leaves)
      tree.append(contentsOf: leaves)
      var walk = EventWalk(frame)
      while let head = try walk.next(in: bytes) { lastRequest = head.request }
      var decoder = EventDecoder(frame, ledger: ledger)
      while let event = try decoder.next(in: bytes) {
        events.append(event.recorded.event)
        texts.append(contentsOf: event.texts)
      }
    } catch { throw .event(error) }
  }
}

/// Events for frames of every shape: small and large, with and without personal texts.
package func sampleEvents(_ number: Int, size: Int? = nil) -> [Event] {
  var events: [Event] = []
  for index in 0..<1 + number % 3 {
    let user = UserID(UInt32(number * 8 + index + 1))
    let text = PersonalText(
      "person-\(number)-\(index)-" + String(repeating: "x", count: number % 40))
    events.append(.userCreated(UserCreated(user: user, identifiers: [.externalID(text)])))
  }
  if number.isMultiple(of: 2) {
    events.append(.cohortArchived(CohortID(UInt32(number + 1))))
  }
  if let size {
    events.append(
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(1), partner: PartnerID(1), cohortID: "c",
          name: Text(bytes: [UInt8](repeating: 0x61, count: size)), createdAt: nil)))
  }
  return events
}
