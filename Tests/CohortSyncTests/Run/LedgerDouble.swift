import CohortModel
import CohortSync
import CohortWire
import Foundation
import Synchronization

/// A ledger of identifiers that can break: users are born, and requests get no answer.
final class LedgerDouble: Sendable {
  struct State: Sendable {
    /// Who can be matched, and by which user number.
    var users: [String: UInt32] = [:]
    /// Identifiers of users merged away, with the survivor.
    var merged: [String: UInt32] = [:]
    var members: Set<UInt32> = []
    var refused: Set<String> = []
    var name: String?
    var exists = false
    /// After so many identifiers the destination is given up.
    var limit = Int.max
    /// Whether what comes then is applied all the same.
    var appliesBehindLimit = false
    var parcels: [Parcel] = []
    /// Called in the midst of a parcel, when everything was told.
    var whenTold: (@Sendable () -> Void)?
    var isDown = false
    /// The runs that it was told of.
    var told: [SyncRunReport] = []
  }

  let state = Mutex(State())

  func change<Value: Sendable>(_ body: @Sendable (inout State) -> Value) -> Value {
    state.withLock { body(&$0) }
  }

  /// The identifiers of who is in.
  var memberNames: Set<String> {
    change { state in
      Set(state.users.filter { state.members.contains($0.value) }.map(\.key))
    }
  }

  func services(now: @escaping @Sendable () -> Instant) -> SyncServices {
    SyncServices(
      now: now, environment: ["A": "pk-secret", "B": "dik-secret", "R": "rk-secret"],
      destination: { _ in Marker(isPreview: false) },
      carrier: { destination, _ in
        CarrierDouble(ledger: self, isPreview: (destination as? Marker)?.isPreview ?? false)
      },
      ledger: { _, _ in QuestionsDouble(ledger: self) }, web: WebDouble.shared)
  }
}

private struct Marker: Destination {
  let isPreview: Bool

  func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
    throw NoAnswer(reason: "nobody sends to a marker")
  }
}

/// Keeps what was sent to webhooks.
final class WebDouble: WebClient {
  static let shared = WebDouble()
  let requests = Mutex<[WebRequest]>([])

  func send(_ request: WebRequest) throws(NoAnswer) -> WebAnswer {
    requests.withLock { $0.append(request) }
    return WebAnswer(status: 200)
  }
}

private struct CarrierDouble: Carrier {
  let ledger: LedgerDouble
  let isPreview: Bool

  func carry(
    _ parcel: Parcel, stop: StopSign, progress: @escaping @Sendable (Int) -> Void
  ) -> Delivered {
    let isPreview = self.isPreview
    var delivered = ledger.change { state -> Delivered in
      var copy = state
      let delivered = copy.carry(parcel, isPreview: isPreview)
      if isPreview { return delivered }
      state = copy
      state.parcels.append(parcel)
      return delivered
    }
    if !isPreview { ledger.change { $0.whenTold }?() }
    if !parcel.wantsResults {
      delivered.additions = delivered.additions.map { $0 == .added ? .accepted : $0 }
    }
    return delivered
  }
}

extension LedgerDouble.State {
  fileprivate mutating func carry(_ parcel: Parcel, isPreview: Bool) -> Delivered {
    var delivered = Delivered(
      removals: Array(repeating: .notSent, count: parcel.removals.count),
      additions: Array(repeating: .notSent, count: parcel.additions.count))
    if isDown {
      delivered.stopped = "The destination is down (key pk-secret). Try again."
      return delivered
    }
    if let naming = parcel.naming {
      (name, delivered.isNamed, exists) = (naming.name.description, true, true)
    }
    var room = isPreview ? .max : limit
    func take(_ bytes: ArraySlice<UInt8>, isRemoval: Bool, _ index: Int) -> Fate {
      room -= 1
      if room < 0 {
        delivered.stopped = "No answer (dik-secret). Try again."
        guard room == -1 else { return .notSent }
        if appliesBehindLimit { _ = apply(bytes, isRemoval) }
        return .unsure
      }
      let fate = apply(bytes, isRemoval)
      if fate == .refused {
        delivered.refusals.append(
          Delivered.Refusal(index: index, isRemoval: isRemoval, reason: "no pk-secret\u{1B}"))
      } else {
        delivered.sent += 1
      }
      if let survivor = merged[String(decoding: bytes, as: UTF8.self)], !isRemoval {
        delivered.survivors[index] = UserID(survivor)
      }
      return fate
    }
    for index in 0..<parcel.removals.count {
      delivered.removals[index] = take(parcel.removals[index], isRemoval: true, index)
    }
    for index in 0..<parcel.additions.count {
      delivered.additions[index] = take(parcel.additions[index], isRemoval: false, index)
    }
    if delivered.sent > 0 { exists = true }
    delivered.position = Position(41)
    return delivered
  }

  private mutating func apply(_ bytes: ArraySlice<UInt8>, _ isRemoval: Bool) -> Fate {
    let text = String(decoding: bytes, as: UTF8.self)
    if refused.contains(text) { return .refused }
    if merged[text] != nil { return .merged }
    guard let user = users[text] else { return .unknown }
    if isRemoval { return members.remove(user) == nil ? .notMember : .removed }
    return members.insert(user).inserted ? .added : .alreadyMember
  }
}

private struct QuestionsDouble: LedgerQuestions {
  let ledger: LedgerDouble

  func ledgerID() -> String { "ledger" }

  func exists(_ cohort: CohortName) throws(LedgerUnread) -> Bool {
    if ledger.change({ $0.isDown }) {
      throw LedgerUnread(reason: "The ledger is down (rk-secret). Try again.")
    }
    return ledger.change { $0.exists }
  }

  func members(of cohort: CohortName, _ body: (LedgerMember) -> Void) {
    let found = ledger.change { state in
      state.members.sorted().map { user in
        // The first name in their order is the primary one, the others are deprecated.
        (user, state.users.filter { $0.value == user }.map(\.key).min())
      }
    }
    for (user, name) in found {
      body(LedgerMember(user: UserID(user), externalID: name.map { Array($0.utf8) }))
    }
  }

  func user(_ kind: MatchKind, _ identifier: [UInt8]) -> UserID? {
    ledger.change { state in
      state.users[String(decoding: identifier, as: UTF8.self)].map { UserID($0) }
    }
  }

  func tell(of run: SyncRunReport) { ledger.change { $0.told.append(run) } }

  var preview: any Destination { Marker(isPreview: true) }
}
