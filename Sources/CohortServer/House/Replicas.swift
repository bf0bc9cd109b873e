import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortWire
import Synchronization

/// Who pulls the log of this ledger, and how far he is: since the start, and the latest few.
///
/// A follower says with each request what it holds (`Ledger-Position`). Whoever only reads bytes is
/// known by how far they reach.
final class ReplicaList: Sendable {
  private struct Place: Hashable {
    let key: KeyID
    let address: NetworkAddress?
  }

  private struct Entry {
    var position: Position
    var lastSeen: Instant
  }

  private let entries = Mutex<[Place: Entry]>([:])

  private static let countMax = 64

  func note(_ key: KeyID, from address: NetworkAddress?, at position: Position, _ now: Instant) {
    let place = Place(key: key, address: address)
    entries.withLock { entries in
      entries[place] = Entry(position: position, lastSeen: now)
      guard entries.count > Self.countMax else { return }
      let oldest = entries.min { $0.value.lastSeen < $1.value.lastSeen }
      if let oldest { entries[oldest.key] = nil }
    }
  }

  /// The last seen first.
  func shapes(in state: LedgerState) -> [StatusShape.Replica] {
    entries.withLock { $0 }.sorted { $0.value.lastSeen > $1.value.lastSeen }.map { place, entry in
      let label = state.keys.contains(place.key) ? state.keys[place.key].issued.label : ""
      return StatusShape.Replica(
        key: place.key, name: label.bytes.isEmpty ? place.key.description : label.description,
        position: entry.position, lastSeen: entry.lastSeen)
    }
  }
}

extension Service {
  /// Takes note of one who follows, if this is one.
  func noteReplica(_ head: RequestHead, _ caller: Caller) {
    guard caller.permissions.contains(.ledgerLog), let field = head.headers.only("ledger-position"),
      let number = UInt64(String(decoding: field, as: UTF8.self))
    else { return }
    note(caller, head, holding: min(Position(number), ledger.now.end))
  }

  /// Takes note of one who reads bytes of the log and says nothing of himself.
  func noteReader(_ question: Question, of range: Range<UInt64>) {
    guard question.head.headers["ledger-position"].isEmpty,
      let position = try? ledger.log.reader.position(before: range.upperBound)
    else { return }
    note(question.caller, question.head, holding: position)
  }

  private func note(_ caller: Caller, _ head: RequestHead, holding position: Position) {
    replicas.note(
      caller.key, from: address(of: head), at: position, Instant(microseconds: clock.wall))
  }
}

// MARK: - Being one

extension Service {
  /// Where this server stands if its ledger is a replica.
  var standing: ReplicaStanding? { ledger.replica(at: Instant(microseconds: clock.wall)) }

  /// What is answered to a question about something that a replica has not reached; `nil` if this
  /// is none.
  ///
  /// CONTRACT part 0.
  func lag() -> Denial? {
    guard let standing else { return nil }
    let seconds = standing.lagMicroseconds / 1_000_000
    return Denial(
      WireError(
        503,
        "This replica has not reached that: it stands at \(standing.position), "
          + "\(standing.lagPositions) events and \(seconds) s behind its leader. "
          + "Ask again in a moment, or ask the leader.",
        [
          JSONText.Member("lag_positions", .integer(Int64(clamping: standing.lagPositions))),
          JSONText.Member("lag_seconds", .integer(seconds)),
        ]),
      [("Retry-After", "1")])
  }

  /// The same for an error of the ledger that says so; `nil` for all others.
  func lag(_ error: any Error) -> Denial? {
    switch error {
    case LedgerError.beyondEnd: return lag()
    case LedgerError.laterThanNow(let instant, _):
      // What is yet to come is no question for the leader either.
      return instant.microseconds <= clock.wall ? lag() : nil
    default: return nil
    }
  }

  var replicaMetrics: [Metric] {
    guard let standing else { return [] }
    return [
      Metric(
        "cohort_replica_lag_positions", .gauge,
        "Events that the leader had acknowledged when it was last heard, and that are not here.",
        standing.lagPositions),
      Metric(
        "cohort_replica_lag_seconds", .gauge,
        "For so long the leader may have gone on without it being seen here.",
        [
          (
            "",
            "\(standing.lagMicroseconds / 1_000_000).\(standing.lagMicroseconds / 100_000 % 10)"
          )
        ]),
      Metric(
        "cohort_replica_leader_position", .gauge, "The last event that the leader has told of.",
        standing.leaderPosition.rawValue),
      Metric(
        "cohort_replica_heard_timestamp_seconds", .gauge, "When the leader was last heard.",
        standing.heard.microseconds / 1_000_000),
    ]
  }
}

extension StatusShape.Following {
  init(_ standing: ReplicaStanding) {
    self.init(
      leader: standing.leader, leaderPosition: standing.leaderPosition,
      lagPositions: standing.lagPositions, lagMicroseconds: standing.lagMicroseconds,
      heard: standing.heard)
  }
}
