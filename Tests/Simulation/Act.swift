import CohortLedger
import CohortLog
import CohortModel
import Glibc
import TestSupport

/// One thing that happens in the life of a simulated ledger.
enum Act: Sendable {
  /// Commands that are handed over one behind the other, without waiting in between.
  case commands([GeneratedStep])
  case snapshot
  /// Closed and opened again.
  case restart
  /// As by `kill -9`, then opened.
  case kill
  case losePower(seed: UInt64)
  /// Closed, then something happens to the files that are no more than caches, then opened.
  case damageCaches(seed: UInt64)
  case fault(DiskFault)
  /// Everything asked, and compared.
  case questions(seed: UInt64)
}

/// The life of a simulated ledger, the same for the same seed.
struct Life: Sendable {
  var options: LedgerOptions
  var acts: [Act]
}

extension Life {
  /// Which faults of the disk there may be.
  enum Faults { case none, some }

  init(seed: UInt64, acts count: Int, _ faults: Faults) {
    var random = SeededRandom(seed: seed ^ 0xACE)
    var generator = CommandGenerator(seed: seed)
    generator.vocabulary.externalIDs = Array(generator.vocabulary.externalIDs.prefix(10))
    generator.vocabulary.cohorts = Array(generator.vocabulary.cohorts.prefix(4))
    generator.identifiersMax = 8
    // These two the ledger does by itself.
    generator.weights[.noteRecovery] = 0
    generator.weights[.finishErasure] = 0
    options = LedgerOptions.random(&random)
    acts = [.commands(generator.script(0).steps)]
    for _ in 0..<count {
      acts.append(.commands((0...random.below(6)).map { _ in generator.next() }))
      switch random.below(faults == .none ? 14 : 20) {
      case 0: acts.append(.restart)
      case 1: acts.append(.kill)
      case 2: acts.append(.losePower(seed: random.next()))
      case 3: acts.append(.snapshot)
      case 4: acts.append(.damageCaches(seed: random.next()))
      case 5: acts.append(.questions(seed: random.next()))
      case 14...: acts.append(.fault(.random(&random)))
      default: break
      }
    }
    acts += [.questions(seed: random.next()), .restart, .questions(seed: random.next())]
  }
}

extension LedgerOptions {
  static func random(_ random: inout SeededRandom) -> LedgerOptions {
    var options = LedgerOptions.small
    options.groupSize = [1, 2_000, 16 << 10, 64 << 10][random.below(4)]
    options.history.threadCount = 1 + random.below(3)
    options.history.changesMin = [2, 8, 64][random.below(3)]
    options.history.rowsMax = [3, 8, 64][random.below(3)]
    options.history.blockSize = [128, 512, 4_096][random.below(3)]
    options.history.pieceSize = [64, 256, 4_096][random.below(3)]
    options.history.gatherSize = [1_000, 64 << 20][random.below(2)]
    return options
  }
}

extension DiskFault {
  static func random(_ random: inout SeededRandom) -> DiskFault {
    let nth = 1 + random.below(6)
    let path = random.once(in: 4) ? "" : "events.log"
    return switch random.below(9) {
    case 0: DiskFault(.error(EIO), on: .write, of: path, at: nth)
    case 1: DiskFault(.error(ENOSPC), on: .write, of: path, at: nth, times: 1 + random.below(9))
    case 2, 3: DiskFault(.short(1 + random.below(700)), on: .write, of: path, at: nth, times: 3)
    case 4: DiskFault(.error(EINTR), at: nth, times: 1 + random.below(3))
    case 5: DiskFault(.error(EIO), on: .sync, of: path, at: nth)
    case 6: DiskFault(.syncFailsAndDrops, on: .sync, of: path, at: nth)
    case 7: DiskFault(.error(EIO), on: .write, of: "", at: nth, times: 2)
    default: DiskFault(.powerLoss, on: [.write, .sync][random.below(2)], at: 1 + random.below(9))
    }
  }
}

extension Act: CustomStringConvertible {
  var description: String {
    switch self {
    case .commands(let steps):
      "commands, at once\n" + steps.map { "    \($0)" }.joined(separator: "\n")
    case .snapshot: "snapshot"
    case .restart: "restart"
    case .kill: "kill"
    case .losePower(let seed): "lose power \(seed)"
    case .damageCaches(let seed): "damage caches \(seed)"
    case .fault(let fault): "fault \(fault)"
    case .questions(let seed): "questions \(seed)"
    }
  }
}

extension Life: CustomStringConvertible {
  var description: String { acts.map(\.description).joined(separator: "\n") }
}

extension Life {
  /// A shorter life that fails too.
  ///
  /// - Parameters:
  ///   - tries: How often at most it is tried.
  ///   - run: Tells what went wrong, `nil` if nothing did.
  /// - Returns: The shortest found.
  func minimised(tries: Int = 150, _ run: (Life) -> String?) -> Life {
    var best = self
    var left = tries
    func fails(_ life: Life) -> Bool {
      guard left > 0 else { return false }
      left -= 1
      return run(life) != nil
    }
    var size = max(1, acts.count / 2)
    while true {
      var hasDropped = false
      var start = 0
      while start < best.acts.count {
        var shorter = best
        shorter.acts.removeSubrange(start..<min(start + size, shorter.acts.count))
        if fails(shorter) {
          best = shorter
          hasDropped = true
        } else {
          start += size
        }
      }
      if size == 1, !hasDropped { break }
      size = max(1, size / 2)
    }
    for index in best.acts.indices {
      guard case .commands(let steps) = best.acts[index], steps.count > 1 else { continue }
      var kept = steps
      for place in steps.indices.reversed() {
        var fewer = kept
        fewer.remove(at: place)
        var shorter = best
        shorter.acts[index] = .commands(fewer)
        guard fails(shorter) else { continue }
        kept = fewer
        best = shorter
      }
    }
    return best
  }
}
