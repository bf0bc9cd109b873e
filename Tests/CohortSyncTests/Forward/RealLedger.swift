import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortSync
import CohortWire
import Synchronization
import TestSupport

/// A ledger on a simulated machine, behind the contract: a source that is followed, or a
/// destination that is told.
///
/// `@unchecked Sendable`, because each test has its own, and the lock is held while it is used.
final class RealLedger: @unchecked Sendable {
  private let lock = Mutex(())
  let shop: TestShop
  private let seed: UInt64

  init(seed: UInt64) throws {
    self.seed = seed
    shop = try TestShop(seed: seed)
  }

  /// Carries out a request of part 2, and says whether it was taken.
  @discardableResult
  func apply(_ path: String, _ body: JSONText) throws -> JSONDocument {
    try lock.withLock { _ in
      let request = try WriteRequest(
        Routes.find(.post, path).get(), body: JSONValue(body: body.bytes))
      return try JSONDocument(parsing: shop.ledger.carryOut(request).reply.body)
    }
  }

  /// What the contract answers to a partner.
  func answer(_ request: DestinationRequest) -> DestinationAnswer {
    lock.withLock { _ in
      do {
        let match = try Routes.find(.post, request.path).get()
        let body = try JSONValue(body: request.body)
        let credentials = PartnerCredentials(body: body, partner: TestShop.partner, from: nil) {
          SHA256.digest($0)
        }
        let write = try WriteRequest(match, body: body, wantsResults: request.wantsResults)
        let reply = try shop.ledger.carryOut(write, by: .partner(credentials)).reply
        return DestinationAnswer(status: reply.status, body: reply.body)
      } catch let error as LedgerError {
        return DestinationAnswer(status: 400, body: Array(error.description.utf8))
      } catch {
        return DestinationAnswer(status: 400, body: Array("\(error)".utf8))
      }
    }
  }

  /// An import by the partner.
  func push(_ cohort: String, _ identifiers: [SentIdentifier], remove: Bool = false) {
    func texts(_ kind: MatchKind) -> JSONText {
      .array(identifiers.filter { $0.kind == kind }.map { .string($0.name) })
    }
    let aliases = identifiers.compactMap { identifier -> JSONText? in
      guard case .alias(let label) = identifier.kind else { return nil }
      return [
        "alias_label": .string(label.description), "alias_name": .string(identifier.name),
      ]
    }
    let body: JSONText = [
      "partner_api_key": "pk-1", "client_secret": "dik-1", "cohort_id": .string(cohort),
      "cohort_changes": [
        [
          "user_ids": texts(.externalID), "device_ids": texts(.device),
          "aliases": .array(aliases), "should_remove": .bool(remove),
        ]
      ],
    ]
    _ = answer(
      DestinationRequest(
        path: "/partners/hightouch/cohorts/users", body: body.bytes, wantsResults: false))
  }

  func name(_ cohort: String, _ name: String) {
    let body: JSONText = [
      "partner_api_key": "pk-1", "client_secret": "dik-1", "cohort_id": .string(cohort),
      "name": .string(name), "created_at": "2026-01-02T03:04:05Z",
    ]
    _ = answer(
      DestinationRequest(
        path: "/partners/hightouch/cohorts", body: body.bytes, wantsResults: false))
  }

  /// The bytes that `GET /ledger/events` would answer.
  func feed(after: FeedCheckpoint, limit: Int) throws(FeedFailure) -> [UInt8] {
    let view = shop.ledger.now
    do {
      if !after.epoch.isEmpty {
        guard let checkpoint = Checkpoint(after.description), try view.holds(checkpoint) else {
          throw FeedFailure.historyChanged
        }
      }
      var bytes: [UInt8] = []
      var count = 0
      var pass = EventPass(after: after.position)
      let names = Names(view.state)
      try pass.forEachEvent(of: view) { decoded, epoch in
        guard FeedParser.types.contains(decoded.recorded.event.typeName) else { return true }
        JSONWriter.append(to: &bytes) {
          $0.event(decoded.recorded, epoch: epoch.description, names: names)
          $0.endLine()
        }
        count += 1
        return count < limit
      }
      return bytes
    } catch let failure as FeedFailure { throw failure } catch {
      throw .refused("\(error)")
    }
  }

  /// Where the feed ends.
  func end() throws(FeedFailure) -> FeedCheckpoint {
    let view = shop.ledger.now
    guard let checkpoint = try? view.checkpoint(at: view.position),
      let end = FeedCheckpoint(text: checkpoint.description)
    else { throw .refused("The feed has no end.") }
    return end
  }

  /// Every user who exists, with the identifiers that an import would match it by.
  func users() throws -> [UserID: [SentIdentifier]] {
    let view = shop.ledger.now
    var users: [UserID: [SentIdentifier]] = [:]
    for number in 1..<UInt32(200) {
      let shown = view.state.shown(UserID(number))
      guard case .active = view.status(of: UserID(number)) else { continue }
      var names: [SentIdentifier] = []
      for text in [shown.externalID].compactMap({ $0 }) + shown.deprecatedIDs {
        if let bytes = text.bytes { names.append(SentIdentifier(.externalID, bytes)) }
      }
      for alias in shown.aliases {
        if let bytes = alias.name.bytes {
          names.append(SentIdentifier(.alias(label: alias.label), bytes))
        }
      }
      if shown.externalID == nil {
        names += shown.devices.compactMap { $0.bytes.map { SentIdentifier(.device, $0) } }
      }
      users[UserID(number)] = names
    }
    return users
  }

  func members(_ cohort: String) throws -> Set<UserID> {
    guard let id = try? shop.cohort(Text(cohort)) else { return [] }
    let page = try shop.ledger.now.members(of: id, identity: .then, limit: 10_000)
    return Set(page.members.map(\.user))
  }
}

extension SentIdentifier {
  var name: String { String(decoding: text, as: UTF8.self) }
}

/// What readers of a feed meet with.
final class FeedReading: Sendable {
  private struct State {
    var isDown = false
    var failures = 0
    var places: [FeedCheckpoint] = []
    var idle: (@Sendable (Int) -> Void)?
    var waits = 0
  }

  private let state = Mutex(State())

  /// Behind which places events were asked for.
  var places: [FeedCheckpoint] { state.withLock { $0.places } }

  /// Nothing is answered any more.
  func goDown() { state.withLock { $0.isDown = true } }

  /// So many questions for events are not answered.
  func fail(_ count: Int) { state.withLock { $0.failures = count } }

  /// Called with its number at each question that waits, before it is answered.
  func onWait(_ body: @escaping @Sendable (Int) -> Void) { state.withLock { $0.idle = body } }

  func meet() throws(FeedFailure) {
    if state.withLock({ $0.isDown }) { throw .unreachable("It is down. Start it.") }
  }

  func read(_ place: FeedCheckpoint, wait: Int) throws(FeedFailure) {
    try meet()
    let (idle, waits) = state.withLock { state in
      state.places.append(place)
      if wait > 0 { state.waits += 1 }
      return (wait > 0 ? state.idle : nil, state.waits)
    }
    idle?(waits)
    let fails = state.withLock { state in
      guard state.failures > 0 else { return false }
      state.failures -= 1
      return true
    }
    if fails { throw .unreachable("It does not answer. Wait for it.") }
  }
}

/// The feed of a ledger, read as over HTTP.
struct RealFeed: LedgerFeed {
  let ledger: RealLedger
  let parser: FeedParser
  let reading: FeedReading
  var id = "source"

  func ledgerID() throws(FeedFailure) -> String {
    try reading.meet()
    return id
  }

  func end() throws(FeedFailure) -> FeedCheckpoint {
    try reading.meet()
    return try ledger.end()
  }

  func events(after: FeedCheckpoint, limit: Int, wait: Int) throws(FeedFailure) -> [FeedEvent] {
    try reading.read(after, wait: wait)
    let bytes = try ledger.feed(after: after, limit: limit)
    guard let events = parser.events(bytes, after: after) else {
      throw .refused("The feed is none.")
    }
    return events
  }
}

/// A destination that breaks by chance: before a request, behind it, or by answering nonsense.
final class BrittleDestination: Destination {
  private struct State {
    var random: SeededRandom
    /// One of so many requests goes wrong; 0 for none.
    var brittleness = 0
    /// Whether devices are refused, whoever has them.
    var refusesDevices = false
    var requests = 0
    /// Numbers of requests that go wrong, from 1.
    var wrong: Set<Int> = []
    /// Raised at a request.
    var stop: (sign: StopSign, at: Int)?
  }

  private let ledger: RealLedger
  private let state: Mutex<State>

  init(_ ledger: RealLedger, seed: UInt64) {
    self.ledger = ledger
    state = Mutex(State(random: SeededRandom(seed: seed)))
  }

  var requests: Int { state.withLock { $0.requests } }

  /// The request behind so many others goes wrong.
  func fail(behind count: Int) {
    state.withLock { _ = $0.wrong.insert($0.requests + count + 1) }
  }

  func raise(_ sign: StopSign, behind count: Int) {
    state.withLock { $0.stop = (sign, $0.requests + count + 1) }
  }

  func refuseDevices() { state.withLock { $0.refusesDevices = true } }

  func set(brittleness: Int) { state.withLock { $0.brittleness = brittleness } }

  func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
    let trouble = state.withLock { state -> Int? in
      state.requests += 1
      if let stop = state.stop, state.requests >= stop.at { stop.sign.raise() }
      if state.wrong.contains(state.requests) { return 0 }
      guard state.brittleness > 0, state.random.once(in: state.brittleness) else { return nil }
      return state.random.below(4)
    }
    let isRefused =
      state.withLock { $0.refusesDevices }
      && (try? JSONDocument(parsing: request.body))
        .flatMap { $0.root["cohort_changes"] }?.elements.contains {
          ($0["device_ids"]?.count ?? 0) > 0
        } == true
    if isRefused { return DestinationAnswer(status: 400, body: Array("{\"message\":\"No\"}".utf8)) }
    switch trouble {
    case 0: throw NoAnswer(reason: "connection lost")
    case 1:
      _ = ledger.answer(request)
      throw NoAnswer(reason: "connection lost")
    case 2:
      _ = ledger.answer(request)
      return DestinationAnswer(status: 500)
    case 3: return DestinationAnswer(status: 503)
    default: return ledger.answer(request)
    }
  }
}
