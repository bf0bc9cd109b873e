import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import Synchronization
import TestSupport

/// What was found wrong.
struct Wrong: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A life that ended because the disk spoiled what was durable, and the start said so.
struct SpoiltByDisk: Error {
  /// Whether acknowledged events are gone; else the log is damaged where it can be read no more.
  let isLoss: Bool
}

/// What can come up in the life of a ledger.
enum Meeting: Hashable, CaseIterable {
  case done, refused, notThere, lost, kept, stopped, powerLoss, tornTail, erasureFinishedLater
}

/// A ledger on a simulated disk beside the naive model, which learns of each request only once it
/// is known whether it is in the log.
///
/// What must hold (FAULTS, invariant P): the log holds a contiguous prefix of what was submitted,
/// less what was said not to be written; everything that was acknowledged; and each at most once.
/// On a disk without powersafe overwrite acknowledged events may be missing if the start has said
/// that frames are damaged, that a snapshot has seen more, that what it has cut off may have been
/// acknowledged, or that texts are gone; ``SpoiltByDisk`` then ends the life.
final class Voyage {
  let disk: SimulatedDisk
  let clock = SimulatedClock()
  var options: LedgerOptions
  var ledger: Ledger
  var naive = NaiveLedger()
  /// The root of the tree behind each position, as first seen.
  var roots: [Position: Digest] = [:]
  /// The last event that anybody was told is durable.
  var acknowledged = Position.origin
  /// What has come up, for a test that enough of it does.
  var met: Set<Meeting> = []
  private let random: SeededRandomSource

  init(seed: UInt64, _ options: LedgerOptions, isPowersafe: Bool = true) throws {
    disk = SimulatedDisk(seed: seed, isPowersafe: isPowersafe)
    self.options = options
    random = SeededRandomSource(seed: seed)
    ledger = try Ledger.open(
      "/ledger", on: disk, clock: clock, random: random, options: options)
    // A log that was just begun is known to the disk by the name it was begun under.
    try ledger.close()
    try reopen()
  }

  deinit { try? ledger.close() }

  /// Runs a life; `nil` if everything was as it should be.
  static func trouble(in life: Life, seed: UInt64, isPowersafe: Bool = true) -> String? {
    do {
      let voyage = try Voyage(seed: seed, life.options, isPowersafe: isPowersafe)
      try voyage.live(life)
      return nil
    } catch is SpoiltByDisk {
      return nil
    } catch { return "\(error)" }
  }

  func live(_ life: Life) throws {
    for (index, act) in life.acts.enumerated() {
      do { try carryOut(act) } catch let error as Wrong {
        throw Wrong("act \(index): \(act)\n\(error)")
      }
    }
  }

  func carryOut(_ act: Act) throws {
    switch act {
    case .commands(let steps): try run(steps)
    case .snapshot: _ = ledger.keepSnapshot()
    case .restart:
      disk.repair()
      try? ledger.close()
      try open()
    case .kill: try kill()
    case .losePower(let seed): try losePower(seed)
    case .damageCaches(let seed):
      disk.repair()
      try? ledger.close()
      try damage(seed)
      try open()
    case .fault(let fault): disk.inject(fault)
    case .questions(let seed):
      disk.repair()
      if disk.isDown { try losePower(seed) }
      var questions = Questions(self, seed: seed)
      try questions.askEverything()
    }
  }

  func kill() throws {
    disk.repair()
    disk.kill()
    try? ledger.close()
    try open()
  }

  func losePower(_ seed: UInt64) throws {
    disk.repair()
    disk.crash(seed: seed)
    try? ledger.close()
    try open()
  }

  func open() throws {
    try reopen()
    try followSpontaneous()
    try expectEnd()
  }

  /// Opens the ledger, before the model has followed what was on its way.
  func reopen() throws {
    if disk.isDown { disk.restart() }
    clock.advance(by: 1_000)
    ledger = try Ledger.open(
      "/ledger", on: disk, clock: clock, random: random, options: options)
    try judge(ledger.report)
    // Only an erasure and a start write where texts stand already.
    guard ledger.unreadTexts.isEmpty else {
      guard disk.isPowersafe else { throw SpoiltByDisk(isLoss: true) }
      throw Wrong("texts that nobody has erased are gone: \(ledger.unreadTexts)")
    }
  }

  /// Everything acknowledged is there; or the disk may have spoilt it, and that is said.
  private func judge(_ report: OpeningReport) throws {
    let isLoss = report.chain.position < acknowledged
    let isTold =
      report.condition != .writable
      || report.recovered.contains { $0.mayHaveBeenAcknowledged }
    if report.condition == .writable, !isLoss { return }
    if !disk.isPowersafe, isTold { throw SpoiltByDisk(isLoss: isLoss) }
    throw Wrong(
      "opened as \(report.condition) at \(report.chain.position), "
        + "\(acknowledged) was acknowledged\n\(disk.trace.suffix(6_000))")
  }

  /// Takes note of what was said to be durable, before the power may have gone.
  func note(_ outcome: Result<Committed, LedgerError>) {
    switch outcome {
    case .success(let committed): acknowledged = max(acknowledged, committed.position)
    case .failure(.refused(_, let durable)): acknowledged = max(acknowledged, durable)
    case .failure: break
    }
  }

  private func damage(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for name in try disk.list("/ledger")
    where name.hasPrefix("snapshot-") || name.hasPrefix("tiles") {
      let path = "/ledger/\(name)"
      guard var bytes = disk.contents(of: path) else { continue }
      switch random.below(6) {
      case 0: try disk.unlink(path)
      case 1: try disk.place(Array(bytes.prefix(random.below(bytes.count + 1))), at: path)
      case 2: try disk.place([], at: path)
      case 3 where !bytes.isEmpty:
        for _ in 0...random.below(4) {
          bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        }
        try disk.place(bytes, at: path)
      case 4: try disk.place(bytes + random.bytes(random.below(600)), at: path)
      default: break
      }
    }
  }

  /// Nothing stands in the log that the model does not have, and the other way round.
  func expectEnd() throws {
    let view = ledger.now
    guard view.end == naive.end else {
      throw Wrong(
        "the log ends at \(view.end), the model at \(naive.end)\n"
          + "\(try view.events(after: naive.end))")
    }
    for (position, root) in roots where try view.treeHead(size: position.rawValue)?.root != root {
      throw Wrong("the root behind \(position) has changed")
    }
    acknowledged = view.end
    roots[view.end] = view.treeHead.root
  }
}
