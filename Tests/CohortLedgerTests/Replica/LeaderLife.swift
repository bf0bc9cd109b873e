import CohortFormat
import CohortLog
import CohortModel
import TestSupport

@testable import CohortLedger

/// A ledger that others follow, and to which everything happens that can.
final class LeaderLife {
  let shop: TestShop
  private var random: SeededRandom
  private var ids: [String] = []
  private var nextID = 0
  private let cohorts: [Text] = ["vip", "new", "lost"]

  var ledger: Ledger { shop.ledger }
  var source: LedgerSource { LedgerSource(shop.ledger) }

  init(seed: UInt64, disk: SimulatedDisk = SimulatedDisk()) throws {
    shop = try TestShop(seed: seed, disk: disk)
    random = SeededRandom(seed: seed)
    try create(6)
  }

  func live(_ steps: Int) throws { for _ in 0..<steps { try step() } }

  private func step() throws {
    switch random.below(16) {
    case 0: try create(1 + random.below(4))
    case 1:
      try shop.submit(
        .mergeUsers([MergeUsers(merge: .externalID(someID()), keep: .externalID(someID()))]))
    case 2: try shop.submit(.deleteUsers([.externalID(someID())], erase: nil))
    case 3:
      let new = "renamed-\(nextID)"
      nextID += 1
      try shop.submit(.renameExternalIDs([RenameExternalID(current: someID(), new: Text(new))]))
      ids.append(new)
    case 4, 5: _ = try? ledger.erase(.externalID(someID()))
    case 6 where random.once(in: 3):
      _ = try ledger.forgetUnmatched(before: ledger.now.instant)
    case 7 where random.once(in: 2): try shop.restart()
    case 8:
      nextID += 1
      _ = try? ledger.deleteAndErase(
        [.externalID(someID())],
        Idempotency(
          key: Array("key-\(nextID)".utf8),
          fingerprint: SHA256.digest(Array("body-\(nextID)".utf8).span)))
    default:
      nextID += 1
      let some = (0...random.below(6)).map { _ in someID().description }
      let others = (0...random.below(3)).map { _ in someID().description }
      try shop.push(
        cohorts[random.below(3)], add: some + ["stranger-\(nextID)"], remove: others)
    }
  }

  private func create(_ count: Int) throws {
    let new = (0..<count).map { "customer-\(nextID + $0)" }
    nextID += count
    ids += new
    try shop.create(new)
  }

  private func someID() -> Text { Text(ids[random.below(ids.count)]) }

  /// What a copy that has caught up must be, byte by byte.
  func bytes() throws -> [UInt8] {
    try ledger.log.reader.bytes(in: 0..<ledger.log.chain.end)
  }
}

/// A ledger of this process, as one elsewhere.
struct LedgerSource: LogSource {
  let ledger: Ledger

  init(_ ledger: Ledger) { self.ledger = ledger }

  func head(held: Position?) throws(SourceFailure) -> LeaderHead {
    let now = ledger.now
    return LeaderHead(
      ledger: ledger.log.ledger, tree: now.treeHead, logBytes: ledger.log.chain.end,
      time: now.instant)
  }

  func root(at size: UInt64) throws(SourceFailure) -> Digest { try head(at: size).root }

  private func head(at size: UInt64) throws(SourceFailure) -> TreeHead {
    guard let head = try? ledger.now.treeHead(size: size) else {
      throw .refused("There is no tree of \(size) events. Ask for a smaller one.")
    }
    return head
  }

  func proof(from earlier: UInt64, to later: UInt64) throws(SourceFailure) -> LeaderProof {
    guard let path = try? ledger.now.consistencyProof(from: earlier, to: later) else {
      throw .refused("There is no such proof. Ask for a smaller one.")
    }
    return LeaderProof(from: try head(at: earlier), to: try head(at: later), path: path)
  }

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    do { return try ledger.log.reader.bytes(in: range) } catch {
      throw .unheard("\(error)", retryAfter: nil)
    }
  }
}

/// A source that answers as another does, but for what its type says itself.
protocol AlteredSource: LogSource { var honest: LedgerSource { get } }

extension AlteredSource {
  func head(held: Position?) throws(SourceFailure) -> LeaderHead { try honest.head(held: held) }
  func root(at size: UInt64) throws(SourceFailure) -> Digest { try honest.root(at: size) }
  func proof(from earlier: UInt64, to later: UInt64) throws(SourceFailure) -> LeaderProof {
    try honest.proof(from: earlier, to: later)
  }
  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    try honest.bytes(in: range, held: held)
  }
}

/// A source on a bad day: it is cut off, answers late, and is sometimes mistaken.
final class MoodySource: LogSource {
  private let honest: LedgerSource
  private var random: SeededRandom
  /// One answer in so many is none, or wrong.
  private let once: Int
  private var earlier: LeaderHead?

  init(_ ledger: Ledger, seed: UInt64, onceIn once: Int) {
    honest = LedgerSource(ledger)
    random = SeededRandom(seed: seed)
    self.once = once
  }

  private func isMoody() throws(SourceFailure) -> Bool {
    guard random.once(in: once) else { return false }
    if random.once(in: 2) { throw .unheard("connection lost", retryAfter: nil) }
    return true
  }

  func head(held: Position?) throws(SourceFailure) -> LeaderHead {
    var head = try honest.head(held: held)
    guard try isMoody() else {
      earlier = head
      return head
    }
    switch random.below(3) {
    case 0: return earlier ?? head
    case 1: head.tree = TreeHead(size: head.tree.size, root: flipped(head.tree.root))
    default: head.logBytes -= UInt64(random.below(5_000))
    }
    return head
  }

  func root(at size: UInt64) throws(SourceFailure) -> Digest {
    let root = try honest.root(at: size)
    return try isMoody() ? flipped(root) : root
  }

  func proof(from earlier: UInt64, to later: UInt64) throws(SourceFailure) -> LeaderProof {
    var proof = try honest.proof(from: earlier, to: later)
    if try isMoody() {
      if proof.path.isEmpty {
        proof.path.append(.zero)
      } else {
        let index = random.below(proof.path.count)
        proof.path[index] = flipped(proof.path[index])
      }
    }
    return proof
  }

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    var bytes = try honest.bytes(in: range, held: held)
    guard try isMoody(), !bytes.isEmpty else { return bytes }
    switch random.below(4) {
    case 0: bytes.removeLast(random.below(bytes.count) + 1)
    case 1: bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    case 2:
      let start = random.below(bytes.count)
      for index in start..<min(bytes.count, start + 64) { bytes[index] = 0 }
    default: bytes += [0]
    }
    return bytes
  }

  private func flipped(_ digest: Digest) -> Digest {
    var bytes: [UInt8] = []
    digest.append(to: &bytes)
    bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    return Digest(bytes.span, at: 0)
  }
}

/// The place of a replica on a machine of its own.
struct ReplicaPlace {
  let disk: SimulatedDisk
  let clock = SimulatedClock(step: 7)
  static let folder = "/replica"
  static let log = "/replica/events.log"

  init(_ disk: SimulatedDisk = SimulatedDisk()) { self.disk = disk }

  var options: ReplicaOptions {
    var options = ReplicaOptions()
    options.partSize = 12 << 10
    options.noteMicroseconds = 300
    options.log = LedgerOptions.small.log
    return options
  }

  func open(_ source: some LogSource) throws(ReplicaError) -> Replica {
    try Replica.open(
      Self.folder, of: "the leader", from: source, on: disk, clock: clock,
      random: SeededRandomSource(seed: 3), options: options)
  }

  /// Pulls everything there is, and closes the replica.
  func catchUp(_ source: some LogSource) throws(ReplicaError) {
    let replica = try open(source)
    // The second one judges what came as zeros.
    try replica.round(from: source)
    try replica.round(from: source)
    try replica.close()
  }

  /// The log, without the zeros that are written ahead.
  func bytes(_ count: Int) -> [UInt8]? {
    disk.contents(of: Self.log).map { Array($0.prefix(count)) }
  }

  func openLedger(acceptsLoss: Bool = false) throws -> (ledger: Ledger, promotion: Promotion?) {
    try Ledger.openToWrite(
      Self.folder, acceptsLoss: acceptsLoss, on: disk, clock: clock,
      random: SeededRandomSource(seed: 5), options: .small)
  }
}
